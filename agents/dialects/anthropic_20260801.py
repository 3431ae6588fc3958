"""Anthropic's computer toolset, `computer_toolset_20260801`: each action is a tool of its own, several in one reply.

Wire format: see `anthropic_20241022`; a tool_use block's `name` is the action and its `toolset_name` is "computer".
Coordinates: pixels of the image sent; no display is declared. Durations are whole seconds. The briefing turns off
`zoom` and `cursor_position`, which only look; both are understood all the same (see `anthropic_20251124`).

Source: `ComputerMemberInput` and `ComputerToolset20260801Param` of the `anthropic` package (`anthropic/types`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...envs.action import Action, Drag, Press
from ...errors import ActionError
from .anthropic_20241022 import presses, spelled
from .anthropic_20251124 import Anthropic20251124
from .parts.call import Call
from .parts.closing import HOW_TO_CLOSE
from .parts.hand import Hand
from .parts.space import Sent
from .parts.view import Briefing, View

__all__ = ["DIALECT", "Anthropic20260801"]


class Anthropic20260801(Anthropic20251124):
    """`computer_toolset_20260801`."""

    tool = "computer_toolset_20260801"
    betas = ()

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        off = {"enabled": False}
        return Briefing(HOW_TO_CLOSE, ({"type": self.tool, "configs": {"zoom": off, "cursor_position": off}},))

    def unwrap_block(self, block: Mapping[str, Any]) -> Call:
        """The call of one tool_use block."""
        name, words = block.get("name"), block.get("input")
        if not isinstance(name, str) or not isinstance(words, Mapping):
            raise ActionError("a tool_use block needs a name and an input")
        return Call(name, words)

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "key":
                for press in presses(call.text("text"), call.whole("repeat", 1)):
                    hand.add(press)
            case "left_click_drag":
                path = (hand.pair(call, "start_coordinate"), hand.pair(call, "coordinate"))
                hand.add(Drag(path, modifiers=call.chord("text", "")))
            case _:
                super().hear(call, hand)
        call.finish()

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Press(keys, repeat, 0):
                return [Call("key", {"text": spelled(keys), **({"repeat": repeat} if repeat > 1 else {})})]
            case Drag((start, end), "left", modifiers):
                places = {"start_coordinate": self.pixel(*start, view), "coordinate": self.pixel(*end, view)}
                return [Call("left_click_drag", places | ({"text": spelled(modifiers)} if modifiers else {}))]
        return super().say(action, view)

    def seconds(self, ms: int) -> float:
        """A duration as this version takes it.

        Raises:
            ActionError: it is no whole number of seconds.
        """
        if ms % 1000:
            raise ActionError(f"it counts whole seconds, and {ms} ms is none")
        return ms // 1000

    def wrap_call(self, call: Call) -> dict[str, Any]:
        """The part of a tool_use block that says the call."""
        return {"name": call.name, "toolset_name": "computer", "input": dict(call.words)}


DIALECT = Anthropic20260801("anthropic_20260801", Sent())
