"""Replay: an episode is its seed and its actions, so playing them again must show the very same screens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..envs.desktop_env import DesktopEnv
from ..errors import RecordError
from ..recorder.episode import Episode, Header
from ..recorder.frames import Frame
from ..software_specs.catalog import find_task
from .workers import in_workers

__all__ = ["Replayed", "env_of", "replay", "replays", "write_picture"]


@dataclass(frozen=True)
class Replayed:
    """What a replay showed, beside what was recorded."""

    episode: Path
    task: str
    """software.task."""
    screens: int
    """How many screens were compared: the first one, and one after each action."""
    equal: int
    """How many were equal, pixel by pixel."""
    first_difference: int | None = None
    """After which action they first differed; 0 is the screen before the first; None when all were equal."""
    pixels: int = 0
    """How many pixels differed there."""
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """x, y, width and height of where they did."""
    wanted: Frame | None = None
    """The recorded screen there, uint8[H, W, 3]."""
    found: Frame | None = None
    """The screen of the replay."""
    changed: tuple[str, ...] = ()
    """What else is not as it was: the image, the spec, the clock."""

    @property
    def exact(self) -> bool:
        """Whether every screen was equal."""
        return self.screens > 0 and self.first_difference is None

    def __str__(self) -> str:
        if self.exact:
            return f"{self.episode.name}: {self.screens} screens, all equal"
        x, y, width, height = self.box
        where = f"after action {self.first_difference} {self.pixels} pixels differ, in {width}x{height} at {x}, {y}"
        equal = f"{self.equal} of {self.screens} screens are equal"
        return f"{self.episode.name}: {'; '.join([where, equal, *self.changed])}"

    def as_json(self) -> dict[str, object]:
        """Everything but the pictures."""
        return {
            "episode": str(self.episode), "task": self.task, "exact": self.exact, "screens": self.screens,
            "equal": self.equal, "first_difference": self.first_difference, "pixels": self.pixels,
            "box": list(self.box), "changed": list(self.changed),
        }  # fmt: skip


def env_of(header: Header) -> DesktopEnv:
    """An env like the one an episode was played in."""
    software, task = find_task(header.task)
    return DesktopEnv(
        software, task.name, desktop=header.desktop, size=header.screen_size, max_steps=header.max_steps, spares=0
    )


def replay(episode: str | Path, env: DesktopEnv | None = None) -> Replayed:
    """Play an episode's actions on a fresh machine of the same seed and compare every screen.

    All actions are played, also after a difference; the agent is not asked and nothing is recorded or judged.

    Args:
        episode: the folder of an episode; one that was broken off is replayed as far as it goes.
        env: an env to play in, left open; a new one like the recorded one if left out.

    Raises:
        RecordError: the folder is no episode, or has no screens.
        DesktopError: the machine died.
    """
    recorded = Episode.read(episode)
    if not recorded.first:
        raise RecordError(f"{episode} ended before its first screen: there is nothing to replay")
    playing = env or env_of(recorded.header)
    try:
        observation, _ = playing.reset(seed=recorded.header.seed)
        result = Replayed(Path(episode), recorded.header.task, 0, 0, changed=_changes(recorded.header, playing))
        result = _compare(result, recorded, recorded.first, observation["screen"])
        for step in recorded.steps:
            if not (step.terminated or step.truncated):  # the last action needs no judge
                screen = playing.step(step.action)[0]["screen"]
                result = _compare(result, recorded, step.next_screen, screen)
        return result
    finally:
        if env is None:
            playing.close()


def replays(
    episodes: Iterable[str | Path], times: int = 1, workers: int = 1
) -> Iterator[tuple[str | Path, Replayed | Exception]]:
    """Replay episodes, each so many times, and yield each as it ends, or what kept it from its end.

    Args:
        episodes: their folders.
        times: how often each is replayed, every time on a machine of its own.
        workers: processes that play side by side.
    """
    return in_workers(replay, [each for each in episodes for _ in range(times)], workers)


def write_picture(result: Replayed, path: str | Path) -> None:
    """Write the first difference as one PNG: the recorded screen, the replayed one, and what differs, in a row.

    Raises:
        RecordError: there is none, or the screens are not of one size.
    """
    if result.wanted is None or result.found is None or result.wanted.shape != result.found.shape:
        raise RecordError(f"{result.episode} has no difference that could be drawn")
    differs = (result.wanted != result.found).any(axis=2, keepdims=True)
    third = np.where(differs, np.array([255, 0, 0], np.uint8), result.wanted // 3 + 170)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.hstack([result.wanted, result.found, third]).astype(np.uint8)).save(path)


def _compare(so_far: Replayed, recorded: Episode, key: str, screen: Frame) -> Replayed:
    wanted = recorded.frame(key)
    same = wanted.shape == screen.shape and np.array_equal(wanted, screen)
    fields: dict[str, Any] = vars(so_far) | {"screens": so_far.screens + 1, "equal": so_far.equal + same}
    if not same and so_far.first_difference is None:
        fields |= {"first_difference": so_far.screens, "wanted": wanted, "found": screen}
        if wanted.shape == screen.shape:
            ys, xs = np.nonzero((wanted != screen).any(axis=2))
            left, top = int(xs.min()), int(ys.min())
            fields |= {"pixels": len(xs), "box": (left, top, int(xs.max()) - left + 1, int(ys.max()) - top + 1)}
    return Replayed(**fields)


def _changes(header: Header, env: DesktopEnv) -> tuple[str, ...]:
    now = {
        "image": (header.image, env.desktop.image),
        "spec": (header.software.get("spec"), env.software.digest),
        "clock": (header.clock, env.desktop.clock),
    }
    return tuple(
        f"{name}: was {was or 'none'}, is {found or 'none'}" for name, (was, found) in now.items() if was != found
    )
