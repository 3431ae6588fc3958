"""Agent: whoever plays. It sees an observation, pixels and words, and answers with a Decision."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

import gymnasium as gym

from ..envs.action import Decision, Finish, Wait
from ..envs.spaces import ActionSpace
from ..errors import DeskgymError, did_you_mean

__all__ = ["AGENTS", "Agent", "FinishAgent", "IdleAgent", "OracleAgent", "RandomAgent", "make_agent"]

Observation = dict[str, Any]


class Agent(Protocol):
    """One player; a fresh episode begins with `reset`."""

    def reset(self, env: gym.Env, seed: int) -> None:
        """Forget the last episode. `env` tells the action space; only the oracle asks it for more."""
        ...

    def act(self, observation: Observation) -> Decision:
        """Decide on `{"goal": str, "screen": uint8[H, W, 3]}`."""
        ...


class IdleAgent:
    """Waits, and never finishes: what doing nothing scores."""

    def reset(self, env: gym.Env, seed: int) -> None:
        """See `Agent.reset`."""

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return Decision("I do nothing.", Wait(0))


class FinishAgent:
    """Declares success at once: what boasting scores."""

    def reset(self, env: gym.Env, seed: int) -> None:
        """See `Agent.reset`."""

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return Decision("I call it done.", Finish())


class RandomAgent:
    """Draws from the action space, the same for the same seed: what chance scores."""

    def reset(self, env: gym.Env, seed: int) -> None:
        """See `Agent.reset`."""
        assert isinstance(env.action_space, ActionSpace)
        self._space = ActionSpace(env.action_space.size, seed=seed)

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return Decision("I try something.", self._space.sample())


class OracleAgent:
    """Plays the task's own solution, asked of the env move by move; ends the episode when it has no more."""

    def reset(self, env: gym.Env, seed: int) -> None:
        """See `Agent.reset`."""
        self._moves: Iterator[Decision] = env.unwrapped.solution()  # type: ignore[attr-defined]

    def act(self, observation: Observation) -> Decision:
        """See `Agent.act`."""
        return next(self._moves, Decision("Everything that was asked for is done.", Finish()))


AGENTS = {"idle": IdleAgent, "finish": FinishAgent, "random": RandomAgent, "oracle": OracleAgent}
"""Name -> class, for the agents that need no model."""


def make_agent(name: str) -> Agent:
    """Make an agent by name: a key of `AGENTS`, or `package.module:Class` for one of your own.

    Raises:
        DeskgymError: there is no such agent.
    """
    if name in AGENTS:
        return AGENTS[name]()
    module, colon, attribute = name.partition(":")
    if not colon or ("." not in module and not module.isidentifier()):
        raise DeskgymError(f"no agent {name!r}{did_you_mean(name, AGENTS)}; your own is written package.module:Class")
    try:
        return getattr(import_module(module), attribute)()
    except (ImportError, AttributeError) as error:
        raise DeskgymError(f"agent {name!r} cannot be loaded: {error}") from error
