"""Packing: the frames of a finished run, compressed again as hard as zstd can, for the archive; read as before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import RecordError
from .disk import naming, written_whole
from .episode import FRAMES, Episode, Record
from .frames import Frames, FrameWriter
from .store import Run

__all__ = ["ARCHIVE_LEVEL", "Packed", "pack", "unpacked"]

ARCHIVE_LEVEL = 19
"""Of zstd: an eighth smaller than an episode is written, for up to 80 ms a frame."""


@dataclass(frozen=True)
class Packed:
    """An episode that was packed, and the bytes of its frames before and after."""

    episode: str
    before: int
    after: int


def unpacked(run_folder: str | Path) -> list[Path]:
    """The folders of the episodes that are still to be packed: all of a run, or what an interruption left.

    An episode that was never closed is not among them: a writer may be at it.

    Raises:
        RecordError: the folder is no run, or an episode in it is damaged.
    """
    return [folder for folder in Run(run_folder).folders() if _is_open(folder)]


def pack(episode_folder: str | Path) -> Packed:
    """Compress the frames of a closed episode again.

    The file is replaced in one moment by one that was read back and holds the same frames, bit for bit. Whoever
    reads the episode meanwhile reads on.

    Raises:
        RecordError: the episode is damaged or was recorded anew meanwhile, or the disk would not take it; the
            file is what it was before.
    """
    folder = Path(episode_folder)
    path = folder / FRAMES
    with naming(path):
        before = path.stat()
    with written_whole(path) as beside:
        _write_again(Episode.read(folder), beside)
        after, now = beside.stat(), path.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise RecordError(f"{path} changed while it was packed: pack a run when nobody records into it")
    return Packed(folder.name, before.st_size, after.st_size)


def _is_open(folder: Path) -> bool:
    if Record.read(folder).outcome == "unfinished":
        return False
    return any(entry.level < ARCHIVE_LEVEL for entry in Frames(folder / FRAMES).entries())


def _write_again(episode: Episode, path: Path) -> None:
    # In the order of the episode, so that each frame is again written as what changed since the one before it.
    keys = [key for key in (episode.first, *(step.next_screen for step in episode.steps)) if key]
    path.unlink(missing_ok=True)  # left by a killed process that had our number
    with FrameWriter(path, ARCHIVE_LEVEL) as writer:
        for key in keys:
            writer.put(episode.frame(key))
    copy = Frames(path)
    for key in keys:
        copy.get(key)  # compares the pixels with the key
