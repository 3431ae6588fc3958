"""Written documents of Word (.docx) and OpenDocument (.odt) behind one face."""

from __future__ import annotations

from .docx import read_docx
from .odt import read_odt
from .prose import Document, Paragraph, Run

__all__ = ["Document", "Paragraph", "Run", "read_document"]

READERS = {"docx": read_docx, "odt": read_odt}


def read_document(data: bytes, suffix: str) -> Document:
    """Read a written document.

    Args:
        data: the document.
        suffix: ".docx" or ".odt": the format it should have.

    Raises:
        UnreadableFile: it is broken, not of this format or too large.
        ValueError: no such format is known here.
    """
    read = READERS.get(suffix.lower().removeprefix("."))
    if read is None:
        raise ValueError(f"no such document format: {suffix!r}; known: .docx, .odt")
    return read(data)
