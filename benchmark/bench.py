"""Bench: agents side by side on the same instances, each tried as often as is wished, into a run that can be resumed.

First the agent `finish` declares success on every instance: where that passes, the task was fulfilled before anybody
played, and the instance is left out. What kept an episode from beginning is written down beside the run: a report
lists it apart, and nobody gets a zero for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..agents.lineage import Lineage, folder_of, lineage_of
from ..agents.teachers.terms import Terms
from ..envs.seeds import COLLECTING_SEEDS
from ..errors import DeskgymError, RecordError
from ..recorder.disk import naming, write_whole
from ..recorder.episode import Episode, Record
from ..recorder.store import Run
from .collect import FINAL, collect, pending
from .suite import Suite, Trial

__all__ = ["PROBE", "Fault", "Plan", "Planned", "bench", "fulfilled", "read_plan"]

PROBE = "finish"
"""The agent that finds the instances which are fulfilled at the start."""
PLAN, FAULTS = "bench.json", "faults.jsonl"


@dataclass(frozen=True)
class Plan:
    """Who plays what, how often."""

    suite: Suite
    agents: tuple[str, ...]
    tries: int = 1
    """Of each agent at each instance. What is drawn differs from one to the next; who draws nothing repeats itself."""
    desktop: str = "local"
    screen: tuple[int, int] | None = None
    """Width and height in pixels; None: as the specs say."""
    probe: bool = True
    """Whether instances that are fulfilled at the start are found and left out."""

    def probes(self) -> list[Trial]:
        """One trial an instance, by the agent that only declares success."""
        return list(self.suite.trials(PROBE, self.desktop, screen=self.screen)) if self.probe else []

    def trials(self, without: Iterable[tuple[str, int]] = ()) -> list[Trial]:
        """All others, agent by agent, so that a student is loaded once; without those instances, of task and seed."""
        left_out = set(without)
        return [
            trial
            for agent in self.agents
            for attempt in range(self.tries)
            for trial in self.suite.trials(agent, self.desktop, attempt=attempt, screen=self.screen)
            if (trial.task, trial.seed) not in left_out
        ]


@dataclass(frozen=True)
class Fault:
    """What kept an episode from beginning."""

    task: str
    seed: int
    agent: str
    attempt: int
    error: str


@dataclass(frozen=True)
class Planned:
    """What a run's `bench.json` and `faults.jsonl` say; nothing, where it was played otherwise."""

    trials: frozenset[tuple[str, int, str, int]] = frozenset()
    """Task, seed, agent and attempt of everything that was to be played."""
    lineages: tuple[tuple[str, Lineage], ...] = ()
    """Of every student: what it had been taught when it played."""
    faults: tuple[Fault, ...] = ()
    probing: bool = False
    """Whether the agent `finish` only finds what is fulfilled, and is not itself benchmarked."""


def bench(
    plan: Plan,
    into: str | Path,
    *,
    workers: int = 1,
    terms: Terms | None = None,
    coming: Callable[[int], None] = lambda count: None,
) -> Iterator[tuple[Trial, Episode | Exception]]:
    """Play what a plan has and its run has not, and yield each episode as it ends, or what kept it from beginning.

    Args:
        plan: more agents, seeds or tries may be added later, into the same run.
        into: the run's folder.
        workers: processes that play side by side.
        terms: on which teachers are asked. What ends a run, such as a spent budget, is nobody's fault: the rest of the
            plan is not played, and the same call goes on with it.
        coming: is told how many episodes are to be played, as soon as it is known: first the probes, then the rest.

    Raises:
        DeskgymError: a seed is none of the benchmark's; a student's record is damaged.
        RecordError: the run was begun with another student in the same folder, another desktop or another screen.
    """
    _begin(plan, Path(into))
    for stage in (plan.probes, lambda: plan.trials(fulfilled(into) if plan.probe else ())):
        todo = pending(stage(), into)
        coming(len(todo))
        for trial, result in collect(todo, into, workers=workers, terms=terms):
            if isinstance(result, Exception) and not isinstance(result, FINAL):
                _note(trial, result, Path(into))
            yield trial, result
            if isinstance(result, FINAL):
                return


def fulfilled(run_folder: str | Path) -> set[tuple[str, int]]:
    """The instances of a run, as task and seed, that the agent `finish` passed."""
    run, found = Run(run_folder), set()
    for folder in run.folders() if (run.folder / "episodes").is_dir() else ():
        record = Record.read(folder)
        if record.header.agent == PROBE and record.outcome == "passed":
            found.add((record.header.task, record.header.seed))
    return found


def read_plan(run_folder: str | Path) -> Planned:
    """What was planned in a run.

    Raises:
        RecordError: a file of it is damaged.
    """
    document, faults = _read(Path(run_folder)), []
    path = Path(run_folder) / FAULTS
    try:
        # What follows the last newline is the torn line of a killed process, or nothing.
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        faults = [Fault(**json.loads(line)) for line in lines]
        plans = [_plan(each) for each in document["plans"]]
        lineages = tuple((agent, Lineage.from_json(each)) for agent, each in document["students"].items())
    except (ValueError, TypeError, KeyError) as error:
        raise RecordError(f"{run_folder} has a damaged {PLAN} or {FAULTS}: {error!r}") from error
    trials = {each for plan in plans for each in [*plan.trials(), *plan.probes()]}
    keys = frozenset((each.task, each.seed, each.agent, each.attempt) for each in trials)
    return Planned(keys, lineages, tuple(faults), bool(plans) and not any(PROBE in plan.agents for plan in plans))


def _begin(plan: Plan, into: Path) -> None:
    """Write down what is planned, beside what was, or see that it does not fit."""
    early = [seed for seed in plan.suite.seeds if seed in COLLECTING_SEEDS]
    if early:
        raise DeskgymError(
            f"seed {early[0]} is for collecting, and a student may have learnt it: "
            f"benchmark seeds begin at {COLLECTING_SEEDS.stop}"
        )
    document = _read(into)
    for agent in plan.agents:
        if not agent.startswith("student:"):
            continue
        lineage = lineage_of(folder_of(agent)[0])
        before = document["students"].get(agent)
        if before and before["digest"] != lineage.digest:
            raise RecordError(f"{into} was begun with another student in {lineage.folder}: choose another folder")
        document["students"][agent] = lineage.as_json()
    for earlier in map(_plan, document["plans"]):
        if (earlier.desktop, earlier.screen) != (plan.desktop, plan.screen):
            raise RecordError(
                f"{into} was begun on the desktop {earlier.desktop} with the screen {earlier.screen or 'of the spec'}: "
                "choose another folder"
            )
    now = json.loads(json.dumps(asdict(plan)))
    document["plans"] = [each for each in document["plans"] if each != now] + [now]
    into.mkdir(parents=True, exist_ok=True)
    with naming(into / PLAN):
        write_whole(into / PLAN, (json.dumps(document, indent=1) + "\n").encode())


def _read(run: Path) -> dict:
    try:
        return json.loads((run / PLAN).read_bytes())
    except FileNotFoundError:
        return {"plans": [], "students": {}}
    except (OSError, ValueError) as error:
        raise RecordError(f"{run / PLAN} cannot be read: {error}") from error


def _plan(document: dict) -> Plan:
    plan = Plan(**document)
    suite = Suite(tuple(document["suite"]["tasks"]), tuple(document["suite"]["seeds"]))
    screen = tuple(plan.screen) if plan.screen else None
    return replace(plan, suite=suite, agents=tuple(plan.agents), screen=screen)  # type: ignore[arg-type]


def _note(trial: Trial, error: Exception, into: Path) -> None:
    fault = Fault(trial.task, trial.seed, trial.agent, trial.attempt, f"{type(error).__name__}: {error}")
    with naming(into / FAULTS), (into / FAULTS).open("ab") as file:
        file.write(json.dumps(asdict(fault)).encode("utf-8", "backslashreplace") + b"\n")
