"""ScaleCUA: calls in `<action>` tags, with pyautogui's functions under bare names.

Wire format: text with `<think>`, `<operation>` and `<action>` tags; an action tag holds calls on lines of their own,
and the other two are the thought. Coordinates: pixels of the image as the processor resizes it (factor 28). `wait` is
three seconds unless told otherwise. `call_user` gives the task up: no one answers.

Source: `CUA_SYSTEM_PROMPT_THOUGHT` (`mm_agents/prompts.py`) and `ScaleCUA` (`mm_agents/scalecua_agent.py`) of
OpenGVLab/ScaleCUA, `evaluation/OSWorld`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ...envs.action import Action, Finish, Wait
from ...errors import ActionError
from .osworld_pyautogui import OSWorldPyautogui
from .parts.call import Call
from .parts.hand import Hand
from .parts.prose import harmless
from .parts.pyautogui import ASIDE, PARAMETERS
from .parts.pycode import Signatures
from .parts.space import Resized
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "ScaleCua"]

STATUS = {"success": True, "failure": False}
NAMES = (
    *("click", "doubleClick", "rightClick", "scroll", "moveTo", "dragTo"),
    *("press", "hotkey", "keyDown", "keyUp", "write"),
)

_ACTION = re.compile(r"<action>(.*?)(?:</action>|\Z)", re.DOTALL)
_ASIDE = re.compile(r"<(think|operation)>(.*?)</\1>", re.DOTALL)
_TAGS = ("<action>", "</action>", "<operation>", "</operation>", "<think>", "</think>")

_SYSTEM = """You work on a computer through its screen; the image measures {width} x {height}. Answer in this form:

<operation>
your reasoning, and the next operation
</operation>
<action>
click(x=100, y=200)
</action>

Actions, one or several, each on a line of its own, with literal arguments:
{calls}
call_user() gives the task up."""


class ScaleCua(OSWorldPyautogui):
    """ScaleCUA calls."""

    signatures: ClassVar[Signatures] = {
        **{name: PARAMETERS[name] for name in NAMES},
        "wait": ("seconds",),
        "response": ("answer",),
        "terminate": ("status", "info"),
        "call_user": (),
    }
    prefix = ""
    written = NAMES
    words = ()

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = self.space.extent(view)
        calls = "\n".join(f"{name}({', '.join(_told(words))})" for name, words in self.signatures.items() if words)
        return Briefing(_SYSTEM.format(width=width, height=height, calls=calls))

    def split(self, reply: Wire) -> tuple[str, str]:
        """The thought and the program of a reply."""
        if not isinstance(reply, str):
            raise ActionError("a reply is text with an <action> tag")
        codes = _ACTION.findall(_ASIDE.sub("", reply))
        if not codes:
            raise ActionError("the reply has no <action> ... </action>")
        lines = [line.strip() for code in codes for line in code.splitlines()]
        return "\n".join(text.strip() for _, text in _ASIDE.findall(reply)), "\n".join(lines)

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "wait":
                hand.add(Wait(call.milliseconds("seconds", 3)))
            case "response":
                hand.add(Finish(call.text("answer")))
            case "terminate":
                success = STATUS[call.one_of("status", STATUS, "success")]
                hand.add(Finish(call.text("info", ""), success))
            case "call_user":
                hand.add(Finish(success=False))
            case _:
                super().hear(call, hand)
        call.finish(ASIDE)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Wait(ms):
                return [Call("wait", {"seconds": ms / 1000})]
            case Finish(answer, success):
                status = next(word for word, ours in STATUS.items() if ours == success)
                answered = [Call("response", {"answer": answer})] if answer else []
                return [*answered, Call("terminate", {"status": status})]
        return super().say(action, view)

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        operation = f"<operation>\n{harmless(thought, *_TAGS)}\n</operation>\n" if thought.strip() else ""
        return f"{operation}<action>\n{self.code(calls)}\n</action>"


def _told(parameters: Sequence[str]) -> list[str]:
    return [word for word in parameters if word not in (*ASIDE, "mouseDownUp")]


DIALECT = ScaleCua("scalecua", Resized(factor=28, least=56 * 56, most=2109744))
