"""Growth: what more data brings: recovery, as in Gym-Anything's figure, and success over the size of the data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import DeskgymError, did_you_mean
from .groups import Outcome, Played, split_of
from .intervals import RESAMPLES, Interval, wilson
from .results import Instance, Results

__all__ = ["Point", "Recovery", "baseless", "per_doubling", "points", "recoveries", "recovery"]


@dataclass(frozen=True)
class Recovery:
    """How much of what teaching all software brings, a student reached: Gym-Anything, arXiv 2604.06126."""

    agent: str
    base: str
    whole: str
    """The student that was taught all software."""
    split: str
    """Of the first agent; unseen software is only what the whole was taught."""
    n: int
    """Instances that all three played."""
    recovery: Interval
    """(student - base) / (whole - base); None where the whole gained nothing. Its interval resamples instances; it has
    no ends where the gain itself is in doubt."""


@dataclass(frozen=True)
class Point:
    """One student on a curve over the size of its data."""

    agent: str
    base: str
    episodes: int
    tasks: int
    software: int
    split: str
    """seen: software that some student of this base was taught; unseen: that none was. So all play the same."""
    n: int
    success: Interval


def recovery(student: float, base: float, whole: float) -> float | None:
    """(student - base) / (whole - base); None where the whole is not better than the base."""
    return (student - base) / (whole - base) if whole - base > 1e-12 else None


def recoveries(played: Played, base: str = "", whole: str = "") -> list[Recovery]:
    """Of every student that was taught a part of what another one was taught.

    Args:
        played: who reached what.
        base: the agent that students began as; "": as each one's record says.
        whole: the student that was taught all software; "": whose data contained all that the others' contained.

    Raises:
        DeskgymError: no agent of that name has played.
    """
    results = played.results
    for name in filter(None, (base, whole)):
        if name not in results.agents:
            raise DeskgymError(f"no agent {name!r} in these runs{did_you_mean(name, results.agents)}")
    made = []
    for agent in _by_size(results, _taught(results)):
        began, most = base or _base_of(results, agent), whole or _whole(results, agent)
        if not began or not most or agent in (began, most):
            continue
        for split in ("seen", "unseen"):
            own, theirs, full = (played.of(each) for each in (agent, began, most))
            shared = [
                (own[each], theirs[each], full[each])
                for each in own
                if each in theirs and each in full and _split(results, agent, most, each) == split
            ]
            if shared:
                made.append(Recovery(agent, began, most, split, len(shared), _interval(shared)))
    return made


def baseless(results: Results, base: str = "") -> list[str]:
    """In words, whose base has not played, so that nothing can be said of what they learnt."""
    return [
        f"{agent}: its base {results.lineages[agent].base} has not played, so what it learnt is not compared with it"
        for agent in _taught(results)
        if not base and not _base_of(results, agent)
    ]


def points(played: Played) -> list[Point]:
    """Students of a base over the size of their data, where there are two or more of one base."""
    results, made = played.results, []
    taught = _taught(results)
    # The same folder may have been named from elsewhere.
    bases = {os.path.abspath(base): base for base in sorted(results.lineages[agent].base for agent in taught)}
    for folder, base in bases.items():
        of_base = [agent for agent in taught if os.path.abspath(results.lineages[agent].base) == folder]
        family = _by_size(results, of_base)
        known = {software for agent in family for software in results.lineages[agent].softwares}
        if len(family) < 2:
            continue
        common = set.intersection(*(set(played.of(agent)) for agent in family))
        for split in ("seen", "unseen"):
            kept = [each for each in common if (each.task.partition(".")[0] in known) == (split == "seen")]
            for agent in family if kept else ():
                lineage, own = results.lineages[agent], played.of(agent)
                made.append(
                    Point(agent, base, lineage.episodes, len(lineage.tasks), len(lineage.softwares), split, len(kept),
                          wilson([own[each].success for each in kept]))
                )  # fmt: skip
    return made


def per_doubling(sizes: Sequence[float], successes: Sequence[float]) -> float | None:
    """The slope of success over log2 of the size, by least squares; None for less than two sizes."""
    if len(set(sizes)) < 2 or min(sizes) <= 0:
        return None
    return float(np.polyfit(np.log2(sizes), successes, 1)[0])


def _taught(results: Results) -> list[str]:
    return [agent for agent in results.agents if agent in results.lineages and results.lineages[agent].taught]


def _by_size(results: Results, students: Iterable[str]) -> list[str]:
    return sorted(students, key=lambda agent: (results.lineages[agent].episodes, agent))


def _base_of(results: Results, agent: str) -> str:
    """The untaught agent at the end of what a student began as."""
    folder = os.path.abspath(results.lineages[agent].base)
    for name, lineage in results.lineages.items():
        if os.path.abspath(lineage.folder) == folder:
            return _base_of(results, name) if lineage.taught else name
    return ""


def _whole(results: Results, agent: str) -> str:
    """The student of the same base that was taught everything that any of them was, and more than this one."""
    base = _base_of(results, agent)
    family = [each for each in _taught(results) if _base_of(results, each) == base]
    everything = {software for each in family for software in results.lineages[each].softwares}
    full = [each for each in family if set(results.lineages[each].softwares) == everything]
    most = max(full, key=lambda each: (len(results.lineages[each].tasks), results.lineages[each].episodes), default="")
    return most if most != agent else ""


def _split(results: Results, agent: str, whole: str, instance: Instance) -> str:
    software = instance.task.partition(".")[0]
    return split_of(results, agent, software) if split_of(results, whole, software) == "seen" else ""


def _interval(shared: Sequence[tuple[Outcome, Outcome, Outcome]]) -> Interval:
    table = np.array([[each.success for each in three] for three in shared])
    value = recovery(*(float(mean) for mean in table.mean(axis=0)))
    if value is None:
        return Interval()
    rng = np.random.default_rng(0)
    means = table[rng.integers(len(table), size=(RESAMPLES, len(table)))].mean(axis=1)
    found = [each for s, b, w in means if (each := recovery(float(s), float(b), float(w))) is not None]
    if len(found) < 0.95 * RESAMPLES:  # the whole's gain is not sure to be one: nothing can be said of parts of it
        return Interval(value)
    low, high = np.percentile(found, (2.5, 97.5))
    if low == high:  # the same in every resample: too few instances differ to say how sure this is
        return Interval(value)
    return Interval(value, float(low), float(high))
