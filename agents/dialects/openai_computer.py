"""OpenAI's computer tool, `computer`: a batch of actions in one call.

Wire format: the `output` items of the Responses API as a list of dicts, or the response itself as a dict;
`response.model_dump()` of the SDK is one. Coordinates: pixels of the image sent. Scrolling is in pixels, down and right
being positive. `wait` is always two seconds. Of the holding of keys, `keys` beside a mouse action is all it knows.

Source: `ComputerAction` and `ResponseComputerToolCall` of the `openai` package (`openai/types/responses`); seconds,
pixels of a notch and names of keys as in OpenAI's computer use guide (`handle_computer_actions` for Docker).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...envs.action import Action, Button, Click, Drag, Finish, KeyDown, KeyUp, Move, Press, Scroll, Type, Wait
from ...envs.keys import split_chord
from ...errors import ActionError, did_you_mean
from .parts.base import Dialect
from .parts.call import Call
from .parts.closing import CLOSING, HOW_TO_CLOSE, closing_text, read_closing
from .parts.hand import Hand
from .parts.keynames import OPENAI
from .parts.space import Sent
from .parts.view import Briefing, View, Wire
from .parts.wheel import PIXELS_A_NOTCH, notches

__all__ = ["DIALECT", "OpenAIComputer"]

BUTTONS: dict[str, Button] = {
    "left": "left",
    "right": "right",
    "wheel": "middle",
    "back": "back",
    "forward": "forward",
}
WAIT = 2000
ACTIONS = ("click", "double_click", "drag", "keypress", "move", "screenshot", "scroll", "type", "wait")


@dataclass(frozen=True)
class OpenAIComputer(Dialect):
    """`computer`; `notch` is what one wheel notch scrolls, in pixels."""

    notch: int = PIXELS_A_NOTCH

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        return Briefing(HOW_TO_CLOSE, ({"type": "computer"},))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`; a response without a call is the end of the episode."""
        response = reply if isinstance(reply, Mapping) else {"output": reply}
        items = response.get("output")
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise ActionError("a response's output is a list of items")
        strangers = [str(item.get("name")) for item in items if item.get("type") == "function_call"]
        if strangers:
            raise ActionError(f"there is no function {strangers[0]!r}; use the computer tool")
        calls = [call for item in items if item.get("type") == "computer_call" for call in _calls(item)]
        thoughts = [
            text for item in items if item.get("type") == "reasoning" for text in _texts(item, "summary", "text")
        ]
        messages = [item for item in items if item.get("type") == "message"]
        texts = [text for item in messages for text in _texts(item, "content", "text")]
        if not calls:
            if response.get("status") == "incomplete":
                raise ActionError("the reply was cut off by its token limit before it came to an action; think less")
            refusals = [text for item in messages for text in _texts(item, "content", "refusal")]
            if not texts and not refusals:
                raise ActionError("the reply holds neither an action nor a word")
            words = {"text": refusals[0] if refusals else texts.pop(), "refused": bool(refusals)}
            calls = [Call(CLOSING, words)]
        return "\n".join(thoughts + texts), calls

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "click":
                button = BUTTONS[call.one_of("button", BUTTONS, "left")]
                hand.add(Click(*hand.spot(call), button, modifiers=call.chord("keys", "")))
            case "double_click":
                hand.add(Click(*hand.spot(call), count=2, modifiers=call.chord("keys", "")))
            case "drag":
                path = tuple(hand.place(call, point) for point in call.points("path"))
                hand.add(Drag(path, modifiers=call.chord("keys", "")))
            case "move":
                keys = call.chord("keys", "")
                held = split_chord(keys) if keys else []
                for action in (*map(KeyDown, held), Move(*hand.spot(call)), *map(KeyUp, reversed(held))):
                    hand.add(action)
            case "scroll":
                right = notches("scroll", call.number("scroll_x", 0), self.notch)
                down = notches("scroll", call.number("scroll_y", 0), self.notch)
                hand.add(Scroll(*hand.spot(call), down, right, call.chord("keys", "")))
            case "keypress":
                hand.add(Press(call.chord("keys")))
            case "type":
                hand.add(Type(call.text("text")))
            case "wait":
                hand.add(Wait(WAIT))
            case "screenshot":
                hand.add(Wait(0))
            case name if name == CLOSING:
                ending = read_closing(call.text("text"))
                hand.add(Finish(ending.answer, False) if call.flag("refused", False) else ending)
            case name:
                raise ActionError(f"unknown action {name!r}{did_you_mean(name, ACTIONS)}")
        call.finish()

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [Call("move", self.spot(x, y, view))]
            case Click(x, y, button, 1, modifiers):
                name = next(name for name, ours in BUTTONS.items() if ours == button)
                return [Call("click", {"button": name, **self.spot(x, y, view), **_held(modifiers)})]
            case Click(x, y, "left", 2, modifiers):
                return [Call("double_click", {**self.spot(x, y, view), **_held(modifiers)})]
            case Drag(path, "left", modifiers):
                return [Call("drag", {"path": [self.spot(x, y, view) for x, y in path], **_held(modifiers)})]
            case Scroll(x, y, dy, dx, modifiers):
                amount = {"scroll_x": dx * self.notch, "scroll_y": dy * self.notch}
                return [Call("scroll", {**self.spot(x, y, view), **amount, **_held(modifiers)})]
            case Press(keys, repeat, 0):
                return [Call("keypress", {"keys": OPENAI.spell(keys)})] * repeat
            case Type(text):
                return [Call("type", {"text": text})]
            case Wait(0):
                return [Call("screenshot")]
            case Wait(ms) if ms % WAIT == 0:
                return [Call("wait")] * (ms // WAIT)
            case Finish():
                return [Call(CLOSING, {"text": closing_text(action)})]
        # A triple click is not three clicks: on our desktops clicks of their own never join.
        return None

    def spot(self, x: int, y: int, view: View) -> dict[str, float]:
        """A point as this dialect writes it."""
        return dict(zip("xy", self.point(x, y, view), strict=True))

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        said = [thought] if thought.strip() else []
        if calls[0].name == CLOSING:
            return [_message(text, f"msg_{turn}_{n}") for n, text in enumerate([*said, calls[0].text("text")])]
        call = {
            "type": "computer_call",
            "id": f"cu_{turn}",
            "call_id": f"call_{turn}",
            "pending_safety_checks": [],
            "status": "completed",
            **self.wrap_calls([{"type": call.name, **call.words} for call in calls]),
        }
        return [*(_message(text, f"msg_{turn}_{n}") for n, text in enumerate(said)), call]

    def wrap_calls(self, actions: list[dict[str, Any]]) -> dict[str, Any]:
        """The part of a computer_call that says its actions."""
        return {"actions": actions}


def _calls(item: Mapping[str, Any]) -> list[Call]:
    calls = []
    for action in item.get("actions") or [item.get("action")]:
        if not isinstance(action, Mapping) or not isinstance(action.get("type"), str):
            raise ActionError("a computer_call needs actions, each with a type")
        calls.append(Call(action["type"], {word: action[word] for word in action if word != "type"}))
    return calls


def _texts(item: Mapping[str, Any], field: str, word: str) -> list[str]:
    """The texts in the parts of an item."""
    content = item.get(field) or []
    parts = [{"text": content}] if isinstance(content, str) else content
    return [str(part[word]) for part in parts if isinstance(part, Mapping) and part.get(word)]


def _message(text: str, name: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "role": "assistant", "id": name, "status": "completed", "content": content}


def _held(modifiers: str) -> dict[str, list[str]]:
    return {"keys": OPENAI.spell(modifiers)} if modifiers else {}


DIALECT = OpenAIComputer("openai_computer", Sent())
