"""deskgym: real GUI software as Gymnasium environments, with tasks proven solvable and proven not cheatable.

import gymnasium as gym, deskgym

env = gym.make("deskgym/gnumeric.sum_column-v0")
observation, info = env.reset(seed=7)
observation, reward, terminated, truncated, info = env.step(deskgym.Click(412, 230))
"""

# pyright: reportMissingImports=false
# The root imports itself by its installed name, which no type checker can see from in here.

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from deskgym.envs.action import (
    Action,
    Click,
    Decision,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
    parse_action,
)
from deskgym.envs.registration import register, register_all

if TYPE_CHECKING:
    from deskgym.agents.agent import Agent
    from deskgym.agents.naming import make_agent
    from deskgym.agents.play import play
    from deskgym.benchmark.audit import check
    from deskgym.benchmark.record import record
    from deskgym.envs.desktop_env import DesktopEnv

__all__ = [
    "Action",
    "Agent",
    "Click",
    "Decision",
    "DesktopEnv",
    "Drag",
    "Finish",
    "KeyDown",
    "KeyUp",
    "MouseDown",
    "MouseUp",
    "Move",
    "Press",
    "Scroll",
    "Type",
    "Wait",
    "check",
    "make_agent",
    "parse_action",
    "play",
    "record",
    "register",
]

__version__ = version("deskgym")

_LAZY = {
    "Agent": "deskgym.agents.agent",
    "DesktopEnv": "deskgym.envs.desktop_env",
    "check": "deskgym.benchmark.audit",
    "make_agent": "deskgym.agents.naming",
    "play": "deskgym.agents.play",
    "record": "deskgym.benchmark.record",
}


def __getattr__(name: str) -> Any:
    # What needs eyes, hands or libraries is imported when it is first asked for.
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'deskgym' has no attribute {name!r}")


register_all()
