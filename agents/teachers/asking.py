"""Asking: a question to a model, its answer, and what can go wrong between the two, over any wire."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from ...errors import MissingExtra, TeacherError, TeacherUnavailable
from ..dialects import Briefing, Wire
from .picture import Picture
from .setup import Setup

__all__ = ["Past", "Question", "Reply", "Service", "Tokens", "open_service", "sdk", "trouble"]

HOPELESS = {401: "its key was refused", 402: "its account must be paid", 403: "it may not be used", 404: "unknown"}
"""Statuses that no other question would fare better with."""
HOPELESS_WORDS = ("insufficient_quota", "API_KEY_INVALID", "API key not valid", "credit balance is too low")
"""What services say under other statuses and means the same."""


@dataclass(frozen=True)
class Past:
    """A reply that is still shown as it was given."""

    picture: Picture
    """The screen it was about."""
    reply: Wire
    error: str = ""
    """Why it could not be read, if it could not."""


@dataclass(frozen=True)
class Question:
    """All that a model is told when it is asked."""

    briefing: Briefing
    words: str
    """The goal, and the older steps as text."""
    past: tuple[Past, ...]
    picture: Picture
    """The screen it is asked about."""
    prefix: str = ""
    """How its reply begins."""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All screens it shows: the first one, and the one that followed each past reply."""
        return (*(past.picture for past in self.past), self.picture)


@dataclass(frozen=True)
class Tokens:
    """What a service counted."""

    input: int = 0
    """Read anew."""
    cached: int = 0
    output: int = 0


@dataclass(frozen=True)
class Reply:
    """What a model said."""

    wire: Wire
    """In the wire format of its dialect."""
    tokens: Tokens | None
    """None where the service did not count."""
    reasoning: str = ""
    """What it thought before, where its service tells that apart."""
    refusal: str = ""
    """Why it will not, where the dialect has no words for that."""
    checks: str = ""
    """What its service wants a person to confirm before it is done, if anything."""
    cut: bool = False
    """Whether it was broken off, where the dialect cannot tell."""

    @property
    def words(self) -> str:
        """What it said in plain words, of the wires that take an unfinished message."""
        if isinstance(self.wire, str):
            return self.wire
        blocks = self.wire["content"] if isinstance(self.wire, dict) else []
        return "\n".join(block["text"] for block in blocks if block.get("type") == "text")


class Service(Protocol):
    """One model behind one wire format."""

    def ask(self, question: Question) -> Reply:
        """Put a question, again and again if need be, and return the one reply.

        Raises:
            TeacherError: no usable reply came.
            TeacherUnavailable: none will ever come.
        """
        ...

    def close(self) -> None:
        """Give back its connections."""
        ...


def open_service(setup: Setup) -> Service:
    """The service of a teacher.

    Raises:
        TeacherUnavailable: it has no key.
        MissingExtra: its SDK is not installed.
    """
    return import_module(f".{setup.wire.module}", __package__).open_service(setup, setup.key())


def sdk(name: str) -> Any:
    """Import an SDK where it is used.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        if (error.name or "").partition(".")[0] != name.partition(".")[0]:
            raise
        raise MissingExtra({"google.genai": "google-genai"}.get(name, name), "teachers") from None


def trouble(setup: Setup, error: Exception, status: int | None, secret: str) -> TeacherError:
    """What an SDK's error means to a run, in words that hold no key."""
    words = " ".join(str(error).split()) or type(error).__name__
    words = words.replace(secret, "***")[:400] if secret else words[:400]
    where = f" at {setup.address}" if setup.address else ""
    if status in HOPELESS or any(phrase in words for phrase in HOPELESS_WORDS):
        why = HOPELESS.get(status or 0, "whatever the question")
        return TeacherUnavailable(f"{setup.model}{where} cannot be asked, {why}: {words}")
    if status is not None and status < 500 and status not in (408, 409, 429):
        return TeacherError(f"{setup.model}{where} refused a question with status {status}: {words}")
    return TeacherError(f"{setup.model}{where} gave no answer in {setup.tries} tries: {words}")
