"""The hand that a reply moves: it gathers canonical actions and knows where the pointer stands."""

from __future__ import annotations

from ....envs.action import Action, Finish, Move
from ....errors import ActionError
from .call import Call
from .space import Space
from .view import View

__all__ = ["Hand"]


class Hand:
    """Actions heard so far in one reply."""

    def __init__(self, view: View, space: Space):
        self.view = view
        self.space = space
        self.actions: list[Action] = []
        self.pointer = view.pointer

    def add(self, action: Action) -> None:
        """Take an action; an answer and a verdict that follow each other are one ending."""
        last = self.actions[-1] if self.actions else None
        if isinstance(action, Finish) and isinstance(last, Finish):
            self.actions[-1] = Finish(last.answer or action.answer, last.success and action.success)
            return
        self.actions.append(action)
        self.pointer = self.view.after(*self.actions).pointer

    def here(self, call: Call) -> tuple[int, int]:
        """The pixel a call without coordinates acts at.

        A move that only led there is dropped: the action says it itself, and a move would cost a step of its own.

        Raises:
            ActionError: nothing has moved the pointer yet.
        """
        if self.pointer is None:
            raise ActionError(f"{call.name} acts where the pointer is, and nothing has moved it yet: give coordinates")
        if self.actions and isinstance(self.actions[-1], Move):
            self.actions.pop()
        return self.pointer

    def place(self, call: Call, point: tuple[float, float]) -> tuple[int, int]:
        """The screen pixel of a point in the dialect's space."""
        return self.space.to_screen(call.name, *point, self.view)

    def pair(self, call: Call, word: str, optional: bool = False) -> tuple[int, int]:
        """The screen pixel of an argument [x, y]; where it may be absent and is, the pointer."""
        if optional and not call.has(word):
            return self.here(call)
        return self.place(call, call.pair(word))

    def spot(self, call: Call, x: str = "x", y: str = "y", optional: bool = False) -> tuple[int, int]:
        """The screen pixel of two arguments; where they may be absent and are, the pointer."""
        if optional and not call.has(x) and not call.has(y):
            return self.here(call)
        return self.place(call, (call.number(x), call.number(y)))
