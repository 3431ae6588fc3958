"""OpenCUA models: a thought, an action in words, and code of pyautogui or `computer`.

Wire format: text in sections, "## Thought:", "## Action:" and "## Code:" with a fence; the rest is the thought.
Coordinates: pixels of the image as the processor resizes it (factor 28). `computer.wait` is twenty seconds. Only the
functions of the training data are written; all of pyautogui is understood.

Source: `evaluation/agentnetbench/agent/opencua.py` and `data/data-process/src/schema/action.py` of xlang-ai/OpenCUA;
wait and answer as in the prompts of OSWorld's `mm_agents/opencua`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ...envs.action import Action, Click, Finish, Wait
from ...errors import ActionError
from .osworld_pyautogui import OSWorldPyautogui
from .parts.call import Call
from .parts.hand import Hand
from .parts.prose import fenced, harmless
from .parts.pyautogui import ASIDE
from .parts.pycode import Signatures
from .parts.space import Resized
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "OpenCua"]

WAIT = 20_000
STATUS = {"success": True, "failure": False}

_HEADING = re.compile(r"^#+ *(?:Step \d+|Observation|Thought|Action):?[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"^#+ *Code:?[ \t]*$", re.MULTILINE)

_SYSTEM = """You work on a computer through its screen; the image measures {width} x {height}. For each step, answer
in this form:

## Action:
what you see, what is done, and the next action

## Code:
```python
pyautogui.click(x=100, y=200)
```

The code is one or more plain calls with literal arguments: pyautogui.{names}; or
computer.tripleClick(x, y); computer.wait(), which is twenty seconds; computer.terminate(status, answer), the status
being 'success' or 'failure'."""


class OpenCua(OSWorldPyautogui):
    """OpenCUA code."""

    signatures: ClassVar[Signatures] = {
        **OSWorldPyautogui.signatures,
        "computer.tripleClick": ("x", "y"),
        "computer.triple_click": ("x", "y"),
        "computer.wait": ("duration",),
        "computer.terminate": ("status", "answer"),
    }
    written = (
        *("click", "doubleClick", "rightClick", "middleClick", "moveTo", "dragTo"),
        *("scroll", "hscroll", "write", "press", "hotkey"),
    )
    words = ()

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = self.space.extent(view)
        return Briefing(_SYSTEM.format(width=width, height=height, names=", ".join(self.written)))

    def split(self, reply: Wire) -> tuple[str, str]:
        """The thought and the program of a reply."""
        marks = list(_CODE.finditer(reply)) if isinstance(reply, str) else []
        if not isinstance(reply, str) or not marks:
            return super().split(reply)
        prose, codes = fenced(reply[marks[-1].end() :])
        parts = [part.strip() for part in (*_HEADING.split(reply[: marks[-1].start()]), prose)]
        return "\n".join(filter(None, parts)), "\n".join(codes)

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "computer.tripleClick" | "computer.triple_click":
                hand.add(Click(*hand.spot(call), count=3))
            case "computer.wait":
                hand.add(Wait(call.milliseconds("duration", WAIT / 1000)))
            case "computer.terminate":
                hand.add(Finish(call.text("answer", ""), STATUS[call.one_of("status", STATUS)]))
            case _:
                super().hear(call, hand)
        call.finish(ASIDE)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Click(x, y, "left", 3, ""):
                return [Call("computer.tripleClick", dict(zip("xy", self.point(x, y, view), strict=True)))]
            case Wait(ms) if ms and ms % WAIT == 0:
                return [Call("computer.wait")] * (ms // WAIT)
            case Wait():
                raise ActionError(f"it waits {WAIT} ms at a time")
            case Finish(answer, success):
                status = next(word for word, ours in STATUS.items() if ours == success)
                return [Call("computer.terminate", {"status": status} | ({"answer": answer} if answer else {}))]
        return super().say(action, view)

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        action = f"## Action:\n{harmless(thought, '```')}\n\n" if thought.strip() else ""
        return f"{action}## Code:\n```python\n{self.code(calls)}\n```"


DIALECT = OpenCua("opencua", Resized(factor=28, least=56 * 56, most=16384 * 28 * 28))
