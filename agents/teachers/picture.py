"""Picture: a screen as it is sent to a model, made smaller where its service would do so unasked."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

__all__ = ["Limits", "Picture"]


@dataclass(frozen=True)
class Limits:
    """How large an image may be; a service that shrinks images by itself would shift every coordinate.

    Args:
        longest: pixels of its longer side; 0 for any.
        pixels: in all; 0 for any.
    """

    longest: int = 0
    pixels: int = 0

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The size of the largest image of the same shape within the limits, in whole pixels."""
        shrink = 1.0
        if self.longest:
            shrink = min(shrink, self.longest / max(width, height))
        if self.pixels:
            shrink = min(shrink, math.sqrt(self.pixels / (width * height)))
        if shrink == 1.0:
            return width, height
        return max(1, math.floor(width * shrink)), max(1, math.floor(height * shrink))


@dataclass(frozen=True)
class Picture:
    """One image as it travels."""

    png: bytes
    size: tuple[int, int]
    """Width and height in pixels."""

    @classmethod
    def of(cls, screen: np.ndarray, limits: Limits) -> Picture:
        """Encode a screen, uint8[H, W, 3], within the limits."""
        height, width, _ = screen.shape
        size = limits.fit(width, height)
        shown = cv2.cvtColor(screen, cv2.COLOR_RGB2BGR)
        if size != (width, height):
            shown = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
        done, png = cv2.imencode(".png", shown)
        assert done
        return cls(png.tobytes(), size)

    @cached_property
    def base64(self) -> str:
        """The PNG in base64."""
        return base64.b64encode(self.png).decode("ascii")

    @property
    def url(self) -> str:
        """The PNG as a data URL."""
        return f"data:image/png;base64,{self.base64}"
