"""Films: an episode as an MP4 that plays anywhere, about a second a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import ImageDraw

from ...errors import RecordError
from ..disk import written_whole
from ..episode import Episode, Step
from ..frames import Frame
from ..store import Run
from .drawing import ACCENT, COLOURS, INK, PASTEL, canvas, font, marked, wrap, write_lines

__all__ = ["write_film", "write_films"]

RATE = 4
"""Pictures a second."""
BEFORE, MARKED, ENDING = 1, 3, 12
"""Pictures of a step before its mark is shown and with it, and of the end."""
NARROWEST, WIDEST = 640, 1280


def write_film(episode_folder: str | Path, into: str | Path | None = None) -> Path:
    """Film an episode: each screen with the mark of the action, and goal, thought and action below it.

    Args:
        episode_folder: where the episode lies.
        into: the MP4 to write; by default `film.mp4` in the episode's folder, where the page finds it.

    Raises:
        RecordError: the episode has no screen or is damaged, or the disk would not take the film.
    """
    episode = Episode.read(episode_folder)
    if not episode.final_screen:
        raise RecordError(f"{episode.folder} cannot be filmed: it ended before its first screen")
    path = Path(into) if into is not None else episode.folder / "film.mp4"
    with written_whole(path) as beside:
        _encode(_pictures(episode), beside)
    return path


def write_films(runs: Iterable[str | Path], agent: str, tell: Callable[[str], None]) -> Iterator[Path]:
    """Film every episode that an agent played, and yield each film; `tell` is handed the name of what comes next.

    Raises:
        RecordError: a folder is no run, an episode is damaged, or the disk would not take a film.
    """
    for run in runs:
        for episode in Run(run).episodes():
            if episode.header.agent == agent and episode.final_screen:
                tell(episode.folder.name)
                yield write_film(episode.folder)


def _encode(pictures: Iterator[tuple[Frame, int]], path: Path) -> None:
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    options = {"crf": "20", "preset": "veryfast", "tune": "stillimage"} if codec == "libx264" else {}
    # faststart: the index comes first, so that a browser plays before it has everything.
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = None
        for picture, repeats in pictures:
            if stream is None:
                stream = container.add_stream(codec, rate=RATE, options=options)
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
            for _ in range(repeats):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        if stream is not None:
            container.mux(stream.encode())


def _pictures(episode: Episode) -> Iterator[tuple[Frame, int]]:
    """The film's pictures, and how often each is shown."""
    size = _screen_size(episode.frame(episode.first or episode.final_screen))
    for step in episode.steps:
        bar = _bar(episode, step, size[0])
        yield _compose(episode.frame(step.screen), bar, size), BEFORE
        yield _compose(marked(episode, step), bar, size), MARKED
    yield _compose(episode.frame(episode.final_screen), _bar(episode, None, size[0]), size), ENDING


def _screen_size(frame: Frame) -> tuple[int, int]:
    """Width and height of the screen in the film: even, as the codec wants, and legible."""
    height, width, _ = frame.shape
    scale = min(max(1.0, NARROWEST / width), WIDEST / width)
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def _compose(frame: Frame, bar: Frame, size: tuple[int, int]) -> Frame:
    if frame.shape[1::-1] != size:
        way = cv2.INTER_AREA if frame.shape[1] > size[0] else cv2.INTER_NEAREST
        frame = cv2.resize(frame, size, interpolation=way)
    return np.vstack([frame, bar])


def _bar(episode: Episode, step: Step | None, width: int) -> Frame:
    """The caption: how far, the goal, then the thought and action of a step or the end of the episode."""
    size = max(14, width // 56)
    margin, row = size, round(size * 1.35)
    picture, draw = canvas(width, (round(row * 5.25) + margin * 2) // 2 * 2)
    done = 1.0 if step is None else (step.index + 1) / (len(episode.steps) + 1)
    draw.rectangle((0, 0, round(width * done), max(2, size // 6)), fill=ACCENT)
    room = width - 2 * margin
    y = write_lines(draw, (margin, margin), wrap(episode.header.goal, font(size), room, 1), size, PASTEL)
    y += row // 4
    if step is None:
        _write_end(episode, draw, (margin, y), size, room)
        return np.asarray(picture)
    y = write_lines(draw, (margin, y), wrap(step.thought, font(size), room, 2), size, INK)
    number = f"{step.index + 1}/{len(episode.steps)}"
    y = write_lines(draw, (margin, y), wrap(f"{number}   {step.action}", font(size), room, 1), size, ACCENT)
    write_lines(draw, (margin, y), wrap(step.error, font(size), room, 1), size, COLOURS["fault"])
    return np.asarray(picture)


def _write_end(episode: Episode, draw: ImageDraw.ImageDraw, at: tuple[int, int], size: int, room: int) -> None:
    y = write_lines(draw, at, [episode.outcome], round(size * 1.3), COLOURS[episode.outcome])
    words = episode.fault
    if not words and episode.verdict is not None:
        failed = episode.verdict.failed()
        words = "not fulfilled: " + "; ".join(check.name for check in failed) if failed else ""
        words = words or f"all {len(episode.verdict.checks)} checks passed"
    write_lines(draw, (at[0], y), wrap(words, font(size), room, 2), size, INK)
