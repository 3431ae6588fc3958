"""What all OpenDocument files share: their parts, their styles and how text is spelled in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .archive import read_zip
from .basic import Parts, UnreadableFile
from .xml import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["NS", "Odf", "open_odf", "tag", "text_of"]

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NS = {
    **{name: f"{_OASIS}{name}:1.0" for name in ("office", "style", "text", "table", "meta", "config", "manifest")},
    "number": f"{_OASIS}datastyle:1.0",
    "draw": f"{_OASIS}drawing:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}


def tag(name: str) -> str:
    """`office:value` as lxml spells it."""
    prefix, local = name.split(":")
    return f"{{{NS[prefix]}}}{local}"


_SPACE, _TAB, _BREAK = tag("text:s"), tag("text:tab"), tag("text:line-break")
# What stands inside a paragraph's element and yet is no part of what it says.
_ASIDE = {tag("office:annotation"), tag("text:note"), tag("text:tracked-changes"), tag("draw:frame")}


@dataclass(frozen=True)
class Odf:
    """An opened document."""

    parts: Parts[bytes]
    content: Element
    styles: dict[tuple[str, str], Element]
    """(family, name) -> style; a family's default has the name ""."""
    generator: str

    def style_property(self, family: str, name: str | None, group: str, key: str) -> str | None:
        """A formatting property of a style, looked up through its parents to the family's default.

        Args:
            family: such as "paragraph" or "table-cell".
            name: of the style; None for the default.
            group: the element it stands in, such as "style:text-properties".
            key: such as "fo:font-weight".
        """
        for style in self.ancestry(family, name):
            properties = style.find(tag(group))
            if properties is not None and (value := properties.get(tag(key))) is not None:
                return value
        return None

    def ancestry(self, family: str, name: str | None) -> Iterator[Element]:
        """A style, its parent, and so on, and the family's default."""
        seen = set()
        while name and name not in seen and (style := self.styles.get((family, name))) is not None:
            seen.add(name)
            yield style
            name = style.get(tag("style:parent-style-name"))
        if (family, "") in self.styles:
            yield self.styles[family, ""]


def open_odf(data: bytes, kind: str) -> Odf:
    """Open an OpenDocument file.

    Raises:
        UnreadableFile: it is broken, or another kind of document.
    """
    parts = read_zip(data, kind)
    mimetype = parts.get("mimetype", b"").decode("ascii", "replace").strip()
    wanted = {"ods": "spreadsheet", "odt": "text", "odp": "presentation"}[kind]
    if mimetype and f".{wanted}" not in mimetype:
        raise UnreadableFile(f"the file could not be read as {kind}: it says it is {mimetype}")
    content = read_xml(parts["content.xml"], kind)
    extra = [read_xml(parts["styles.xml"], kind)] if "styles.xml" in parts else []
    found = {}
    for root in [*extra, content]:
        for style in root.iter(tag("style:style"), tag("style:default-style"), *_data_styles()):
            family = style.get(tag("style:family")) or "data-style"
            found[family, style.get(tag("style:name")) or ""] = style
    return Odf(parts, content, found, _generator(parts, kind))


def text_of(element: Element) -> str:
    """What a paragraph says: spaces, tabs and line breaks spelled out, notes and comments left out."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag == _SPACE:
            # Capped: one attribute could otherwise ask for gigabytes.
            pieces.append(" " * min(int(child.get(tag("text:c"), "1")), 10_000))
        elif child.tag == _TAB:
            pieces.append("\t")
        elif child.tag == _BREAK:
            pieces.append("\n")
        elif isinstance(child.tag, str) and child.tag not in _ASIDE:
            pieces.append(text_of(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _data_styles() -> list[str]:
    kinds = ("number", "currency", "percentage", "date", "time", "boolean", "text")
    return [tag(f"number:{kind}-style") for kind in kinds]


def _generator(parts: Parts[bytes], kind: str) -> str:
    if "meta.xml" not in parts:
        return ""
    return read_xml(parts["meta.xml"], kind).findtext(f".//{tag('meta:generator')}") or ""
