"""What the Calc tasks share: writing .ods files, finding cells on the screen, and checks."""

import io
import re
import zipfile
from xml.sax.saxutils import escape

from deskgym.verifiers.checks import UnreadableFile, equal, unchanged
from deskgym.verifiers.checks.area import cell_name, parse_area
from deskgym.verifiers.checks.spreadsheet import formula_refers_to, normal_formula, read_workbook
from deskgym.verifiers.verdict import Check

COLUMN, ROW = 93, 17
"""Width and height of every cell in pixels: columns of an inch, rows as Calc makes them."""
_SHEET = re.compile(r"^Sheet ")
_LARGEST_CONSTANT = 2
"""A formula may round to cents or multiply by one; a larger number was worked out by hand."""

# setup

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
    for name, space in {
        "office": "office", "table": "table", "text": "text", "style": "style", "fo": "xsl-fo-compatible",
    }.items()
)  # fmt: skip
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_STYLES = (
    '<style:style style:name="co1" style:family="table-column"><style:table-column-properties '
    'style:column-width="1in"/></style:style>'
    '<style:style style:name="bold" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)


def ods_file(sheets):
    """The bytes of an .ods file that names no program as its maker.

    Args:
        sheets: name -> rows of values (None: empty); the first row is a bold header.
    """
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        '<table:table-column table:style-name="co1" table:number-columns-repeated="20"/>'
        + "".join(_row(row, 'table:style-name="bold"' if number == 0 else "") for number, row in enumerate(rows))
        + "</table:table>"
        for name, rows in sheets.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in {"mimetype": _TYPE, "META-INF/manifest.xml": _MANIFEST, "content.xml": content}.items():
            archive.writestr(zipfile.ZipInfo(name), part)  # ZipInfo: no date of today
    return stream.getvalue()


def _row(row, style):
    return "<table:table-row>" + "".join(_cell(value, style) for value in row) + "</table:table-row>"


def _cell(value, style):
    if value is None:
        return "<table:table-cell/>"
    kind = 'office:value-type="string"'
    if not isinstance(value, str):
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {style} {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def contents(sheet, rows):
    """`Sheet!B7` -> value of rows that were written to a file: what `Workbook.contents` gives for it."""
    return {
        f"{sheet}!{cell_name(y, x)}": value
        for y, row in enumerate(rows)
        for x, value in enumerate(row)
        if value is not None
    }


# verify


def saved_book(evidence, path):
    """The workbook, and the check that Calc itself wrote it.

    Raises:
        UnreadableFile: it is still the file that setup wrote: whatever else it says earns nothing.
    """
    book = read_workbook(evidence.read(path), ".ods")
    if not book.generator.startswith("LibreOffice"):
        raise UnreadableFile(f"{path} has not been saved by Calc, but by {book.generator!r}")
    return book, equal("saved by Calc", True, True)


def computes(name, sheet, wanted, weight=2.0):
    """Pass when cells hold formulas over their inputs, not numbers, and Calc's own results are right.

    Args:
        name: of the check.
        sheet: a Sheet of the workbook.
        wanted: cell -> (result, areas that its formula must refer to).
        weight: of the check.
    """
    wrong = {cell: fault for cell, (result, inputs) in wanted.items() if (fault := _fault(sheet, cell, result, inputs))}
    return Check(name, not wrong, "formulas over their inputs", list(wrong.items())[:3] or "right", weight)


def _fault(sheet, cell, result, inputs):
    found = sheet[cell]
    if found.formula is None:
        return f"{found.value!r} is no formula"
    for area in inputs:
        if not formula_refers_to(found.formula, area, sheet=sheet.name):
            return f"{found.formula} does not refer to {area}"
    if any(number > _LARGEST_CONSTANT for number in _constants(found.formula)):
        return f"{found.formula} has the number written into it"
    value = found.value if isinstance(found.value, int | float) else None
    return "" if value is not None and abs(value - result) < 0.005 else f"{found.formula} gives {found.value!r}"


def _constants(formula):
    """The numbers in a formula that are no part of a reference or a text."""
    rest = re.sub(r'"[^"]*"|' + r"(?:'[^']*'!)?[A-Z]{1,3}[0-9]+", " ", normal_formula(formula))
    return [float(number) for number in re.findall(r"[0-9]+\.?[0-9]*|\.[0-9]+", rest)]


def rest_unchanged(before, book, but=()):
    """Pass when all other cells are as setup left them."""
    return unchanged("nothing else changed", before, book.contents(), but=but)


# solve


def place(hands, cell):
    """The pixel in the middle of a cell, on a sheet that is not scrolled."""
    x, y = _corner_of_cells(hands)
    area = parse_area(cell)
    return x + (area.left - 1) * COLUMN + COLUMN // 2, y + (area.top - 1) * ROW + ROW // 2


def row_header(hands, row):
    """The pixel in the middle of a row's number, left of the cells."""
    x, y = _corner_of_cells(hands)
    return x // 2, y + (row - 1) * ROW + ROW // 2


def name_box(hands):
    """A pixel in the field that says which cell is selected; only the bar that it stands in can be found."""
    x, y, _, height = hands.find("tool bar", "Formula Tool Bar").box
    return x + 60, y + height // 2 + _stale(hands) - 2


def _corner_of_cells(hands):
    x, y, *_ = hands.find("table", _SHEET).box
    return x, y + _stale(hands)


def _stale(hands):
    """How much too high boxes are: until the pointer first moves, Calc leaves out the menu bar that came last."""
    _, top, _, height = hands.find("menu bar").box
    return max(0, top + height - hands.find("root pane").box[1])


def go_to(hands, thought, cell):
    """Name a cell in the name box."""
    yield hands.click(thought, name_box(hands), count=3)
    yield hands.type(f"I go to {cell}.", f"{cell}\n")


def enter(hands, cell, text, why, how=""):
    """Click a cell and type something into it."""
    yield hands.click(why, place(hands, cell))
    yield hands.type(how or f"I type it into {cell}.", f"{text}\n")


def save(hands, thought):
    """Save with the button of the toolbar."""
    yield hands.click(thought, hands.find("button", "Save"))


def then_save(hands, *moves):
    """The moves, then saving and the end: what a near miss does that believes in itself."""
    for move in moves:
        yield from move
    yield hands.press("I save the file.", "ctrl+s")
    yield hands.finish("Done.")
