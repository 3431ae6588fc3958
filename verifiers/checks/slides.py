"""Slides of PowerPoint (.pptx) through python-pptx: titles, texts, notes and what else lies on them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

from .archive import read_zip
from .basic import LIBRARY_FAULTS, reading

__all__ = ["Slide", "read_slides"]


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    """Empty where it has none."""
    texts: tuple[str, ...]
    """The text of each other shape that has any, in drawing order; paragraphs parted by newlines."""
    notes: str = ""
    layout: str = ""
    """The name of its layout, such as "Title and Content"."""
    pictures: int = 0
    charts: int = 0
    tables: int = 0


def read_slides(data: bytes) -> list[Slide]:
    """The slides of a .pptx in order.

    Raises:
        UnreadableFile: it is broken, another format or too large.
    """
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    read_zip(data, "pptx")  # for its limits: python-pptx has none
    with warnings.catch_warnings(), reading("pptx", PythonPptxError, *LIBRARY_FAULTS):
        warnings.simplefilter("ignore")
        return [_slide(slide) for slide in Presentation(io.BytesIO(data)).slides]


def _slide(slide: Any) -> Slide:
    shapes, title = list(_flat(slide.shapes)), slide.shapes.title
    others = [shape for shape in shapes if title is None or shape.shape_id != title.shape_id]
    return Slide(
        title=title.text_frame.text if title is not None else "",
        texts=tuple(text for shape in others if shape.has_text_frame and (text := shape.text_frame.text)),
        notes=slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else "",
        layout=slide.slide_layout.name,
        pictures=sum(shape.element.tag.endswith("}pic") for shape in shapes),
        charts=sum(bool(shape.has_chart) for shape in shapes),
        tables=sum(bool(shape.has_table) for shape in shapes),
    )


def _flat(shapes: Any) -> Any:
    """The shapes, those inside groups too."""
    for shape in shapes:
        yield shape
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
