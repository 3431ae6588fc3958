"""pyautogui's mouse and keyboard, the common stock of OSWorld, OpenCUA, AgentNet and ScaleCUA.

Scrolling counts notches: up is positive, as is right (`hscroll`). A drag starts where the pointer is. Modifiers are
keys held down around an action. `write` is read as what it says: that pyautogui itself drops what is not ASCII, and
types ">" for "<" on some keyboards, is no part of the vocabulary.

Source: signatures of `pyautogui/__init__.py` (PyAutoGUI 0.9.54).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ....envs.action import (
    Action,
    Button,
    Click,
    Drag,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
)
from ....errors import ActionError, did_you_mean
from .call import Call
from .hand import Hand
from .keynames import PYAUTOGUI
from .pycode import Signatures
from .space import Space
from .view import View

__all__ = ["ASIDE", "PARAMETERS", "hear_pyautogui", "say_pyautogui"]

_MOUSE = ("x", "y", "interval", "duration", "tween", "logScreenshot", "_pause")
_BUTTON = ("x", "y", "button", "duration", "tween", "logScreenshot", "_pause")
_CLICKS = ("x", "y", "interval", "button", "duration", "tween", "logScreenshot", "_pause")
_MOVE = ("duration", "tween", "logScreenshot", "_pause")
_DRAG = ("duration", "tween", "button", "logScreenshot", "_pause", "mouseDownUp")
_WHEEL = ("clicks", "x", "y", "logScreenshot", "_pause")
_KEY = ("key", "logScreenshot", "_pause")
_WRITE = ("message", "interval", "logScreenshot", "_pause")

PARAMETERS: Signatures = {
    "click": ("x", "y", "clicks", "interval", "button", "duration", "tween", "logScreenshot", "_pause"),
    "leftClick": _MOUSE,
    "rightClick": _MOUSE,
    "middleClick": _MOUSE,
    "doubleClick": _CLICKS,
    "tripleClick": _CLICKS,
    "mouseDown": _BUTTON,
    "mouseUp": _BUTTON,
    "moveTo": ("x", "y", *_MOVE),
    "moveRel": ("xOffset", "yOffset", *_MOVE),
    "move": ("xOffset", "yOffset", *_MOVE),
    "dragTo": ("x", "y", *_DRAG),
    "dragRel": ("xOffset", "yOffset", *_DRAG),
    "drag": ("xOffset", "yOffset", *_DRAG),
    "scroll": _WHEEL,
    "vscroll": _WHEEL,
    "hscroll": _WHEEL,
    "write": _WRITE,
    "typewrite": _WRITE,
    "press": ("keys", "presses", "interval", "logScreenshot", "_pause"),
    "keyDown": _KEY,
    "keyUp": _KEY,
    "hotkey": ("*keys", "interval", "logScreenshot", "_pause"),
}
"""Function -> its parameters in order."""

ASIDE = ("interval", "duration", "tween", "logScreenshot", "_pause")
"""Parameters that change how an action looks and not what it does."""

_CLICK: dict[str, tuple[Button, int]] = {
    "leftClick": ("left", 1),
    "rightClick": ("right", 1),
    "middleClick": ("middle", 1),
    "doubleClick": ("left", 2),
    "tripleClick": ("left", 3),
}
_BUTTONS: dict[str, Button] = {
    "left": "left",
    "middle": "middle",
    "right": "right",
    "primary": "left",
    "secondary": "right",
}


def hear_pyautogui(call: Call, hand: Hand) -> None:
    """Hand over what a call of one of `PARAMETERS` means."""
    match call.name:
        case "click":
            count = call.whole("clicks", 1)
            hand.add(Click(*_spot(call, hand), _button(call), count))
        case name if name in _CLICK:
            button, count = _CLICK[name]
            hand.add(Click(*_spot(call, hand), _button(call) if call.has("button") else button, count))
        case "mouseDown":
            hand.add(MouseDown(*_spot(call, hand), _button(call)))
        case "mouseUp":
            hand.add(MouseUp(*_spot(call, hand), _button(call)))
        case "moveTo":
            hand.add(Move(*hand.spot(call)))
        case "moveRel" | "move":
            hand.add(Move(*_offset(call, hand, hand.here(call))))
        case "dragTo":
            hand.add(Drag((hand.here(call), hand.spot(call)), _button(call)))
        case "dragRel" | "drag":
            start = hand.here(call)
            hand.add(Drag((start, _offset(call, hand, start)), _button(call)))
        case "scroll" | "vscroll":
            hand.add(Scroll(*_spot(call, hand), dy=-call.whole("clicks")))
        case "hscroll":
            hand.add(Scroll(*_spot(call, hand), dx=call.whole("clicks")))
        case "write" | "typewrite":
            hand.add(Type(call.text("message")))
        case "press":
            for press in _presses(call):
                hand.add(press)
        case "keyDown":
            hand.add(KeyDown(call.chord("key")))
        case "keyUp":
            hand.add(KeyUp(call.chord("key")))
        case "hotkey":
            keys = call.raw("keys")
            nested = keys[0] if isinstance(keys, list) and len(keys) == 1 and isinstance(keys[0], list) else keys
            hand.add(Press(Call("hotkey", {"keys": nested}).chord("keys")))
        case name:
            raise ActionError(f"unknown call {name!r}{did_you_mean(name, PARAMETERS)}")


def say_pyautogui(action: Action, view: View, space: Space, known: Collection[str]) -> list[Call] | None:
    """The calls of `known` functions that say an action; None if there are none for it as a whole."""
    calls = _say(action, view, space, known)
    return calls if calls and all(call.name in known for call in calls) else None


def _say(action: Action, view: View, space: Space, known: Collection[str]) -> list[Call] | None:
    match action:
        case Move(x, y):
            return [Call("moveTo", _xy(x, y, view, space))]
        case Click(x, y, "left" | "middle" | "right" as button, count, ""):
            spot = _xy(x, y, view, space)
            if (button, count) == ("left", 1):
                return [Call("click", spot)]
            name = next((name for name, kind in _CLICK.items() if kind == (button, count) and name in known), None)
            return [Call(name, spot)] if name else [Call("click", {**spot, "clicks": count, "button": button})]
        case MouseDown(x, y, "left" | "middle" | "right" as button):
            return [Call("mouseDown", {**_xy(x, y, view, space), "button": button})]
        case MouseUp(x, y, "left" | "middle" | "right" as button):
            return [Call("mouseUp", {**_xy(x, y, view, space), "button": button})]
        case Drag((start, end), "left" | "middle" | "right" as button, ""):
            move = Call("moveTo", _xy(*start, view, space))
            return [move, Call("dragTo", {**_xy(*end, view, space), "button": button})]
        case Scroll(x, y, dy, dx, "") if not (dx and dy):
            name, clicks = ("hscroll", dx) if dx else ("scroll", -dy)
            return [Call(name, {"clicks": clicks, **_xy(x, y, view, space)})]
        case Type(text):
            return [Call("write", {"message": text})]
        case Press(keys, repeat, 0):
            names = PYAUTOGUI.spell(keys)
            if len(names) > 1:
                return [Call("hotkey", {"keys": names})] * repeat
            return [Call("press", {"keys": names[0], **({"presses": repeat} if repeat > 1 else {})})]
        case KeyDown(key) | KeyUp(key) if len(PYAUTOGUI.spell(key)) == 1:
            name = "keyDown" if isinstance(action, KeyDown) else "keyUp"
            return [Call(name, {"key": PYAUTOGUI.spell(key)[0]})]
    return None


def _spot(call: Call, hand: Hand) -> tuple[int, int]:
    """The pixel of x and y, of a point given as x, or of the pointer."""
    if isinstance(call.words.get("x"), list | tuple) and not call.has("y"):
        return hand.pair(call, "x")
    return hand.spot(call, optional=True)


def _offset(call: Call, hand: Hand, start: tuple[int, int]) -> tuple[int, int]:
    """The pixel that lies xOffset and yOffset from another."""
    x, y = hand.space.from_screen(*start, hand.view)
    return hand.place(call, (x + call.number("xOffset", 0), y + call.number("yOffset", 0)))


def _button(call: Call) -> Button:
    return _BUTTONS[call.one_of("button", _BUTTONS, "left")]


def _presses(call: Call) -> list[Press]:
    """One key again and again, or several in turn, all of it again and again."""
    keys, presses = call.raw("keys"), call.whole("presses", 1)
    names = keys if isinstance(keys, list | tuple) else [keys]
    each = [Press(Call(call.name, {"keys": name}).chord("keys"), presses) for name in names]
    return each if len(each) == 1 else [replace(press, repeat=1) for press in each] * presses


def _xy(x: int, y: int, view: View, space: Space) -> dict[str, float]:
    return dict(zip("xy", space.from_screen(x, y, view), strict=True))
