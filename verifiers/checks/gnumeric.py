"""Gnumeric's own .gnumeric files: gzipped XML with cells as they were typed and no results of formulas."""

from __future__ import annotations

import bisect
import datetime
from typing import TYPE_CHECKING

from .archive import gunzip
from .area import MAX_COLUMN, MAX_ROW, cell_name
from .basic import LIBRARY_FAULTS, Parts, UnreadableFile, reading
from .workbook import MAX_CELLS, Cell, Sheet, Value, Workbook
from .xml import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["read_gnumeric"]

Place = tuple[int, int]
Look = tuple[bool, str]

# ValueType of a cell: gnumeric's src/value.h. A formula has none.
_BOOLEAN, _INTEGER, _FLOAT = "20", "30", "40"


def read_gnumeric(data: bytes) -> Workbook:
    """Read a Gnumeric workbook, compressed or not; see `spreadsheet.read_workbook`."""
    root = read_xml(gunzip(data, "gnumeric"), "gnumeric")
    if not root.tag.endswith("}Workbook"):
        raise UnreadableFile("the file could not be read as gnumeric: it is some other XML")
    with reading("gnumeric"):
        if sum(1 for _ in root.iter("{*}Cell")) > MAX_CELLS:
            raise UnreadableFile(f"the gnumeric file holds more than {MAX_CELLS} cells")
        sheets = [_sheet(element) for element in root.iterfind("{*}Sheets/{*}Sheet")]
    version = root.find("{*}Version")
    return Workbook(
        sheets=Parts("sheet", {sheet.name: sheet for sheet in sheets}),
        generator="gnumeric" if version is None else f"gnumeric/{version.get('Full')}",
        charts=sum(1 for _ in root.iter("{*}SheetObjectGraph")),
    )


def _sheet(element: Element) -> Sheet:
    typed = {_place(cell): cell for cell in element.iterfind("{*}Cells/{*}Cell")}
    looks = _looks(element, list(typed))
    formulas = _formulas(typed)
    cells = {}
    for place, cell in typed.items():
        bold, code = looks.get(place, (None, None))
        if code in (None, "General"):
            # A date typed into a plain cell brings its format along without changing the cell's.
            code = cell.get("ValueFormat", code)
        formula = formulas.get(place)
        value = None if formula else _value(cell, code or "General")
        if formula is not None or value is not None:
            cells[cell_name(*place)] = Cell(value, formula, bold, code)
    panes = element.find("{*}SheetLayout/{*}FreezePanes")
    area = element.find("{*}Filters/{*}Filter")
    return Sheet(
        name=element.findtext("{*}Name") or "",
        cells=cells,
        frozen=None if panes is None else panes.get("UnfrozenTopLeft"),
        autofilter=None if area is None else area.get("Area"),
    )


def _place(cell: Element) -> Place:
    row, column = int(cell.attrib["Row"]), int(cell.attrib["Col"])
    if not (0 <= row < MAX_ROW and 0 <= column < MAX_COLUMN):
        raise ValueError(f"a cell at row {row}, column {column}")
    return row, column


def _formulas(typed: dict[Place, Element]) -> dict[Place, str]:
    """The formulas. Filled-down ones are written once with an ExprID; the others refer to it, and their
    references move along with the cell."""
    found, shared = {}, {}
    for place, cell in typed.items():
        text, identity = cell.text or "", cell.get("ExprID")
        if cell.get("ValueType") is None and text.startswith("="):
            found[place] = text
            if identity:
                shared.setdefault(identity, (place, text))
    for place, cell in typed.items():
        if place not in found and cell.get("ExprID") in shared:
            origin, text = shared[cell.get("ExprID")]
            found[place] = _moved(text, origin, place)
    return found


def _moved(formula: str, origin: Place, place: Place) -> str:
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    with reading("gnumeric", TokenizerError, TranslatorError, *LIBRARY_FAULTS):
        return Translator(formula, origin=cell_name(*origin)).translate_formula(cell_name(*place))


def _looks(element: Element, places: list[Place]) -> dict[Place, Look]:
    """Bold and format code of the cells in use, from the rectangles that tile the sheet."""
    rows: dict[int, list[int]] = {}
    for row, column in places:
        rows.setdefault(row, []).append(column)
    order, looks, steps = sorted(rows), {}, 0
    for region in element.iterfind("{*}Styles/{*}StyleRegion"):
        left, top, right, bottom = (int(region.attrib[key]) for key in ("startCol", "startRow", "endCol", "endRow"))
        style, font = region.find("{*}Style"), region.find("{*}Style/{*}Font")
        if style is None:
            continue
        look = (font is not None and font.get("Bold") == "1", style.get("Format", "General"))
        for row in order[bisect.bisect_left(order, top) : bisect.bisect_right(order, bottom)]:
            # Gnumeric's rectangles never overlap; overlapping ones were made to keep us busy.
            if (steps := steps + len(rows[row])) > 20 * MAX_CELLS:
                raise UnreadableFile("the gnumeric file has too many styles")
            looks |= {(row, column): look for column in rows[row] if left <= column <= right}
    return looks


def _value(cell: Element, code: str) -> Value:
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format
    from openpyxl.utils.datetime import from_excel

    text, kind = cell.text or "", cell.get("ValueType")
    if kind == _BOOLEAN:
        return text == "TRUE"
    if kind not in (_INTEGER, _FLOAT):
        return text or None
    number = float(text)
    if is_date_format(code) and abs(number) < datetime.date.max.toordinal():
        return from_excel(number, timedelta=is_timedelta_format(code))
    return int(number) if number.is_integer() else number
