"""Spreadsheets of Excel (.xlsx), Gnumeric and OpenDocument (.ods) behind one face.

Example:
    >>> book = read_workbook(evidence.read("sales.gnumeric"), ".gnumeric")    # doctest: +SKIP
    >>> same_formula(book.sheets["Sales"]["B10"].formula, "=SUM(B2:B9)")    # doctest: +SKIP
"""

from __future__ import annotations

from .formula import formula_refers_to, functions, normal_formula, references, same_formula
from .gnumeric import read_gnumeric
from .ods import read_ods
from .workbook import Cell, Sheet, Value, Workbook
from .xlsx import read_xlsx

__all__ = [
    "Cell",
    "Sheet",
    "Value",
    "Workbook",
    "formula_refers_to",
    "functions",
    "normal_formula",
    "read_workbook",
    "references",
    "same_formula",
]

READERS = {"xlsx": read_xlsx, "xlsm": read_xlsx, "gnumeric": read_gnumeric, "ods": read_ods}


def read_workbook(data: bytes, suffix: str) -> Workbook:
    """Read a spreadsheet.

    Args:
        data: the document.
        suffix: ".xlsx", ".gnumeric" or ".ods": the format it should have, which the task knows.

    Raises:
        UnreadableFile: it is broken, not of this format or too large.
        ValueError: no such format is known here.
    """
    read = READERS.get(suffix.lower().removeprefix("."))
    if read is None:
        raise ValueError(f"no such spreadsheet format: {suffix!r}; known: .gnumeric, .ods, .xlsx")
    return read(data)
