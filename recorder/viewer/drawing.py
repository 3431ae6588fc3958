"""Drawing marks and words into pixels, for films and contact sheets."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..episode import Episode, Step
from ..frames import Frame
from .marks import Marks, marks_of

__all__ = ["ACCENT", "COLOURS", "INK", "PAPER", "PASTEL", "canvas", "font", "marked", "wrap", "write_lines"]

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

LONGEST = 400
"""Characters measured for one line: none holds more, and measuring 10,000 typed ones would take seconds."""

ACCENT: Colour = (255, 45, 111)
PAPER: Colour = (22, 24, 29)
INK: Colour = (240, 240, 238)
PASTEL: Colour = (150, 154, 163)
COLOURS: dict[str, Colour] = {
    "passed": (79, 201, 139),
    "failed": (255, 122, 107),
    "fault": (240, 178, 76),
    "unjudged": PASTEL,
    "unfinished": PASTEL,
}


@lru_cache
def font(size: int) -> Font:
    """The font that comes with Pillow, so that a film looks the same on every machine."""
    return ImageFont.load_default(size)


def marked(episode: Episode, step: Step) -> Frame:
    """The screen before a step, with the marks of its action and the box of its target."""
    frame = episode.frame(step.screen).copy()
    height, width, _ = frame.shape
    thin = max(1, round(width / 640))
    if step.target is not None:
        x, y, w, h = step.target.box
        # Accessibility trees report widgets far outside the screen, where cv2 cannot draw.
        corners = np.clip([(x, y), (x + w, y + h)], (-thin, -thin), (width + thin, height + thin)).tolist()
        cv2.rectangle(frame, corners[0], corners[1], ACCENT, thin, cv2.LINE_AA)
    marks = marks_of(step.action, (width, height))
    if marks is not None:
        _paint(frame, marks, thin)
    return frame


def _paint(frame: Frame, marks: Marks, thin: int) -> None:
    tinted = frame.copy()
    for x, y, radius in marks.rings[:1]:
        cv2.circle(tinted, _pixel((x, y)), round(radius), ACCENT, -1, cv2.LINE_AA)
    cv2.addWeighted(tinted, 0.2, frame, 0.8, 0, frame)
    # White below colour, so that marks are seen on any screen.
    for colour, thick in (((255, 255, 255), 4 * thin), (ACCENT, 2 * thin)):
        for x, y, radius in marks.rings:
            cv2.circle(frame, _pixel((x, y)), round(radius), colour, thick, cv2.LINE_AA)
        for path in marks.paths:
            cv2.polylines(frame, [np.array([_pixel(p) for p in path])], False, colour, thick, cv2.LINE_AA)
        for head in marks.heads:
            corners = np.array([_pixel(p) for p in head])
            cv2.polylines(frame, [corners], True, colour, thick, cv2.LINE_AA)
            cv2.fillPoly(frame, [corners], colour, cv2.LINE_AA)
    for x, y, _ in marks.rings[:1]:
        cv2.circle(frame, _pixel((x, y)), 2 * thin, ACCENT, -1, cv2.LINE_AA)
    if marks.note:
        picture = Image.fromarray(frame)
        ImageDraw.Draw(picture).text(
            marks.note_at,
            marks.note,
            ACCENT,
            font(max(10, frame.shape[1] // 48)),
            anchor="rm" if marks.note_before else "lm",
            stroke_width=2 * thin,
            stroke_fill=(255, 255, 255),
        )
        frame[:] = np.asarray(picture)


def canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty dark picture, and what draws on it."""
    picture = Image.new("RGB", (width, height), PAPER)
    return picture, ImageDraw.Draw(picture)


def wrap(text: str, words_font: Font, width: float, lines: int) -> list[str]:
    """Break text into at most `lines` lines of at most `width` pixels; what is left out shows as "..."."""
    rows = [""]
    for word in text[: LONGEST * lines].split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and words_font.getlength(longer) > width:
            rows.append(word)
        else:
            rows[-1] = longer
    if len(rows) > lines or len(text) > LONGEST * lines:
        rows = [*rows[: lines - 1], rows[lines - 1] + " ..."]
    return [_fit(row, words_font, width) for row in rows]


def _fit(row: str, words_font: Font, width: float) -> str:
    if words_font.getlength(row) <= width:
        return row
    fitting = bisect(range(len(row)), width, key=lambda length: words_font.getlength(row[:length] + "..."))
    return row[: max(0, fitting - 1)].rstrip(" .") + "..."


def write_lines(draw: ImageDraw.ImageDraw, at: tuple[int, int], rows: Iterable[str], size: int, colour: Colour) -> int:
    """Write lines of text below each other; return the y below the last."""
    x, y = at
    for row in rows:
        draw.text((x, y), row, colour, font(size))
        y += round(size * 1.35)
    return y


def _pixel(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0]), round(point[1])
