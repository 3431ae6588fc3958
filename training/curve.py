"""Curve: the losses of a run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["draw_losses"]

SIZE, LEFT, TOP, RIGHT, BOTTOM = (960, 480), 70, 40, 930, 430
COLOURS = {"train": (120, 160, 220), "validation": (200, 60, 40)}


def draw_losses(curves: Mapping[str, Sequence[tuple[int, float]]], path: Path) -> None:
    """Draw losses over steps into a PNG, from zero up.

    Args:
        curves: name -> (step, loss), in order of steps; those without points are left out.
        path: of the picture.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    points = [point for curve in curves.values() for point in curve]
    far = max((step for step, _ in points), default=1)
    high = max((loss for _, loss in points), default=1.0) or 1.0

    def place(step: float, loss: float) -> tuple[float, float]:
        return LEFT + (RIGHT - LEFT) * step / max(far, 1), BOTTOM - (BOTTOM - TOP) * loss / high

    for part in range(5):
        _, y = place(0, high * part / 4)
        draw.line([(LEFT, y), (RIGHT, y)], fill=(225, 225, 225))
        draw.text((8, y - 6), f"{high * part / 4:.3f}", fill="black")
        x, _ = place(far * part / 4, 0)
        draw.text((x - 8, BOTTOM + 8), f"{far * part / 4:.0f}", fill="black")
    draw.text((RIGHT - 40, BOTTOM + 26), "steps", fill="black")
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS.get(name, (60, 60, 60))
        draw.text((LEFT + 160 * number, 12), f"{name} loss", fill=colour)
        if curve:
            draw.line([place(step, loss) for step, loss in curve], fill=colour, width=2)
            x, y = place(*curve[-1])
            draw.ellipse([(x - 3, y - 3), (x + 3, y + 3)], fill=colour)
    image.save(path)
