"""Insight: a long thought compressed to what matters for the action. The original is kept beside it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable

from ..agents.prompt import one_line
from ..errors import DeskgymError

__all__ = ["Compress", "chat_model", "first_sentence"]

Compress = Callable[[str, str, str], str]
"""Goal, thought, action -> the key insight."""

LONGEST = 200
"""Characters of a sentence that is no sentence."""

ASK = """Somebody works towards this goal on a computer: {goal}
Before doing {action} they thought:
{thought}
Say in one short sentence, as "I ...", the one insight that makes this action the right one. Only the sentence."""


def first_sentence(goal: str, thought: str, action: str) -> str:
    """The thought's first sentence, in one line: the rule where no model is asked."""
    line = one_line(thought)
    ends = [at for mark in (". ", "! ", "? ") if (at := line.find(mark)) >= 0]
    return line[: min(ends) + 1] if ends else line[:LONGEST]


def chat_model(address: str, model: str, timeout: float = 60) -> Compress:
    """Ask a chat model behind an OpenAI-compatible address; a thought of one sentence is not sent.

    Args:
        address: such as "http://localhost:8000/v1"; the key, if it wants one, is in `OPENAI_API_KEY`.
        model: its name there.
        timeout: seconds to wait for an answer.
    """

    def compress(goal: str, thought: str, action: str) -> str:
        short = first_sentence(goal, thought, action)
        if short == one_line(thought):
            return short
        answer = _ask(address, model, ASK.format(goal=goal, thought=thought, action=action), timeout)
        return first_sentence(goal, answer, action) or short

    return compress


def _ask(address: str, model: str, words: str, timeout: float) -> str:
    body = {"model": model, "messages": [{"role": "user", "content": words}], "temperature": 0}
    key = os.environ.get("OPENAI_API_KEY", "none")
    request = urllib.request.Request(
        f"{address.rstrip('/')}/chat/completions",
        json.dumps(body).encode("utf-8", "backslashreplace"),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.load(response)["choices"][0]["message"]["content"] or ""
    except (urllib.error.URLError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise DeskgymError(f"{address} gives no answer by {model}: {error}") from error
