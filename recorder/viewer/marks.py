"""Marks: where an action touched the screen, as plain shapes that a page and a film draw alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...envs.action import Action, Click, Drag, Scroll, parse_action
from ...errors import ActionError

__all__ = ["Marks", "marks_of"]

Point = tuple[float, float]


@dataclass(frozen=True)
class Marks:
    """The shapes that show one action, in screen pixels."""

    rings: tuple[tuple[float, float, float], ...] = ()
    """x, y, radius."""
    paths: tuple[tuple[Point, ...], ...] = ()
    """Lines through points."""
    heads: tuple[tuple[Point, ...], ...] = ()
    """Arrow heads, as triangles."""
    note: str = ""
    """What the shapes cannot show: "right", "double", "ctrl"."""
    note_at: Point = (0, 0)
    note_before: bool = False
    """Whether the note ends at its place, because the screen ends there, instead of beginning at it."""


def marks_of(text: str, screen_size: tuple[int, int]) -> Marks | None:
    """The marks of an action's text form; None for one that is malformed or touches no pixel."""
    try:
        action = parse_action(text)
    except ActionError:
        return None
    points = action.points()
    if not points:
        return None
    width, height = screen_size
    inside = [(min(max(x, 0), width - 1), min(max(y, 0), height - 1)) for x, y in points]
    radius = max(width, height) / 48
    rings, paths, heads = [(*inside[0], radius)], [], []
    if isinstance(action, Click):
        rings += [(*inside[0], radius * (1 + 0.45 * extra)) for extra in range(1, action.count)]
    elif isinstance(action, Drag):
        rings = [(*inside[0], radius * 0.5)]
        paths, heads = [tuple(inside)], _head(inside[-2], inside[-1], radius)
    elif isinstance(action, Scroll) and (action.dx or action.dy):
        far = math.hypot(action.dx, action.dy) / (radius * 3)
        tip = (inside[0][0] + action.dx / far, inside[0][1] + action.dy / far)
        paths, heads = [(inside[0], tip)], _head(inside[0], tip, radius)
    before = inside[0][0] > width * 0.8
    note_at = (inside[0][0] + radius * (-1.9 if before else 1.9), max(inside[0][1] - radius * 0.9, radius))
    note = _note(action, off_screen=list(points) != inside)
    return Marks(tuple(rings), tuple(paths), tuple(heads), note, note_at, before)


def _note(action: Action, off_screen: bool) -> str:
    words = ["off the screen"] if off_screen else []
    words += [word for word in (getattr(action, "modifiers", ""),) if word]
    words += [word for word in (getattr(action, "button", "left"),) if word != "left"]
    if isinstance(action, Click):
        words += ["", "", "double", "triple"][action.count : action.count + 1] if action.count > 1 else []
    elif isinstance(action, Scroll):
        words.append(f"scroll {max(abs(action.dx), abs(action.dy))}")
    elif not isinstance(action, Drag):
        words.append(action.verb.replace("_", " "))
    return " ".join(words)


def _head(start: Point, tip: Point, size: float) -> list[tuple[Point, ...]]:
    angle = math.atan2(tip[1] - start[1], tip[0] - start[0])
    corners = (angle + math.pi - 0.45, angle + math.pi + 0.45)
    wings = [(tip[0] + size * math.cos(corner), tip[1] + size * math.sin(corner)) for corner in corners]
    return [(tip, *wings)]
