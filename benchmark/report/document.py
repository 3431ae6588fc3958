"""Document: one report on runs, as data; `as_text` prints it, `write_page` draws it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...envs.seeds import COLLECTING_SEEDS
from .comparisons import Comparison, comparisons
from .costs import Cost, Tries, costs, several_tries, shared
from .groups import Group, Played, groups, mismatches, split_of
from .growth import Point, Recovery, baseless, per_doubling, points, recoveries
from .intervals import Interval
from .results import Results, read_results

__all__ = ["Report", "report"]


@dataclass(frozen=True)
class Report:
    """What runs came to."""

    results: Results
    groups: tuple[Group, ...]
    comparisons: tuple[Comparison, ...]
    recoveries: tuple[Recovery, ...]
    points: tuple[Point, ...]
    costs: tuple[Cost, ...]
    tries: tuple[Tries, ...]
    notes: tuple[str, ...]
    """What a reader must know to believe the figures."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row an agent and task."""
        return [
            {"agent": each.agent, "split": self.split(each.agent, each.name), "software": each.name.partition(".")[0],
             "task": each.name, "n": each.n, "success": each.success.value, "low": each.success.low,
             "high": each.success.high, "faults": each.faults}
            for each in self.groups if each.by == "task"
        ]  # fmt: skip

    def split(self, agent: str, task: str) -> str:
        """Whether the software of a task is seen or unseen for an agent."""
        return split_of(self.results, agent, task.partition(".")[0])

    def by(self, by: str) -> list[Group]:
        """The groups of one kind."""
        return [group for group in self.groups if group.by == by]

    def faults(self) -> list[tuple[tuple[str, str, str], int]]:
        """Agent, task and what went wrong, with how often it did, the most frequent first."""
        return Counter((agent, task, why) for agent, task, _, why in self.results.faults).most_common()

    def slopes(self) -> list[dict[str, Any]]:
        """Success per doubling of the data, of every base, split and size that varies."""
        found = []
        for base, split in sorted({(each.base, each.split) for each in self.points}):
            curve = [each for each in self.points if (each.base, each.split) == (base, split)]
            for size in ("episodes", "tasks", "software"):
                slope = per_doubling(
                    [getattr(each, size) for each in curve], [each.success.value or 0 for each in curve]
                )
                if slope is not None:
                    found.append({"base": base, "split": split, "size": size, "per_doubling": slope})
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, ready for JSON; `rows` first."""
        results = self.results
        return {
            "rows": self.rows,
            "groups": [_flat(each) for each in self.groups],
            "comparisons": [_flat(each) for each in self.comparisons],
            "recovery": [_flat(each) for each in self.recoveries],
            "scaling": [_flat(each) for each in self.points],
            "per_doubling": self.slopes(),
            "tries": [_flat(each) for each in self.tries],
            "costs": [_flat(each) for each in self.costs],
            "students": {agent: lineage.as_json() for agent, lineage in results.lineages.items()},
            "faults": [dict(zip(("agent", "task", "seed", "error"), each, strict=True)) for each in results.faults],
            "missing": [dict(zip(("agent", "task", "seed"), each, strict=True)) for each in results.missing],
            "fulfilled": [{"task": each.task, "seed": each.seed} for each in sorted(results.fulfilled)],
            "notes": list(self.notes),
            "runs": list(results.runs),
        }


def report(*runs: str | Path, base: str = "", whole: str = "") -> Report:
    """Report on runs.

    Args:
        runs: their folders; agents of all of them are compared where they played the same instances.
        base: the agent that students began as; "": as their records say.
        whole: the student that was taught all software; "": by their records.

    Raises:
        RecordError: a folder is no run, or is damaged.
        DeskgymError: no episode counts, or an agent named here has not played.
    """
    results = read_results(*runs)
    played = Played(results)
    notes = [*_notes(results), *baseless(results, base)]
    if not shared(played):
        notes.append("no instance was played by all agents: what a task takes is of what each one played")
    return Report(
        results, tuple(groups(played)), tuple(comparisons(played)), tuple(recoveries(played, base, whole)),
        tuple(points(played)), tuple(costs(played)), tuple(several_tries(played)), tuple(notes),
    )  # fmt: skip


def _notes(results: Results) -> Iterator[str]:
    yield from mismatches(results)
    for agent, lineage in results.lineages.items():
        if late := [seed for seed in lineage.seeds if seed not in COLLECTING_SEEDS]:
            yield f"{agent}: its data contained benchmark seeds ({late[0]} and others): it may know these instances"
        yield from (f"{agent}: {gap}" for gap in lineage.gaps)
    yield from results.unrecorded
    if results.fulfilled:
        yield f"instances that are fulfilled at the start, and left out: {len(results.fulfilled)}"
    if unknown := {(each.instance.task, each.instance.seed) for each in results.attempts} - results.probed:
        yield f"instances of which it is not known whether they are fulfilled at the start: {len(unknown)}"
    if results.missing:
        yield f"episodes not played to their end: {len(results.missing)}; the same `deskgym bench` goes on"
    if results.faults:
        yield f"episodes without a verdict, which count for nobody: {len(results.faults)}; `deskgym bench` tries again"
    if results.twice:
        yield f"episodes that are in two runs, of which the later one's count: {results.twice}"
    if results.collecting:
        yield f"episodes left out, with seeds for collecting (below {COLLECTING_SEEDS.stop}): {results.collecting}"
    softwares: dict[str, set[str]] = {}
    screens: dict[str, set[tuple[int, int]]] = {}
    for each in results.attempts:
        software = each.instance.task.partition(".")[0]
        softwares.setdefault(software, set()).add(each.instance.spec)
        screens.setdefault(software, set()).add(each.instance.screen)
    for what, found in (("versions of its spec", softwares), ("sizes of screen", screens)):
        for software, kinds in sorted(found.items()):
            if len(kinds) > 1:
                yield f"{software} was played with {len(kinds)} {what}: only like instances are compared in pairs"


def _flat(thing: Any) -> dict[str, Any]:
    """Fields by name; an interval called x becomes x, x_low and x_high."""
    made: dict[str, Any] = {}
    for name in vars(thing):
        value = getattr(thing, name)
        if isinstance(value, Interval):
            made |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            made[name] = list(value) if isinstance(value, tuple) else value
    return made
