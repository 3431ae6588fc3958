"""OSWorld's computer_13 action space: sixteen actions as JSON objects in fences.

Wire format: text with fenced JSON objects (the rest is the thought), or the objects themselves, one or a list of them,
as OSWorld's env takes them: `{"action_type": "CLICK", "parameters": {"x": 1, "y": 2}}`, the parameters also unwrapped.
Coordinates: pixels of the image sent. SCROLL counts notches, up and right being positive; WAIT is two seconds.

Source: `ACTION_SPACE` and `KEYBOARD_KEYS` (`desktop_env/actions.py`) and `execute_action`
(`desktop_env/controllers/python.py`) of xlang-ai/OSWorld.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
from ...errors import ActionError, did_you_mean
from .osworld_pyautogui import PAUSE, WORDS
from .parts.base import Dialect
from .parts.call import Call
from .parts.hand import Hand
from .parts.keynames import PYAUTOGUI
from .parts.prose import fenced, harmless
from .parts.space import Sent
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "OSWorldComputer13"]

BUTTONS: dict[str, Button] = {"left": "left", "right": "right", "middle": "middle"}
PARAMETERS = {
    "MOVE_TO": "x, y",
    "CLICK": "button, x, y, num_clicks (all optional)",
    "MOUSE_DOWN": "button (optional)",
    "MOUSE_UP": "button (optional)",
    "RIGHT_CLICK": "x, y (optional)",
    "DOUBLE_CLICK": "x, y (optional)",
    "DRAG_TO": "x, y",
    "SCROLL": "dx, dy (notches; right and up are positive)",
    "TYPING": "text",
    "PRESS": "key",
    "KEY_DOWN": "key",
    "KEY_UP": "key",
    "HOTKEY": "keys (a list)",
    "WAIT": "",
    "FAIL": "",
    "DONE": "",
}

_SYSTEM = """You work on a computer through its screen, which measures {width} x {height} pixels. Think, then act with
one JSON object per fence:

```json
{{"action_type": "CLICK", "parameters": {{"x": 100, "y": 200}}}}
```

Action types and their parameters:
{actions}
WAIT waits; DONE says that the task is done, FAIL that it cannot be done. What takes no x and y acts at the pointer."""


class OSWorldComputer13(Dialect):
    """computer_13."""

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = view.image
        actions = "\n".join(f"- {name}: {words}".rstrip(": ") for name, words in PARAMETERS.items())
        return Briefing(_SYSTEM.format(width=width, height=height, actions=actions))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`."""
        if not isinstance(reply, str):
            return "", [_call(each) for each in (reply if isinstance(reply, list) else [reply])]
        thought, codes = fenced(reply)
        found = [_parsed(code) for code in codes]
        return thought, [_call(each) for one in found for each in (one if isinstance(one, list) else [one])]

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "MOVE_TO":
                hand.add(Move(*hand.spot(call)))
            case "CLICK":
                button, count = _button(call), call.whole("num_clicks", 1)
                hand.add(Click(*hand.spot(call, optional=True), button, count))
            case "RIGHT_CLICK":
                hand.add(Click(*hand.spot(call, optional=True), "right"))
            case "DOUBLE_CLICK":
                hand.add(Click(*hand.spot(call, optional=True), count=2))
            case "MOUSE_DOWN":
                hand.add(MouseDown(*hand.here(call), _button(call)))
            case "MOUSE_UP":
                hand.add(MouseUp(*hand.here(call), _button(call)))
            case "DRAG_TO":
                hand.add(Drag((hand.here(call), hand.spot(call))))
            case "SCROLL":
                hand.add(Scroll(*hand.here(call), dy=-call.whole("dy", 0), dx=call.whole("dx", 0)))
            case "TYPING":
                hand.add(Type(call.text("text")))
            case "PRESS":
                hand.add(Press(call.chord("key")))
            case "KEY_DOWN":
                hand.add(KeyDown(call.chord("key")))
            case "KEY_UP":
                hand.add(KeyUp(call.chord("key")))
            case "HOTKEY":
                hand.add(Press(call.chord("keys")))
            case "WAIT":
                hand.add(Wait(PAUSE))
            case "DONE" | "FAIL":
                hand.add(Finish(success=call.name == "DONE"))
            case name:
                raise ActionError(f"unknown action_type {name!r}{did_you_mean(name, PARAMETERS)}")
        call.finish()

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [self._move(x, y, view)]
            case Click(x, y, button, count, "") if button in BUTTONS:
                words = {"button": button, **self._xy(x, y, view), "num_clicks": count}
                return [Call("CLICK", words)]
            case MouseDown(x, y, button) | MouseUp(x, y, button) if button in BUTTONS:
                return [self._move(x, y, view), Call(action.verb.upper(), {"button": button})]
            case Drag((start, end), "left", ""):
                return [self._move(*start, view), Call("DRAG_TO", self._xy(*end, view))]
            case Scroll(x, y, dy, dx, ""):
                return [self._move(x, y, view), Call("SCROLL", {"dx": dx, "dy": -dy})]
            case Type(text):
                return [Call("TYPING", {"text": text})]
            case Press(keys, repeat, 0):
                names = PYAUTOGUI.spell(keys)
                call = Call("PRESS", {"key": names[0]}) if len(names) == 1 else Call("HOTKEY", {"keys": names})
                return [call] * repeat
            case KeyDown(key) | KeyUp(key) if len(PYAUTOGUI.spell(key)) == 1:
                return [Call(action.verb.upper(), {"key": PYAUTOGUI.spell(key)[0]})]
            case Wait(ms) if ms and ms % PAUSE == 0:
                return [Call("WAIT")] * (ms // PAUSE)
            case Finish("", success):
                return [Call("DONE" if success else "FAIL")]
            case Finish():
                raise ActionError("it ends with DONE or FAIL, and holds no answer")
        return None

    def _move(self, x: int, y: int, view: View) -> Call:
        return Call("MOVE_TO", self._xy(x, y, view))

    def _xy(self, x: int, y: int, view: View) -> dict[str, float]:
        return dict(zip("xy", self.point(x, y, view), strict=True))

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        said = [harmless(thought, "```")] if thought.strip() else []
        for call in calls:
            action: dict[str, Any] = {"action_type": call.name, **({"parameters": call.words} if call.words else {})}
            # Backticks may be escaped in JSON; so no text can end the fence.
            said.append(f"```json\n{json.dumps(action, ensure_ascii=False).replace('`', chr(92) + 'u0060')}\n```")
        return "\n".join(said)


def _parsed(code: str) -> Any:
    if code in WORDS:
        return code
    try:
        return json.loads(code)
    except ValueError as error:
        raise ActionError(f"this is no JSON object: {code[:80]!r} ({error})") from error


def _call(found: object) -> Call:
    if found in WORDS:
        return Call(str(found))
    if not isinstance(found, Mapping) or not isinstance(found.get("action_type"), str):
        raise ActionError('an action is an object such as {"action_type": "CLICK", "parameters": {"x": 1, "y": 2}}')
    words = found.get("parameters", {word: value for word, value in found.items() if word != "action_type"})
    if not isinstance(words, Mapping):
        raise ActionError(f"{found['action_type']}: parameters must be an object")
    return Call(found["action_type"], words)


def _button(call: Call) -> Button:
    return BUTTONS[call.one_of("button", BUTTONS, "left")]


DIALECT = OSWorldComputer13("osworld_computer13", Sent())
