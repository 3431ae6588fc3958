"""Pages: the list, an episode, two side by side; written for a folder and for a server from the same templates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...errors import RecordError, VerifierError
from ...verifiers.verdict import Verdict
from ..episode import Episode, Step
from ..store import EVIDENCE, VERDICT_FILE
from .links import Links, address
from .listing import LIVE, Entry
from .marks import Marks, marks_of

__all__ = ["ASSETS", "Pane", "compare_page", "episode_page", "index_page", "more_steps", "pane", "rows", "trouble_page"]

HERE = Path(__file__).parent
ASSETS = ("icon.svg", "style.css", "index.css", "episode.css", "shared.js", "index.js", "episode.js")
"""The files that pages load beside themselves."""

LONGEST_REPLY = 20_000
"""Characters of a teacher's reply that a page shows."""

ONE_LINE = 60
"""Characters up to which a value stays on one line."""


@dataclass(frozen=True)
class Shown:
    """One step as a page shows it."""

    step: Step
    marks: Marks | None
    screen: str
    thumb: str

    @property
    def think(self) -> float:
        """Seconds in which the agent thought."""
        return self.step.seconds.get("think", 0.0)

    @property
    def desktop(self) -> float:
        """Seconds of everything else."""
        return sum(self.step.seconds.values()) - self.think


@dataclass(frozen=True)
class Pane:
    """One episode as a page shows it."""

    entry: Entry
    episode: Episode
    verdict: Verdict | None
    steps: tuple[Shown, ...]
    final: str
    final_thumb: str
    film: str
    live: bool
    address: str


def pane(entry: Entry, folder: Path, links: Links, now: float, start: int = 0) -> Pane:
    """Read an episode for its page.

    Args:
        entry: its line.
        folder: where it lies.
        links: where its pictures are.
        now: seconds of the epoch.
        start: leave out the steps before this one.

    Raises:
        RecordError: it is damaged.
    """
    episode = Episode.read(folder)
    steps = tuple(
        Shown(
            step,
            marks_of(step.action, episode.header.screen_size),
            links.screen(entry, episode, step.screen),
            links.thumb(entry, episode, step.screen),
        )
        for step in episode.steps[start:]
    )
    last = episode.final_screen
    return Pane(
        entry=entry,
        episode=episode,
        verdict=_whole_verdict(episode),
        steps=steps,
        final=links.screen(entry, episode, last) if last else "",
        final_thumb=links.thumb(entry, episode, last) if last else "",
        film=links.film(entry, episode),
        live=links.served and entry.live(now),
        address=address(entry),
    )


def index_page(title: str, links: Links, entries: Iterable[Entry] = ()) -> bytes:
    """The list, whose rows come from `rows`.

    Args:
        title: what is looked at.
        links: where everything is.
        entries: those to name where no script runs; a server has too many of them.
    """
    return _page("index.html", title=title, links=links, entries=entries)


def episode_page(
    shown: Pane, links: Links, neighbours: tuple[Entry | None, Entry | None], fellows: Sequence[Entry], nonce: str = ""
) -> bytes:
    """An episode, step by step.

    Args:
        shown: the episode.
        links: where everything is.
        neighbours: the episodes before and after it.
        fellows: the other episodes at its instance.
        nonce: what the server's policy wants inline styles to hold.
    """
    before, after = neighbours
    return _page(
        "episode.html", pane=shown, links=links, before=before, after=after, fellows=fellows, nonce=nonce, panes=[shown]
    )


def compare_page(panes: Sequence[Pane], choices: Sequence[Entry], links: Links, nonce: str) -> bytes:
    """Two episodes side by side, and what else could stand there."""
    return _page("compare.html", panes=panes, choices=choices, links=links, nonce=nonce)


def trouble_page(title: str, words: str, links: Links) -> bytes:
    """A sentence instead of a page."""
    return _page("trouble.html", title=title, words=words, links=links)


def more_steps(shown: Pane, links: Links) -> bytes:
    """What an open page needs to follow an episode, as JSON: the new steps, and what changes with them."""
    parts: Any = _TEMPLATES.get_template("parts.html").module
    count = len(shown.episode.steps)
    start = count - len(shown.steps)
    document = {
        "count": count,
        "live": shown.live,
        "outcome": shown.episode.outcome,
        "steps": [str(parts.article(shown, item, start + number)) for number, item in enumerate(shown.steps, 1)],
        "strip": [str(parts.in_strip(item, start + number)) for number, item in enumerate(shown.steps, 1)],
        "end": str(parts.end(shown)),
        "end_strip": str(parts.end_in_strip(shown)),
        "meta": str(parts.meta(shown, links)),
    }
    return json.dumps(document).encode()


COLUMNS = [field.name for field in fields(Entry)]


def rows(entries: Iterable[Entry], gone: Iterable[tuple[str, str]] = (), **more: Any) -> bytes:
    """The rows of the list, as JSON: its columns are the fields of an entry."""
    table = [[getattr(entry, name) for name in COLUMNS] for entry in entries]
    document = {"columns": COLUMNS, "rows": table, "gone": list(gone), "lasting": LIVE, **more}
    return json.dumps(document, separators=(",", ":")).encode()


def _whole_verdict(episode: Episode) -> Verdict | None:
    """The verdict with what was wanted and found, if the evidence is at hand; else the bare one of the episode."""
    path = episode.folder.parent.parent / EVIDENCE / episode.folder.name / VERDICT_FILE
    if episode.verdict is None or not path.is_file():
        return episode.verdict
    try:
        return Verdict.from_json(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError, VerifierError) as error:
        raise RecordError(f"{path} holds no verdict: {error!r}") from error


def _page(template: str, **values: Any) -> bytes:
    # Recorded text may hold lone surrogates, which no page can show.
    return _TEMPLATES.get_template(template).render(**values).encode("utf-8", "replace")


def _spelled(value: Any) -> str:
    """A wanted or found value as a reader expects it: text as it is, else JSON, short on one line."""
    if isinstance(value, str):
        return value
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= ONE_LINE else json.dumps(value, ensure_ascii=False, indent=1)


def _reply(value: Any) -> str:
    text = _spelled(value)
    return text if len(text) <= LONGEST_REPLY else f"{text[:LONGEST_REPLY]}\n... {len(text) - LONGEST_REPLY} more"


def _time(seconds: float) -> str:
    if seconds >= 60:
        return f"{int(seconds // 60)} min {round(seconds % 60)} s"
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"


def _dollars(usd: float | None) -> str:
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"


_TEMPLATES = Environment(
    loader=FileSystemLoader(HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"spelled": _spelled, "reply": _reply, "time": _time, "dollars": _dollars, "address": address}
_TEMPLATES.globals["signs"] = {
    "passed": "✓",
    "failed": "✗",
    "fault": "!",
    "damaged": "!",
    "unjudged": "?",
    "unfinished": "…",
    "playing": "▶",
}
