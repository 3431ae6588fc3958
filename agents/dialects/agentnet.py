"""AgentNet: the code of OpenCUA's training data and of AgentNetBench.

Wire format: bare code, several calls on several lines. Coordinates: fractions of the screen, 0 to 1, four decimals.
Vocabulary: see `opencua`; an answer has no place in it.

Source: `data/data-process/src/schema/action.py` (`PyAutoGUIAction`, `ComputerAction`) of xlang-ai/OpenCUA.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...envs.action import Action, Finish
from ...errors import ActionError
from .opencua import OpenCua
from .parts.call import Call
from .parts.space import Unit
from .parts.view import Briefing, View, Wire

__all__ = ["DIALECT", "AgentNet"]


_SYSTEM = """You work on a computer through its screen. For each step, answer with code alone: plain calls with literal
arguments, places being fractions of the screen from 0 to 1.

pyautogui.click(x=0.25, y=0.5)

The functions are pyautogui.{names}; and
computer.tripleClick(x, y); computer.wait(), which is twenty seconds; computer.terminate(status), the status being
'success' or 'failure'."""


class AgentNet(OpenCua):
    """AgentNet code."""

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        return Briefing(_SYSTEM.format(names=", ".join(self.written)))

    def split(self, reply: Wire) -> tuple[str, str]:
        """The thought, which is kept elsewhere, and the program."""
        if not isinstance(reply, str):
            raise ActionError("a step is code, as text")
        return "", reply.strip()

    def say(self, action: Action, view: View) -> list[Call] | None:
        """See `Dialect.say`."""
        if isinstance(action, Finish) and action.answer:
            raise ActionError("its terminate holds no answer")
        return super().say(action, view)

    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """See `Dialect.wrap`; the thought has a field of its own beside the code."""
        return self.code(calls)


DIALECT = AgentNet("agentnet", Unit())
