"""Endings in dialects without a word for them: the model answers in plain text and calls no tool.

Their vendors agree on that much, not on how to say that a goal cannot be reached; the two marks are ours, and the
briefing tells them.
"""

from __future__ import annotations

from ....envs.action import Finish

__all__ = ["CLOSING", "HOW_TO_CLOSE", "closing_text", "read_closing"]

CLOSING = "closing"
"""The name of the call that stands for a reply without one; its argument is `text`."""

DONE, INFEASIBLE = "[DONE]", "[INFEASIBLE]"

HOW_TO_CLOSE = (
    "When the goal is reached, reply in plain text without any action: the answer if the goal asks for one, "
    f"else {DONE}. If it cannot be reached, reply {INFEASIBLE} and why."
)


def read_closing(text: str) -> Finish:
    """The ending that a reply without a call is."""
    for mark, success in ((DONE, True), (INFEASIBLE, False)):
        if text.lstrip().startswith(mark):
            return Finish(text.lstrip().removeprefix(mark).removeprefix(" "), success)
    return Finish(text.strip())


def closing_text(ending: Finish) -> str:
    """The text that reads back as this ending."""
    plain = ending.answer.strip() == ending.answer != "" and not ending.answer.startswith((DONE, INFEASIBLE))
    if ending.success and plain:
        return ending.answer
    return " ".join(filter(None, (DONE if ending.success else INFEASIBLE, ending.answer)))
