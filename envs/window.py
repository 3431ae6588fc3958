"""A window on the person's own screen that follows a desktop (render_mode="human")."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np

__all__ = ["Window"]


class Window:
    """A Tk window of a fixed size; it needs a display, and says so."""

    def __init__(self, size: tuple[int, int], title: str):
        try:
            import tkinter
        except ImportError as error:
            raise gym.error.DependencyNotInstalled("render_mode='human' needs tkinter (apt: python3-tk)") from error
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise gym.error.Error(f"render_mode='human' needs a display: {error}; use 'rgb_array'") from error
        self._root.title(title)
        self._label = tkinter.Label(self._root, width=size[0], height=size[1], borderwidth=0)
        self._label.pack()

    def show(self, frame: np.ndarray) -> None:
        """Show uint8[H, W, 3]."""
        from PIL import Image, ImageTk

        self._photo: Any = ImageTk.PhotoImage(Image.fromarray(frame))  # Tk keeps no reference of its own
        self._label.configure(image=self._photo)
        self._root.update()

    def close(self) -> None:
        """Close the window."""
        self._root.destroy()
