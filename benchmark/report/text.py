"""Text: the report as tables of rows, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from .document import Report
from .groups import Group
from .intervals import Interval

__all__ = ["as_text", "percent", "span", "tables", "time"]

TITLES = {
    "all": "All together",
    "split": "By split",
    "software": "By software",
    "horizon": "By horizon",
    "task": "By task",
}


def tables(report: Report) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Title and rows of every table that has any, the most important first."""
    yield from ((title, rows) for title, rows in _tables(report) if rows)


def _tables(report: Report) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for by, title in TITLES.items():
        found = report.by(by)
        if by == "all" or by == "task" or len({group.name for group in found}) > 1 or by == "split":
            yield title, [_group(report, group) for group in found]
    if report.comparisons:
        yield "On the same instances", [
            {"agent": each.agent, "beside": each.other, "split": each.split, "n": each.n, "ahead": each.ahead,
             "level": each.level, "behind": each.behind, "difference": percent(each.difference.value, signed=True),
             "95 %": span(each.difference, signed=True), "p": f"{each.p:.2g}"}
            for each in report.comparisons
        ]  # fmt: skip
    if report.recoveries:
        yield "Recovery: (student - base) / (taught all software - base)", [
            {"agent": each.agent, "base": each.base, "all software": each.whole, "split": each.split, "n": each.n,
             "recovery": percent(each.recovery.value), "95 %": span(each.recovery)}
            for each in report.recoveries
        ]  # fmt: skip
    if report.points:
        yield "Over the size of the data", [
            {"agent": each.agent, "episodes": each.episodes, "tasks": each.tasks, "software": each.software,
             "split": each.split, "n": each.n, "success": percent(each.success.value), "95 %": span(each.success)}
            for each in report.points
        ]  # fmt: skip
        yield (
            "Per doubling of the data",
            [{**each, "per_doubling": percent(each["per_doubling"], signed=True)} for each in report.slopes()],
        )
    if report.tries:
        yield "Several tries: pass@k, any of k passes; pass^k, all of k pass", [
            {"agent": each.agent, "k": each.k, "n": each.n, "pass@k": percent(each.any.value), "95 %": span(each.any),
             "pass^k": percent(each.all.value), "95 % ": span(each.all)}
            for each in report.tries
        ]  # fmt: skip
    yield "What it takes", [
        {"agent": each.agent, "n": each.n, "success": percent(each.success.value),
         "think, a step": _spread(each.think), "act, a step": _spread(each.act), "thinking, a task": time(each.seconds),
         "tokens": "" if each.tokens is None else f"{each.tokens:,.0f}",
         "US$": "" if each.usd is None else f"{each.usd:.4f}", "front": "*" if each.best else ""}
        for each in report.costs
    ]  # fmt: skip
    yield (
        "Without a verdict",
        [
            {"agent": agent, "task": task, "times": count, "because": why}
            for (agent, task, why), count in report.faults()
        ],
    )


def as_text(report: Report) -> str:
    """All tables and notes as one text."""
    from rich.console import Console
    from rich.table import Table

    console = Console(file=StringIO(), width=160)
    for title, rows in tables(report):
        table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for column in rows[0] if rows else ():
            table.add_column(column)
        for row in rows:
            table.add_row(*(str(value).replace("[", "\\[") for value in row.values()))
        console.print(table)
    for words in report.notes:
        console.print(words, markup=False)
    text = console.file
    assert isinstance(text, StringIO)
    return text.getvalue()


def percent(share: float | None, signed: bool = False) -> str:
    """A share as percent; nothing for None."""
    return "" if share is None else f"{100 * share:+.0f} %" if signed else f"{100 * share:.0f} %"


def span(interval: Interval, signed: bool = False) -> str:
    """The ends of an interval in percent; nothing where it has none."""
    if interval.low is None or interval.high is None:
        return ""
    sign = "+" if signed else ""
    return f"{100 * interval.low:{sign}.0f} to {100 * interval.high:{sign}.0f}"


def time(seconds: float | None) -> str:
    """A duration in the unit that suits it; nothing for None."""
    if seconds is None:
        return ""
    if seconds >= 60:
        return f"{seconds / 60:.1f} min"
    if seconds >= 0.1:
        return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.2f} s"
    unit, value = ("ms", 1e3 * seconds) if seconds >= 1e-3 else ("µs", 1e6 * seconds)
    return f"{float(f'{value:.2g}'):g} {unit}"


def _group(report: Report, group: Group) -> dict[str, Any]:
    head = {"agent": group.agent}
    if group.by == "task":
        head |= {"split": report.split(group.agent, group.name)}
    if group.by != "all":
        head |= {group.by: group.name}
    return {
        **head, "n": group.n, "success": percent(group.success.value), "95 %": span(group.success),
        "score": "" if group.score.value is None else f"{group.score.value:.2f}",
        "95 % ": "" if group.score.low is None else f"{group.score.low:.2f} to {group.score.high:.2f}",
        "steps": "" if group.steps is None else f"{group.steps:g}", "faults": group.faults or "",
        "not played": group.missing or "",
    }  # fmt: skip


def _spread(pair: tuple[float, float] | None) -> str:
    return "" if pair is None else f"{time(pair[0])} / {time(pair[1])}"
