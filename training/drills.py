"""Drills: rows without a screen in which the student copies words of the goal into what it types.

A student that is taught from nothing can find the field before it can spell: copying what a goal quotes was the first
wall that closed-loop play ran into. A drill is a step in which something that stands in the goal is typed, with that
word exchanged for a made-up one wherever it stands, and without its screen, which shows the old one.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import replace

from ..envs.action import Type, parse_action
from ..errors import ActionError
from .lessons import Lesson, Taught

__all__ = ["copied_from_goal", "drilled"]

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


def drilled(lesson: Lesson, count: int, rng: random.Random) -> Iterator[Lesson]:
    """Of each learnt step that copies from the goal, `count` lessons that end in it, each with another word."""
    for number, step in enumerate(lesson.steps):
        word = copied_from_goal(lesson.goal, step.act) if step.loss else ""
        for _ in range(count if word else 0):
            yield _exchanged(lesson, number, word, _like(word, rng))


def _exchanged(lesson: Lesson, last: int, old: str, new: str) -> Lesson:
    def step(each: Taught) -> Taught:
        return replace(each, reason=each.reason.replace(old, new), act=each.act.replace(old, new))

    return replace(
        lesson, goal=lesson.goal.replace(old, new), steps=tuple(step(each) for each in lesson.steps[: last + 1])
    )


def _like(word: str, rng: random.Random) -> str:
    """A made-up word of that form: letters for letters, capitals for capitals, digits for digits; nearly as long."""
    letters = [_character_like(each, rng) for each in word]
    at = rng.randrange(len(letters))
    if letters[at].isalnum():
        letters[at : at + 1] = rng.choice(([], [letters[at]], [letters[at], _character_like(word[at].lower(), rng)]))
    return "".join(letters) or word


def _character_like(character: str, rng: random.Random) -> str:
    if character.isdigit():
        return rng.choice(string.digits)
    if not character.isalpha():
        return character
    return rng.choice(string.ascii_uppercase if character.isupper() else string.ascii_lowercase)
