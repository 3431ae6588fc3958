"""Peer: somebody else's way to see and to act, as the measurement asks it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["TOOLS", "Peer"]

TOOLS = ("xdotool", "ffmpeg", "python3-pyautogui", "python3-tk", "scrot")
"""What the peers run inside of their machines, on top of the application's own packages."""


class Peer(Protocol):
    """Drives one running desktop."""

    name: str
    """Who it is, and what its step includes."""
    every: int
    """It takes part in each so-many-th turn."""

    def capture(self) -> object:
        """A screenshot, in the form its agents get it."""
        ...

    def click(self, x: int, y: int) -> None:
        """Click, and return when its own call returns."""
        ...

    def type(self, text: str) -> None:
        """Type, and return when its own call returns."""
        ...

    def step(self, x: int, y: int) -> None:
        """A click, whatever it waits for, and a screenshot."""
        ...

    def close(self) -> None:
        """Let its connections go."""
        ...
