"""OpenDocument spreadsheets (.ods): rows and cells with their repetitions, values, formulas and looks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .area import MAX_COLUMN, MAX_ROW, ODF_AREA, cell_name, parse_area
from .basic import Parts, UnreadableFile, reading
from .odf import Odf, open_odf, tag, text_of
from .ods_formats import format_code
from .workbook import MAX_CELLS, Cell, Sheet, Value, Workbook
from .xml import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["read_ods"]

_CELLS = {tag("table:table-cell"), tag("table:covered-table-cell")}
_CHART = "application/vnd.oasis.opendocument.chart"
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")


def read_ods(data: bytes) -> Workbook:
    """Read an OpenDocument spreadsheet; see `spreadsheet.read_workbook`."""
    odf = open_odf(data, "ods")
    book = odf.content.find(f".//{tag('office:spreadsheet')}")
    if book is None:
        raise UnreadableFile("the file could not be read as ods: it holds no spreadsheet")
    with reading("ods"):
        frozen, filters = _frozen(odf), _filters(book)
        sheets = [_sheet(odf, table, frozen, filters) for table in book.iterfind(tag("table:table"))]
        manifest = odf.parts.get("META-INF/manifest.xml", b"")
        charts = manifest.count(f'"{_CHART}"'.encode())
    return Workbook(Parts("sheet", {sheet.name: sheet for sheet in sheets}), odf.generator, charts)


def _sheet(odf: Odf, table: Element, frozen: dict[str, str], filters: dict[str, str]) -> Sheet:
    name = table.get(tag("table:name"), "")
    columns = _column_styles(table)
    looks: dict[str | None, tuple[bool, str]] = {}
    cells = {}
    for row, column, element, style in _cells(table, columns):
        if style not in looks:
            looks[style] = _look(odf, style)
        cells[cell_name(row, column)] = Cell(_value(element), element.get(tag("table:formula")), *looks[style])
        if len(cells) > MAX_CELLS:
            raise UnreadableFile(f"the ods file holds more than {MAX_CELLS} cells")
    return Sheet(name, cells, frozen.get(name), filters.get(name.upper()))


def _cells(table: Element, columns: list[tuple[int, str | None]]) -> Iterator[tuple[int, int, Element, str | None]]:
    """Row, column, element and style of each cell that holds something, repetitions written out."""
    top = 0
    for row in table.iter(tag("table:table-row")):
        height = _repeated(row, "rows")
        left = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            width = _repeated(cell, "columns")
            if cell.get(tag("office:value-type")) or cell.get(tag("table:formula")):
                if top + height > MAX_ROW or left + width > MAX_COLUMN or width * height > MAX_CELLS:
                    raise UnreadableFile("the ods file repeats a cell too often")
                own = cell.get(tag("table:style-name")) or row.get(tag("table:default-cell-style-name"))
                for y in range(top, top + height):
                    for x in range(left, left + width):
                        yield y, x, cell, own or _column_style(columns, x)
            left += width
        top += height


def _repeated(element: Element, what: str) -> int:
    return max(1, int(element.get(tag(f"table:number-{what}-repeated"), "1")))


def _column_styles(table: Element) -> list[tuple[int, str | None]]:
    """(first column after the run, default style) of each run of columns."""
    runs, end = [], 0
    for column in table.iter(tag("table:table-column")):
        end += _repeated(column, "columns")
        runs.append((end, column.get(tag("table:default-cell-style-name"))))
    return runs


def _column_style(columns: list[tuple[int, str | None]], column: int) -> str | None:
    return next((style for end, style in columns if column < end), None)


def _look(odf: Odf, style: str | None) -> tuple[bool, str]:
    weight = odf.style_property("table-cell", style, "style:text-properties", "fo:font-weight")
    names = [element.get(tag("style:data-style-name")) for element in odf.ancestry("table-cell", style)]
    data_style = odf.styles.get(("data-style", next(filter(None, names), "")))
    return weight in ("bold", "600", "700", "800", "900"), format_code(data_style)


def _value(cell: Element) -> Value:
    match cell.get(tag("office:value-type")):
        case "float" | "percentage" | "currency":
            number = float(cell.get(tag("office:value"), "nan"))
            return int(number) if number.is_integer() else number
        case "boolean":
            return cell.get(tag("office:boolean-value")) == "true"
        case "date":
            return datetime.datetime.fromisoformat(cell.get(tag("office:date-value"), ""))
        case "time":
            return _time(cell.get(tag("office:time-value"), ""))
        case None:
            return None
    written = cell.get(tag("office:string-value"))
    paragraphs = "\n".join(text_of(paragraph) for paragraph in cell.iterfind(tag("text:p")))
    return (paragraphs or written or "") if cell.get(tag("table:formula")) is None else (written or paragraphs)


def _time(text: str) -> datetime.time | datetime.timedelta:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"a time of {text!r}")
    days, hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in match.groups()[1:])
    span = datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if match[1]:
        return -span
    return (datetime.datetime.min + span).time() if span < datetime.timedelta(days=1) else span


def _frozen(odf: Odf) -> dict[str, str]:
    """Sheet -> first scrolling cell, from the view settings; mode 2 is frozen, 1 only split."""
    if "settings.xml" not in odf.parts:
        return {}
    found = {}
    settings = read_xml(odf.parts["settings.xml"], "ods")
    for tables in settings.iterfind(f".//{tag('config:config-item-map-named')}[@{tag('config:name')}='Tables']"):
        for entry in tables:
            items = {item.get(tag("config:name")): item.text for item in entry.iterfind(tag("config:config-item"))}
            column, row = (
                int(items.get(f"{way}SplitPosition") or 0) if items.get(f"{way}SplitMode") == "2" else 0
                for way in ("Horizontal", "Vertical")
            )
            if row or column:
                found[entry.get(tag("config:name"), "")] = cell_name(row, column)
    return found


def _filters(book: Element) -> dict[str, str]:
    """Sheet in capitals -> filtered area."""
    found = {}
    for area in book.iter(tag("table:database-range")):
        written = area.get(tag("table:target-range-address"), "")
        target = parse_area(written, ODF_AREA)
        if target and area.get(tag("table:display-filter-buttons")) == "true":
            found[target.sheet] = target.written(sheet=target.sheet)
    return found
