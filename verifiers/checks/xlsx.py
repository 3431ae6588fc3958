"""Excel's .xlsx through openpyxl, read twice: once for the formulas and once for their last results."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from .archive import read_zip
from .basic import LIBRARY_FAULTS, Parts, UnreadableFile, reading
from .workbook import MAX_CELLS, Cell, Sheet, Value, Workbook
from .xml import read_xml

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook as Book
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["read_xlsx"]

_CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
_CHART = re.compile(r"xl/charts/chart\d*\.xml")


def read_xlsx(data: bytes) -> Workbook:
    """Read an Office Open XML workbook; see `spreadsheet.read_workbook`."""
    parts = read_zip(data, "xlsx")
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/")]
    if sum(1 for part in sheets for _ in _CELL_TAG.finditer(part)) > MAX_CELLS:
        raise UnreadableFile(f"the xlsx file holds more than {MAX_CELLS} cells")
    typed, shown = _load(data, False), _load(data, True)
    with reading("xlsx", *LIBRARY_FAULTS):
        found = {sheet.title: _sheet(sheet, shown[sheet.title]) for sheet in typed.worksheets}
    charts = sum(1 for name in parts if _CHART.fullmatch(name))
    return Workbook(Parts("sheet", found), _generator(parts), charts)


def _load(data: bytes, values: bool) -> Book:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # openpyxl warns of every extension it does not keep; nothing is written back here.
    with warnings.catch_warnings(), reading("xlsx", InvalidFileException, *LIBRARY_FAULTS):
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(data), data_only=values)


def _sheet(typed: Worksheet, shown: Any) -> Sheet:
    cells = {}
    # Only the cells the file holds: walking rows would invent every empty cell between them.
    for cell in [*typed._cells.values()]:
        if getattr(cell, "value", None) is None:
            continue
        formula = _formula(cell)
        cells[cell.coordinate] = Cell(
            value=_value(shown[cell.coordinate] if formula else cell),
            formula=formula,
            bold=bool(cell.font.b),
            number_format=cell.number_format,
        )
    return Sheet(typed.title, cells, typed.freeze_panes, typed.auto_filter.ref)


def _value(cell: Any) -> Value:
    # The copy with results holds plain values; only the other has objects for array formulas.
    return cell.value


def _formula(cell: Any) -> str | None:
    if cell.data_type != "f":
        return None
    # An array formula is an object with the text inside; a plain one is the text.
    text = getattr(cell.value, "text", cell.value)
    return text if isinstance(text, str) else f"={type(cell.value).__name__}"


def _generator(parts: Parts[bytes]) -> str:
    if "docProps/app.xml" not in parts:
        return ""
    about = read_xml(parts["docProps/app.xml"], "xlsx")
    name, version = (about.findtext(f"{{*}}{tag}") or "" for tag in ("Application", "AppVersion"))
    return f"{name}/{version}" if version and "/" not in name else name
