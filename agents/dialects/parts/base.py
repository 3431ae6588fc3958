"""The face of a dialect: a reply becomes canonical actions, a decision becomes a reply, and a model is told how."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from ....envs.action import Action, Decision, parse_action
from ....errors import ActionError
from .call import Call
from .hand import Hand
from .idioms import fold, loosen
from .space import Space
from .view import Briefing, Reading, View, Wire

__all__ = ["Dialect"]


@dataclass(frozen=True)
class Dialect(ABC):
    """One vocabulary of actions; a frozen value, to be varied with `dataclasses.replace`.

    Args:
        name: the name of its module.
        space: how it counts coordinates.
    """

    name: str
    space: Space

    def read(self, reply: Wire, view: View) -> Reading:
        """Translate a model's reply; nothing in it is ever executed.

        Args:
            reply: in the dialect's wire format, see its module.
            view: what the model was shown.

        Raises:
            ActionError: the reply is malformed; the sentence is meant for the model, and no part of the reply is done.
        """
        thought, calls = self.unwrap(reply)
        hand = Hand(view, self.space)
        for call in calls:
            self.hear(call, hand)
        if not hand.actions:
            raise ActionError("the reply holds no action")
        return Reading(thought, fold(hand.actions), reply)

    def write(self, decision: Decision, view: View, turn: int = 0) -> Wire:
        """Write a decision as the model would have said it, for few-shot history and exports.

        Args:
            decision: a thought and a canonical action (or its text form).
            view: what the model would have been shown.
            turn: number of the turn; the ids of calls are made of it, where the dialect has such.

        Raises:
            ActionError: the dialect has no words for this action.
        """
        action = decision.action
        if isinstance(action, str):
            action = parse_action(action)
        try:
            calls = self.phrase(action, view)
        except ActionError as error:
            raise ActionError(f"{self.name} cannot say {action}: {error}") from error
        return self.wrap(decision.thought, calls, turn)

    def phrase(self, action: Action, view: View) -> list[Call]:
        """The calls that say an action: in one word where there is one, else in the simpler actions it consists of."""
        calls = self.say(action, view)
        if calls is not None:
            return calls
        pieces = loosen(action)
        if not pieces:
            raise ActionError(f"it has no words for such a {action.verb}")
        return [call for piece in pieces for call in self.phrase(piece, view)]

    def point(self, x: int, y: int, view: View) -> tuple[float, float]:
        """A screen pixel in the dialect's space."""
        return self.space.from_screen(x, y, view)

    @abstractmethod
    def brief(self, view: View) -> Briefing:
        """What a model must be told about this dialect, for screens of this size."""

    @abstractmethod
    def unwrap(self, reply: Wire) -> tuple[str, Sequence[Call]]:
        """Take a reply apart into its thought and its calls."""

    @abstractmethod
    def hear(self, call: Call, hand: Hand) -> None:
        """Hand over the canonical actions that a call means."""

    @abstractmethod
    def say(self, action: Action, view: View) -> list[Call] | None:
        """The calls that say an action; None if there is no word for it as a whole."""

    @abstractmethod
    def wrap(self, thought: str, calls: Sequence[Call], turn: int) -> Wire:
        """Put a reply together from its thought and its calls."""
