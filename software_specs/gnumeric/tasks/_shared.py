"""What the Gnumeric tasks share: writing .gnumeric files, finding cells on the screen, and checks."""

import gzip
from xml.sax.saxutils import escape

from deskgym.verifiers.checks import UnreadableFile, equal, unchanged
from deskgym.verifiers.checks.area import cell_name, parse_area
from deskgym.verifiers.checks.spreadsheet import read_workbook
from deskgym.verifiers.verdict import Check

from ._formulas import value_of

_GNM = "http://www.gnumeric.org/v10.dtd"
_STRING, _FLOAT = 60, 40  # ValueType, gnumeric's src/value.h
COLUMN, ROW = 96, 18
"""Width and height of every cell in pixels, at 96 dots an inch."""


# setup


def gnumeric_file(sheets):
    """The bytes of a .gnumeric file; it names no version, so that one saved by Gnumeric can be told from it.

    Args:
        sheets: name -> rows of values (None: empty); the first row is a bold header.
    """
    names = "".join(f"<gnm:SheetName>{escape(name)}</gnm:SheetName>" for name in sheets)
    bodies = "".join(_sheet(name, rows) for name, rows in sheets.items())
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><gnm:Workbook xmlns:gnm="{_GNM}">'
        f"<gnm:SheetNameIndex>{names}</gnm:SheetNameIndex><gnm:Sheets>{bodies}</gnm:Sheets></gnm:Workbook>"
    )
    return gzip.compress(text.encode(), mtime=0)


def _sheet(name, rows):
    cells = "".join(
        f'<gnm:Cell Row="{y}" Col="{x}" ValueType="{_STRING if isinstance(value, str) else _FLOAT}">'
        f"{escape(str(value))}</gnm:Cell>"
        for y, row in enumerate(rows)
        for x, value in enumerate(row)
        if value is not None
    )
    width = max(len(row) for row in rows)
    return (
        f"<gnm:Sheet><gnm:Name>{escape(name)}</gnm:Name>"
        f"<gnm:MaxCol>{width - 1}</gnm:MaxCol><gnm:MaxRow>{len(rows) - 1}</gnm:MaxRow>"
        f'<gnm:Styles><gnm:StyleRegion startCol="0" startRow="0" endCol="{width - 1}" endRow="0">'
        f'<gnm:Style><gnm:Font Unit="10" Bold="1">Sans</gnm:Font></gnm:Style></gnm:StyleRegion></gnm:Styles>'
        f'<gnm:Cols DefaultSizePts="{COLUMN * 0.75}"/><gnm:Rows DefaultSizePts="{ROW * 0.75}"/>'
        f"<gnm:Cells>{cells}</gnm:Cells></gnm:Sheet>"
    )


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
    """The workbook, and the check that Gnumeric itself wrote it.

    Raises:
        UnreadableFile: it is still the file that setup wrote: whatever else it says earns nothing.
    """
    book = read_workbook(evidence.read(path), ".gnumeric")
    if not book.generator.startswith("gnumeric/1."):
        raise UnreadableFile(f"{path} has not been saved by Gnumeric, but by {book.generator!r}")
    return book, equal("saved by Gnumeric", True, True)


def follows(name, sheet, formulas, cases, weight=2.0):
    """Pass when every formula gives what it should, for the data as they are and for others in their place.

    Args:
        name: of the check.
        sheet: the sheet the formulas stand in.
        formulas: cell -> formula or None.
        cases: pairs of cells ("Sheet!B7" -> value) and what each formula should give for them (cell -> value).
        weight: of the check.
    """
    wrong = {}
    for cells, wanted in cases:
        for cell, formula in formulas.items():
            found = value_of(formula, cells, sheet)
            if not _near(found, wanted[cell]) and cell not in wrong:
                wrong[cell] = f"{formula} gives {found!r:.40}, not {wanted[cell]!r}"
    return Check(name, not wrong, "right, also for other data", list(wrong.items())[:3] or "right", weight)


def _near(found, wanted):
    return isinstance(found, int | float) and not isinstance(found, bool) and abs(found - wanted) < 0.005


def is_formula(cell, book, sheet):
    """Pass when a cell holds a formula rather than a number."""
    found = book.sheets[sheet][cell]
    return equal(f"{cell} holds a formula", True, found.formula is not None)


def rest_unchanged(before, book, but=()):
    """Pass when all other cells are as setup left them."""
    return unchanged("nothing else changed", before, book.contents(), but=but)


# solve


def grid(hands):
    """The panel of the cells: the smallest of the large ones."""
    panels = [panel for panel in hands.seek("panel") if min(panel.box[2:]) > 300]
    return min(panels, key=lambda panel: panel.box[2] * panel.box[3])


def place(hands, cell):
    """The pixel in the middle of a cell, on a sheet that is not scrolled."""
    x, y, *_ = grid(hands).box
    area = parse_area(cell)
    return x + (area.left - 1) * COLUMN + COLUMN // 2, y + (area.top - 1) * ROW + ROW // 2


def name_box(hands):
    """The field left above the cells that says which one is selected."""
    top = grid(hands).box[1]
    above = [text for text in hands.seek("text") if text.box[1] < top]
    return min(above, key=lambda text: (-text.box[1], text.box[0]))


def select(hands, thought, cell):
    """Click a cell, unless it is selected already; if that chose another one, name it in the name box."""
    if name_box(hands).value == cell:
        return
    yield hands.click(thought, place(hands, cell))
    if name_box(hands).value != cell:
        yield hands.click(f"That was not {cell}; I name it in the name box.", name_box(hands), count=3)
        yield hands.type(f"I go to {cell}.", f"{cell}\n")


def enter(hands, cell, text, why, how=""):
    """Select a cell and type something into it."""
    yield from select(hands, why, cell)
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
