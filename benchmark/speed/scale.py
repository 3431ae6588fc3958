"""Scale: many desktops driven by one process, one long recorded episode, and what a recorded step takes."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ...agents.naming import make_agent
from ...envs.action import Action, Decision, parse_action
from ...envs.desktop_env import DesktopEnv
from ...envs.vector import DesktopVectorEnv
from ..density import memory_of
from ..record import record
from ..recording import measure_recording, screens_of
from .figures import Figure

__all__ = ["EARLY", "GROWTH", "LATE", "LONG_STEPS", "ON_DISK", "ON_PATH", "THROUGHPUT", "measure_scale"]

EDITOR, SHEET = "mousepad", "calc"
EDITORS = (1, 4, 16)
THROUGHPUT = {count: f"steps a second on {count} desktop{'s' * (count > 1)}" for count in EDITORS}
LONG_STEPS = 2000
WINDOW = 200
EARLY, LATE = f"a step at the start of {LONG_STEPS:,}", f"a step at the end of {LONG_STEPS:,}"
GROWTH = f"memory grown over {LONG_STEPS:,} recorded steps"
ON_PATH, ON_DISK = "recording: what a step waits for it", "recording: bytes on the disk, a step"
PLAYED = tuple(map(parse_action, ("click(400, 300)", 'type("a")', 'press("down")', "click(200, 200)")))
ROUNDS, WINDOWS = 20, 7
KILO = 1000


def measure_scale(long_steps: int = LONG_STEPS, windows: int = WINDOWS) -> Iterator[str | list[Figure]]:
    """Measure; yields what is about to be tried, and figures.

    Args:
        long_steps: of the long episode; its first and last tenth are compared.
        windows: how often the throughput is taken, of 20 steps on each desktop.
    """
    for count in EDITORS:
        yield f"{EDITOR}: {count} at once"
        yield [Figure.of(THROUGHPUT[count], EDITOR, "steps/s", "", _throughput(count, windows))]
    with tempfile.TemporaryDirectory() as folder:
        yield f"{EDITOR}: an episode of {long_steps:,} steps"
        yield _long_episode(long_steps, Path(folder, "long"))
        yield f"{SHEET}: recorded"
        yield _recording(Path(folder, "recording"))


def _throughput(count: int, windows: int) -> list[float]:
    """Steps a second of all together, one value a window."""
    envs = DesktopVectorEnv(count, EDITOR, "replace_name", copy=False, spares=0, max_steps=10**6)
    found = []
    try:
        envs.reset(seed=0)
        for window in range(windows + 1):
            begun = time.perf_counter()
            for turn in range(ROUNDS):
                envs.step([PLAYED[turn % len(PLAYED)]] * count)
            if window:  # the first warms up
                found.append(count * ROUNDS / (time.perf_counter() - begun))
    finally:
        envs.close()
    return found


def _long_episode(steps: int, into: Path) -> list[Figure]:
    env = DesktopEnv(EDITOR, "replace_name", max_steps=steps, spares=0)
    tenth = steps // 10
    try:
        player = _Tireless(steps, tenth, lambda: memory_of(env))
        episode = record(env, player, seed=0, into=into)
    finally:
        env.close()
    taken = [1000 * step.seconds["act"] for step in episode.steps[:-1]]  # the last is judged
    grown = player.memory[1] - player.memory[0]
    return [
        Figure.of(EARLY, EDITOR, "ms", "", taken[:tenth]),
        Figure.of(LATE, EDITOR, "ms", "", taken[-tenth:]),
        Figure.of(GROWTH, EDITOR, "MB", "", [grown]),
    ]


class _Tireless:
    """Types, clicks and goes about until the episode is cut off, and looks at the memory near both ends."""

    def __init__(self, steps: int, margin: int, memory: Callable[[], float]):
        self._looks, self._memory = (margin, steps - 1), memory
        self.memory: list[float] = []

    def reset(self, seed: int) -> None:
        self._actions: Iterator[tuple[int, Action]] = enumerate(itertools.cycle(PLAYED))

    def act(self, observation: dict[str, object]) -> Decision:
        number, action = next(self._actions)
        if number in self._looks:
            self.memory.append(self._memory())
        return Decision("", action)


def _recording(into: Path) -> list[Figure]:
    """The costs of recording a spreadsheet's oracle episodes, two of each task."""
    waits: list[float] = []
    kilobytes, steps = 0.0, 0
    env = DesktopEnv(SHEET)
    try:
        for seed in range(2 * len(env.software.tasks)):
            episode = record(env, make_agent("oracle", env), seed=seed, into=into, name="oracle")
            costs = measure_recording(screens_of(episode))
            waits += costs.step_ms
            kilobytes += costs.bytes[0] * len(costs.step_ms) / KILO
            steps += len(costs.step_ms)
    finally:
        env.close()
    mean = round(kilobytes / steps, 3)
    return [Figure.of(ON_PATH, SHEET, "ms", "", waits), Figure(ON_DISK, SHEET, "KB", mean, mean, steps, "")]
