"""Plain data around a dialect: what a model was shown, what it is told, and what its reply came to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from ....envs.action import Action, Decision

__all__ = ["Briefing", "Reading", "View", "Wire"]

Wire: TypeAlias = str | dict[str, Any] | list[Any]
"""A reply as it travels: text, a JSON object, or a list of JSON objects."""


@dataclass(frozen=True)
class View:
    """What a model was shown.

    Args:
        screen: (width, height) of the screen in pixels, the space of all canonical actions.
        sent: (width, height) of the image of it that was sent; None when it was sent as it is.
        pointer: the screen pixel the mouse pointer stands at, for dialects that act "at the cursor"; None if unknown.
    """

    screen: tuple[int, int]
    sent: tuple[int, int] | None = None
    pointer: tuple[int, int] | None = None

    @property
    def image(self) -> tuple[int, int]:
        """(width, height) of the image the model saw, in pixels."""
        return self.sent or self.screen

    def after(self, *actions: Action) -> View:
        """The same view with the pointer where these actions leave it."""
        touched = [point for action in actions for point in action.points()]
        return replace(self, pointer=touched[-1]) if touched else self


@dataclass(frozen=True)
class Briefing:
    """What a model must be told before it can speak a dialect.

    Args:
        system: text for the system prompt.
        tools: entries for the `tools` of the request, where the API has such.
        betas: beta headers the API wants, if any.
    """

    system: str
    tools: tuple[dict[str, Any], ...] = ()
    betas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A model's reply in our words.

    Args:
        thought: what it said beside its actions.
        actions: canonical actions, in order, at least one; pixels of the screen.
        original: the reply, untouched.
    """

    thought: str
    actions: tuple[Action, ...]
    original: Wire

    def decisions(self) -> tuple[Decision, ...]:
        """One decision per action; the thought belongs to the first."""
        return tuple(Decision("" if n else self.thought, action) for n, action in enumerate(self.actions))
