"""Proof: that a task can be solved by pixels and keys, and cannot be passed in any other way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import xxhash

from ..envs.action import Action, Decision, Finish, Wait
from ..envs.desktop_env import DesktopEnv
from ..software_specs.catalog import find_task, tasks_named
from ..software_specs.spec import Software, Task
from .tampering import find_leaks, tamper
from .workers import in_workers

__all__ = ["Proof", "TaskProof", "check", "check_all", "prove"]

IDLE_STEPS = 3


@dataclass(frozen=True)
class Proof:
    """One thing that must hold of a task, and what was seen."""

    passed: bool
    detail: str


@dataclass(frozen=True)
class TaskProof:
    """Everything that was proved, or not, of one task on one kind of desktop."""

    task: str
    desktop: str
    proofs: dict[str, Proof]

    @property
    def proven(self) -> bool:
        """Whether all of it holds."""
        return bool(self.proofs) and all(proof.passed for proof in self.proofs.values())

    @property
    def gaps(self) -> str:
        """What does not hold, and what was seen instead; empty if all holds."""
        return "; ".join(f"{name}: {proof.detail}" for name, proof in self.proofs.items() if not proof.passed)

    def as_json(self) -> dict[str, object]:
        """{"task", "desktop", "proven", "proofs": {name: {"passed", "detail"}}}."""
        return {
            "task": self.task,
            "desktop": self.desktop,
            "proven": self.proven,
            "proofs": {name: vars(proof) for name, proof in self.proofs.items()},
        }


def check(*names: str, seeds: Iterable[int] = range(3), desktop: str = "local") -> list[TaskProof]:
    """Prove tasks: a software by name ("gnumeric"), a task ("gnumeric.sum_column"); no name means all."""
    return [prove(software, task, seeds=seeds, desktop=desktop) for software, task in tasks_named(*names)]


def check_all(
    tasks: Iterable[str], seeds: Iterable[int], desktop: str, workers: int
) -> Iterator[tuple[str, TaskProof]]:
    """Prove tasks in worker processes and yield each with its name as it ends; what raised is not proven."""
    for name, proof in in_workers(partial(_prove_named, seeds=tuple(seeds), desktop=desktop), tasks, workers):
        if isinstance(proof, Exception):
            proof = TaskProof(name, desktop, {"no error": Proof(False, f"{type(proof).__name__}: {proof}")})
        yield name, proof


def _prove_named(name: str, seeds: tuple[int, ...], desktop: str) -> TaskProof:
    software, task = find_task(name)
    return prove(software, task, seeds=seeds, desktop=desktop)


def prove(
    software: Software,
    task: Task,
    *,
    seeds: Iterable[int] = range(3),
    desktop: str = "local",
    report: Callable[[str], None] = lambda words: None,
) -> TaskProof:
    """Prove one task on one kind of desktop.

    Args:
        seeds: each is an instance that must hold.
        report: is told what is being tried.
    """
    notes = _Notes()
    env = DesktopEnv(software, task.name, desktop=desktop, spares=0)
    try:
        for number, seed in enumerate(seeds):
            report(f"{task.id} seed {seed}")
            try:
                _prove_instance(env, seed, notes, first=not number)
            except Exception as error:  # a spec is anyone's code: whatever it raises is a proof that failed
                notes.add("no error", False, f"seed {seed}: {type(error).__name__}: {error}")
    finally:
        env.close()
    return TaskProof(task.id, desktop, notes.proofs())


class _Notes:
    """Gathers what was seen seed by seed into one Proof a name: a single failure fails it."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[bool, str]]] = {}

    def add(self, name: str, passed: bool, detail: str) -> None:
        self._seen.setdefault(name, []).append((passed, detail))

    def proofs(self) -> dict[str, Proof]:
        found = {}
        for name, notes in self._seen.items():
            failures = [detail for passed, detail in notes if not passed]
            found[name] = Proof(not failures, "; ".join(failures) if failures else notes[0][1])
        return found


def _prove_instance(env: DesktopEnv, seed: int, notes: _Notes, first: bool) -> None:
    env.reset(seed=seed)
    trace = _Trace(env)
    goal, truth = env.instance, env.truth_for_proof()
    leaks = find_leaks(env.desktop.machine, env.task, truth, whole_tree=first)
    notes.add("nothing leaks", not leaks, f"seed {seed}: found in the machine: {leaks}" if leaks else "searched")
    _expect_failure(env, notes, "unfulfilled at the start", seed)
    for _ in range(IDLE_STEPS):
        trace.perform(Wait(1000))  # no step of the episode: the oracle shall have all of its own
    _expect_failure(env, notes, "idle fails", seed)
    steps = _play(env, env.solution(), trace)
    verdict = env.judge_now(steps.answer)
    notes.add("oracle passes", verdict.passed and not steps.errors,
              f"{steps.count} steps" if verdict.passed and not steps.errors
              else f"seed {seed}: {steps.errors or verdict.failed()}")  # fmt: skip
    tamper(env.desktop.machine)
    after = env.judge_now(steps.answer)
    notes.add(
        "tampering changes no pass",
        after.passed == verdict.passed,
        f"seed {seed}: {after.failed() or 'passed'}",
    )
    _prove_again(env, seed, notes, goal, truth)
    trace.prove_exact(env, seed, notes)
    env.reset(seed=seed)
    misses = list(env.near_misses())
    notes.add("has near misses", bool(misses), f"{len(misses)}: {', '.join(misses)}")
    for number, name in enumerate(misses):
        if number:
            env.reset(seed=seed)
        played = _play(env, env.near_misses()[name])
        miss = env.judge_now(played.answer)
        notes.add(f"near miss fails: {name}", not miss.passed and not played.errors,
                  f"score {miss.score:.2f}" if not miss.passed and not played.errors
                  else f"seed {seed}: {'it passed' if miss.passed else played.errors}")  # fmt: skip


def _prove_again(env: DesktopEnv, seed: int, notes: _Notes, goal: object, truth: object) -> None:
    """A second boot of the same seed: the same instance; tampering and boasting do not pass it."""
    env.reset(seed=seed)
    same = env.instance == goal and env.truth_for_proof() == truth
    notes.add("same seed, same instance", same, f"seed {seed}: {'goal and truth agree' if same else 'they differ'}")
    tamper(env.desktop.machine)
    _, reward, _, _, info = env.step(Finish())
    boasted = info["verdict"]
    notes.add("finishing at once fails", not boasted.passed, f"seed {seed}: score {reward:.2f}")
    env.reset(seed=seed)


def _expect_failure(env: DesktopEnv, notes: _Notes, name: str, seed: int) -> None:
    verdict = env.judge_now()
    notes.add(name, not verdict.passed, f"seed {seed}: score {verdict.score:.2f}")


class _Trace:
    """What was played on a machine, and a digest of every screen, to be compared with another machine's."""

    def __init__(self, env: DesktopEnv):
        self._desktop = env.desktop
        self._screens: list[tuple[Action | None, int]] = [(None, _digest(env))]

    def perform(self, action: Action) -> None:
        """Play an action that is no step of the episode."""
        self._desktop.perform(action)
        self.note(action, self._desktop.screenshot())

    def note(self, action: Action, screen: np.ndarray) -> None:
        """An action was played, and this was seen after it."""
        self._screens.append((action, xxhash.xxh3_64_intdigest(screen.data)))

    def prove_exact(self, env: DesktopEnv, seed: int, notes: _Notes) -> None:
        """On a machine that was just reset to the same seed: the same actions show the same screens."""
        why_not = env.task.random or ("no clock of its own" if env.desktop.clock == "off" else "")
        if why_not:
            notes.add("replays exactly", True, f"not tried: {why_not}")
            return
        for number, (action, digest) in enumerate(self._screens):
            if action is not None:
                env.desktop.perform(action)
            if _digest(env) != digest:
                notes.add("replays exactly", False, f"seed {seed}: screen {number}, after {action}, is another")
                return
        notes.add("replays exactly", True, f"{len(self._screens)} screens")


def _digest(env: DesktopEnv) -> int:
    return xxhash.xxh3_64_intdigest(env.desktop.screenshot().data)


@dataclass(frozen=True)
class _Played:
    count: int
    answer: str
    errors: str


def _play(env: DesktopEnv, decisions: Iterator[Decision], trace: _Trace | None = None) -> _Played:
    """Play decisions up to `finish`, which is left to the caller; a move that the env refuses is an error."""
    count = 0
    for decision in decisions:
        count += 1
        action = env.action_space.check(decision.action)
        if isinstance(action, Finish):
            return _Played(count, action.answer, _too_long(env, count))
        observation, *_, info = env.step(action)
        if trace is not None:
            trace.note(action, observation["screen"])
        if info["error"]:
            return _Played(count, "", f"step {count}: {info['error']}")
        if count >= env.max_steps:
            break
    return _Played(count, "", _too_long(env, count + 1))


def _too_long(env: DesktopEnv, count: int) -> str:
    return f"it takes {count} steps, the limit is {env.max_steps}" if count > env.max_steps else ""
