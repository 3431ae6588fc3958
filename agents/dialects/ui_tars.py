"""UI-TARS 1.5 and later: "Thought: ... Action: click(point='<point>x y</point>')".

Wire format: text; several actions are set apart by blank lines. Coordinates: pixels of the image as the processor
resizes it (factor 28), in any of the forms its versions write: `<point>x y</point>`, `(x,y)`,
`<|box_start|>(x,y)<|box_end|>`, or a box of four numbers, of which the middle is meant. A scroll is always five
notches, `wait` five seconds. A newline at the end of typed text submits it, which is what Return does. `call_user`
gives the task up: no one answers.

Source: `COMPUTER_USE_DOUBAO` and `parse_action_to_structure_output` of bytedance/UI-TARS (`codes/ui_tars/prompt.py`,
`action_parser.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ...envs.action import Action, Button, Click, Drag, Finish, Press, Scroll, Type, Wait
from ...errors import ActionError
from .parts.base import Dialect
from .parts.call import Call
from .parts.hand import Hand
from .parts.keynames import PYAUTOGUI, read_chord
from .parts.pycode import Signatures, parse_calls, write_call
from .parts.space import Resized
from .parts.view import Briefing, View, Wire
from .parts.wheel import DIRECTIONS, turns

__all__ = ["DIALECT", "UiTars"]

SIGNATURES: Signatures = {
    **dict.fromkeys(("click", "left_single", "left_double", "right_single"), ("point", "start_box")),
    "drag": ("start_point", "end_point", "start_box", "end_box"),
    "scroll": ("point", "direction", "start_box"),
    "hotkey": ("key",),
    "type": ("content",),
    "wait": (),
    "finished": ("content",),
    "call_user": (),
}
CLICKS: dict[str, tuple[Button, int]] = {
    "click": ("left", 1),
    "left_single": ("left", 1),
    "left_double": ("left", 2),
    "right_single": ("right", 1),
}
SCROLL, WAIT = 5, 5000

_ACTION = re.compile(r"^[ \t]*Action:", re.MULTILINE)
_THOUGHT = re.compile(r"\A\s*Thought:")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
# Text with bare quotes or line ends is no Python, and models write it.
_BARE = re.compile(r"\b(type|finished)\(content='(.*?)'\)(?=\s*(?:\n\s*\n|\Z))", re.DOTALL)

_SYSTEM = """You work on a computer through its screen. Given a task and what you did so far, do the next thing.

Answer in this form:
Thought: a short plan, ending in the next action and its target
Action: one of the following

click({at}='{point}')
left_double({at}='{point}')
right_single({at}='{point}')
drag({start}='{point}', {end}='{point}')
hotkey(key='ctrl c')  # lower case, set apart by spaces
type(content='text')  # escape \\', \\" and \\n; end with \\n to submit
scroll({at}='{point}', direction='down or up or right or left')
wait()  # five seconds
finished(content='the answer, if the task asks for one')
call_user()  # when the task cannot be done

The image measures {width} x {height}."""


class UiTars(Dialect):
    """UI-TARS 1.5."""

    places: ClassVar[tuple[str, str, str]] = ("point", "start_point", "end_point")
    """What a place, the start of a drag and its end are called."""

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = self.space.extent(view)
        names = dict(zip(("at", "start", "end"), self.places, strict=True))
        return Briefing(_SYSTEM.format(point=self.write_point("x", "y"), width=width, height=height, **names))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`."""
        marks = list(_ACTION.finditer(reply)) if isinstance(reply, str) else []
        if not isinstance(reply, str) or not marks:
            raise ActionError("the reply has no line that begins with 'Action:'")
        thought = _THOUGHT.sub("", reply[: marks[-1].start()]).strip()
        code = reply[marks[-1].end() :].strip()
        try:
            return thought, parse_calls(code, SIGNATURES)
        except ActionError:
            escaped = _BARE.sub(_escape, code)
            if escaped == code:
                raise
            return thought, parse_calls(escaped, SIGNATURES)

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case name if name in CLICKS:
                hand.add(Click(*self._spot(call, hand, "point", "start_box"), *CLICKS[name]))
            case "drag":
                start = self._spot(call, hand, "start_point", "start_box")
                hand.add(Drag((start, self._spot(call, hand, "end_point", "end_box"))))
            case "scroll":
                right, down = DIRECTIONS[call.one_of("direction", DIRECTIONS)]
                placed = call.has("point") or call.has("start_box")
                spot = self._spot(call, hand, "point", "start_box") if placed else hand.here(call)
                hand.add(Scroll(*spot, dy=SCROLL * down, dx=SCROLL * right))
            case "hotkey":
                hand.add(Press(read_chord(*call.text("key").split())))
            case "type":
                hand.add(Type(call.text("content")))
            case "wait":
                hand.add(Wait(WAIT))
            case "finished":
                hand.add(Finish(call.text("content", "")))
            case "call_user":
                hand.add(Finish(success=False))
        call.finish()

    def _spot(self, call: Call, hand: Hand, *words: str) -> tuple[int, int]:
        """The pixel of a point or of the middle of a box, under whichever of its names it came."""
        word = next((word for word in words if call.has(word)), words[0])
        numbers = [float(number) for number in _NUMBER.findall(call.text(word))]
        if len(numbers) not in (2, 4):
            raise ActionError(f"{call.name}: {word} must be a point such as {self.write_point(100, 200)!r}")
        x, y = (numbers[0] + numbers[-2]) / 2, (numbers[1] + numbers[-1]) / 2
        return hand.place(call, (x, y))

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Click(x, y, button, count, "") if (button, count) in CLICKS.values():
                name = next(name for name, kind in CLICKS.items() if kind == (button, count))
                return [Call(name, {self.places[0]: self.place(x, y, view)})]
            case Drag((start, end), "left", ""):
                _, first, last = self.places
                return [Call("drag", {first: self.place(*start, view), last: self.place(*end, view)})]
            case Scroll(x, y, dy, dx, "") if (dx or dy) and dx % SCROLL == dy % SCROLL == 0:
                spot = {self.places[0]: self.place(x, y, view)}
                return [Call("scroll", {**spot, "direction": way}) for way, _ in turns(dx, dy, SCROLL)]
            case Scroll():
                raise ActionError(f"it scrolls {SCROLL} notches at a time, and holds no keys")
            case Press(keys, repeat, 0):
                return [Call("hotkey", {"key": " ".join(PYAUTOGUI.spell(keys))})] * repeat
            case Type(text):
                return [Call("type", {"content": text})]
            case Wait(ms) if ms and ms % WAIT == 0:
                return [Call("wait")] * (ms // WAIT)
            case Finish(answer, True):
                return [Call("finished", {"content": answer})]
            case Finish("", False):
                return [Call("call_user")]
        return None

    def place(self, x: int, y: int, view: View) -> str:
        """A screen pixel as an argument."""
        return self.write_point(*self.point(x, y, view))

    def write_point(self, x: object, y: object) -> str:
        """A point as this version writes it."""
        return f"<point>{x} {y}</point>"

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        actions = "\n\n".join(write_call(call, SIGNATURES) for call in calls)
        return f"Thought: {thought}\nAction: {actions}"


def _escape(match: re.Match[str]) -> str:
    name, content = match.groups()
    bare = re.sub(r"(?<!\\)'", r"\\'", content).replace("\n", "\\n")
    return f"{name}(content='{bare}')"


DIALECT = UiTars("ui_tars", Resized(factor=28, least=100 * 28 * 28, most=16384 * 28 * 28))
