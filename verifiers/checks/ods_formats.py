"""Number formats of OpenDocument, an element each, as the format codes that the other programs write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .odf import tag

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["format_code"]

# Element -> code in the short and in the long style.
_DATE_PARTS = {
    "year": ("yy", "yyyy"),
    "day": ("d", "dd"),
    "day-of-week": ("ddd", "dddd"),
    "hours": ("h", "hh"),
    "minutes": ("m", "mm"),
    "seconds": ("s", "ss"),
    "am-pm": ("AM/PM", "AM/PM"),
}


def format_code(style: Element | None) -> str:
    """A data style as a format code; "General" for none, and for one that leaves decimals open.

    Conditions (another format for negative numbers) are left out.
    """
    if style is None:
        return "General"
    return "".join(_piece(part) for part in style if isinstance(part.tag, str)) or "General"


def _piece(part: Element) -> str:
    name = part.tag.rpartition("}")[2]
    long = part.get(tag("number:style")) == "long"
    if name in _DATE_PARTS:
        return _DATE_PARTS[name][long]
    match name:
        case "number":
            return _number(part)
        case "scientific-number":
            return _number(part) + "E+" + "0" * _count(part, "number:min-exponent-digits", 2)
        case "month":
            textual = part.get(tag("number:textual")) == "true"
            return ("mmmm" if long else "mmm") if textual else ("mm" if long else "m")
        case "text" | "currency-symbol":
            return part.text or ""
        case "text-content":
            return "@"
        case "boolean":
            return "BOOLEAN"
    return ""


def _number(part: Element) -> str:
    if part.get(tag("number:decimal-places")) is None:
        return "General"
    digits = "0" * _count(part, "number:min-integer-digits", 1)
    if part.get(tag("number:grouping")) == "true":
        digits = "#," + digits.rjust(3, "#")
    decimals = "0" * _count(part, "number:decimal-places", 0)
    return f"{digits}.{decimals}" if decimals else digits


def _count(part: Element, key: str, default: int) -> int:
    return min(int(part.get(tag(key), str(default))), 30)
