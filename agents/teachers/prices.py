"""Prices: US dollars per million tokens, as the vendors listed them on one day; yours may differ.

Sources: platform.claude.com/docs/en/about-claude/pricing; OpenAI's announcements and price list as repeated by LiteLLM
(docs.litellm.ai) and others; ai.google.dev/gemini-api/docs/pricing. List prices for short prompts, without batch, flex
or priority rates. A file of your own goes before them: JSON, `{"MODEL": {"input": 5, "cached": 0.5, "output": 25}}`,
named in the environment variable `DESKGYM_PRICES`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from ...errors import TeacherUnavailable
from .models import DATE

__all__ = ["AS_OF", "PRICES", "Price", "price_of"]

AS_OF = "2026-11-26"
MINE = "DESKGYM_PRICES"


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float
    cached: float | None = None
    """Of input read from the service's cache; None where it is not known: as dear as any other input."""

    def of(self, input: int, cached: int, output: int) -> float:
        """US dollars of so many tokens: read anew, read from the cache, written."""
        rate = self.input if self.cached is None else self.cached
        return (input * self.input + cached * rate + output * self.output) / 1e6


PRICES: dict[str, Price] = {
    "claude-fable-5-1": Price(10, 50, 0.25),
    "claude-mythos-5-1": Price(10, 50, 0.25),
    "claude-fable-5": Price(10, 50, 1),
    "claude-mythos-5": Price(10, 50, 1),
    "claude-opus-5-5": Price(4, 20, 0.2),
    **dict.fromkeys(("claude-opus-5", "claude-opus-4-8", "claude-opus-4-7"), Price(5, 25, 0.5)),
    **dict.fromkeys(("claude-opus-4-6", "claude-opus-4-5"), Price(5, 25, 0.5)),
    "claude-sonnet-5-5": Price(2, 10, 0.1),
    "claude-sonnet-5": Price(2, 10, 0.2),
    **dict.fromkeys(("claude-sonnet-4-6", "claude-sonnet-4-5"), Price(3, 15, 0.3)),
    "claude-haiku-5-5": Price(0.1, 0.5, 0.01),
    "claude-haiku-4-5": Price(1, 5, 0.1),
    "gpt-6.2-astra": Price(8, 40, 0.4),
    "gpt-6.2-sol": Price(2, 10),
    "gpt-6.1-sol": Price(2, 10, 0.1),
    "gpt-6-astra": Price(10, 50, 1),
    "gpt-6-sol": Price(2, 10, 0.2),
    "gpt-6-luna": Price(0.1, 0.5, 0.01),
    "gpt-5.6-sol": Price(4, 20),
    "gpt-5.6-terra": Price(2, 12, 0.2),
    "gpt-5.6-luna": Price(0.2, 1.2, 0.02),
    "gpt-5.5": Price(5, 30, 0.5),
    "gpt-5.4": Price(2.5, 15, 0.25),
    "gpt-5.4-mini": Price(0.75, 4.5, 0.075),
    "gemini-3.8-flash": Price(0.75, 3.75),
    "gemini-3.5-flash": Price(1.5, 9, 0.15),
}
"""As of `AS_OF`. A model that is not here has no known price."""

_FILE = TypeAdapter(dict[str, Price])


def price_of(model: str, address: str = "") -> Price | None:
    """The price of a model, or None if it is not known: then its cost is unknown, and never nothing.

    Args:
        model: its name at its service.
        address: of a server of one's own, of which no vendor's price is true.

    Raises:
        TeacherUnavailable: the file of your own prices cannot be read.
    """
    mine = os.environ.get(MINE)
    if mine:
        try:
            listed = _FILE.validate_python(json.loads(Path(mine).read_bytes()))
        except (OSError, ValueError) as error:
            raise TeacherUnavailable(f"{MINE}={mine} holds no prices: {error}") from error
        if model in listed:
            return listed[model]
    return None if address else PRICES.get(DATE.sub("", model))
