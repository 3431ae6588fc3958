"""Gemini's computer use actions since 3.5 Flash, in the desktop environment; each call tells its `intent`.

Wire format and coordinates: see `gemini_25`. A scroll is told in pixels of the screen (`magnitude_in_pixels`), in wheel
notches (`magnitude_in_wheel_clicks`, which the live desktop environment has been seen to send) or on the grid
(`magnitude`, which the reference implementation reads); it is written in pixels, as documented. Seconds are whole.

Source: documentation of the Gemini API, "Computer Use", supported actions of the desktop environment;
`PREDEFINED_COMPUTER_USE_FUNCTIONS` of google-gemini/computer-use-preview (`agent.py`).
"""

from __future__ import annotations

from typing import Any

from ...envs.action import (
    Action,
    Button,
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
)
from ...errors import ActionError
from .gemini_25 import ASIDE, LONGEST_SCROLL, Gemini25
from .parts.call import Call
from .parts.closing import HOW_TO_CLOSE
from .parts.hand import Hand
from .parts.keynames import GEMINI
from .parts.space import Grid
from .parts.view import Briefing, View
from .parts.wheel import DIRECTIONS, notches, turns

__all__ = ["DIALECT", "Gemini35"]

CLICKS: dict[str, tuple[Button, int]] = {
    "click": ("left", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
    "middle_click": ("middle", 1),
    "right_click": ("right", 1),
}


class Gemini35(Gemini25):
    """The actions of the desktop environment."""

    names = (
        *CLICKS,
        *("move", "mouse_down", "mouse_up", "drag_and_drop", "scroll", "type", "wait", "take_screenshot"),
        *("press_key", "key_down", "key_up", "hotkey"),
    )

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        return Briefing(HOW_TO_CLOSE, ({"computer_use": {"environment": "ENVIRONMENT_DESKTOP"}},))

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case name if name in CLICKS:
                hand.add(Click(*hand.spot(call), *CLICKS[name]))
            case "move":
                hand.add(Move(*hand.spot(call)))
            case "mouse_down":
                hand.add(MouseDown(*hand.spot(call)))
            case "mouse_up":
                hand.add(MouseUp(*hand.spot(call)))
            case "drag_and_drop":
                # The documentation says start and end; the reference implementation reads the legacy names.
                legacy = call.has("destination_x")
                start = hand.spot(call) if legacy else hand.spot(call, "start_x", "start_y")
                end = ("destination_x", "destination_y") if legacy else ("end_x", "end_y")
                hand.add(Drag((start, hand.spot(call, *end))))
            case "scroll":
                hand.add(self._hear_scroll(call, hand))
            case "type":
                hand.add(Type(call.text("text")))
                if call.flag("press_enter", False):
                    hand.add(Press("enter"))
            case "press_key":
                hand.add(Press(call.chord("key")))
            case "hotkey":
                hand.add(Press(call.chord("keys")))
            case "key_down":
                hand.add(KeyDown(call.chord("key")))
            case "key_up":
                hand.add(KeyUp(call.chord("key")))
            case "wait":
                hand.add(Wait(call.milliseconds("seconds", 1)))
            case "take_screenshot":
                hand.add(Wait(0))
            case _:
                self.hear_rest(call, hand)
        call.finish(ASIDE)

    def _hear_scroll(self, call: Call, hand: Hand) -> Scroll:
        direction, spot = call.one_of("direction", DIRECTIONS), hand.spot(call)
        if call.has("magnitude"):
            return self.scroll(spot, direction, call.number("magnitude"), hand)
        if call.has("magnitude_in_wheel_clicks"):
            amount = call.whole("magnitude_in_wheel_clicks")
        else:
            amount = notches("scroll", call.number("magnitude_in_pixels", 300), self.notch)
        right, down = DIRECTIONS[direction]
        return Scroll(*spot, dy=down * amount, dx=right * amount)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [Call("move", self.spot(x, y, view))]
            case Click(x, y, button, count, "") if (button, count) in CLICKS.values():
                name = next(name for name, kind in CLICKS.items() if kind == (button, count))
                return [Call(name, self.spot(x, y, view))]
            case MouseDown(x, y, "left"):
                return [Call("mouse_down", self.spot(x, y, view))]
            case MouseUp(x, y, "left"):
                return [Call("mouse_up", self.spot(x, y, view))]
            case Drag((start, end), "left", ""):
                path = {"start": self.spot(*start, view), "end": self.spot(*end, view)}
                words = {f"{which}_{axis}": value for which, spot in path.items() for axis, value in spot.items()}
                return [Call("drag_and_drop", words)]
            case Scroll(x, y, dy, dx, ""):
                return self._say_turns(self.spot(x, y, view), dx, dy)
            case Type(text):
                return [Call("type", {"text": text})]
            case Press(keys, repeat, 0):
                names = GEMINI.spell(keys)
                call = Call("press_key", {"key": names[0]}) if len(names) == 1 else Call("hotkey", {"keys": names})
                return [call] * repeat
            case KeyDown(key) | KeyUp(key) if len(GEMINI.spell(key)) == 1:
                return [Call(action.verb, {"key": GEMINI.spell(key)[0]})]
            case Wait(0):
                return [Call("take_screenshot")]
            case Wait(ms) if ms % 1000:
                raise ActionError(f"it counts whole seconds, and {ms} ms is none")
            case Wait(ms):
                return [Call("wait", {"seconds": ms // 1000})]
            case Finish():
                return super().say(action, view)
        return None

    def _say_turns(self, spot: dict[str, float], dx: int, dy: int) -> list[Call]:
        most = LONGEST_SCROLL // self.notch
        return [
            Call("scroll", {**spot, "direction": direction, "magnitude_in_pixels": count * self.notch})
            for direction, count in turns(dx, dy, most)
        ]

    def arguments(self, thought: str, call: Call) -> dict[str, Any]:
        """The arguments of a call as they are sent, with its intent."""
        return {**call.words, "intent": thought}


DIALECT = Gemini35("gemini_35", Grid(cut=True))
