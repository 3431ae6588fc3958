"""Density: what one live desktop costs, and what the next one adds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..envs.closed_loop import descendants
from ..envs.desktop_env import DesktopEnv
from ..software_specs.catalog import find_software

__all__ = ["Density", "measure_density", "memory_of"]

IDLE_SECONDS = 3.0
CLICKS = ("click(400, 300)", 'type("a")', 'press("down")', "click(200, 200)")


@dataclass(frozen=True)
class Density:
    """What so many desktops of one software take, all of them live."""

    software: str
    desktops: int
    processes: int
    """Of one desktop."""
    first_mb: float
    """Memory of the first, in MB: its proportional share (PSS) while it was alone, files in /dev/shm included."""
    mean_mb: float
    """Memory of each when all were there."""
    idle_percent: float
    """Of one core, for one desktop, while nobody plays."""
    reset_s: float
    """Median of a reset while the others were there."""
    step_ms: float
    """Median of a step when `stepping` of them took turns."""
    stepping: int

    def as_json(self) -> dict[str, object]:
        """All fields."""
        return vars(self)


def measure_density(
    name: str, desktops: int, *, stepping: int = 0, rounds: int = 3, report: Callable[[str], None] = lambda words: None
) -> Density:
    """Open desktops one after another, let them idle, and play on some of them in turn.

    Args:
        name: of the software.
        desktops: how many are live at the end.
        stepping: how many of them are played on; a half if 0.
        rounds: of steps.
        report: is told how far it is.
    """
    software = find_software(name)
    task = next(iter(software.tasks))
    envs: list[DesktopEnv] = []
    resets, first = [], 0.0
    try:
        for number in range(desktops):
            report(f"{name}: {number + 1} of {desktops}")
            envs.append(DesktopEnv(software, task, spares=0, max_steps=10**6))
            begun = time.monotonic()
            envs[-1].reset(seed=number)
            resets.append(time.monotonic() - begun)
            if not number:
                first = _memory(envs)
        processes = [len(list(descendants(_init(env)))) for env in envs]
        memory = _memory(envs) / desktops
        idle = _idle(envs)
        playing = envs[: stepping or max(1, desktops // 2)]
        steps = []
        for turn in range(rounds):
            for number, env in enumerate(playing):
                report(f"{name}: stepping {number + 1} of {len(playing)}, round {turn + 1}")
                begun = time.monotonic()
                env.step(CLICKS[turn % len(CLICKS)])
                steps.append((time.monotonic() - begun) * 1000)
    finally:
        for env in envs:
            env.close()
    return Density(name, desktops, round(median(processes)), round(first, 1), round(memory, 1), round(idle, 3),
                   round(median(resets), 2), round(median(steps), 1), len(playing))  # fmt: skip


def memory_of(env: DesktopEnv) -> float:
    """What this process and the machine of an env take, in MB: their proportional set size."""
    return _proportional([os.getpid(), *_processes([env])])


def _init(env: DesktopEnv) -> int:
    return env.desktop.cell.init_pid  # type: ignore[attr-defined]


def _processes(envs: list[DesktopEnv]) -> Iterator[int]:
    for env in envs:
        yield from descendants(_init(env))


def _memory(envs: list[DesktopEnv]) -> float:
    """Of all machines, in MB; the framebuffer is mapped, so it is counted."""
    return _proportional(_processes(envs))


def _proportional(pids: Iterable[int]) -> float:
    kilobytes = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def _idle(envs: list[DesktopEnv]) -> float:
    before = _ticks(envs)
    time.sleep(IDLE_SECONDS)
    return 100 * (_ticks(envs) - before) / os.sysconf("SC_CLK_TCK") / IDLE_SECONDS / len(envs)


def _ticks(envs: list[DesktopEnv]) -> int:
    used = 0
    for pid in _processes(envs):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12])
    return used
