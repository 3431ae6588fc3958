"""Gemini's first computer use actions, of 2.5 Computer Use, 3 Flash and 3.1 Pro: made for a browser.

Wire format: a `Content` of generateContent as a dict, `{"role": "model", "parts": [...]}`, or the whole response; field
names in camel or snake case, so that `content.model_dump()` of the SDK is one. Coordinates: a grid of 1000 x 1000,
0 to 999; fractions of a pixel are cut off, as the reference implementation does. A scroll's magnitude is counted on the
same grid. What only a browser can do is left out of the briefing and refused.

Source: `LEGACY_PREDEFINED_COMPUTER_USE_FUNCTIONS` and `handle_legacy_action` of google-gemini/computer-use-preview
(`agent.py`); defaults as in the documentation of the Gemini API, "Computer Use"; `types.ComputerUse` of `google-genai`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...envs.action import Action, Click, Drag, Finish, Move, Press, Scroll, Type, Wait
from ...errors import ActionError, did_you_mean
from .parts.base import Dialect
from .parts.call import Call
from .parts.closing import CLOSING, HOW_TO_CLOSE, closing_text, read_closing
from .parts.hand import Hand
from .parts.keynames import GEMINI
from .parts.space import Grid
from .parts.view import Briefing, View, Wire
from .parts.wheel import DIRECTIONS, PIXELS_A_NOTCH, notches, turns

__all__ = ["DIALECT", "Gemini25"]

WAIT = 5000
LONGEST_SCROLL = 999
NOT_HERE = ("open_web_browser", "search", "navigate", "go_back", "go_forward")
ASIDE = ("intent", "safety_decision")
"""Arguments that are no part of the action."""
BLOCKED = ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "IMAGE_SAFETY", "JAILBREAK")
"""Why the service lets no answer through, as `finish_reason` or `block_reason` says it."""


@dataclass(frozen=True)
class Gemini25(Dialect):
    """The legacy actions; `notch` is what one wheel notch scrolls, in screen pixels."""

    notch: int = PIXELS_A_NOTCH

    names: ClassVar[tuple[str, ...]] = (
        *("click_at", "hover_at", "type_text_at", "key_combination", "scroll_document"),
        *("scroll_at", "drag_and_drop", "wait_5_seconds"),
    )

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        tool = {"environment": "ENVIRONMENT_BROWSER", "excluded_predefined_functions": list(NOT_HERE)}
        return Briefing(HOW_TO_CLOSE, ({"computer_use": tool},))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`; a reply without a call is the end of the episode."""
        content, reason = _content(reply)
        parts = content.get("parts") or []
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            raise ActionError("a content's parts are a list of objects")
        found = [part.get("function_call") or part.get("functionCall") for part in parts]
        calls = [_call(each) for each in found if each]
        texts = [str(part["text"]) for part in parts if part.get("text")]
        if not calls and reason in BLOCKED:
            calls = [Call(CLOSING, {"text": f"its service blocked the answer: {reason}", "refused": True})]
        if not calls:
            if "MALFORMED_FUNCTION_CALL" in reason or "MAX_TOKENS" in reason or not texts:
                raise ActionError(f"the reply holds no action ({reason or 'no text either'}); call one function")
            if parts[-1].get("thought"):
                raise ActionError("the reply holds a thought and no action; call one function")
            calls = [Call(CLOSING, {"text": texts.pop()})]
        return "\n".join(texts), calls

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "click_at":
                hand.add(Click(*hand.spot(call)))
            case "hover_at":
                hand.add(Move(*hand.spot(call)))
            case "type_text_at":
                self._type_text_at(call, hand)
            case "key_combination":
                hand.add(Press(call.chord("keys")))
            case "scroll_at":
                direction = call.one_of("direction", DIRECTIONS)
                hand.add(self.scroll(hand.spot(call), direction, call.number("magnitude", 800), hand))
            case "scroll_document":
                direction = call.one_of("direction", DIRECTIONS)
                if direction in ("up", "down"):
                    hand.add(Press(f"page{direction}"))
                else:
                    middle = (hand.view.screen[0] // 2, hand.view.screen[1] // 2)
                    hand.add(self.scroll(hand.pointer or middle, direction, 500, hand))
            case "drag_and_drop":
                hand.add(Drag((hand.spot(call), hand.spot(call, "destination_x", "destination_y"))))
            case "wait_5_seconds":
                hand.add(Wait(WAIT))
            case _:
                self.hear_rest(call, hand)
        call.finish(ASIDE)

    def hear_rest(self, call: Call, hand: Hand) -> None:
        """What both generations share: the ending, and what they are refused."""
        if call.name == CLOSING:
            ending = read_closing(call.text("text"))
            hand.add(Finish(ending.answer, False) if call.flag("refused", False) else ending)
        elif call.name in NOT_HERE:
            raise ActionError(f"{call.name} is not offered on this desktop; use the mouse and the keyboard")
        else:
            raise ActionError(f"unknown function {call.name!r}{did_you_mean(call.name, self.names)}")

    def scroll(self, spot: tuple[int, int], direction: str, magnitude: float, hand: Hand) -> Scroll:
        """A scroll by a magnitude counted on the grid."""
        right, down = DIRECTIONS[direction]
        side = hand.view.screen[0 if right else 1]
        amount = notches("scroll", magnitude * side / 1000, self.notch)
        return Scroll(*spot, dy=down * amount, dx=right * amount)

    def _type_text_at(self, call: Call, hand: Hand) -> None:
        hand.add(Click(*hand.spot(call)))
        if call.flag("clear_before_typing", True):
            hand.add(Press("ctrl+a"))
            hand.add(Press("delete"))
        if call.raw("text") != "":
            hand.add(Type(call.text("text")))
        if call.flag("press_enter", True):
            hand.add(Press("enter"))

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Move(x, y):
                return [Call("hover_at", self.spot(x, y, view))]
            case Click(x, y, "left", 1, ""):
                return [Call("click_at", self.spot(x, y, view))]
            case Drag((start, end), "left", ""):
                end_spot = {f"destination_{word}": value for word, value in self.spot(*end, view).items()}
                return [Call("drag_and_drop", self.spot(*start, view) | end_spot)]
            case Scroll(x, y, dy, dx, "") if dx or dy:
                return self._say_scroll(self.spot(x, y, view), dx, dy, view)
            case Press(keys, repeat, 0):
                names = GEMINI.spell(keys)
                if "+" in names:
                    raise ActionError("it joins keys with a plus, and has no other name for the key plus")
                return [Call("key_combination", {"keys": "+".join(names)})] * repeat
            case Type():
                raise ActionError("it types only where it clicks (type_text_at)")
            case Wait(ms) if ms and ms % WAIT == 0:
                return [Call("wait_5_seconds")] * (ms // WAIT)
            case Finish():
                return [Call(CLOSING, {"text": closing_text(action)})]
        return None

    def _say_scroll(self, spot: dict[str, float], dx: int, dy: int, view: View) -> list[Call]:
        calls = []
        for side, right, down in ((view.screen[1], 0, dy), (view.screen[0], dx, 0)):
            if right or down:
                per_notch = self.notch * 1000 / side
                most = int(LONGEST_SCROLL // per_notch)
                if not most:
                    raise ActionError(f"one notch is more than its longest scroll on a side of {side} pixels")
                for direction, count in turns(right, down, most):
                    amount = {"direction": direction, "magnitude": round(count * per_notch)}
                    calls.append(Call("scroll_at", {**spot, **amount}))
        return calls

    def spot(self, x: int, y: int, view: View) -> dict[str, float]:
        """A point as this dialect writes it."""
        return dict(zip("xy", self.point(x, y, view), strict=True))

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        parts: list[dict[str, Any]] = [{"text": thought}] if thought.strip() else []
        for call in calls:
            if call.name == CLOSING:
                parts.append({"text": call.text("text")})
            else:
                parts.append({"function_call": {"name": call.name, "args": self.arguments(thought, call)}})
        return {"role": "model", "parts": parts}

    def arguments(self, thought: str, call: Call) -> dict[str, Any]:
        """The arguments of a call as they are sent."""
        return dict(call.words)


def _content(reply: Wire) -> tuple[Mapping[str, Any], str]:
    """The content of a reply, and why it ended, in words."""
    if not isinstance(reply, Mapping):
        raise ActionError("a reply is an object with parts")
    if "candidates" not in reply:
        return reply, ""
    feedback = reply.get("prompt_feedback") or reply.get("promptFeedback") or {}
    blocked = str(feedback.get("block_reason") or feedback.get("blockReason") or "")
    candidates = reply["candidates"] or [{"finish_reason": blocked}]
    first = candidates[0] if isinstance(candidates, list) else None
    content = first.get("content") or {} if isinstance(first, Mapping) else None
    if not isinstance(first, Mapping) or not isinstance(content, Mapping):
        raise ActionError("candidates are a list of objects, each with a content")
    return content, str(first.get("finish_reason") or first.get("finishReason") or "")


def _call(found: object) -> Call:
    if not isinstance(found, Mapping) or not isinstance(found.get("name"), str):
        raise ActionError("a function call needs a name")
    words = found.get("args") or {}
    if not isinstance(words, Mapping):
        raise ActionError(f"{found['name']}: args must be an object")
    return Call(found["name"], words)


DIALECT = Gemini25("gemini_25", Grid(cut=True))
