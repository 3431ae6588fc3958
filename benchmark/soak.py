"""Soak: many episodes on many desktops while parts of them are killed, and every verdict must still be right."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..envs.closed_loop import descendants
from ..recorder.store import Run
from .collect import collect, pending
from .leftovers import belongings, remaining
from .suite import Suite, Trial

__all__ = ["SoakReport", "soak"]

VICTIMS = ("Xvfb", "bwrap", "keeper", "openbox", "dbus-daemon", "desktop.sh")
"""Programs of a desktop that may be killed; the application itself is the player's affair."""


@dataclass
class SoakReport:
    """What became of all episodes."""

    episodes: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)
    """Episodes with another verdict than their player deserves: the oracle passes, who finishes at once fails."""
    lost: list[str] = field(default_factory=list)
    """Episodes without a verdict after everything had been tried again in peace."""
    faults: int = 0
    """Episodes that a kill ended, before they were played again."""
    kills: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    seconds: float = 0.0
    left: list[str] = field(default_factory=list)
    """What was still there afterwards."""

    @property
    def clean(self) -> bool:
        """Whether nothing was wrong, lost or left behind."""
        return self.episodes > 0 and self.right == self.episodes and not self.left

    def as_json(self) -> dict[str, object]:
        """All fields."""
        return vars(self) | {"kills": dict(self.kills), "clean": self.clean}


def soak(
    *names: str,
    into: str | Path,
    episodes: int = 1000,
    workers: int = 4,
    kill_every: float = 0.0,
    seconds: float = 0.0,
    desktop: str = "local",
    report: Callable[[str], None] = lambda words: None,
) -> SoakReport:
    """Play episodes of the oracle and of one who finishes at once, in turn, and check every verdict.

    Args:
        names: software or tasks, as for `Suite.of`; none means all.
        into: the folder of the run, which must be new.
        episodes: how many.
        workers: processes side by side, each with two desktops (one of them a spare).
        kill_every: mean seconds between two kills of a random part of a random desktop; 0 kills nothing.
        seconds: stop beginning episodes after so long; 0 has no limit.
        desktop: the kind of desktop.
        report: is told how it goes.
    """
    result, begun = SoakReport(), time.monotonic()
    trials = _trials(names, desktop, episodes)
    owned: set[str] = set()
    chosen: list[Trial] = []
    with _saboteur(kill_every, result.kills, owned):
        while trials and not (seconds and time.monotonic() - begun > seconds):
            batch, trials = trials[: 4 * workers], trials[4 * workers :]
            chosen += batch
            for trial, outcome in collect(batch, into, workers=workers):
                result.faults += isinstance(outcome, Exception) or bool(outcome.fault)
                report(f"{len(chosen)} begun, {result.faults} ended by a kill; {trial}")
    for _ in range(3):  # in peace
        for trial, _ in collect(pending(chosen, into), into, workers=workers):
            report(f"once more: {trial}")
    _tally(result, chosen, Run(into))
    result.seconds = time.monotonic() - begun
    time.sleep(1.0)  # the kernel takes its time to bury the dead
    result.left = sorted(remaining(owned - belongings(os.getpid())))
    return result


def _trials(names: tuple[str, ...], desktop: str, episodes: int) -> list[Trial]:
    rounds = range(episodes)
    suite = Suite.of(*names, seeds=rounds, splits=("seen", "unseen"))
    by_agent = [list(suite.trials(agent, desktop)) for agent in ("oracle", "finish")]
    mixed = [trial for pair in zip(*by_agent, strict=True) for trial in pair]
    random.Random(0).shuffle(mixed)
    return mixed[:episodes]


def _tally(result: SoakReport, chosen: list[Trial], run: Run) -> None:
    rows = {(row.task, row.seed, row.agent): row for row in run.summary()}
    result.episodes = len(chosen)
    for trial in chosen:
        row = rows.get((trial.task, trial.seed, trial.agent))
        if row is None or row.outcome not in ("passed", "failed"):
            result.lost.append(f"{trial}: {row.outcome if row else 'never recorded'}")
            continue
        result.steps += row.steps
        if (row.outcome == "passed") == (trial.agent == "oracle"):
            result.right += 1
        else:
            result.wrong.append(f"{trial}: {row.outcome}")


@contextmanager
def _saboteur(every: float, kills: Counter[str], owned: set[str]) -> Iterator[None]:
    over = threading.Event()
    dice = random.Random(1)

    def work() -> None:
        while not over.wait(dice.expovariate(1 / every) if every else 1.0):
            owned.update(belongings(os.getpid()))
            if every and (victim := _victim(dice)):
                pid, name = victim
                try:
                    os.kill(pid, signal.SIGKILL)
                    kills[name] += 1
                except OSError:
                    continue  # it ended by itself

    thread = threading.Thread(target=work, name="deskgym-saboteur", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _victim(dice: random.Random) -> tuple[int, str] | None:
    found = []
    for pid in descendants(os.getpid()):
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        if name in VICTIMS:
            found.append((pid, name))
    return dice.choice(found) if found else None
