"""Comparisons of plain values, each giving one Check, and the error that a player's broken file raises."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from zipfile import BadZipFile

from ..privileged import Evidence
from ..verdict import Check

__all__ = [
    "LIBRARY_FAULTS",
    "Parts",
    "UnreadableFile",
    "as_number",
    "brief",
    "close",
    "contains",
    "equal",
    "file_exists",
    "fingerprint",
    "reading",
    "unchanged",
]

V = TypeVar("V")

# What the standard library and lxml (whose syntax errors are SyntaxErrors) raise over a broken document.
_BROKEN = (
    *(ValueError, LookupError, OSError, EOFError, SyntaxError, RecursionError),
    *(BadZipFile, zlib.error, struct.error),
)

LIBRARY_FAULTS = (
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RuntimeError,
)
"""What a third-party parser also raises over a broken document: only for blocks that run nothing else."""


class UnreadableFile(ValueError):
    """Raised when a player's document is broken or lacks a part: a failed check, no fault of the judge."""


class Parts(dict[str, V]):
    """Named parts of a player's document: asking for one that is not there raises UnreadableFile."""

    def __init__(self, what: str, parts: Mapping[str, V]):
        super().__init__(parts)
        self.what = what

    def __missing__(self, key: str) -> V:
        known = brief(", ".join(repr(name) for name in self)) or "none"
        raise UnreadableFile(f"there is no {self.what} {key!r}; there is: {known}")


@contextmanager
def reading(kind: str, *faults: type[Exception]) -> Iterator[None]:
    """Turn what a parser raises over a broken document into UnreadableFile.

    Args:
        kind: what the document should have been, such as "xlsx".
        faults: exceptions of the parser's own, besides those of the standard library and lxml.
    """
    try:
        yield
    except UnreadableFile:
        raise
    except (*_BROKEN, *faults) as error:
        reason = brief(f"{type(error).__name__}: {error}")
        raise UnreadableFile(f"the file could not be read as {kind}: {reason}") from error


def brief(value: Any, limit: int = 300) -> Any:
    """The value, with long text cut so that a verdict stays readable."""
    if not isinstance(value, str | bytes) or len(value) <= limit:
        return value
    note = f"... ({len(value)} in all)"
    return value[:limit] + note if isinstance(value, str) else value[:limit] + note.encode()


def equal(name: str, wanted: Any, found: Any, weight: float = 1.0) -> Check:
    """Pass when the two are equal.

    A tuple equals a list, since truth is kept as JSON; True is not 1, as a ticked box is not a number.
    """
    same = _listed(wanted) == _listed(found) and isinstance(wanted, bool) == isinstance(found, bool)
    return Check(name, same, brief(wanted), brief(found), weight)


def close(name: str, wanted: float, found: Any, tolerance: float = 1e-6, weight: float = 1.0) -> Check:
    """Pass when `found` is a number within `tolerance` (absolute) of `wanted`; text and None fail."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    near = number and abs(found - wanted) <= tolerance
    return Check(name, near, wanted, brief(found), weight)


def contains(name: str, wanted: str, found: Container[str], weight: float = 1.0) -> Check:
    """Pass when a text, or a list of texts, contains `wanted`."""
    return Check(name, wanted in found, f"contains {brief(wanted)!r}", brief(found), weight)


def file_exists(evidence: Evidence, path: str, weight: float = 1.0) -> Check:
    """Pass when the file was there at the end."""
    there = evidence.exists(path)
    return Check(f"{path} exists", there, True, there, weight)


def unchanged(
    name: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    but: Container[str] = (),
    weight: float = 1.0,
) -> Check:
    """Pass when nothing was added, removed or changed but the keys in `but`: a check for collateral damage.

    Args:
        name: of the check.
        before: key -> value (or its `fingerprint`) as setup left it.
        after: the same at the end.
        but: keys that the task itself is about.
        weight: of the check.
    """
    differences = [
        _difference(key, before, after)
        for key in [*before, *(key for key in after if key not in before)]
        if key not in but and (key not in before or key not in after or _listed(before[key]) != _listed(after[key]))
    ]
    shown = differences[:5] + ([f"and {len(differences) - 5} more"] if len(differences) > 5 else [])
    found = "; ".join(shown) or "nothing changed"
    return Check(name, not differences, "nothing else changed", found, weight)


def _difference(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if key not in after:
        return f"{key!r} is gone"
    if key not in before:
        return f"{key!r} is new: {brief(repr(after[key]), 60)}"
    return f"{key!r}: {brief(repr(before[key]), 60)} -> {brief(repr(after[key]), 60)}"


def as_number(text: Any) -> float | None:
    """A number or the number a text spells, for `close`; None for anything else."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return text
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _listed(value: Any) -> Any:
    """The value with lists for tuples, at any depth."""
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    return {key: _listed(item) for key, item in value.items()} if isinstance(value, dict) else value


def fingerprint(value: Any) -> str:
    """Sixteen hex digits that stand for a record (bytes as they are, anything else by its `repr`)."""
    if not isinstance(value, bytes):
        # The mark keeps the number 1 apart from a file that holds the byte "1".
        value = b"value:" + repr(_listed(value)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(value).hexdigest()[:16]
