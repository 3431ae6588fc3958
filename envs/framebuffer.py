"""Eyes: the X server's framebuffer file, mapped into this process and read in a fraction of a millisecond."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

import cv2
import numpy as np
import xxhash

from ..errors import DesktopError

__all__ = ["Framebuffer"]

TEAR_RETRIES = 5


class Framebuffer:
    """The XWD file that Xvfb keeps its screen in (`Xvfb -fbdir`; layout in X11/XWDFile.h)."""

    def __init__(self, path: Path):
        try:
            with path.open("rb") as handle:
                self._map = mmap.mmap(handle.fileno(), 0, prot=mmap.PROT_READ)
        except (OSError, ValueError) as error:
            raise DesktopError(f"the framebuffer {path.name} cannot be read: {error}") from error
        header = struct.unpack(">25I", self._map[:100])
        header_size, width, height, bits, stride, colors = (header[i] for i in (0, 4, 5, 11, 12, 19))
        if bits != 32:
            raise DesktopError(f"the framebuffer has {bits} bits per pixel, not 32")
        self.size = (width, height)
        pixels = np.frombuffer(self._map, np.uint8, count=height * stride, offset=header_size + colors * 12)
        self._bgrx = pixels.reshape(height, stride // 4, 4)[:, :width]
        self._whole = memoryview(self._map)[header_size + colors * 12 :][: height * stride]

    def digest(self) -> int:
        """A 64-bit hash of the pixels as they are now: equal digests mean an unchanged screen."""
        return xxhash.xxh3_64_intdigest(self._whole)

    def capture(self, *, still: bool = False) -> np.ndarray:
        """A fresh RGB array, uint8[H, W, 3]; re-read while the server is drawing, so that it does not tear.

        Args:
            still: nothing can be drawn just now, so once is enough.
        """
        if still:
            return cv2.cvtColor(self._bgrx, cv2.COLOR_BGRA2RGB)
        before = self.digest()
        for _ in range(TEAR_RETRIES):
            frame = cv2.cvtColor(self._bgrx, cv2.COLOR_BGRA2RGB)
            after = self.digest()
            if after == before:
                return frame
            before = after
        return cv2.cvtColor(self._bgrx, cv2.COLOR_BGRA2RGB)

    def close(self) -> None:
        """Drop the mapping; safe to call twice."""
        self._whole.release()
        self._bgrx = self._bgrx[:0]
