"""Contact sheets: an episode in one picture."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ...errors import RecordError
from ..disk import written_whole
from ..episode import Episode
from ..frames import Frame
from .drawing import ACCENT, COLOURS, INK, PASTEL, canvas, font, marked, wrap, write_lines

__all__ = ["write_strip"]

MOST, COLUMNS = 6, 3
CELL, GAP, SIZE = 560, 28, 19
CAPTION = round(SIZE * 1.35 * 3) + 10


def write_strip(episode_folder: str | Path, into: str | Path) -> Path:
    """Write a PNG with up to six screens of an episode, marked and captioned, the last one being the final.

    Raises:
        RecordError: the episode has no screen or is damaged, or the disk would not take the picture.
    """
    episode = Episode.read(episode_folder)
    if not episode.final_screen:
        raise RecordError(f"{episode.folder} has no contact sheet: it ended before its first screen")
    cells = _cells(episode)
    columns = min(COLUMNS, len(cells))
    rows = math.ceil(len(cells) / columns)
    height = round(CELL * cells[0][0].shape[0] / cells[0][0].shape[1])
    top = GAP + round(SIZE * 1.35 * 2) + GAP // 2
    picture, draw = canvas(GAP + columns * (CELL + GAP), top + rows * (height + CAPTION + GAP // 2) + GAP // 2)
    goal = wrap(episode.header.goal, font(SIZE + 5), picture.width - 2 * GAP, 1)
    y = write_lines(draw, (GAP, GAP - 6), goal, SIZE + 5, INK)
    header = episode.header
    write_lines(draw, (GAP, y), [f"{header.task}   seed {header.seed}   {header.agent}"], SIZE - 2, PASTEL)
    for number, (frame, colour, title, words) in enumerate(cells):
        x = GAP + (number % columns) * (CELL + GAP)
        y = top + (number // columns) * (height + CAPTION + GAP // 2)
        smaller = cv2.resize(frame, (CELL, height), interpolation=cv2.INTER_AREA)
        picture.paste(Image.fromarray(smaller), (x, y))
        y = write_lines(draw, (x, y + height + 8), wrap(title, font(SIZE), CELL, 1), SIZE, colour)
        write_lines(draw, (x, y), wrap(words, font(SIZE - 2), CELL, 2), SIZE - 2, INK)
    path = Path(into)
    with written_whole(path) as beside:
        picture.save(beside, format="PNG", optimize=True)
    return path


def _cells(episode: Episode) -> list[tuple[Frame, tuple[int, int, int], str, str]]:
    """Each a screen, and the colour, title and words of its caption."""
    count = min(MOST - 1, len(episode.steps))
    chosen = np.linspace(0, len(episode.steps) - 1, count).round().astype(int) if count else []
    cells = []
    for step in (episode.steps[index] for index in chosen):
        title = f"{step.index + 1}/{len(episode.steps)}   {step.action}"
        cells.append((marked(episode, step), ACCENT, title, step.thought))
    verdict = episode.verdict
    words = "" if verdict is None else f"{len(verdict.checks) - len(verdict.failed())} of {len(verdict.checks)} checks"
    end = (episode.frame(episode.final_screen), COLOURS[episode.outcome], episode.outcome, episode.fault or words)
    return [*cells, end]
