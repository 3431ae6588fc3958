"""Plot: ours and the peers' side by side on a logarithmic axis, drawn with Pillow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ...errors import DeskgymError
from .figures import PREMATURE, Figure
from .measure import CAPTURE, CLICK, CLOCK_OFF, EPISODE, RESET, STEP, TYPE, WAITS

__all__ = ["draw"]

SCALE = 2
"""Drawn twice as large, so that it is sharp on any screen."""
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 1160, 250, 220, 112, 19, 20
INK, FAINT, PAPER = (33, 37, 41), (222, 226, 230), (255, 255, 255)
GREY = (134, 142, 150)
COLOURS = {"": (12, 133, 153), CLOCK_OFF: (102, 187, 200), WAITS: (173, 181, 189)}
PEER_COLOURS = ((240, 140, 0), (201, 42, 42), (132, 94, 247), (92, 148, 13))
LEAST = 0.1
"""Milliseconds at the left end of the axis."""
ORDER = (CAPTURE, CLICK, TYPE, STEP, EPISODE, RESET)


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Draw the medians as bars, with a line up to the 90th percentile, into a PNG.

    Raises:
        DeskgymError: there is nothing to draw, or no such place.
    """
    groups = _groups(figures)
    if not groups:
        raise DeskgymError("there are no figures to draw")
    picture = _Picture(figures, groups)
    try:
        picture.image.save(path)
    except (OSError, ValueError) as error:
        raise DeskgymError(f"the plot cannot be written: {error}") from error


def _groups(figures: Sequence[Figure]) -> list[list[Figure]]:
    """The timed figures of one thing on one software, by thing.

    Seeing and acting by themselves hardly depend on the software: they are drawn once for each way.
    """
    found: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        if figure.name in ORDER:
            found.setdefault((figure.name, figure.software), []).append(figure)
    groups: list[list[Figure]] = []
    for (name, _), group in found.items():
        drawn = {each.peer for former in groups for each in former if former[0].name == name}
        if name in (STEP, EPISODE, RESET) or {each.peer for each in group} - drawn:
            groups.append(group)
    return sorted(groups, key=lambda group: ORDER.index(group[0].name))


class _Picture:
    def __init__(self, figures: Sequence[Figure], groups: list[list[Figure]]):
        peers = list(dict.fromkeys(figure.peer for figure in figures))
        others = [peer for peer in peers if peer not in COLOURS]
        self._colours = COLOURS | {peer: PEER_COLOURS[i % 4] for i, peer in enumerate(others)}
        self._premature = {(figure.software, figure.peer): figure for figure in figures if figure.name == PREMATURE}
        self._most = max(1.2 * _ms(figure, figure.p90) for group in groups for figure in group)
        legend = 24 * len(peers) + 16
        bars = sum(len(group) for group in groups)
        height = TOP + legend + bars * BAR + len(groups) * GAP + 44
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
        self._draw = ImageDraw.Draw(self.image)
        self._fonts = {size: ImageFont.load_default(size * SCALE) for size in (12, 13, 24)}
        self._text(28, 22, "What it takes to see and to act", 24)
        words = "Bars: medians; thin lines: up to the 90th percentile. Logarithmic axis."
        self._text(28, 60, words, 13, GREY)
        y = self._legend(peers, 92)
        self._axis(y, height - 40)
        for group in groups:
            y = self._group(group, y + GAP / 2)

    def _legend(self, peers: list[str], y: float) -> float:
        for peer in peers:
            self._box(28, y + 2, 42, y + 16, self._colours[peer])
            self._text(52, y, peer or "deskgym", 13)
            y += 24
        return y + 16

    def _axis(self, top: float, bottom: float) -> None:
        for power in range(-1, math.floor(math.log10(self._most)) + 1):
            x = self._x(10.0**power)
            self._box(x, top, x + 1, bottom, FAINT)
            label = f"{10.0**power:g} ms" if power < 3 else f"{10 ** (power - 3)} s"
            self._text(x - 12, bottom + 6, label, 12, GREY)

    def _group(self, group: list[Figure], y: float) -> float:
        name, software = group[0].name.partition(":")[0], group[0].software
        self._text(28, y + 1, software, 13)
        self._text(112, y + 1, name[:24], 12, GREY)
        for figure in group:
            self._bar(figure, y)
            y += BAR
        return y + GAP / 2

    def _bar(self, figure: Figure, y: float) -> None:
        colour = self._colours[figure.peer]
        middle, end = self._x(_ms(figure, figure.p50)), self._x(_ms(figure, figure.p90))
        self._box(LEFT, y + 1, max(middle, LEFT + 2), y + BAR - 3, colour)
        self._box(middle, y + BAR / 2 - 2, end, y + BAR / 2, colour)
        words = _words(figure)
        premature = self._premature.get((figure.software, figure.peer))
        if premature and figure.name == STEP:
            words += f"   {premature.p50:.3g} % premature, of {premature.n:,}"
        self._text(end + 7, y, words, 12)

    def _x(self, milliseconds: float) -> float:
        share = math.log(max(milliseconds, LEAST) / LEAST) / math.log(self._most / LEAST)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def _box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, int, int]) -> None:
        edges = [round(edge * SCALE) for edge in (left, top, right, bottom)]
        if edges[2] > edges[0]:  # a 90th percentile may lie within the same pixel as its median
            self._draw.rectangle((edges[0], edges[1], edges[2] - 1, edges[3] - 1), fill=colour)

    def _text(self, x: float, y: float, words: str, size: int, colour: tuple[int, int, int] = INK) -> None:
        self._draw.text((x * SCALE, y * SCALE), words, fill=colour, font=self._fonts[size])


def _ms(figure: Figure, value: float) -> float:
    return value * 1000 if figure.unit == "s" else value


def _words(figure: Figure) -> str:
    value = _ms(figure, figure.p50)
    if value >= 1000:
        return f"{value / 1000:.3g} s"
    return f"{value:.3g} ms"
