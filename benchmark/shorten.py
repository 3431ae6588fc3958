"""Shorten: an episode played again without some of its steps, to see whether they were needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import DeskgymError
from ..recorder.episode import Episode, Step
from .replay import env_of

__all__ = ["Shortened", "play_shortened"]


@dataclass(frozen=True)
class Shortened:
    """What came of the steps that were left."""

    passed: bool
    """Whether the verifier still passes it."""
    exact: bool
    """Whether every screen is the recorded one, so that the record tells the shortened episode as well."""
    why: str = ""
    """What went wrong, if something did."""


def play_shortened(episode: Episode, steps: Sequence[Step]) -> Shortened:
    """Play some of an episode's steps on a fresh machine of its seed, to the end, and judge what came of them.

    Args:
        episode: whose instance is played.
        steps: those of its steps that are left, in order, the last one among them.
    """
    try:
        env = env_of(episode.header)
    except DeskgymError as error:
        return Shortened(False, False, str(error))
    exact, info = True, {}
    try:
        env.reset(seed=episode.header.seed)
        for step in steps:
            observation, _, terminated, truncated, info = env.step(step.action)
            exact &= np.array_equal(observation["screen"], episode.frame(step.next_screen))
            if terminated or truncated:
                break
    except DeskgymError as error:
        return Shortened(False, False, f"{type(error).__name__}: {error}")
    finally:
        env.close()
    verdict = info.get("verdict")
    if verdict is None:
        return Shortened(False, exact, "it does not come to an end")
    return Shortened(verdict.passed, exact, "" if verdict.passed else "the verifier does not pass it")
