"""Writing to disk so that a reader sees a whole file or none, and so that a full disk is named."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from ..errors import RecordError

__all__ = ["append", "naming", "write_whole", "written_whole"]


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an OSError into a RecordError that names the file: the system forgets it when a write fails."""
    try:
        yield
    except OSError as error:
        raise RecordError(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary file to write beside `path`, and move it there when the block ends well.

    A killed process may leave the temporary file, never half a file under its real name. Files are not
    synced: they outlive the process, not a power cut in the next seconds.

    Raises:
        RecordError: the disk would not take it; `path` is what it was before.
    """
    # Two processes may write the same file at once; each needs a name of its own.
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield beside
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write one file so that it holds all of `data` or what it held before.

    Raises:
        RecordError: the disk would not take it.
    """
    with written_whole(path) as beside:
        beside.write_bytes(data)


def append(file: FileIO, path: Path, data: bytes) -> None:
    """Append to an unbuffered file; a full disk may leave a torn end, which readers drop.

    Raises:
        RecordError: the disk would not take it.
    """
    with naming(path):
        while data:
            data = data[file.write(data) :]
