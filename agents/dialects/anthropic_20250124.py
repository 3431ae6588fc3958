"""Anthropic's second computer tool, `computer_20250124`: adds the wheel, waiting, held keys, buttons, triple click.

Wire format and coordinates: see `anthropic_20241022`. Clicks take a place and, as `text` (the documentation) or `key`
(the reference implementation), keys to hold.

Source: `BetaToolComputerUse20250124Param` of the `anthropic` package; actions and arguments as in Anthropic's
documentation of the computer use tool and in `computer_use_demo/tools/computer.py` of anthropics/claude-quickstarts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...envs.action import Action, Button, Click, Drag, MouseDown, MouseUp, Press, Scroll, Wait
from .anthropic_20241022 import Anthropic20241022, presses, spelled
from .parts.call import Call
from .parts.hand import Hand
from .parts.space import Sent
from .parts.view import View
from .parts.wheel import DIRECTIONS, turns

__all__ = ["DIALECT", "Anthropic20250124"]


class Anthropic20250124(Anthropic20241022):
    """`computer_20250124`."""

    tool = "computer_20250124"
    betas = ("computer-use-2025-01-24",)
    clicks: ClassVar[Mapping[str, tuple[Button, int]]] = {**Anthropic20241022.clicks, "triple_click": ("left", 3)}
    others = (*Anthropic20241022.others, "left_mouse_down", "left_mouse_up", "scroll", "hold_key", "wait")

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "left_mouse_down":
                hand.add(MouseDown(*hand.pair(call, "coordinate", optional=True)))
            case "left_mouse_up":
                hand.add(MouseUp(*hand.pair(call, "coordinate", optional=True)))
            case "scroll":
                right, down = DIRECTIONS[call.one_of("scroll_direction", DIRECTIONS)]
                spot, amount = hand.pair(call, "coordinate", optional=True), call.whole("scroll_amount")
                hand.add(Scroll(*spot, down * amount, right * amount, call.chord("text", "")))
            case "hold_key":
                hold = call.milliseconds("duration")
                for press in presses(call.text("text")):
                    hand.add(Press(press.keys, press.repeat, hold))
            case "wait":
                hand.add(Wait(call.milliseconds("duration")))
            case _:
                super().hear(call, hand)
        call.finish()

    def hear_click(self, call: Call, hand: Hand, button: Button, count: int) -> Click:
        """A click at a place, keys held."""
        held = call.chord("text", "") or call.chord("key", "")
        return Click(*hand.pair(call, "coordinate", optional=True), button, count, held)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Click(x, y, button, count, modifiers):
                held = {"text": spelled(modifiers)} if modifiers else {}
                name = self.click_name(button, count)
                return [Call(name, {"coordinate": self.pixel(x, y, view), **held})] if name else None
            case Drag((start, end), "left", ""):
                places = {"start_coordinate": self.pixel(*start, view), "coordinate": self.pixel(*end, view)}
                return [Call("left_click_drag", places)]
            case MouseDown(x, y, "left"):
                return [Call("mouse_move", {"coordinate": self.pixel(x, y, view)}), Call("left_mouse_down")]
            case MouseUp(x, y, "left"):
                return [Call("mouse_move", {"coordinate": self.pixel(x, y, view)}), Call("left_mouse_up")]
            case Scroll(x, y, dy, dx, modifiers):
                place = {"coordinate": self.pixel(x, y, view)}
                held = {"text": spelled(modifiers)} if modifiers else {}
                return [
                    Call("scroll", {**place, "scroll_direction": direction, "scroll_amount": amount, **held})
                    for direction, amount in turns(dx, dy)
                ]
            case Press(keys, 1, hold) if hold:
                return [Call("hold_key", {"text": spelled(keys), "duration": self.seconds(hold)})]
            case Press(_, _, hold) if hold:
                return None
            case Wait(ms) if ms:
                return [Call("wait", {"duration": self.seconds(ms)})]
        return super().say(action, view)

    def seconds(self, ms: int) -> float:
        """A duration as this version takes it."""
        return ms // 1000 if ms % 1000 == 0 else ms / 1000


DIALECT = Anthropic20250124("anthropic_20250124", Sent())
