"""Frames: every screen of an episode, kept once, bit for bit, under the hash of its pixels.

The bytes on the disk are described in `frame_file`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Annotated, ClassVar, Self

import numpy as np
import xxhash
from pydantic import StringConstraints

from ..errors import RecordError
from .disk import append, naming
from .frame_file import FURTHEST, Entry, read_data, read_entry, record_bytes
from .tiles import Frame, apply_delta, decode_key, encode_delta, encode_key

__all__ = ["LEVEL", "Frame", "FrameWriter", "Frames", "Key", "check_frame"]

Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""The hash of a frame's pixels and shape, 32 hexadecimal digits."""

LEVEL = 6
"""Of zstd, while an episode is played: an eighth smaller than level 3 for a few tenths of a millisecond more."""


class FrameWriter:
    """Appends frames to a new file, each as what changed since the one before it.

    Every frame is whole in the file when `put` returns. It is not synced: it outlives the process, not a power cut.
    """

    def __init__(self, path: str | Path, level: int = LEVEL):
        """Make the file.

        Args:
            path: must not exist; its folder must.
            level: of zstd, 1..22.

        Raises:
            RecordError: the file is there already, or cannot be made.
        """
        self.path = Path(path)
        self._level = level
        self._numbers: dict[str, int] = {}
        self._depths: list[int] = []
        self._end = 0
        self._last: tuple[int, Frame] | None = None
        with naming(self.path):
            self._file = open(self.path, "xb", buffering=0)  # noqa: SIM115 - closed by close

    def __enter__(self) -> Self:
        return self

    def put(self, frame: Frame) -> str:
        """Keep one frame, and return its key; a frame that is in the file already adds nothing to it.

        Args:
            frame: uint8[H, W, 3], RGB; copied.

        Raises:
            RecordError: it is no such array, or the disk would not take it; then the file is what it was before.
        """
        check_frame(frame)
        frame = np.array(frame, order="C", copy=True)
        key = _key(frame)
        if key not in self._numbers:
            self._append(key, frame)
        self._last = self._numbers[key], frame
        return key

    def close(self) -> None:
        """Close the file; what was put stays."""
        self._file.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, key: str, frame: Frame) -> None:
        number, base, data = len(self._depths), None, None
        if self._last is not None and self._last[1].shape == frame.shape and self._depths[self._last[0]] + 1 < FURTHEST:
            base = self._last[0]
            data = encode_delta(frame, self._last[1], self._level)
        if base is None or data is None:
            base, data = number, encode_key(frame, self._level)
        height, width, _ = frame.shape
        record = record_bytes(number, base, height, width, self._level, key, data)
        try:
            append(self._file, self.path, record)
        except RecordError:
            with suppress(OSError):
                os.truncate(self._file.fileno(), self._end)
                self._file.seek(self._end)
            raise
        self._end += len(record)
        self._depths.append(0 if base == number else self._depths[base] + 1)
        self._numbers[key] = number


@dataclass(frozen=True)
class _Index:
    """What a file held when it was last looked at; never changed, so that threads may share a reader."""

    file: tuple[int, int] = (0, 0)
    """Device and inode: a file that was packed anew is another one."""
    size: int = 0
    entries: tuple[Entry, ...] = ()
    numbers: dict[str, int] = field(default_factory=dict)
    damage: str = ""


class Frames:
    """Reads the frames of a file in any order, also while a writer appends to it, and after it was packed anew.

    It holds an index and no open file, so that a thousand episodes can be held at a time.
    """

    _memo: ClassVar[tuple[Frames, str, Frame] | None] = None
    """The last frame decoded, by any reader: its neighbours are quick to see, and held readers cost no screen each."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._index = _Index()

    def get(self, key: str) -> Frame:
        """Return the frame of a key: uint8[H, W, 3], RGB, the very pixels that were put.

        Raises:
            RecordError: there is no such frame, or the file is damaged.
        """
        with self._open() as file:
            index = self._follow(file)
            if key not in index.numbers:
                raise RecordError(index.damage or f"there is no frame {key!r}")
            return self._decode(file, index.entries, index.numbers[key])

    def entries(self) -> tuple[Entry, ...]:
        """All whole records of the file in the order of writing; a torn one at its end is left out.

        Raises:
            RecordError: the file cannot be read, or other bytes than records lie in it.
        """
        with self._open() as file:
            index = self._follow(file)
            if index.damage:
                raise RecordError(index.damage)
            return index.entries

    @contextmanager
    def _open(self) -> Iterator[FileIO]:
        try:
            with open(self.path, "rb", buffering=0) as file:
                yield file
        except OSError as error:
            raise RecordError(f"{self.path}: {error.strerror or error}; {_REMEDY}") from error
        except RecordError as error:
            raise RecordError(f"{self.path}: {error}; {_REMEDY}") from error

    def _follow(self, file: FileIO) -> _Index:
        """The index with what was written since the last look."""
        status, index = os.fstat(file.fileno()), self._index
        which = status.st_dev, status.st_ino
        if which != index.file or status.st_size < index.size:
            index = _Index()
        elif status.st_size == index.size:
            return index
        entries, damage = list(index.entries), ""
        try:
            while entry := read_entry(file, entries[-1].end if entries else 0, len(entries), status.st_size):
                entries.append(entry)
        except RecordError as error:
            damage = str(error)
        numbers = {entry.key: entry.number for entry in entries}
        self._index = _Index(which, status.st_size, tuple(entries), numbers, damage)
        return self._index

    def _decode(self, file: FileIO, entries: tuple[Entry, ...], number: int) -> Frame:
        reader, known, frame = Frames._memo or (None, "", None)
        entry, later = entries[number], list[Entry]()
        while (reader is not self or entry.key != known) and entry.base != entry.number:
            later.append(entry)
            entry = entries[entry.base]
        if frame is not None and reader is self and entry.key == known:
            frame = frame.copy()
        else:
            frame = decode_key(read_data(file, entry), entry.height, entry.width)
        for entry in reversed(later):
            if frame.shape[:2] != (entry.height, entry.width):
                raise RecordError(f"record {entry.number} has another size than its base")
            apply_delta(read_data(file, entry), frame)
        if _key(frame) != entries[number].key:
            raise RecordError(f"record {number} holds other pixels than were put there")
        Frames._memo = self, entries[number].key, frame.copy()
        return frame


_REMEDY = "what is lost cannot be mended: remove the episode's folder and record it again"


def check_frame(frame: Frame) -> None:
    """Check that this is a screen.

    Raises:
        RecordError: it is not uint8[H, W, 3].
    """
    kind = f"{frame.dtype}{list(frame.shape)}" if isinstance(frame, np.ndarray) else type(frame).__name__
    if not kind.startswith("uint8[") or frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
        raise RecordError(f"a frame is uint8[H, W, 3], RGB, not {kind}")


def _key(frame: Frame) -> str:
    height, width, _ = frame.shape
    digest = xxhash.xxh3_128(f"{height}x{width}:".encode())
    digest.update(frame.data)
    return digest.hexdigest()
