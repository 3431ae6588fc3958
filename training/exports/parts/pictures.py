"""Pictures: screens as PNG, each encoded once."""

from __future__ import annotations

from collections import OrderedDict

import cv2

from ....recorder.frames import Frames
from ....recorder.tiles import Frame

__all__ = ["Pictures", "as_png"]

LEVEL = 6
"""Of PNG: a fifth smaller than OpenCV's level 1, and 22 ms for a screen of 1280x800."""

ROOM = 64 * 2**20
"""Bytes of PNG that are kept: many episodes begin on the same screen."""


class Pictures:
    """Encodes screens, and remembers the ones asked for last."""

    def __init__(self, room: int = ROOM):
        self._room, self._size = room, 0
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def get(self, frames: Frames, key: str) -> bytes:
        """The screen of a key as PNG.

        Raises:
            RecordError: there is no such frame, or its file is damaged.
        """
        if key not in self._known:
            self._known[key] = as_png(frames.get(key))
            self._size += len(self._known[key])
        self._known.move_to_end(key)
        while self._size > self._room and len(self._known) > 1:
            self._size -= len(self._known.popitem(last=False)[1])
        return self._known[key]


def as_png(frame: Frame) -> bytes:
    """A frame as a PNG file, bit for bit."""
    settings = [cv2.IMWRITE_PNG_COMPRESSION, LEVEL, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
    return cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), settings)[1].tobytes()
