"""Text around actions: fenced code, tags, and thoughts that must not be taken for either."""

from __future__ import annotations

import re

__all__ = ["fenced", "harmless"]

_FENCE = re.compile(r"```(?:(?:python|py|json|code|tool_code)\s)?(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)


def fenced(text: str) -> tuple[str, list[str]]:
    """The prose of a text and the contents of its code fences; without a fence all of it is code."""
    if "```" not in text:
        return "", [text.strip()]
    return _FENCE.sub("", text).strip(), [code.strip() for code in _FENCE.findall(text)]


def harmless(thought: str, *marks: str) -> str:
    """A thought in which no mark of the dialect is left whole, so that a reader cannot mistake it for an action."""
    for mark in marks:
        thought = thought.replace(mark, f"{mark[:-1]} {mark[-1]}")
    return thought
