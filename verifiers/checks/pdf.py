"""PDF documents: their pages and the text on them."""

from __future__ import annotations

import io
from dataclasses import dataclass

from .basic import LIBRARY_FAULTS, UnreadableFile, reading

__all__ = ["Pdf", "read_pdf"]

_MAX_PAGES = 500


@dataclass(frozen=True)
class Pdf:
    """What a reader of the document would see."""

    pages: tuple[str, ...]
    """The text of each page."""
    producer: str = ""
    """The program that wrote it, as it says itself."""
    title: str = ""
    sizes: tuple[tuple[float, float], ...] = ()
    """Width and height of each page in points (1/72 inch), before any rotation."""

    @property
    def text(self) -> str:
        """All text, pages parted by newlines."""
        return "\n".join(self.pages)


def read_pdf(data: bytes) -> Pdf:
    """Read a PDF.

    Raises:
        UnreadableFile: it is broken, encrypted or has more than 500 pages.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    with reading("PDF", PyPdfError, *LIBRARY_FAULTS):
        reader = PdfReader(io.BytesIO(data))
        if len(reader.pages) > _MAX_PAGES:
            raise UnreadableFile(f"the PDF has more than {_MAX_PAGES} pages")
        about = reader.metadata
        return Pdf(
            pages=tuple(page.extract_text() for page in reader.pages),
            producer=(about.producer if about else None) or "",
            title=(about.title if about else None) or "",
            sizes=tuple((float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages),
        )
