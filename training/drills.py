"""Drills: rows without a screen in which the student copies words of the goal into what it types.

A student that is taught from nothing can find the field before it can spell: copying what a goal quotes was the first
wall that closed-loop play ran into. A drill is a step in which something that stands in the goal is typed, with that
word exchanged, wherever it stands, for one that another lesson types, and without its screen, which shows the old one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..envs.action import Type, parse_action
from ..errors import ActionError
from .lessons import Lesson, Taught

__all__ = ["copied_from_goal", "copied_words", "draw_drills", "drilled"]

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


def copied_words(lessons: Iterable[Lesson]) -> dict[str, list[str]]:
    """Task -> all words that its lessons copy from their goals."""
    found: dict[str, set[str]] = {}
    for lesson in lessons:
        words = {copied_from_goal(lesson.goal, step.act) for step in lesson.steps if step.loss} - {""}
        found.setdefault(lesson.task, set()).update(words)
    return {task: sorted(words) for task, words in found.items()}


def draw_drills(lessons: Sequence[Lesson], count: int) -> list[Lesson]:
    """The drills of a data set, `count` of each lesson that copies: the same ones whenever they are drawn."""
    words, rng = copied_words(lessons), random.Random("drills")
    return [drill for lesson in lessons for drill in drilled(lesson, count, words, rng)]


def drilled(lesson: Lesson, count: int, words: Mapping[str, Sequence[str]], rng: random.Random) -> Iterator[Lesson]:
    """`count` lessons, each ending in a learnt step that copies from the goal, with another of the words; none if no
    step copies.

    The steps take turns: a task that copies once gets as many drills as one that copies thrice, and is not drowned.
    So do the tasks whose words are drawn: what one types is learnt in the goals of all, or some students get by with
    guessing one of a few words and never go on to copying (docs/experiments.md).
    """
    copying = [
        (number, word, pools)
        for number, step in enumerate(lesson.steps)
        if step.loss and (word := copied_from_goal(lesson.goal, step.act))
        if (pools := [pool for each in words.values() if (pool := _others(each, word, lesson.goal))])
    ]
    for turn in range(count if copying else 0):
        number, word, pools = copying[turn % len(copying)]
        pool = pools[turn // len(copying) % len(pools)]
        yield _exchanged(lesson, number, word, rng.choice(pool))


def _others(words: Sequence[str], word: str, goal: str) -> list[str]:
    return [other for other in words if other != word and other not in goal]


def _exchanged(lesson: Lesson, last: int, old: str, new: str) -> Lesson:
    def step(each: Taught) -> Taught:
        return replace(each, reason=each.reason.replace(old, new), act=each.act.replace(old, new))

    return replace(
        lesson, goal=lesson.goal.replace(old, new), steps=tuple(step(each) for each in lesson.steps[: last + 1])
    )
