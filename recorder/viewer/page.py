"""The page: a run as a static web site inside its folder, to be opened from the disk or from any server."""

from __future__ import annotations

import json
from collections import Counter
from os.path import relpath
from pathlib import Path
from typing import Any, get_args

import cv2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...errors import RecordError, VerifierError
from ...verifiers.verdict import Verdict
from ..disk import write_whole
from ..episode import Episode, Outcome
from ..store import EVIDENCE, VERDICT_FILE, Row, Run
from .marks import marks_of

__all__ = ["write_page"]

THUMBNAIL = 320
"""Pixels across."""


def write_page(run_folder: str | Path) -> Path:
    """Write `RUN/view/`: an index of all episodes, and a page for each. Return the index.

    The screens it shows lie beside it, `view/screens/KEY.png`, bit for bit. Written again, it follows the run:
    pages are replaced, pictures kept.

    Raises:
        RecordError: the folder is no run, an episode is damaged, or the disk would not take the pages.
    """
    run = Run(run_folder)
    view = run.folder / "view"
    rows = run.summary()
    entries = []
    for number, row in enumerate(rows):
        episode = Episode.read(run.folder / "episodes" / row.name)
        neighbours = rows[number - 1] if number else None, rows[number + 1] if number + 1 < len(rows) else None
        _write_episode(view, run, episode, row, neighbours)
        entries.append({"row": row, "goal": episode.header.goal, "thumb": _thumb(view, episode)})
    index = view / "index.html"
    text = _TEMPLATES.get_template("index.html").render(
        run=run.folder.resolve().name, entries=entries, outcomes=_outcomes(rows), chips=_chips(rows)
    )
    write_whole(index, _utf8(text))
    return index


def _write_episode(view: Path, run: Run, episode: Episode, row: Row, neighbours: tuple[Row | None, Row | None]) -> None:
    film = episode.folder / "film.mp4"
    text = _TEMPLATES.get_template("episode.html").render(
        run=run.folder.resolve().name,
        episode=episode,
        verdict=_whole_verdict(run, episode),
        row=row,
        before=neighbours[0],
        after=neighbours[1],
        steps=[
            {
                "step": step,
                "marks": marks_of(step.action, episode.header.screen_size),
                "screen": _screen(view, episode, step.screen),
                "thumb": _thumb(view, episode, step.screen),
            }
            for step in episode.steps
        ],
        final=_screen(view, episode, episode.final_screen) if episode.final_screen else "",
        final_thumb=_thumb(view, episode),
        film=_link(view, film) if film.exists() else "",
    )
    write_whole(view / f"{row.name}.html", _utf8(text))


def _whole_verdict(run: Run, episode: Episode) -> Verdict | None:
    """The verdict with what was wanted and found, if the evidence is at hand; else the bare one of the episode."""
    path = run.folder / EVIDENCE / episode.folder.name / VERDICT_FILE
    if episode.verdict is None or not path.is_file():
        return episode.verdict
    try:
        return Verdict.from_json(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, VerifierError) as error:
        raise RecordError(f"{path} holds no verdict: {error!r}") from error


def _screen(view: Path, episode: Episode, key: str) -> str:
    """The link to a screen, as it is."""
    path = view / "screens" / f"{key}.png"
    if not path.exists():
        blue_first = cv2.cvtColor(episode.frame(key), cv2.COLOR_RGB2BGR)
        # Twice as quick as what cv2 does when not asked.
        options = [cv2.IMWRITE_PNG_COMPRESSION, 3, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
        _, data = cv2.imencode(".png", blue_first, options)
        write_whole(path, data.tobytes())
    return _link(view, path)


def _thumb(view: Path, episode: Episode, key: str = "") -> str:
    """The link to a small picture of a screen, of the last one by default; "" when there is none."""
    key = key or episode.final_screen
    if not key:
        return ""
    path = view / "thumbs" / f"{key}.jpg"
    if not path.exists():
        frame = episode.frame(key)
        height = max(1, round(THUMBNAIL * frame.shape[0] / frame.shape[1]))
        small = cv2.resize(frame, (THUMBNAIL, height), interpolation=cv2.INTER_AREA)
        _, data = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])
        write_whole(path, data.tobytes())
    return _link(view, path)


def _outcomes(rows: list[Row]) -> list[tuple[str, int]]:
    counts = Counter(row.outcome for row in rows)
    return [(outcome, counts[outcome]) for outcome in get_args(Outcome) if counts[outcome]]


def _chips(rows: list[Row]) -> dict[str, list[tuple[str, int]]]:
    """What the index can be filtered by: name of the filter -> its values, each with how many it leaves."""
    return {
        "outcome": _outcomes(rows),
        "software": sorted(Counter(row.software for row in rows).items()),
        "agent": sorted(Counter(row.agent for row in rows).items()),
    }


def _link(view: Path, target: Path) -> str:
    return Path(relpath(target, view)).as_posix()


def _utf8(text: str) -> bytes:
    # Recorded text may hold lone surrogates, which no page can show.
    return text.encode("utf-8", "replace")


def _spelled(value: Any) -> str:
    """A wanted or found value as a reader expects it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _time(seconds: float) -> str:
    if seconds >= 60:
        return f"{int(seconds // 60)} min {round(seconds % 60)} s"
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"spelled": _spelled, "time": _time}
_TEMPLATES.globals["signs"] = {"passed": "✓", "failed": "✗", "fault": "!", "unjudged": "?", "unfinished": "…"}
