"""What a spreadsheet holds, whatever format it came in: workbook, sheets, cells."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .area import column_name, parse_area
from .basic import Parts, UnreadableFile
from .formula import normal_formula

__all__ = ["MAX_CELLS", "Cell", "Sheet", "Value", "Workbook"]

MAX_CELLS = 500_000
"""The most cells that one document may hold."""

Value = str | int | float | bool | datetime.datetime | datetime.date | datetime.time | datetime.timedelta | None


@dataclass(frozen=True)
class Cell:
    """One cell; an empty one has neither value nor formula."""

    value: Value = None
    """What it shows, unformatted; None for a formula when the file keeps no result (.gnumeric never does)."""
    formula: str | None = None
    """As the file spells it, with its `=`: compare with `same_formula`."""
    bold: bool | None = None
    number_format: str | None = None
    """A format code such as "General", "0.00" or "yyyy-mm-dd"; of .ods a translation."""


@dataclass(frozen=True)
class Sheet:
    """One sheet, by cell name."""

    name: str
    cells: Mapping[str, Cell] = field(repr=False)
    """Cells with a value or a formula, by name such as "B7"."""
    frozen: str | None = None
    """The first cell that scrolls, such as "A2" when the top row is frozen."""
    autofilter: str | None = None
    """The filtered area, such as "A1:C9"."""

    def __getitem__(self, name: str) -> Cell:
        """The cell of that name; an empty Cell where the sheet holds none.

        Raises:
            ValueError: it is no cell's name.
        """
        area = parse_area(name)
        if area is None or ":" in (normal := area.written()):
            raise ValueError(f"not a cell: {name!r}; such as 'B7'")
        return self.cells.get(normal, Cell())

    def rows(self) -> list[list[Value]]:
        """The values from A1 to the last row and column in use.

        Raises:
            UnreadableFile: cells lie so far apart that the table would be huge.
        """
        areas = [(name, area) for name in self.cells if (area := parse_area(name))]
        width = max((area.right for _, area in areas), default=0)
        height = max((area.bottom for _, area in areas), default=0)
        if width * height > 4 * MAX_CELLS:
            raise UnreadableFile(f"sheet {self.name!r} reaches to {column_name(width)}{height}: too far")
        table: list[list[Value]] = [[None] * width for _ in range(height)]
        for name, area in areas:
            table[area.top - 1][area.left - 1] = self.cells[name].value
        return table


@dataclass(frozen=True)
class Workbook:
    """A whole spreadsheet document."""

    sheets: Parts[Sheet]
    """By name, in order; asking for one that the player removed is a failed check."""
    generator: str = ""
    """What program wrote it, by its own account, such as "gnumeric/1.12.55"."""
    charts: int = 0

    def contents(self) -> dict[str, Any]:
        """`Sales!B7` -> normal formula or else value, of every cell: plain values for `unchanged`.

        Dates are written in ISO form, so that it can be kept as truth.
        """
        return {
            f"{sheet.name}!{name}": _plain(cell, sheet.name)
            for sheet in self.sheets.values()
            for name, cell in sheet.cells.items()
        }


def _plain(cell: Cell, sheet: str) -> Any:
    if cell.formula is not None:
        return normal_formula(cell.formula, sheet=sheet)
    if isinstance(cell.value, datetime.datetime | datetime.date | datetime.time):
        return cell.value.isoformat()
    return str(cell.value) if isinstance(cell.value, datetime.timedelta) else cell.value
