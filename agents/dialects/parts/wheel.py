"""The wheel: foreign amounts and directions, and our notches (down and right are positive)."""

from __future__ import annotations

import math

from ....envs.action import MOST_NOTCHES
from ....errors import ActionError

__all__ = ["DIRECTIONS", "PIXELS_A_NOTCH", "notches", "turns"]

PIXELS_A_NOTCH = 100
"""What one notch scrolls: OpenAI's guide divides pixels by 100; Gemini's defaults are 300 pixels or 3 wheel clicks."""

DIRECTIONS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
"""Direction -> (dx, dy) of one notch."""


def notches(who: str, pixels: float, notch: float = PIXELS_A_NOTCH) -> int:
    """Whole notches nearest to a distance in pixels: at least one for any distance at all, none for none.

    Raises:
        ActionError: it is farther than one action scrolls.
    """
    count = math.floor(abs(pixels) / notch + 0.5)
    if count > MOST_NOTCHES:
        most = math.floor(MOST_NOTCHES * notch)
        raise ActionError(f"{who}: {pixels:g} is too far; one scroll reaches {most} pixels ({MOST_NOTCHES} notches)")
    return int(math.copysign(max(1, count), pixels)) if pixels else 0


def turns(dx: int, dy: int, most: int = MOST_NOTCHES) -> list[tuple[str, int]]:
    """A scroll as (direction, notches) pairs, vertical first, none above `most`; a scroll by nothing is none down."""
    pairs = []
    for count, back, forth in ((dy, "up", "down"), (dx, "left", "right")):
        rest = abs(count)
        while rest:
            pairs.append((forth if count > 0 else back, min(rest, most)))
            rest -= pairs[-1][1]
    return pairs or [("down", 0)]
