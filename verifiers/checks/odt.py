"""OpenDocument texts (.odt), as LibreOffice Writer and AbiWord write them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .basic import UnreadableFile, reading
from .odf import Odf, open_odf, tag, text_of
from .prose import Document, Paragraph, Run
from .xml import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["read_odt"]

_PARAGRAPHS = {tag("text:p"), tag("text:h")}
_SKIPPED = {tag("table:table"), tag("text:tracked-changes"), tag("office:annotation"), tag("text:note")}
_SPAN, _LINK = tag("text:span"), tag("text:a")
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def read_odt(data: bytes) -> Document:
    """Read an OpenDocument text; see `document.read_document`."""
    odf = open_odf(data, "odt")
    body = odf.content.find(f".//{tag('office:text')}")
    if body is None:
        raise UnreadableFile("the file could not be read as odt: it holds no text")
    with reading("odt"):
        meta = read_xml(odf.parts["meta.xml"], "odt") if "meta.xml" in odf.parts else None
        return Document(
            paragraphs=tuple(_paragraph(odf, element) for element in _paragraphs(body)),
            tables=tuple(_table(table) for table in body.iter(tag("table:table"))),
            generator=odf.generator,
            title="" if meta is None else meta.findtext(f".//{_TITLE}") or "",
        )


def _paragraphs(element: Element) -> Iterator[Element]:
    """Paragraphs and headings in order, through lists and sections but not through tables."""
    for child in element:
        if child.tag in _PARAGRAPHS:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _paragraphs(child)


def _paragraph(odf: Odf, element: Element) -> Paragraph:
    style = element.get(tag("text:style-name"))
    heading = element.tag == tag("text:h")
    level = int(element.get(tag("text:outline-level"), "1")) if heading else 0
    runs = _runs(odf, element, [("paragraph", style)])
    return Paragraph(tuple(run for run in runs if run.text), _shown_name(odf, style), level)


def _runs(odf: Odf, element: Element, styles: list[tuple[str, str | None]]) -> Iterator[Run]:
    """One run for each stretch between tags; `styles` are those around it, the innermost first."""
    look = _look(odf, styles)
    yield Run(element.text or "", *look)
    for child in element:
        if child.tag == _SPAN:
            yield from _runs(odf, child, [("text", child.get(tag("text:style-name"))), *styles])
        elif child.tag == _LINK:
            yield from _runs(odf, child, styles)
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield Run(_inline(child), *look)
        yield Run(child.tail or "", *look)


def _inline(child: Element) -> str:
    """The text of a space, tab, line break, field or bookmark: read as the only content of a paragraph."""
    wrapper = child.makeelement("wrapper")
    copied = copy.copy(child)
    copied.tail = None
    wrapper.append(copied)
    return text_of(wrapper)


def _look(odf: Odf, styles: list[tuple[str, str | None]]) -> tuple[bool, bool, bool]:
    weight = _property(odf, styles, "fo:font-weight")
    posture = _property(odf, styles, "fo:font-style")
    line = _property(odf, styles, "style:text-underline-style")
    return (
        weight in ("bold", "600", "700", "800", "900"),
        posture in ("italic", "oblique"),
        line not in (None, "none"),
    )


def _property(odf: Odf, styles: list[tuple[str, str | None]], key: str) -> str | None:
    values = (odf.style_property(family, name, "style:text-properties", key) for family, name in styles)
    return next((value for value in values if value is not None), None)


def _shown_name(odf: Odf, name: str | None) -> str:
    """The style a person chose: an automatic style (P1) only adds direct formatting to its parent."""
    for style in odf.ancestry("paragraph", name):
        parent = style.getparent()
        if parent is not None and parent.tag != tag("office:automatic-styles"):
            shown = style.get(tag("style:display-name")) or style.get(tag("style:name")) or ""
            return shown.replace("_20_", " ")
    return (name or "").replace("_20_", " ")


def _table(table: Element) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(
            "\n".join(text_of(paragraph) for paragraph in _paragraphs(cell))
            for cell in row.iterfind(tag("table:table-cell"))
        )
        for row in table.iter(tag("table:table-row"))
    )
