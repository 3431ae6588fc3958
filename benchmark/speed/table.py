"""Table: the figures as the README shows them, rewritten between two marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...errors import DeskgymError
from .figures import PREMATURE, Figure
from .measure import CAPTURE, CLICK, CLOCK_OFF, EPISODE, RESET, STEP, TYPE, WAITS
from .scale import EARLY, GROWTH, LATE, ON_DISK, ON_PATH, THROUGHPUT

__all__ = ["BEGIN", "END", "INCLUDES", "OURS", "rewrite", "section"]

BEGIN = "<!-- speed: what follows is written by `deskgym speed --readme README.md` -->"
END = "<!-- speed: end -->"
OURS = "**deskgym**"
INCLUDES = {
    CAPTURE: "the pixels in the agent's process: an RGB array; a PNG, not yet decoded, from the peers but the "
    "low-latency one",
    CLICK: "the call returns: the X server has the events; with our clock every thread has also done with each of them",
    TYPE: "the same; nothing else waits for the text to be drawn",
    STEP: "a click, whatever the way waits for, and the screenshot",
    PREMATURE: "more than 400 pixels differ from the screenshot three seconds later; steps of oracles' episodes",
    EPISODE: "all steps and the judging, without the oracle's own looking",
    RESET: "the former machine is ended, a fresh one booted, the task set up, the application ready and settled",
}
"""What each number includes."""
SCALE = {
    **dict.fromkeys(THROUGHPUT.values(), "clicks, keys and letters, all desktops driven by one process"),
    EARLY: "the median of the first tenth of one recorded episode",
    LATE: "and of its last tenth",
    GROWTH: "of the machine and of this process together, from the end of the first tenth on",
    ON_PATH: "the player's wait until its step is taken down; what is compressed and written later is not in it",
    ON_DISK: "the mean: all screens of the oracle's episodes, their first ones included, divided by the steps",
}
COLUMNS = (CAPTURE, CLICK, TYPE, STEP, PREMATURE)
ROWS = ((STEP, ""), (STEP, CLOCK_OFF), (PREMATURE, ""), (PREMATURE, CLOCK_OFF), (EPISODE, ""), (EPISODE, CLOCK_OFF),
        (EPISODE, WAITS), (RESET, ""), (RESET, CLOCK_OFF))  # fmt: skip


def section(figures: Sequence[Figure]) -> str:
    """The tables in Markdown, and what their numbers mean."""
    found = {(figure.name, figure.software, figure.peer): figure for figure in figures}
    timed = [figure for figure in figures if figure.name not in SCALE]
    softwares = list(dict.fromkeys(figure.software for figure in timed))
    parts = [_all(found, softwares)] if softwares else []
    for software in softwares:
        ways = list(dict.fromkeys(figure.peer for figure in timed if figure.software == software))
        ways = [way for way in ways if way != WAITS]
        if set(ways) - {"", CLOCK_OFF}:
            parts.append(_beside(found, software, ways))
    counts = [figure.n for figure in timed if figure.unit != "%"]
    if counts:
        parts.append(f"Each time is of {min(counts)} to {max(counts)} turns.")
    used = [name for name in INCLUDES if any(figure.name == name for figure in timed)]
    parts.append("\n".join(f"- **{name}**: {INCLUDES[name]}" for name in used))
    if len(timed) < len(figures):
        parts.append(_scale(figures))
    return "\n\n".join(parts)


def rewrite(path: Path, figures: Sequence[Figure]) -> None:
    """Put the tables between the marks of a file.

    Raises:
        DeskgymError: the marks are not there.
    """
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise DeskgymError(f"{path} lacks the marks `{BEGIN}` and `{END}`")
    path.write_text(f"{before}{BEGIN}\n\n{section(figures)}\n\n{END}{after}")


def _all(found: dict[tuple[str, str, str], Figure], softwares: list[str]) -> str:
    """One column a software, ours only."""
    rows = []
    for name, peer in ROWS:
        cells = [_cell(found.get((name, software, peer))) for software in softwares]
        if any(cells):
            rows.append([f"{name}{peer and f'; {peer}'}", *cells])
    return _markdown(["median / 90th percentile", *softwares], rows)


def _beside(found: dict[tuple[str, str, str], Figure], software: str, ways: list[str]) -> str:
    """One row a way, on one software."""
    columns = [name for name in COLUMNS if any((name, software, way) in found for way in ways)]
    rows = [[way or OURS, *(_cell(found.get((name, software, way))) for name in columns)] for way in ways]
    return _markdown([f"{software}, median / 90th percentile", *columns], rows)


def _scale(figures: Sequence[Figure]) -> str:
    """One row a figure."""
    rows = [
        [figure.name, figure.software, _cell(figure), SCALE[figure.name]] for figure in figures if figure.name in SCALE
    ]
    return _markdown(["at scale", "on", "median / 90th percentile", "what it includes"], rows)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.unit == "%":
        return f"{round(figure.p50 * figure.n / 100)} of {figure.n:,}"
    if figure.n == 1:
        return f"{_number(figure.p50)} {figure.unit} (once)"
    return f"{_number(figure.p50)} / {_number(figure.p90)} {figure.unit}"


def _number(value: float) -> str:
    """Two significant digits, and no more than two decimals."""
    if value >= 9.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
