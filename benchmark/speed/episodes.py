"""Episodes: how long an oracle's whole episode takes, in our way and with fixed waits in place of it."""

from __future__ import annotations

import time

from ...envs.action import Action, Finish, Wait
from ...envs.desktop import Desktop
from ...envs.desktop_env import DesktopEnv
from ...envs.x_desktop import XDesktop
from ...errors import DeskgymError

__all__ = ["seconds_of"]


def seconds_of(env: DesktopEnv, seed: int, pause: float | None) -> float:
    """Play the oracle's episode; the seconds its steps and the judging took, without the oracle's own looking.

    Args:
        env: what is played in.
        seed: the instance.
        pause: None waits for the screen as the env does; else so many seconds are slept after each action.

    Raises:
        DeskgymError: the episode was not passed.
    """
    env.reset(seed=seed)
    spent = 0.0
    for decision in env.solution():
        begun = time.perf_counter()
        action = env.action_space.check(decision.action)
        if pause is None or isinstance(action, Finish):
            *_, info = env.step(action)
        else:
            _step_and_sleep(env.desktop, action, pause)
            info = {}
        spent += time.perf_counter() - begun
        if "verdict" in info:
            if not info["verdict"].passed:
                break
            return spent
    raise DeskgymError(f"the oracle did not pass {env.task.id}, seed {seed}")


def _step_and_sleep(desktop: Desktop, action: Action, pause: float) -> None:
    assert isinstance(desktop, XDesktop)
    if isinstance(action, Wait):
        time.sleep(action.ms / 1000)
    else:
        desktop.act(action)
    time.sleep(pause)
    desktop.screenshot()
