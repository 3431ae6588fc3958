"""Qwen3-VL's `computer_use` function.

Wire format: text with `<tool_call>{"name": "computer_use", "arguments": {...}}</tool_call>` in it, once or several
times; the rest is the thought. Coordinates: a grid of 1000 x 1000. A drag starts where the pointer is; a scroll counts
pixels, up being positive (and right, as in `pyautogui.hscroll`). Where a checkpoint means wheel notches by "pixels",
vary the dialect: `dataclasses.replace(dialect("qwen3_vl"), notch=1)`.

Source: `ComputerUse` of QwenLM/Qwen3-VL (`cookbooks/utils/agent_function_call.py`); the grid as in its cookbook.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...envs.action import Action, Button, Click, Drag, Finish, Move, Press, Scroll, Type, Wait
from ...errors import ActionError, did_you_mean
from .parts.base import Dialect
from .parts.call import Call
from .parts.hand import Hand
from .parts.keynames import PYAUTOGUI
from .parts.prose import harmless
from .parts.space import Grid
from .parts.view import Briefing, View, Wire
from .parts.wheel import PIXELS_A_NOTCH, notches

__all__ = ["DIALECT", "Qwen"]

CLICKS: dict[str, tuple[Button, int]] = {
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
OTHERS = ("key", "type", "mouse_move", "left_click_drag", "scroll", "hscroll", "wait", "terminate", "answer")
STATUS = {"success": True, "failure": False}

_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)
_THINK = re.compile(r"</?think>")

_SYSTEM = """You use a computer through its screen, mouse and keyboard. The screen measures {width} x {height}.

# Tools
<tools>
{tool}
</tools>

Think, then call the function, as a JSON object within tags:
<tool_call>
{{"name": "computer_use", "arguments": {{"action": "left_click", "coordinate": [500, 300]}}}}
</tool_call>"""


@dataclass(frozen=True)
class Qwen(Dialect):
    """`computer_use`; `notch` is what one wheel notch scrolls, in its pixels."""

    notch: int = PIXELS_A_NOTCH

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`; the tool stands in the prompt, as the chat template would put it."""
        width, height = self.space.extent(view)
        return Briefing(_SYSTEM.format(width=width, height=height, tool=json.dumps(_tool())))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`."""
        if not isinstance(reply, str):
            raise ActionError("a reply is text with a <tool_call> in it")
        found = _CALL.findall(reply)
        if not found:
            raise ActionError('the reply has no <tool_call>{"name": "computer_use", "arguments": ...}</tool_call>')
        return _THINK.sub("", _CALL.sub("", reply)).strip(), [_call(each) for each in found]

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case name if name in CLICKS:
                hand.add(Click(*hand.pair(call, "coordinate", optional=True), *CLICKS[name]))
            case "mouse_move":
                hand.add(Move(*hand.pair(call, "coordinate")))
            case "left_click_drag":
                hand.add(Drag((hand.here(call), hand.pair(call, "coordinate"))))
            case "scroll" | "hscroll":
                spot = hand.pair(call, "coordinate", optional=True)
                amount = notches(call.name, call.number("pixels"), self.notch)
                hand.add(Scroll(*spot, dy=-amount) if call.name == "scroll" else Scroll(*spot, dx=amount))
            case "key":
                hand.add(Press(call.chord("keys")))
            case "type":
                hand.add(Type(call.text("text")))
            case "wait":
                hand.add(Wait(call.milliseconds("time")))
            case "answer":
                hand.add(Finish(call.text("text")))
            case "terminate":
                hand.add(Finish(success=STATUS[call.one_of("status", STATUS)]))
            case name:
                raise ActionError(f"unknown action {name!r}{did_you_mean(name, [*CLICKS, *OTHERS])}")
        call.finish()

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [self._move(x, y, view)]
            case Click(x, y, button, count, "") if (button, count) in CLICKS.values():
                name = next(name for name, kind in CLICKS.items() if kind == (button, count))
                return [Call(name, {"coordinate": list(self.point(x, y, view))})]
            case Drag((start, end), "left", ""):
                drag = Call("left_click_drag", {"coordinate": list(self.point(*end, view))})
                return [self._move(*start, view), drag]
            case Scroll(x, y, dy, dx, "") if not (dx and dy):
                turn = (
                    Call("hscroll", {"pixels": dx * self.notch}) if dx else Call("scroll", {"pixels": -dy * self.notch})
                )
                return [self._move(x, y, view), turn]
            case Press(keys, repeat, 0):
                return [Call("key", {"keys": PYAUTOGUI.spell(keys)})] * repeat
            case Type(text):
                return [Call("type", {"text": text})]
            case Wait(ms):
                return [Call("wait", {"time": ms / 1000})]
            case Finish(answer, success):
                status = next(word for word, ours in STATUS.items() if ours == success)
                answered = [Call("answer", {"text": answer})] if answer else []
                return [*answered, Call("terminate", {"status": status})]
        return None

    def _move(self, x: int, y: int, view: View) -> Call:
        return Call("mouse_move", {"coordinate": list(self.point(x, y, view))})

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        said = [harmless(thought, "<tool_call>", "<think>", "</think>")] if thought.strip() else []
        for call in calls:
            words = {"name": "computer_use", "arguments": {"action": call.name, **call.words}}
            # A slash may be escaped in JSON; so no text can end the tag.
            written = json.dumps(words, ensure_ascii=False).replace("</", "<\\/")
            said.append(f"<tool_call>\n{written}\n</tool_call>")
        return "\n".join(said)


def _call(text: str) -> Call:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ActionError(f"the tool call is no JSON object: {text.strip()[:80]!r} ({error})") from error
    if not isinstance(found, Mapping) or found.get("name") != "computer_use":
        raise ActionError('the only function is {"name": "computer_use", "arguments": {...}}')
    words = found.get("arguments")
    if not isinstance(words, Mapping) or not isinstance(words.get("action"), str):
        raise ActionError("computer_use: arguments must be an object with an action")
    return Call(words["action"], {word: value for word, value in words.items() if word != "action"})


def _tool() -> dict[str, Any]:
    properties = {
        "action": {"type": "string", "enum": [*CLICKS, *OTHERS]},
        "keys": {"type": "array", "description": "Keys pressed together, for key."},
        "text": {"type": "string", "description": "For type and answer."},
        "coordinate": {"type": "array", "description": "[x, y], for mouse actions; a drag starts at the pointer."},
        "pixels": {"type": "number", "description": "For scroll (up is positive) and hscroll (right is positive)."},
        "time": {"type": "number", "description": "Seconds, for wait."},
        "status": {"type": "string", "enum": list(STATUS), "description": "For terminate."},
    }
    parameters = {"type": "object", "properties": properties, "required": ["action"]}
    about = "Use a mouse and keyboard to interact with a computer."
    return {"type": "function", "function": {"name": "computer_use", "description": about, "parameters": parameters}}


DIALECT = Qwen("qwen3_vl", Grid())
