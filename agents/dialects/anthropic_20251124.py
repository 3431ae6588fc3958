"""Anthropic's third computer tool, `computer_20251124`: adds zoom.

Wire format and coordinates: see `anthropic_20241022`. To zoom is to look: nothing happens on the screen, so it is read
as a wait of no time; the region stays in the reading's original for a caller who cuts it out of the next image. The
briefing leaves zoom off.

Source: `BetaToolComputerUse20251124Param` of the `anthropic` package, and Anthropic's documentation of the tool.
"""

from __future__ import annotations

from ...envs.action import Wait
from ...errors import ActionError
from .anthropic_20250124 import Anthropic20250124
from .parts.call import Call
from .parts.hand import Hand
from .parts.space import Sent

__all__ = ["DIALECT", "Anthropic20251124"]


class Anthropic20251124(Anthropic20250124):
    """`computer_20251124`."""

    tool = "computer_20251124"
    betas = ("computer-use-2025-11-24",)
    others = (*Anthropic20250124.others, "zoom")

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        if call.name != "zoom":
            super().hear(call, hand)
            return
        region = call.raw("region")
        if not isinstance(region, list | tuple) or len(region) != 4:
            raise ActionError(f"zoom: region must be four numbers, x0, y0, x1, y1, not {region!r:.60}")
        corners = Call("zoom", {"from": region[:2], "to": region[2:]})
        left, top = hand.pair(corners, "from")
        right, bottom = hand.pair(corners, "to")
        if not (left < right and top < bottom):
            raise ActionError(f"zoom: region {list(region)} is empty; give x0 < x1 and y0 < y1")
        hand.add(Wait(0))
        call.finish()


DIALECT = Anthropic20251124("anthropic_20251124", Sent())
