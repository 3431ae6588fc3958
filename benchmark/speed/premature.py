"""Premature: screenshots that were taken before the screen was final.

One is premature when more than 400 of its pixels differ from the screenshot taken three seconds later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from ...envs.action import Action, Finish, Wait
from ...envs.desktop import Desktop
from ...envs.desktop_env import DesktopEnv
from ...envs.x_desktop import XDesktop
from ...errors import DeskgymError
from ...software_specs.spec import Software
from ..peers.low_latency import LowLatency

__all__ = ["FEWEST_PIXELS", "changed_pixels", "examine", "is_premature", "low_latency_step", "settled_step"]

FEWEST_PIXELS = 400
LATER = 3000
"""Milliseconds, of the desktop's own clock, until its screen is called final."""

Step = Callable[[Desktop, Action], np.ndarray]
"""Plays an action in some way and gives the screenshot that way takes."""


def changed_pixels(before: np.ndarray, after: np.ndarray) -> int:
    """How many pixels differ in any channel; both uint8[H, W, 3]."""
    return int((before != after).any(axis=2).sum())


def is_premature(shot: np.ndarray, final: np.ndarray) -> bool:
    """Whether a screenshot was taken too early, given the final one."""
    return changed_pixels(shot, final) > FEWEST_PIXELS


def settled_step(desktop: Desktop, action: Action) -> np.ndarray:
    """Our step: the action is played until the screen is called final."""
    desktop.perform(action)
    return desktop.screenshot()


def low_latency_step() -> Step:
    """A step of the low-latency peer: the action's events, and at once its capture."""
    peers: dict[int, LowLatency] = {}

    def step(desktop: Desktop, action: Action) -> np.ndarray:
        assert isinstance(desktop, XDesktop)
        if id(desktop) not in peers:
            for former in peers.values():
                former.close()
            peers.clear()
            peers[id(desktop)] = LowLatency(desktop)
        desktop.act(action)
        return peers[id(desktop)].capture()

    return step


def examine(software: Software, kind: str, step: Step, steps: int) -> Iterator[bool]:
    """Play oracles' episodes, task after task, and tell of each step whether its screenshot was premature."""
    env = DesktopEnv(software, desktop=kind)
    told = 0
    try:
        for seed in count():
            env.reset(seed=seed)
            at_start = told
            for decision in env.solution():
                action = env.action_space.check(decision.action)
                if isinstance(action, Finish) or told == steps:
                    break
                if isinstance(action, Wait):
                    env.desktop.perform(action)
                    continue
                shot = step(env.desktop, action)
                env.desktop.perform(Wait(LATER))
                yield is_premature(shot, env.desktop.screenshot())
                told += 1
            if told == steps:
                return
            if told == at_start:
                raise DeskgymError(f"the oracle of {env.task.id} plays no action")
    finally:
        env.close()
