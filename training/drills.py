"""Drills: rows without a screen in which the student copies words of the goal into what it types.

A student that is taught from nothing can find the field before it can spell: copying what a goal quotes was the first
wall that closed-loop play ran into. A drill is a step in which something that stands in the goal is typed, with that
word exchanged, wherever it stands, for one that another lesson types, and without its screen, which shows the old one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..envs.action import Type, parse_action
from ..errors import ActionError
from .lessons import Lesson, Taught

__all__ = ["copied_from_goal", "copied_words", "drilled"]

SHORTEST = 2
"""Characters that a word must have to be worth a drill."""


def copied_from_goal(goal: str, act: str) -> str:
    """What an action types that stands in the goal, letter by letter; "" if nothing does."""
    try:
        action = parse_action(act)
    except ActionError:
        return ""
    text = action.text if isinstance(action, Type) else ""
    return text if len(text) >= SHORTEST and text in goal else ""


def copied_words(lessons: Iterable[Lesson]) -> list[str]:
    """All words that lessons copy from their goals, whatever their task.

    Where each task drew from its own, a student could get by with guessing one of a few, and some never went on to
    copying (docs/experiments.md).
    """
    steps = ((lesson.goal, step.act) for lesson in lessons for step in lesson.steps if step.loss)
    return sorted({copied_from_goal(goal, act) for goal, act in steps} - {""})


def drilled(lesson: Lesson, count: int, words: Sequence[str], rng: random.Random) -> Iterator[Lesson]:
    """`count` lessons, each ending in a learnt step that copies from the goal, with another of the words; none if no
    step copies.

    The steps take turns: a task that copies once gets as many drills as one that copies thrice, and is not drowned.
    """
    copying = [
        (number, word, others)
        for number, step in enumerate(lesson.steps)
        if step.loss and (word := copied_from_goal(lesson.goal, step.act))
        if (others := [other for other in words if other != word and other not in lesson.goal])
    ]
    for turn in range(count if copying else 0):
        number, word, others = copying[turn % len(copying)]
        yield _exchanged(lesson, number, word, rng.choice(others))


def _exchanged(lesson: Lesson, last: int, old: str, new: str) -> Lesson:
    def step(each: Taught) -> Taught:
        return replace(each, reason=each.reason.replace(old, new), act=each.act.replace(old, new))

    return replace(
        lesson, goal=lesson.goal.replace(old, new), steps=tuple(step(each) for each in lesson.steps[: last + 1])
    )
