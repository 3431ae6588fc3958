"""Word's .docx through python-docx."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .archive import read_zip
from .basic import LIBRARY_FAULTS, reading
from .prose import Document, Paragraph, Run
from .xml import read_xml

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph as WordParagraph

__all__ = ["read_docx"]

_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


def read_docx(data: bytes) -> Document:
    """Read a Word document; see `document.read_document`."""
    import docx
    from docx.opc.exceptions import OpcError

    parts = read_zip(data, "docx")
    with warnings.catch_warnings(), reading("docx", OpcError, *LIBRARY_FAULTS):
        warnings.simplefilter("ignore")
        word = docx.Document(io.BytesIO(data))
        about = parts.get("docProps/app.xml")
        return Document(
            paragraphs=tuple(_paragraph(paragraph) for paragraph in word.paragraphs),
            tables=tuple(tuple(tuple(cell.text for cell in row.cells) for row in table.rows) for table in word.tables),
            generator=(read_xml(about).findtext("{*}Application") or "") if about else "",
            title=word.core_properties.title,
        )


def _paragraph(paragraph: WordParagraph) -> Paragraph:
    style = (paragraph.style.name if paragraph.style else None) or ""
    runs = tuple(_run(run, paragraph) for run in _runs(paragraph))
    return Paragraph(tuple(run for run in runs if run.text), style, _level(paragraph))


def _runs(paragraph: WordParagraph) -> Iterator[Any]:
    for part in paragraph.iter_inner_content():
        # A hyperlink holds runs of its own.
        yield from getattr(part, "runs", [part])


def _run(run: Any, paragraph: WordParagraph) -> Run:
    styles = [*_ancestry(run.style), *_ancestry(paragraph.style)]
    fonts = [run.font, *(style.font for style in styles)]
    return Run(run.text, *(_first(fonts, key) for key in ("bold", "italic", "underline")))


def _first(fonts: list[Any], key: str) -> bool:
    """The first font that decides: None leaves it to the next, from the run to its styles' parents."""
    return next((bool(value) for font in fonts if (value := getattr(font, key)) is not None), False)


def _ancestry(style: Any) -> Iterator[Any]:
    seen = set()
    while style is not None and style.style_id not in seen:
        seen.add(style.style_id)
        yield style
        style = style.base_style


def _level(paragraph: WordParagraph) -> int:
    for style in _ancestry(paragraph.style):
        if match := _HEADING.fullmatch(style.name or ""):
            return int(match[1])
    return 0
