"""Plain text files: decoded, split into lines, compared line by line."""

from __future__ import annotations

import codecs
import difflib

from ..verdict import Check
from .basic import brief, reading

__all__ = ["line_diff", "read_lines", "read_text", "same_text"]


def read_text(data: bytes) -> str:
    """Text of UTF-8 (with or without a byte order mark) or marked UTF-16, with every line end as `\\n`.

    Raises:
        UnreadableFile: it is in no such encoding.
    """
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    with reading("text"):
        text = data.decode("utf-16" if wide else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_lines(data: bytes) -> list[str]:
    """The lines of a text file; a newline at the very end makes no empty line."""
    text = read_text(data)
    return text.removesuffix("\n").split("\n") if text else []


def same_text(name: str, wanted: str, found: str, *, spaces: bool = True, weight: float = 1.0) -> Check:
    """Pass when two texts are equal up to newlines at the end; what was found is shown as a diff.

    Args:
        name: of the check.
        wanted: the text that should be there.
        found: the text that is there.
        spaces: whether spaces at the end of a line count.
        weight: of the check.
    """
    left, right = _plain(wanted, spaces), _plain(found, spaces)
    shown = "the same text" if left == right else line_diff("\n".join(left), "\n".join(right))
    return Check(name, left == right, brief(wanted), shown, weight)


def line_diff(wanted: str, found: str, limit: int = 12) -> str:
    """The lines that differ, `-` wanted and `+` found, at most `limit` of them."""
    lines = difflib.unified_diff(wanted.split("\n"), found.split("\n"), n=0, lineterm="")
    changed = [brief(line, 120) for line in lines if not line.startswith(("--- ", "+++ ", "@@"))]
    more = [f"... and {len(changed) - limit} more lines"] if len(changed) > limit else []
    return "\n".join(changed[:limit] + more)


def _plain(text: str, spaces: bool) -> list[str]:
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    return lines if spaces else [line.rstrip() for line in lines]
