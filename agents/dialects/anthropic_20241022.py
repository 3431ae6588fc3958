"""Anthropic's first computer tool, `computer_20241022`: clicks act where the pointer is.

Wire format: a message of the Messages API as a dict, `{"role": "assistant", "content": [...]}`, with `stop_reason` if
at hand; `message.model_dump()` of the SDK is one. Coordinates: pixels of the declared display, which is the image sent.

Source: `BetaToolComputerUse20241022Param` of the `anthropic` package; actions and arguments as `computer-use-demo` of
anthropics/claude-quickstarts takes them (`computer_use_demo/tools/computer.py`), keys as `xdotool key` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, ClassVar

from ...envs.action import Action, Button, Click, Drag, Finish, Move, Press, Type, Wait
from ...errors import ActionError, did_you_mean
from .parts.base import Dialect
from .parts.call import Call
from .parts.closing import CLOSING, HOW_TO_CLOSE, closing_text, read_closing
from .parts.hand import Hand
from .parts.keynames import XDOTOOL, read_chord
from .parts.space import Sent
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "Anthropic20241022"]


class Anthropic20241022(Dialect):
    """`computer_20241022`."""

    tool: ClassVar[str] = "computer_20241022"
    betas: ClassVar[tuple[str, ...]] = ("computer-use-2024-10-22",)
    clicks: ClassVar[Mapping[str, tuple[Button, int]]] = {
        "left_click": ("left", 1),
        "right_click": ("right", 1),
        "middle_click": ("middle", 1),
        "double_click": ("left", 2),
    }
    others: ClassVar[tuple[str, ...]] = (
        "key",
        "type",
        "mouse_move",
        "left_click_drag",
        "screenshot",
        "cursor_position",
    )

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = view.image
        tool = {"type": self.tool, "name": "computer", "display_width_px": width, "display_height_px": height}
        return Briefing(HOW_TO_CLOSE, (tool,), self.betas)

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`; a message without a call is the end of the episode."""
        message = reply if isinstance(reply, Mapping) else {"content": reply}
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not isinstance(blocks, list) or not all(isinstance(block, Mapping) for block in blocks):
            raise ActionError("a message's content is text or a list of blocks")
        if message.get("stop_reason") == "max_tokens":
            raise ActionError("the reply was cut off by its token limit before the action was complete; think less")
        calls = [self.unwrap_block(block) for block in blocks if block.get("type") == "tool_use"]
        thoughts = [str(block.get("thinking")) for block in blocks if block.get("type") == "thinking"]
        texts = [str(block.get("text")) for block in blocks if block.get("type") == "text"]
        if not calls:
            refused = message.get("stop_reason") == "refusal"
            words = {"text": texts.pop() if texts else "", "refused": refused}
            if not words["text"] and not refused:
                raise ActionError("the reply holds neither an action nor a word")
            calls = [Call(CLOSING, words)]
        return "\n".join(filter(None, thoughts + texts)), calls

    def unwrap_block(self, block: Mapping[str, Any]) -> Call:
        """The call of one tool_use block."""
        words = block.get("input")
        if block.get("name") != "computer":
            raise ActionError(f"there is no tool {block.get('name')!r}; the only one is 'computer'")
        if not isinstance(words, Mapping) or not isinstance(words.get("action"), str):
            raise ActionError("computer: action is missing")
        return Call(words["action"], {word: value for word, value in words.items() if word != "action"})

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case name if name in self.clicks:
                hand.add(self.hear_click(call, hand, *self.clicks[name]))
            case "mouse_move":
                hand.add(Move(*hand.pair(call, "coordinate")))
            case "left_click_drag":
                start = hand.pair(call, "start_coordinate", optional=True)
                hand.add(Drag((start, hand.pair(call, "coordinate"))))
            case "key":
                for action in presses(call.text("text")):
                    hand.add(action)
            case "type":
                hand.add(Type(call.text("text")))
            case "screenshot" | "cursor_position":
                hand.add(Wait(0))
            case name if name == CLOSING:
                ending = read_closing(call.text("text"))
                hand.add(Finish(ending.answer, False) if call.flag("refused", False) else ending)
            case name:
                raise ActionError(f"unknown action {name!r}{did_you_mean(name, [*self.clicks, *self.others])}")
        call.finish()

    def hear_click(self, call: Call, hand: Hand, button: Button, count: int) -> Click:
        """A click; this version takes no arguments to it."""
        return Click(*hand.here(call), button, count)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [Call("mouse_move", {"coordinate": self.pixel(x, y, view)})]
            case Click(x, y, button, count, ""):
                name = self.click_name(button, count)
                move = Call("mouse_move", {"coordinate": self.pixel(x, y, view)})
                return [move, Call(name)] if name else None
            case Drag((start, end), "left", ""):
                move = Call("mouse_move", {"coordinate": self.pixel(*start, view)})
                return [move, Call("left_click_drag", {"coordinate": self.pixel(*end, view)})]
            case Press(keys, repeat, 0):
                return [Call("key", {"text": " ".join([spelled(keys)] * repeat)})]
            case Type(text):
                return [Call("type", {"text": text})]
            case Wait(0):
                return [Call("screenshot")]
            case Finish():
                return [Call(CLOSING, {"text": closing_text(action)})]
        return None

    def click_name(self, button: Button, count: int) -> str | None:
        """The name of a click, if it has one."""
        return next((name for name, kind in self.clicks.items() if kind == (button, count)), None)

    def pixel(self, x: int, y: int, view: View) -> list[float]:
        """A coordinate as this dialect writes it."""
        return list(self.point(x, y, view))

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        blocks: list[dict[str, Any]] = [{"type": "text", "text": thought}] if thought.strip() else []
        for n, call in enumerate(calls):
            if call.name == CLOSING:
                blocks.append({"type": "text", "text": call.text("text")})
            else:
                blocks.append({"type": "tool_use", "id": f"toolu_{turn}_{n}", **self.wrap_call(call)})
        return {"role": "assistant", "content": blocks}

    def wrap_call(self, call: Call) -> dict[str, Any]:
        """The part of a tool_use block that says the call."""
        return {"name": "computer", "input": {"action": call.name, **call.words}}


def spelled(keys: str) -> str:
    """A chord as xdotool spells it."""
    return "+".join(XDOTOOL.spell(keys))


def presses(text: str, repeat: int = 1) -> list[Press]:
    """The presses of a text such as "ctrl+s" or, since `xdotool key` takes several, "Down Down Return"."""
    chords = [read_chord(word) for word in text.split() or [text]]
    return [Press(chord, repeat * len(list(run))) for chord, run in groupby(chords)]


DIALECT = Anthropic20241022("anthropic_20241022", Sent())
