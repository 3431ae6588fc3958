"""Page: the report as one HTML file that needs nothing beside it, to be looked at on a desk or in a hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...recorder.disk import write_whole
from .charts import costs_chart, scaling_charts, times, tries_chart
from .document import Report
from .groups import Group
from .text import percent, span

__all__ = ["write_page"]

TONES = ("#0c8599", "#7048e8", "#d9480f", "#2b8a3e", "#c2255c", "#1971c2", "#a67c00", "#0ca678")
GREYS = {"random": "#868e96", "idle": "#adb5bd", "finish": "#ced4da"}
"""Those who cannot play are grey."""
UNTAUGHT = "#a0836b"
SHOWN_FAULTS = 12


@dataclass(frozen=True)
class Cell:
    """One instance in an agent's strip."""

    kind: str
    """passed, partly (some of several tries), failed, fault, missing or fulfilled."""
    score: float
    title: str


def write_page(report: Report, path: str | Path) -> None:
    """Write the page.

    Raises:
        RecordError: the disk would not take it.
    """
    agents = report.results.agents
    tasks, (axis, rows) = _tasks(report), times(report)
    text = _TEMPLATES.get_template("report.html").render(
        report=report,
        names=_names(report),
        tones=_tones(report),
        forest=[(agent, _parts(report, agent)) for agent in agents],
        tasks=tasks,
        widest=max((len(cells) for *_, strips in tasks for _, cells in strips), default=0),
        comparisons=[each for each in report.comparisons if each.split == "all"],
        charts=[chart for chart in (tries_chart(report), costs_chart(report), *scaling_charts(report)) if chart],
        axis=axis,
        times=rows,
        faults=report.faults()[:SHOWN_FAULTS],
        seeds=sorted({each.instance.seed for each in report.results.attempts}),
    )
    write_whole(Path(path), text.encode("utf-8", "replace"))


def _names(report: Report) -> dict[str, str]:
    """What an agent is called on the page: a student by the last part of its folder, where that is one's own."""
    agents = report.results.agents
    short = {agent: agent.rstrip("/").rpartition("/")[2] if agent.startswith("student:") else agent for agent in agents}
    counts = Counter(short.values())
    return {agent: short[agent] if counts[short[agent]] == 1 else agent for agent in agents}


def _tones(report: Report) -> dict[str, str]:
    lineages = report.results.lineages
    plain = [each for each in report.results.agents if each not in GREYS]
    untaught = {each: UNTAUGHT for each in plain if each in lineages and not lineages[each].taught}
    coloured = [each for each in plain if each not in untaught]
    return GREYS | untaught | {agent: TONES[number % len(TONES)] for number, agent in enumerate(coloured)}


def _parts(report: Report, agent: str) -> list[Group]:
    parts = [group for group in report.by("split") if group.agent == agent and group.n]
    return parts or [group for group in report.by("all") if group.agent == agent and group.n]


def _tasks(report: Report) -> list[tuple[str, str, list[tuple[Group, list[Cell]]]]]:
    """Task, the split its spec says, and of every agent its group and its strip."""
    groups: dict[str, list[Group]] = {}
    for group in report.by("task"):
        groups.setdefault(group.name, []).append(group)
    splits = report.results.splits
    made = [
        (task, splits.get(task.partition(".")[0], ""), [(group, _strip(report, group.agent, task)) for group in found])
        for task, found in groups.items()
    ]
    return sorted(made, key=lambda each: (each[1], each[0]))


def _strip(report: Report, agent: str, task: str) -> list[Cell]:
    results, cells = report.results, dict[int, list[Cell]]()
    for each in results.attempts:
        if (each.agent, each.instance.task) == (agent, task):
            words = f"{'passed' if each.passed else f'failed, score {each.score:.2f}'}, {each.steps} steps"
            kind = "passed" if each.passed else "failed"
            cells.setdefault(each.instance.seed, []).append(Cell(kind, each.score, words))
    for who, what, seed, why in results.faults:
        if (who, what) == (agent, task):
            cells.setdefault(seed, []).append(Cell("fault", 0, why))
    for who, what, seed in results.missing:
        if (who, what) == (agent, task):
            cells.setdefault(seed, []).append(Cell("missing", 0, "not played"))
    for each in results.fulfilled:
        if each.task == task:
            cells[each.seed] = [Cell("fulfilled", 0, "fulfilled at the start: left out")]
    return [_together(seed, tries) for seed, tries in sorted(cells.items())]


def _together(seed: int, tries: list[Cell]) -> Cell:
    kinds = Counter(each.kind for each in tries)
    words = f"seed {seed}: " + "; ".join(each.title for each in tries)
    judged = [each for each in tries if each.kind in ("passed", "failed")]
    if not judged:
        return Cell(tries[0].kind, 0, words)
    score = sum(each.score for each in judged) / len(judged)
    kind = "passed" if kinds["passed"] == len(judged) else "partly" if kinds["passed"] else "failed"
    return Cell(kind, kinds["passed"] / len(judged) if kind == "partly" else score, words)


_TEMPLATES = Environment(
    loader=FileSystemLoader([Path(__file__).parent, Path(__file__).parents[2] / "recorder" / "viewer"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"percent": percent, "span": span}
