"""Coordinate spaces: how a dialect counts a place on the image, and the screen pixel that is.

A space measures each side of the screen in units of its own, from 0 to its extent: a coordinate `c` stands for the
pixel `c * side / extent`. The far edge belongs to the last pixel, since models do write it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from ....errors import ActionError
from .view import View

__all__ = ["Grid", "Resized", "Sent", "Space", "Unit", "smart_resize"]

WIDEST_RATIO = 200
"""The Qwen-VL processors refuse an image whose sides differ by more."""


@dataclass(frozen=True)
class Space(ABC):
    """A coordinate space; the mapping is exact both ways wherever it counts finer than the screen, and else nearest.

    Attributes:
        decimals: digits after the point when a coordinate is written.
        cut: whether a fraction of a pixel is cut off, as the vendor's own reader does, or rounded.
    """

    decimals: int = 0
    cut: bool = False

    @abstractmethod
    def extent(self, view: View) -> tuple[float, float]:
        """What the full width and height of the screen measure in this space."""

    def to_screen(self, who: str, x: float, y: float, view: View) -> tuple[int, int]:
        """The screen pixel of a foreign point; `who` begins the sentence if it lies outside.

        Raises:
            ActionError: it lies outside of the image.
        """
        width, height = self.extent(view)
        if not (0 <= x <= width and 0 <= y <= height):
            raise ActionError(f"{who}: ({x}, {y}) is outside the image, whose far corner is ({width}, {height})")
        return self._onto(x, width, view.screen[0]), self._onto(y, height, view.screen[1])

    def from_screen(self, x: int, y: int, view: View) -> tuple[float, float]:
        """The foreign point that comes nearest to a screen pixel.

        Raises:
            ActionError: the pixel lies outside of the screen.
        """
        if not (0 <= x < view.screen[0] and 0 <= y < view.screen[1]):
            raise ActionError(f"({x}, {y}) is outside the screen of {view.screen[0]} x {view.screen[1]} pixels")
        width, height = self.extent(view)
        return self._from(x, width, view.screen[0]), self._from(y, height, view.screen[1])

    def _onto(self, value: float, extent: float, side: int) -> int:
        pixel = value * side / extent
        return min(math.floor(pixel if self.cut else pixel + 0.5), side - 1)

    def _from(self, pixel: int, extent: float, side: int) -> float:
        grain = 10**self.decimals
        guess = math.floor(pixel * extent * grain / side)
        # The far edge itself is read but never written: it is no coordinate of any pixel.
        steps = [step for step in (guess, guess + 1) if step < extent * grain]
        values = [round(step / grain, self.decimals) if self.decimals else step for step in steps]
        exact = pixel * extent / side
        return min(values, key=lambda value: (abs(self._onto(value, extent, side) - pixel), abs(value - exact)))


@dataclass(frozen=True)
class Sent(Space):
    """Pixels of the image that was sent."""

    def extent(self, view: View) -> tuple[float, float]:
        """See `Space.extent`."""
        return view.image


@dataclass(frozen=True)
class Grid(Space):
    """A grid of `size` steps along each side, whatever the image."""

    size: int = 1000

    def extent(self, view: View) -> tuple[float, float]:
        """See `Space.extent`."""
        return self.size, self.size


@dataclass(frozen=True)
class Unit(Space):
    """Fractions of each side, 0 to 1."""

    decimals: int = 4

    def extent(self, view: View) -> tuple[float, float]:
        """See `Space.extent`."""
        return 1.0, 1.0


@dataclass(frozen=True)
class Resized(Space):
    """Pixels of the image as a Qwen-VL processor resizes the one that was sent (see `smart_resize`)."""

    factor: int = 28
    least: int = 56 * 56
    most: int = 16384 * 28 * 28

    def extent(self, view: View) -> tuple[float, float]:
        """See `Space.extent`."""
        return smart_resize(view.image, self.factor, self.least, self.most)


def smart_resize(size: tuple[int, int], factor: int, least: int, most: int) -> tuple[int, int]:
    """The size a Qwen-VL processor gives an image: multiples of `factor`, `least` to `most` pixels in all.

    The rule is that of `smart_resize` in qwen-vl-utils (`vision_process.py`), which UI-TARS, OpenCUA and ScaleCUA use.

    Args:
        size: (width, height) of the image in pixels.
        factor: patch size times merge size: 28 for Qwen2.5-VL, 32 for Qwen3-VL.
        least: the least number of pixels.
        most: the largest number of pixels.

    Raises:
        ValueError: one side is more than 200 times the other.
    """
    width, height = size
    if max(size) > WIDEST_RATIO * min(size):
        raise ValueError(f"an image of {width} x {height} is too narrow for a Qwen-VL processor")
    wide, high = (max(factor, round(side / factor) * factor) for side in size)
    if wide * high > most:
        shrink = math.sqrt(width * height / most)
        wide, high = (max(factor, math.floor(side / shrink / factor) * factor) for side in size)
    elif wide * high < least:
        grow = math.sqrt(least / (width * height))
        wide, high = (math.ceil(side * grow / factor) * factor for side in size)
    return wide, high
