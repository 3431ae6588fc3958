"""Conversations: an episode as the student's own prompt says it, one or several rows of turns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ....agents.prompt import Message, Moment, Style, conversation
from .trajectory import Trajectory, Turn

__all__ = ["Conversation", "conversations"]


@dataclass(frozen=True)
class Conversation:
    """A stretch of an episode; everything the assistant says in it is learnt."""

    messages: tuple[Message, ...]
    screens: tuple[str, ...]
    """The keys of its screens, in the order of their marks."""
    first: int
    """Number of the first recorded step it shows."""


def conversations(trajectory: Trajectory, screens: int) -> Iterator[Conversation]:
    """The conversations of an episode, in which every learnt step is said once and every screen shown once.

    Trainers learn whatever the assistant says, so a step without loss is never said: the conversation ends before it,
    and in the one that begins after it, as everything older, it is one of the lines of what was done so far.

    Args:
        trajectory: the episode.
        screens: most screenshots of a conversation; 0: any number.
    """
    turns = trajectory.turns
    moments = [Moment(turn.thought, turn.action) for turn in turns]
    for first, end in _stretches(turns, screens):
        style = Style(screens=end - first)
        said = conversation(trajectory.header.goal, moments[:end], trajectory.screen_size, style)
        yield Conversation(tuple(said), tuple(turn.screen for turn in turns[first:end]), turns[first].index)


def _stretches(turns: tuple[Turn, ...], most: int) -> Iterator[tuple[int, int]]:
    """Where stretches of learnt steps begin and end."""
    first = 0
    for at, turn in enumerate(turns):
        if not turn.learnt:
            if first < at:
                yield first, at
            first = at + 1
        elif most and at + 1 - first == most:
            yield first, at + 1
            first = at + 1
    if first < len(turns):
        yield first, len(turns)
