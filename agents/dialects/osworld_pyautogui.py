"""OSWorld's pyautogui action space: a program in a fence, or WAIT, FAIL or DONE.

Wire format: text with fenced code (```python ... ```), the rest of it being the thought; without a fence all of it is
code, as in OSWorld's own records. A program is parsed and never executed: calls of pyautogui and `time.sleep` with
literal arguments, one after another. Coordinates: pixels of the image sent. WAIT is OSWorld's pause of two seconds.

Source: `parse_code_from_string` (`mm_agents/agent.py`) and `DesktopEnv.step` (`desktop_env/desktop_env.py`) of
xlang-ai/OSWorld; pyautogui's own signatures (see `parts/pyautogui.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from ...envs.action import Action, Finish, Wait
from ...errors import ActionError
from .parts.base import Dialect
from .parts.call import Call
from .parts.hand import Hand
from .parts.prose import fenced, harmless
from .parts.pyautogui import ASIDE, PARAMETERS, hear_pyautogui, say_pyautogui
from .parts.pycode import Signatures, parse_calls, write_call
from .parts.space import Sent
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "PAUSE", "OSWorldPyautogui"]

PAUSE = 2000
WORDS = ("WAIT", "FAIL", "DONE")

_SYSTEM = """You work on a computer through its screen, which measures {width} x {height} pixels. Think, then act with
Python code in a fence: calls of pyautogui and time.sleep with literal arguments, one after another, and nothing else.

```python
pyautogui.click(x=100, y=200)
pyautogui.write('text')
pyautogui.hotkey('ctrl', 's')
```

In place of code, put WAIT to wait, DONE when the task is done, or FAIL when it cannot be done."""


class OSWorldPyautogui(Dialect):
    """pyautogui programs."""

    signatures: ClassVar[Signatures] = {
        **{f"pyautogui.{name}": words for name, words in PARAMETERS.items()},
        "time.sleep": ("/secs",),
        "pyautogui.sleep": ("secs",),
    }
    prefix: ClassVar[str] = "pyautogui."
    written: ClassVar[Collection[str]] = PARAMETERS
    """The functions of pyautogui that are written."""
    words: ClassVar[tuple[str, ...]] = WORDS

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = self.space.extent(view)
        return Briefing(_SYSTEM.format(width=width, height=height))

    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """See `Dialect.unwrap`."""
        thought, code = self.split(reply)
        found = parse_calls(code, self.signatures, words=self.words, imports=("pyautogui", "time"))
        return thought, [Call(call.name.removeprefix(self.prefix), call.words) for call in found]

    def split(self, reply: Wire) -> tuple[str, str]:
        """The thought and the program of a reply."""
        if not isinstance(reply, str):
            raise ActionError("a reply is text with code in it")
        thought, codes = fenced(reply)
        return thought, "\n".join(codes)

    def hear(self, call: Call, hand: Hand) -> None:
        """See `Dialect.hear`."""
        match call.name:
            case "sleep" | "time.sleep":
                hand.add(Wait(call.milliseconds("secs")))
            case "WAIT":
                hand.add(Wait(PAUSE))
            case "DONE" | "FAIL":
                hand.add(Finish(success=call.name == "DONE"))
            case _:
                hear_pyautogui(call, hand)
        call.finish(ASIDE)

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        match action:
            case Wait(ms):
                return [Call("time.sleep", {"secs": ms / 1000})]
            case Finish("", success):
                return [Call("DONE" if success else "FAIL")]
            case Finish():
                raise ActionError("it ends with DONE or FAIL, and holds no answer")
        calls = say_pyautogui(action, view, self.space, self.written)
        return calls and [Call(self.prefix + call.name, call.words) for call in calls]

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`."""
        code = self.code(calls)
        fence = f"```\n{code}\n```" if code in self.words else f"```python\n{code}\n```"
        return f"{harmless(thought, '```')}\n{fence}" if thought.strip() else fence

    def code(self, calls: Sequence[Call]) -> str:
        """The program that makes these calls."""
        lines = [call.name if call.name in self.words else write_call(call, self.signatures) for call in calls]
        # Backticks and tags stand in literals only, and are escaped there: so no text can end the fence.
        return "\n".join(lines).replace("`", "\\x60").replace("</", "<\\x2f")


DIALECT = OSWorldPyautogui("osworld_pyautogui", Sent())
