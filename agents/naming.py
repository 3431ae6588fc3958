"""Naming: an agent by the name that command lines, episodes and tables know it by."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import gymnasium as gym

from ..errors import DeskgymError, did_you_mean
from .agent import AGENTS, Agent, OracleAgent

if TYPE_CHECKING:
    from .teachers.terms import Terms

__all__ = ["make_agent", "reads_tree"]

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
