"""Agent: whoever plays. It sees an observation, pixels and words, and answers with a Decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import gymnasium as gym

from ..envs.action import Decision, Finish, Wait
from ..envs.spaces import ActionSpace
from ..errors import DeskgymError, did_you_mean
from ..recorder.episode import Usage

if TYPE_CHECKING:
    from .teachers.terms import Terms

__all__ = ["AGENTS", "Agent", "Answer", "FinishAgent", "IdleAgent", "OracleAgent", "RandomAgent", "make_agent"]

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


TREE = "+tree"
"""What the name of an agent ends in that is also shown the accessibility tree: so its results never mix with others."""


def reads_tree(name: str) -> bool:
    """Whether the env of an agent of that name must show the accessibility tree."""
    return name.endswith(TREE)


def make_agent(name: str, env: gym.Env, terms: Terms | None = None) -> Agent:
    """Make an agent by name.

    Args:
        name: a key of `AGENTS`, "oracle", "student:FOLDER" ("student:FOLDER@0.7": drawn at that temperature),
            "teacher:MODEL" (see `Setup`), or `package.module:Class` for one of your own; with "+tree" behind it, for
            one that also reads the accessibility tree.
        env: what it will play in; handed on to the oracle alone.
        terms: on which a teacher is asked; None sets no limits.

    Raises:
        DeskgymError: there is no such agent.
        TeacherUnavailable: the teacher is unknown, or has no key.
        BudgetSpent: so that nothing may be asked of the teacher.
        MissingExtra: a student or a teacher needs what is not installed.
    """
    if not name.startswith("student:"):  # a student is taught on pixels alone
        name = name.removesuffix(TREE)
    if name == "oracle":
        return OracleAgent(env)
    if name in AGENTS:
        return AGENTS[name]()
    module, colon, attribute = name.partition(":")
    if module == "student" and colon:
        from .student import StudentAgent

        return StudentAgent.named(attribute)
    if module == "teacher" and colon:
        from .teachers.setup import Setup
        from .teachers.teacher import TeacherAgent

        return TeacherAgent(Setup.parse(attribute), terms, harmless=_harmless(env))
    if not colon:
        known = did_you_mean(name, [*AGENTS, "oracle"])
        raise DeskgymError(f"no agent {name!r}{known} (your own is written package.module:Class)")
    try:
        return getattr(import_module(module), attribute)()
    except (ImportError, AttributeError, ValueError) as error:
        raise DeskgymError(f"agent {name!r} cannot be loaded: {error}") from error


def _harmless(env: gym.Env) -> bool:
    """Whether nothing that is done in it can reach the world: a machine of our own, and without a network."""
    from ..envs.desktop_env import DesktopEnv

    inner = getattr(env, "unwrapped", None)
    return isinstance(inner, DesktopEnv) and inner.kind != "screen" and not inner.software.desktop.network
