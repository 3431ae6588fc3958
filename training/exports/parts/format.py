"""The face of a format: it is given one episode after another, and writes them as its consumers read them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from ....recorder.disk import write_whole
from .trajectory import Trajectory

__all__ = ["Format"]


class Format(ABC):
    """One export in the making. Subclasses say how an episode is written, and how it is read back."""

    title: ClassVar[str]
    """What the format is called, and who reads it."""
    outcomes: ClassVar[bool]
    """Whether it says of an episode how it ended; if not, only passed ones may enter."""
    chats: ClassVar[bool] = False
    """Whether it holds the student's conversations, so that `screens` counts."""
    rows: ClassVar[str]
    """What a row is, in a sentence."""
    reading: ClassVar[str]
    """Python that reads the export in its folder, for the card."""

    def __init__(self, into: Path, screens: int = 0):
        """Begin an export.

        Args:
            into: its folder, which exists and is empty.
            screens: most screenshots of a conversation; 0: any number.
        """
        self.into, self.screens = into, screens

    @abstractmethod
    def add(self, trajectory: Trajectory) -> int:
        """Write an episode, and return how many rows it became.

        Raises:
            ActionError: the format has no words for an action of it; nothing of it was written.
            RecordError: the disk would not take it.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing left to do
        """Write what is left."""

    def configs(self) -> list[dict[str, Any]]:
        """The `configs` of the card, for `datasets`: which files are which part."""
        return []

    def write_picture(self, trajectory: Trajectory, key: str, folder: Path) -> str:
        """Write a screen as `KEY.png` into a folder where it is not there yet, and return the file's name."""
        path = folder / f"{key}.png"
        if not path.exists():
            write_whole(path, trajectory.picture(key))
        return path.name
