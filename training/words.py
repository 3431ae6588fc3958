"""Words: what the tokenizer of a base is made from, so that the phrases of a data set take few tokens."""

from __future__ import annotations

from collections.abc import Sequence

from .drills import copied_from_goal
from .lessons import Lesson

__all__ = ["words_of_lessons"]


def words_of_lessons(lessons: Sequence[Lesson]) -> list[str]:
    """Goals and thoughts, but for what is copied from a goal: that is spelt, since spelling is how it is learnt."""
    texts = []
    for lesson in lessons:
        copied = {copied_from_goal(lesson.goal, step.act) for step in lesson.steps} - {""}
        for text in (lesson.goal, *(step.reason for step in lesson.steps)):
            for word in copied:
                text = text.replace(word, "")
            texts.append(text)
    return texts
