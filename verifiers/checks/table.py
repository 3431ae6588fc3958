"""Tables in plain text: CSV, and its cousins with semicolons or tabs."""

from __future__ import annotations

import csv
import io

from .basic import Parts, UnreadableFile, reading
from .text import read_text

__all__ = ["read_records", "read_table"]


def read_table(data: bytes, delimiter: str | None = None) -> list[list[str]]:
    """The rows of a CSV file, blank lines left out.

    Args:
        data: the file.
        delimiter: one character; None takes whichever of `,` `;` and tab splits the first row most.

    Raises:
        UnreadableFile: it is not text, or its quoting is broken.
    """
    text = read_text(data)
    with reading("CSV", csv.Error):
        if delimiter is None:
            delimiter = max(",;\t", key=lambda mark: len(next(csv.reader(io.StringIO(text), delimiter=mark), [])))
        return [row for row in csv.reader(io.StringIO(text, ""), delimiter=delimiter, strict=True) if row]


def read_records(data: bytes, delimiter: str | None = None) -> list[Parts[str]]:
    """The rows below the header, each as column -> text.

    Raises:
        UnreadableFile: there is no header, or a row has another number of fields than it.
    """
    rows = read_table(data, delimiter)
    if not rows:
        raise UnreadableFile("the CSV file is empty")
    header, *body = rows
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise UnreadableFile(f"row {number} of the CSV file has {len(row)} fields, not {len(header)}")
    return [Parts("column", dict(zip(header, row, strict=True))) for row in body]
