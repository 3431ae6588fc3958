"""Memory: what a teacher is told of the steps before: the newest as they were, with their screens, older in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from ...envs.action import Action, Decision
from ..prompt import one_line
from .asking import Past

__all__ = ["Memory", "first_sentence"]

LONGEST = 300
"""Characters of a thought that is told in words."""
PLACES = ("x", "y", "path")


@dataclass(frozen=True)
class _Exchange:
    past: Past | None
    """The reply as it came; None where it was given in an earlier life of the episode."""
    lines: tuple[str, ...]
    """Its steps in words."""


class Memory:
    """The exchanges of one episode; false while there is none.

    Args:
        screens: how many screenshots a question shows, the one it is asked about included.
    """

    def __init__(self, screens: int):
        self._screens = screens
        self._exchanges: list[_Exchange] = []

    def __bool__(self) -> bool:
        return bool(self._exchanges)

    def add(self, past: Past | None, decisions: Sequence[Decision]) -> None:
        """Remember a reply and what it came to."""
        self._exchanges.append(_Exchange(past, tuple(map(_in_words, decisions))))

    def told(self, goal: str) -> tuple[str, tuple[Past, ...]]:
        """What a question says in words, and which replies it shows as they were."""
        shown: list[Past] = []
        for exchange in reversed(self._exchanges):
            if exchange.past is None or len(shown) == self._screens - 1:
                break
            shown.insert(0, exchange.past)
        older = [line for exchange in self._exchanges[: len(self._exchanges) - len(shown)] for line in exchange.lines]
        words = f"Goal: {goal}"
        if older:
            numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(older, 1))
            words += f"\n\nDone so far:\n{numbered}\n\nThe screen after that:"
        return words, tuple(shown)


def first_sentence(text: str) -> str:
    """The first sentence of a text, in one line and without the number it may begin with."""
    line = one_line(re.sub(r"^\W*(\d+[.)]|[-*])\s+", "", text))
    return re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0][:LONGEST]


def _in_words(decision: Decision) -> str:
    thought = one_line(decision.thought)
    thought = thought if len(thought) <= LONGEST else f"{thought[:LONGEST]}..."
    return f"{thought} {_gist(decision.action)}".strip()


def _gist(action: Action | str) -> str:
    """An action without its places: they are ours, and the model counts in its dialect's."""
    if isinstance(action, str):
        return one_line(action)[:LONGEST]
    shown = [
        f"{field.name}={getattr(action, field.name)!r}"
        for field in fields(action)  # type: ignore[arg-type]
        if field.name not in PLACES and getattr(action, field.name) != field.default
    ]
    return f"[{' '.join([action.verb, *shown])}]"
