"""Results: what runs hold, attempt by attempt, and what each agent's data had contained."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...agents.lineage import Lineage, folder_of, lineage_of
from ...envs.seeds import COLLECTING_SEEDS
from ...errors import DeskgymError
from ...recorder.episode import Episode, Usage
from ...recorder.store import Run
from ...software_specs.catalog import find_task
from ..bench import PROBE, Planned, read_plan

__all__ = ["Attempt", "Instance", "Results", "read_results"]


TrialKey = tuple[str, int, str, int]
"""Task, seed, agent and attempt."""


@dataclass(frozen=True, order=True)
class Instance:
    """What two agents must have in common to be compared: not only the seed, but what follows from it."""

    task: str
    seed: int
    spec: str
    """The digest of the software's spec."""
    screen: tuple[int, int]
    max_steps: int


@dataclass(frozen=True)
class Attempt:
    """One agent's judged try at one instance."""

    agent: str
    instance: Instance
    attempt: int
    passed: bool
    score: float
    """0..1"""
    steps: int
    think: tuple[float, ...]
    """Seconds that the agent took for each step."""
    act: tuple[float, ...]
    """Seconds that the desktop took for each step."""
    tokens: int | None
    """Read and written, where somebody counted them."""
    usd: float | None
    """US dollars, where somebody accounted for them."""


AttemptKey = tuple[str, Instance, int]
"""Agent, instance and attempt."""


@dataclass
class Results:
    """Everything that a report is made of."""

    runs: tuple[str, ...]
    attempts: list[Attempt] = field(default_factory=list)
    """Those that count: judged, on benchmark seeds, on instances that are not fulfilled at the start."""
    faults: list[tuple[str, str, int, str]] = field(default_factory=list)
    """Agent, task, seed and what went wrong: of the machine, the judge or the spec, never of the agent's play."""
    missing: list[tuple[str, str, int]] = field(default_factory=list)
    """Agent, task and seed of what was planned and has not been played to its end."""
    fulfilled: set[Instance] = field(default_factory=set)
    """Instances that are left out: the agent `finish` passes them."""
    probed: set[tuple[str, int]] = field(default_factory=set)
    """Task and seed of all instances on which the agent `finish` was judged."""
    collecting: int = 0
    """How many episodes were left out because students may have learnt their seeds."""
    twice: int = 0
    """How many episodes were in two runs: the later run's count."""
    splits: dict[str, str] = field(default_factory=dict)
    """Software -> seen or unseen, by its spec when it was played."""
    horizons: dict[str, str] = field(default_factory=dict)
    """Task -> short, medium or long; "" where there is no such task any more."""
    lineages: dict[str, Lineage] = field(default_factory=dict)
    """Of students: what they had been taught."""
    unrecorded: list[str] = field(default_factory=list)
    """Students whose run does not say what they had been taught."""

    @property
    def agents(self) -> list[str]:
        """All who played, as they are to be shown: students, the most taught first; others; those who cannot play."""
        names = {each.agent for each in self.attempts} | {name for name, *_ in (*self.faults, *self.missing)}
        taught = {name: -lineage.episodes for name, lineage in self.lineages.items()}
        return sorted(names, key=lambda name: (_rank(name, self.lineages), taught.get(name, 0), name))


def read_results(*runs: str | Path) -> Results:
    """Read runs, as `deskgym bench` or `deskgym collect` leaves them.

    Raises:
        RecordError: a folder is no run, or a file of it is damaged.
        DeskgymError: no episode counts, or a name means two students.
    """
    results = Results(tuple(map(str, runs)))
    judged: dict[AttemptKey, Attempt] = {}
    only_probed = [_read_run(folder, results, judged) for folder in runs]
    _leave_out(results, judged, probes=not all(only_probed))
    tasks = {each.instance.task for each in results.attempts}
    for task in sorted(tasks | {task for _, task, *_ in (*results.faults, *results.missing)}):
        split, results.horizons[task] = _by_catalog(task)
        results.splits.setdefault(task.partition(".")[0], split)  # what never began has no record that says it
    if not results.attempts and not results.faults:
        raise DeskgymError(
            f"{', '.join(map(str, runs))}: no episode counts ({results.collecting} have seeds for collecting, "
            f"{len(results.fulfilled)} instances are fulfilled at the start)"
        )
    return results


def _read_run(folder: str | Path, results: Results, judged: dict[AttemptKey, Attempt]) -> bool:
    """Add what a run holds, and say whether the agent `finish` only found in it what is fulfilled."""
    planned, there, broken = read_plan(folder), set[TrialKey](), set[TrialKey]()
    for episode in _episodes(folder, planned):
        header = episode.header
        if header.seed in COLLECTING_SEEDS:
            results.collecting += 1
            continue
        results.splits[header.task.partition(".")[0]] = str(header.software.get("split", ""))
        trial = header.task, header.seed, header.agent, header.attempt
        if episode.outcome == "unfinished":
            broken.add(trial)
            continue
        there.add(trial)
        if episode.verdict is None:
            results.faults.append((header.agent, header.task, header.seed, episode.fault or episode.outcome))
            continue
        attempt = _attempt(episode)
        key = attempt.agent, attempt.instance, attempt.attempt
        results.twice += key in judged
        judged[key] = attempt
    _count_absent(results, planned, there, broken)
    _add_lineages(results, folder, planned, {agent for *_, agent, _ in there | broken})
    return planned.probing


def _leave_out(results: Results, judged: dict[AttemptKey, Attempt], probes: bool) -> None:
    """Keep the attempts that count: none at instances that are fulfilled at the start, and probes only if asked for."""
    finishing = [each for each in judged.values() if each.agent == PROBE]
    results.fulfilled = {each.instance for each in finishing if each.passed}
    results.probed = {(each.instance.task, each.instance.seed) for each in finishing}
    hidden = "" if probes else PROBE
    results.attempts = [
        each for each in judged.values() if each.agent != hidden and each.instance not in results.fulfilled
    ]
    left_out = {(each.task, each.seed) for each in results.fulfilled}
    results.faults = [each for each in results.faults if each[0] != hidden]
    results.missing = [each for each in results.missing if each[0] != hidden and each[1:] not in left_out]


def _episodes(folder: str | Path, planned: Planned) -> Iterable[Episode]:
    run = Run(folder)
    if planned.trials and not (run.folder / "episodes").is_dir():
        return ()  # nothing of what was planned could begin
    return run.episodes()


def _attempt(episode: Episode) -> Attempt:
    header, verdict = episode.header, episode.verdict
    assert verdict is not None
    instance = Instance(header.task, header.seed, str(header.software.get("spec", "")),
                        (header.screen_size[0], header.screen_size[1]), header.max_steps)  # fmt: skip
    spent: Usage | None = None
    for step in episode.steps:
        spent = step.usage.plus(spent) if step.usage else spent
    return Attempt(
        header.agent, instance, header.attempt, verdict.passed, verdict.score, len(episode.steps),
        tuple(step.seconds["think"] for step in episode.steps if "think" in step.seconds),
        tuple(step.seconds["act"] for step in episode.steps if "act" in step.seconds),
        spent.input + spent.cached + spent.output if spent else None,
        spent.usd if spent else None,
    )  # fmt: skip


def _count_absent(results: Results, planned: Planned, there: set[TrialKey], broken: set[TrialKey]) -> None:
    """What failed without a record of it is a fault; what was planned or broken off, and did not fail, is missing."""
    failed = {(each.task, each.seed, each.agent, each.attempt): each.error for each in planned.faults}
    for task, seed, agent, attempt in sorted({*planned.trials, *failed, *broken} - there):
        if why := failed.get((task, seed, agent, attempt)):
            results.faults.append((agent, task, seed, why))
        else:
            results.missing.append((agent, task, seed))


def _add_lineages(results: Results, folder: str | Path, planned: Planned, agents: set[str]) -> None:
    recorded = dict(planned.lineages)
    for agent in sorted({*recorded, *(each for each in agents if each.startswith("student:"))}):
        if agent in recorded:
            known = results.lineages.setdefault(agent, recorded[agent])
            if known.digest != recorded[agent].digest:
                raise DeskgymError(f"{agent} is another student in {folder} than in the runs before it")
        elif Path(folder_of(agent)[0]).is_dir():
            results.lineages[agent] = lineage_of(folder_of(agent)[0])
            results.unrecorded.append(f"{agent}: read from its folder as it is now, since its run does not say")
        else:
            results.unrecorded.append(f"{agent}: neither its run nor a folder says what it was taught")


def _rank(agent: str, lineages: dict[str, Lineage]) -> int:
    if agent in lineages:
        return 0 if lineages[agent].taught else 2
    return {"oracle": 3, "random": 4, "idle": 5, "finish": 6}.get(agent, 1)


def _by_catalog(task: str) -> tuple[str, str]:
    """Split and horizon, as the spec of today says; nothing, where there is no such task any more."""
    with suppress(DeskgymError):
        software, found = find_task(task)
        return software.split, found.horizon
    return "", ""
