"""Words: what the tokenizer of a base is made from, so that what a data set says often takes few tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..agents.prompt import Moment, Style, conversation
from .lessons import Lesson

__all__ = ["words_of_lessons"]


def words_of_lessons(lessons: Sequence[Lesson], style: Style) -> list[str]:
    """All that is said in the lessons, as a student of that style reads and says it: an episode, one conversation."""
    whole = replace(style, screens=0)
    return [
        message.text
        for lesson in lessons
        for message in conversation(
            lesson.goal, [Moment(step.reason, step.act) for step in lesson.steps], lesson.screen_size, whole
        )
    ]
