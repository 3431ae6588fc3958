"""Groups: success and score of every agent, over everything, per split, software, horizon and task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Literal

from .intervals import Interval, bootstrap, wilson
from .results import Attempt, Instance, Results

__all__ = ["Group", "Outcome", "Played", "groups", "mismatches", "split_of"]

By = Literal["all", "split", "software", "horizon", "task"]


@dataclass(frozen=True)
class Outcome:
    """What one agent reached at one instance, in all its judged tries."""

    attempts: tuple[Attempt, ...]

    @cached_property
    def passed(self) -> int:
        """How many tries passed."""
        return sum(each.passed for each in self.attempts)

    @property
    def success(self) -> float:
        """The share of tries that passed, 0..1."""
        return self.passed / len(self.attempts)

    @property
    def score(self) -> float:
        """The mean score, 0..1."""
        return sum(each.score for each in self.attempts) / len(self.attempts)


@dataclass(frozen=True)
class Group:
    """One agent on a part of the benchmark."""

    agent: str
    by: By
    name: str
    """Of the split, software, horizon or task; "all"."""
    n: int
    """Instances with a verdict."""
    success: Interval
    score: Interval
    steps: float | None
    """The median of its episodes."""
    faults: int
    missing: int


class Played:
    """Agent -> instance -> outcome."""

    def __init__(self, results: Results):
        self.results = results
        found: dict[str, dict[Instance, list[Attempt]]] = {}
        for each in results.attempts:
            found.setdefault(each.agent, {}).setdefault(each.instance, []).append(each)
        self._outcomes = {
            agent: {instance: Outcome(tuple(tries)) for instance, tries in sorted(instances.items())}
            for agent, instances in found.items()
        }

    def of(self, agent: str, keep: Callable[[Instance], bool] = lambda instance: True) -> dict[Instance, Outcome]:
        """What an agent reached, on the instances that are kept."""
        return {each: outcome for each, outcome in self._outcomes.get(agent, {}).items() if keep(each)}

    def both(
        self, one: str, other: str, keep: Callable[[Instance], bool] = lambda instance: True
    ) -> list[tuple[Outcome, Outcome]]:
        """The outcomes of two agents on the instances that both played."""
        theirs = self.of(other)
        return [(outcome, theirs[each]) for each, outcome in self.of(one, keep).items() if each in theirs]


def split_of(results: Results, agent: str, software: str) -> str:
    """Whether a software is seen or unseen for an agent.

    For a student that was taught, by what its data really contained; for all others, by the spec.
    """
    lineage = results.lineages.get(agent)
    if lineage and lineage.taught:
        return "seen" if software in lineage.softwares else "unseen"
    return results.splits.get(software, "")


def mismatches(results: Results) -> Iterator[str]:
    """Where what a student was taught is not what the spec's split says, in words."""
    for agent, lineage in results.lineages.items():
        for software, split in sorted(results.splits.items()):
            if lineage.taught and split and split_of(results, agent, software) != split:
                yield (
                    f"{agent}: the spec of {software} says unseen, but its data contained it: it counts as seen"
                    if split == "unseen"
                    else f"{agent}: the spec of {software} says seen, but its data did not contain it: "
                    "it counts as unseen"
                )


def groups(played: Played) -> list[Group]:
    """Every agent, on every part that it has anything in."""
    results, made = played.results, []
    ways: dict[By, Callable[[str, str], str]] = {
        "all": lambda agent, task: "all",
        "split": lambda agent, task: split_of(results, agent, _software(task)),
        "software": lambda agent, task: _software(task),
        "horizon": lambda agent, task: results.horizons.get(task, ""),
        "task": lambda agent, task: task,
    }
    for by, name_of in ways.items():
        faults = Counter((agent, name_of(agent, task)) for agent, task, *_ in results.faults)
        missing = Counter((agent, name_of(agent, task)) for agent, task, _ in results.missing)
        for agent in results.agents:
            parts: dict[str, list[Outcome]] = {}
            for instance, outcome in played.of(agent).items():
                parts.setdefault(name_of(agent, instance.task), []).append(outcome)
            empty = {name for who, name in (*faults, *missing) if who == agent}
            for name in sorted({*parts, *empty} - {""}):
                made.append(_group(agent, by, name, parts.get(name, []), faults[agent, name], missing[agent, name]))
    return made


def _group(agent: str, by: By, name: str, outcomes: list[Outcome], faults: int, missing: int) -> Group:
    steps = [attempt.steps for outcome in outcomes for attempt in outcome.attempts]
    return Group(
        agent, by, name, len(outcomes), wilson([each.success for each in outcomes]), bootstrap(_by_task(outcomes)),
        median(steps) if steps else None, faults, missing,
    )  # fmt: skip


def _by_task(outcomes: Iterable[Outcome]) -> list[list[float]]:
    scores: dict[str, list[float]] = {}
    for each in outcomes:
        scores.setdefault(each.attempts[0].instance.task, []).append(each.score)
    return list(scores.values())


def _software(task: str) -> str:
    return task.partition(".")[0]
