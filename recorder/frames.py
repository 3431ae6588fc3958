"""Frames: every screen of a run, kept once, bit for bit, under the hash of its pixels."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import xxhash

from ..errors import RecordError
from .disk import write_whole

__all__ = ["Frame", "FrameStore", "check_frame"]

Frame = np.ndarray
"""A screen: uint8[H, W, 3], RGB."""

_KEY = re.compile(r"[0-9a-f]{32}")


class FrameStore:
    """A lossless, content-addressed store of screens, shared by all episodes of a run and by all its workers.

    Equal screens have equal keys and lie on the disk once: `FOLDER/ab/abcd....png`.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def put(self, frame: Frame) -> str:
        """Keep one frame, and return its key; a frame that is known already costs a hash and a look.

        Args:
            frame: uint8[H, W, 3], RGB.

        Raises:
            RecordError: it is no such array, or the disk would not take it.
        """
        check_frame(frame)
        key = _key(frame)
        path = self.path(key)
        if not path.exists():
            # Level 1: the screen is waited for, and higher levels save little on screenshots.
            blue_first = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(".png", blue_first, [cv2.IMWRITE_PNG_COMPRESSION, 1])
            write_whole(path, data.tobytes())
        return key

    def get(self, key: str) -> Frame:
        """Return the frame of a key: uint8[H, W, 3], RGB, the very pixels that were put.

        Raises:
            RecordError: there is no such frame, or its file is damaged.
        """
        path = self.path(key)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RecordError(f"{path}: no such frame: {error.strerror or error}") from error
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        frame = None if picture is None else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        if frame is None or _key(frame) != key:
            raise RecordError(f"{path} is damaged: its pixels are not those that were put there")
        return frame

    def path(self, key: str) -> Path:
        """Where the frame of a key lies, or would lie, as a PNG.

        Raises:
            RecordError: it is no key.
        """
        if not _KEY.fullmatch(key):
            # Keys come from files that others may have written: none may lead out of this folder.
            raise RecordError(f"not the key of a frame: {key!r}")
        return self.folder / key[:2] / f"{key}.png"


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
    digest.update(np.ascontiguousarray(frame).data)
    return digest.hexdigest()
