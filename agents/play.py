"""Play: an agent and an env take turns until the episode ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from ..envs.action import Decision
from .agent import Agent, Answer

__all__ = ["Start", "Turn", "play"]

DRAWS = 1_000_003
"""What lies between an agent's seeds in two tries at one instance: more than any instance's seed."""


@dataclass(frozen=True)
class Start:
    """The first observation."""

    goal: str
    screen: np.ndarray
    info: dict[str, Any]


@dataclass(frozen=True)
class Turn:
    """One decision and what came of it."""

    decision: Decision
    screen: np.ndarray
    """The screen after the action, uint8[H, W, 3]."""
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    seconds: dict[str, float]
    """"think": the agent's; "act": the env's, until the screen was final."""


def play(env: gym.Env, agent: Agent, seed: int, attempt: int = 0) -> Iterator[Start | Turn]:
    """Yield the start, then one turn after another, as they happen.

    Whoever records or draws simply iterates: the env and the agent know nothing of it.

    Args:
        env: a deskgym environment.
        agent: who plays.
        seed: the instance.
        attempt: which try it is, from 0; an agent that draws draws differently in each, the instance stays the same.

    Raises:
        DesktopError: the machine died.
        VerifierError: the judge failed.
    """
    observation, info = env.reset(seed=seed)
    agent.reset(seed + DRAWS * attempt)
    yield Start(observation["goal"], observation["screen"], info)
    ended = False
    while not ended:
        begun = time.perf_counter()
        decision = agent.act(observation)
        thought = time.perf_counter()
        observation, reward, terminated, truncated, info = env.step(decision.action)
        seconds = {"think": thought - begun, "act": time.perf_counter() - thought}
        ended = terminated or truncated
        if isinstance(decision, Answer) and decision.error:
            info = {**info, "error": decision.error}
        yield Turn(decision, observation["screen"], float(reward), terminated, truncated, info, seconds)
