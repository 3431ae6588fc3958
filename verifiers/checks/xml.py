"""XML read with the doors shut: no entities, no document type fetched, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .archive import MAX_BYTES
from .basic import UnreadableFile, reading

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

__all__ = ["read_xml", "text_of"]


def read_xml(data: bytes, kind: str = "XML") -> Element:
    """The root element.

    Args:
        data: the document.
        kind: what to call it when it cannot be read.

    Raises:
        UnreadableFile: it is not well-formed, is too large or declares entities.
    """
    from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - compiled, without stubs

    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"the {kind} file holds more than {MAX_BYTES >> 20} MiB")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with reading(kind):
        root = etree.fromstring(data, parser)
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise UnreadableFile(f"the {kind} file declares XML entities")
    return root


def text_of(element: Element) -> str:
    """All text inside an element, comments and processing instructions left out."""
    return "".join(text for text in element.itertext(tag="*"))
