"""Charts: where things stand on a page, in percent of a plot's width and height, so that it fits any screen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .costs import Cost, Tries
from .document import Report
from .growth import Point
from .intervals import Interval
from .text import percent, span, time

__all__ = ["Axis", "Chart", "Mark", "Series", "costs_chart", "scaling_charts", "times", "tries_chart"]


@dataclass(frozen=True)
class Axis:
    """From the lowest to the highest value, left to right."""

    low: float
    high: float
    log: bool = True
    words: Callable[[float], str] = "{:g}".format

    @classmethod
    def around(cls, values: Sequence[float], words: Callable[[float], str] = "{:g}".format) -> Axis:
        """A logarithmic axis with a little room on both sides of positive values."""
        low, high = min(values), max(values)
        room = max((high / low) ** 0.08, 1.3)
        return cls(low / room, high * room, words=words)

    def at(self, value: float) -> float:
        """Where a value stands, 0..100."""
        low, high, value = (math.log(each) if self.log else each for each in (self.low, self.high, value))
        return round(100 * (value - low) / (high - low), 3)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where the marks of the axis stand, and their words."""
        if not self.log:
            found = [float(value) for value in range(math.ceil(self.low), math.floor(self.high) + 1)]
        else:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1,) if len(powers) > 3 else (1, 2, 5)
            found = [step * 10.0**power for power in powers for step in steps]
            found = found[:: max(1, len([each for each in found if self.low <= each <= self.high]) // 6 + 1)]
        return [(self.at(each), self.words(each)) for each in found if self.low <= each <= self.high]


@dataclass(frozen=True)
class Mark:
    """One point of a chart: in percent from the left and from below, with the ends of its interval."""

    x: float
    y: float
    low: float
    high: float
    title: str

    @classmethod
    def of(cls, x: float, success: Interval, title: str) -> Mark:
        """A point whose height is a success."""
        value, low, high = (100 * (each or 0.0) for each in (success.value, success.low, success.high))
        return cls(x, value, low, high, f"{title}: {percent(success.value)}, {span(success)}")


@dataclass(frozen=True)
class Series:
    """Points that belong together."""

    name: str
    agent: str
    """Whose colour it has; "" for none's."""
    marks: tuple[Mark, ...]
    kind: str = ""
    """What else it looks like: line, hollow, dashed, steps."""

    @property
    def path(self) -> str:
        """The line through its points, in an SVG's words."""
        places = [(mark.x, 100 - mark.y) for mark in sorted(self.marks, key=lambda mark: (mark.x, mark.y))]
        if "steps" in self.kind and places:  # from one front point to the next: first dearer, then better
            corners = [places[0]]
            for x, y in places[1:]:
                corners += [(x, corners[-1][1]), (x, y)]
            places = [(places[0][0], 100.0), *corners, (100.0, places[-1][1])]
        return "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in places)


@dataclass(frozen=True)
class Chart:
    """A plot of success, 0 to 100 % upwards."""

    title: str
    below: str
    """What the horizontal axis is."""
    axis: Axis
    series: tuple[Series, ...]
    note: str = ""


def costs_chart(report: Report) -> Chart | None:
    """Success over what a task costs: dollars where every agent's are known, else seconds of thinking."""
    shown = [each for each in report.costs if each.agent not in ("oracle", "finish") and each.seconds]
    if len(shown) < 2 or all(each.agent in ("random", "idle") for each in shown):
        return None
    priced = all(each.usd for each in shown)

    def price(cost: Cost) -> float:
        return (cost.usd if priced else cost.seconds) or 1e-9

    axis = Axis.around([price(each) for each in shown], (lambda usd: f"${usd:g}") if priced else time)
    marks = {each.agent: Mark.of(axis.at(price(each)), each.success, each.agent) for each in shown}
    best = tuple(marks[each.agent] for each in shown if each.best)
    series = [Series("not beaten in both", "", best, "line steps quiet")] if len(best) > 1 else []
    series += [Series(each.agent, each.agent, (marks[each.agent],)) for each in shown]
    return Chart("Cost and quality", "US dollars a task" if priced else "seconds of thinking a task", axis,
                 tuple(series))  # fmt: skip


def scaling_charts(report: Report) -> list[Chart]:
    """Success over the size of the data, for every size that varies."""
    charts = []
    for size, below in (("episodes", "episodes"), ("tasks", "tasks"), ("software", "applications")):
        values = [getattr(point, size) for point in report.points]
        if len(set(values)) < 2 or min(values) <= 0:
            continue
        axis = Axis.around(values)
        slopes = [f"{percent(each['per_doubling'], signed=True)} {each['split']}" for each in report.slopes()
                  if each["size"] == size]  # fmt: skip
        series = [
            Series(split, "", tuple(_mark(point, axis, getattr(point, size)) for point in report.points
                                    if point.split == split), f"line {'hollow' if split == 'unseen' else ''} first")
            for split in ("seen", "unseen") if any(point.split == split for point in report.points)
        ]  # fmt: skip
        note = f"per doubling: {', '.join(slopes)}"
        charts.append(Chart(f"Over {below}", f"{below} in the student's data", axis, tuple(series), note))
    return charts


def tries_chart(report: Report) -> Chart | None:
    """pass@k and pass^k over k."""
    if not report.tries:
        return None
    axis = Axis(0.7, max(each.k for each in report.tries) + 0.3, log=False)

    def line(agent: str, found: list[Tries], what: str) -> Series:
        marks = tuple(Mark.of(axis.at(each.k), each.any if what == "@" else each.all,
                              f"{agent}, pass{what}{each.k}") for each in found)  # fmt: skip
        return Series(f"{agent}, pass{what}k", agent, marks, "line" if what == "@" else "line dashed hollow")

    agents = list(dict.fromkeys(each.agent for each in report.tries))
    series = [line(agent, [each for each in report.tries if each.agent == agent], what)
              for agent in agents for what in "@^"]  # fmt: skip
    return Chart("Several tries", "tries", axis, tuple(series), "pass@k: any of k tries passes; pass^k: all of k do")


def times(report: Report) -> tuple[Axis, list[tuple[str, list[tuple[str, tuple[float, float], str]]]]]:
    """The axis, and of each agent what a step takes: of whom, median and 90th percentile on the axis, in words."""
    found = [pair for cost in report.costs for pair in (cost.think, cost.act) if pair]
    axis = Axis.around([max(value, 1e-6) for pair in found for value in pair] or [1.0], time)
    return axis, [
        (
            cost.agent,
            [(who, (axis.at(max(pair[0], 1e-6)), axis.at(max(pair[1], 1e-6))), f"{time(pair[0])} / {time(pair[1])}")
             for who, pair in (("agent", cost.think), ("desktop", cost.act)) if pair],
        )
        for cost in report.costs
    ]  # fmt: skip


def _mark(point: Point, axis: Axis, size: float) -> Mark:
    return Mark.of(axis.at(size), point.success, f"{point.agent}, {point.split}")
