"""Agent: whoever plays. It sees an observation, pixels and words, and answers with a Decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import gymnasium as gym

from ..envs.action import Decision, Finish, Wait
from ..envs.spaces import ActionSpace
from ..recorder.episode import Usage

__all__ = ["AGENTS", "Agent", "Answer", "FinishAgent", "IdleAgent", "OracleAgent", "RandomAgent"]

Observation = dict[str, Any]


@dataclass(frozen=True)
class Answer(Decision):
    """A decision that a model was asked for, with what is worth keeping of the asking."""

    error: str = ""
    """Why its reply could not be read, if it could not: takes the place of what the env says of the action."""
    usage: Usage | None = None
    """What it cost; None for the later actions of one reply."""
    reply: Any = None
    """The reply as it came, in JSON."""


class Agent(Protocol):
    """One player; a fresh episode begins with `reset`."""

    def reset(self, seed: int) -> None:
        """Forget the last episode; draw, if at all, from the seed."""
        ...

    def act(self, observation: Observation) -> Decision:
        """Decide on `{"goal": str, "screen": uint8[H, W, 3]}`."""
        ...


class IdleAgent:
    """Lets a second pass at every step, and never finishes: what doing nothing scores."""

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return Decision("I do nothing.", Wait(1000))


class FinishAgent:
    """Declares success at once: what boasting scores."""

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return Decision("I call it done.", Finish())


class RandomAgent:
    """Draws from the action space, the same for the same seed: what chance scores."""

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""
        self._seed: int | None = seed

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        if self._seed is not None:
            height, width, _ = observation["screen"].shape
            self._space, self._seed = ActionSpace((width, height), self._seed), None
        return Decision("I try something.", self._space.sample())


class OracleAgent:
    """Plays the task's own solution, asked of the env move by move; ends the episode when it has no more.

    The only agent that is handed an env: all others have pixels and words.
    """

    def __init__(self, env: gym.Env):
        self._env = env

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""
        self._moves: Iterator[Decision] = self._env.unwrapped.solution()  # type: ignore[attr-defined]

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return next(self._moves, Decision("Everything that was asked for is done.", Finish()))


AGENTS: dict[str, Callable[[], Agent]] = {"idle": IdleAgent, "finish": FinishAgent, "random": RandomAgent}
"""Name -> class, for the agents that need neither a model nor an env."""
