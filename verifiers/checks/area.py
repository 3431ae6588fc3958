"""Areas of cells: `B2`, `$B$2:B9`, `B:C`, `3:4`, `Sales!B2:B9`, and the same as OpenDocument writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = [
    "MAX_COLUMN",
    "MAX_ROW",
    "ODF_AREA",
    "PLAIN_AREA",
    "Area",
    "cell_name",
    "column_name",
    "covers",
    "parse_area",
]

MAX_COLUMN, MAX_ROW = 16_384, 1_048_576

_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_LINE = r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[0-9]{1,7}:\$?[0-9]{1,7}"
_SHEET = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
# What follows must not make it a function (LOG10() or a longer name (TAX2024B).
PLAIN_AREA = rf"(?:{_SHEET})?(?:{_CELL}(?:\s*:\s*(?:{_SHEET})?{_CELL})?|{_LINE})(?![\w(.!])"
_ODF_SHEET = r"(?:\$?(?:'(?:[^']|'')+'|[^.'\[\]:]+))?\."
ODF_AREA = rf"{_ODF_SHEET}(?:{_CELL}|\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}})(?::{_ODF_SHEET}[$A-Za-z0-9]+)?"

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


@dataclass(frozen=True)
class Area:
    """A rectangle of cells; rows and columns count from 1, both ends belong to it."""

    left: int
    top: int
    right: int
    bottom: int
    sheet: str = ""
    """In capitals, unquoted; empty where the reference names none."""
    fixed: tuple[bool, bool, bool, bool] = (False, False, False, False)
    """Which of left, top, right, bottom were written with a dollar sign."""

    def written(self, sheet: str = "", dollars: bool = False) -> str:
        """Its normal form: corners in order, the sheet only when it is not `sheet`."""
        prefix = f"'{self.sheet}'!" if self.sheet and self.sheet != sheet.upper() else ""
        mark = ["$" if fixed and dollars else "" for fixed in self.fixed]
        columns = (mark[0] + column_name(self.left), mark[2] + column_name(self.right))
        rows = (f"{mark[1]}{self.top}", f"{mark[3]}{self.bottom}")
        if (self.top, self.bottom) == (1, MAX_ROW):
            return f"{prefix}{columns[0]}:{columns[1]}"
        if (self.left, self.right) == (1, MAX_COLUMN):
            return f"{prefix}{rows[0]}:{rows[1]}"
        first, last = columns[0] + rows[0], columns[1] + rows[1]
        return prefix + (first if first == last else f"{first}:{last}")

    def without(self, other: Area) -> list[Area]:
        """What is left of it, as up to four rectangles, when `other` is taken away."""
        left, right = max(self.left, other.left), min(self.right, other.right)
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        if left > right or top > bottom:
            return [self]
        rest = [
            replace(self, bottom=top - 1),
            replace(self, top=bottom + 1),
            replace(self, top=top, bottom=bottom, right=left - 1),
            replace(self, top=top, bottom=bottom, left=right + 1),
        ]
        return [area for area in rest if area.left <= area.right and area.top <= area.bottom]


def covers(areas: Iterable[Area], wanted: Area) -> bool:
    """Whether the areas, taken together and whatever their sheets, hold every cell of `wanted`."""
    rest = [wanted]
    for area in areas:
        rest = [piece for part in rest for piece in part.without(area)]
    return not rest


def parse_area(text: str, pattern: str = PLAIN_AREA) -> Area | None:
    """Read a reference; None when it is not one, or lies beyond the largest sheet."""
    if not re.fullmatch(pattern, text):
        return None
    parts = [_split_sheet(part, "!" if pattern == PLAIN_AREA else ".") for part in _split_corners(text)]
    if len({sheet for sheet, _ in parts if sheet}) > 1:
        return None  # an area through several sheets
    corners = [_corner(corner) for _, corner in (parts * 2)[:2]]
    if None in corners:
        return None
    (x, y, fix_x, fix_y), (u, v, fix_u, fix_v) = corners  # type: ignore[misc]
    # A whole column has no row: it reaches from the first to the last.
    (left, fix_left), (right, fix_right) = sorted([(x or 1, fix_x), (u or MAX_COLUMN, fix_u)])
    (top, fix_top), (bottom, fix_bottom) = sorted([(y or 1, fix_y), (v or MAX_ROW, fix_v)])
    if right > MAX_COLUMN or bottom > MAX_ROW:
        return None
    return Area(left, top, right, bottom, parts[0][0], (fix_left, fix_top, fix_right, fix_bottom))


def column_name(number: int) -> str:
    """`A` for 1, `AA` for 27."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """The name of a cell whose row and column count from 0."""
    return f"{column_name(column + 1)}{row + 1}"


def _split_corners(text: str) -> list[str]:
    return re.findall(r"(?:'(?:[^']|'')*'|[^:'])+", text)


def _split_sheet(part: str, mark: str) -> tuple[str, str]:
    sheet, _, corner = part.strip().rpartition(mark)
    name = sheet.removeprefix("$")
    return (name[1:-1].replace("''", "'") if name.startswith("'") else name).upper(), corner


def _corner(text: str) -> tuple[int, int, bool, bool] | None:
    match = _CORNER.fullmatch(text)
    if not match or not (match[2] or match[4]) or (match[4] and not int(match[4])):
        return None
    column = 0
    for letter in match[2].upper():
        column = column * 26 + ord(letter) - 64
    fixed_row = bool(match[3]) or (bool(match[1]) and not match[2])
    return column, int(match[4] or 0), bool(match[1]) and bool(match[2]), fixed_row
