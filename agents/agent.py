"""Agent: whoever plays. It sees an observation, pixels and words, and answers with a Decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def make_agent(name: str, env: gym.Env) -> Agent:
    """Make an agent by name.

    Args:
        name: a key of `AGENTS`, "oracle", "student:FOLDER" ("student:FOLDER@0.7": drawn at that temperature), or
            `package.module:Class` for one of your own.
        env: what it will play in; handed on to the oracle alone.

    Raises:
        DeskgymError: there is no such agent.
        MissingExtra: a student needs what is not installed.
    """
    if name == "oracle":
        return OracleAgent(env)
    if name in AGENTS:
        return AGENTS[name]()
    module, colon, attribute = name.partition(":")
    if module == "student" and colon:
        from .student import StudentAgent

        return StudentAgent.named(attribute)
    if not colon:
        known = did_you_mean(name, [*AGENTS, "oracle"])
        raise DeskgymError(f"no agent {name!r}{known} (your own is written package.module:Class)")
    try:
        return getattr(import_module(module), attribute)()
    except (ImportError, AttributeError, ValueError) as error:
        raise DeskgymError(f"agent {name!r} cannot be loaded: {error}") from error
