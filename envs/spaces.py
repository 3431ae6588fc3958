"""The spaces of a desktop: what is seen, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from ..errors import ActionError
from ..software_specs.spec import GOAL_CHARACTERS
from .action import Action, Click, Drag, Move, Press, Scroll, Type, Wait, parse_action
from .tree_text import LONGEST_TREE

__all__ = ["LONGEST_GOAL", "ActionSpace", "observation_space"]

LONGEST_GOAL = 4000


def observation_space(size: tuple[int, int], tree: bool = False) -> spaces.Dict:
    """`{"goal": str, "screen": uint8[H, W, 3]}`: words and pixels, as a person has; and `"tree": str`, if asked for."""
    width, height = size
    parts: dict[str, gym.Space] = {
        "goal": spaces.Text(LONGEST_GOAL, min_length=1, charset=GOAL_CHARACTERS),
        "screen": spaces.Box(0, 255, (height, width, 3), np.uint8),
    }
    if tree:
        parts["tree"] = spaces.Text(LONGEST_TREE, min_length=0, charset=GOAL_CHARACTERS)
    return spaces.Dict(parts)


class ActionSpace(gym.Space[Action]):
    """All actions on a screen of a given size; a member may also be handed to `step` in its text form.

    Args:
        size: width and height in pixels.
        seed: seed of `sample`.
    """

    def __init__(self, size: tuple[int, int], seed: int | np.random.Generator | None = None):
        self.size = size
        super().__init__(shape=None, dtype=None, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Actions are no arrays."""
        return False

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> Action:
        """Draw a plausible action: mostly clicks, some keys and words, never `finish`."""
        makers: Sequence[Callable[[], Action]] = (
            lambda: Click(*self._pixel()),
            lambda: Click(*self._pixel(), count=2),
            lambda: Click(*self._pixel(), button="right"),
            lambda: Move(*self._pixel()),
            lambda: Drag((self._pixel(), self._pixel())),
            lambda: Scroll(*self._pixel(), dy=int(self.np_random.integers(-5, 6))),
            lambda: Press(str(self.np_random.choice(_KEYS))),
            lambda: Type(str(self.np_random.choice(_WORDS))),
            lambda: Wait(int(self.np_random.integers(0, 500))),
        )
        weights = np.array([8, 1, 2, 1, 1, 2, 4, 3, 1])
        return makers[self.np_random.choice(len(makers), p=weights / weights.sum())]()

    def _pixel(self) -> tuple[int, int]:
        return int(self.np_random.integers(self.size[0])), int(self.np_random.integers(self.size[1]))

    def check(self, action: Any) -> Action:
        """Return the action a player meant, parsed if it came as text.

        Raises:
            ActionError: it is malformed, or touches a pixel outside of the screen.
        """
        if isinstance(action, str):
            action = parse_action(action)
        if not isinstance(action, Action):
            raise ActionError(f"{action!r:.80} is no action")
        width, height = self.size
        for x, y in action.points():
            if not (0 <= x < width and 0 <= y < height):
                raise ActionError(f"{action}: ({x}, {y}) is outside the screen of {width} x {height} pixels")
        return action

    def contains(self, x: Any) -> bool:
        """Whether `step` would take it without complaint."""
        try:
            self.check(x)
        except ActionError:
            return False
        return True

    def to_jsonable(self, sample_n: Iterable[Action]) -> list[str]:
        """The text forms."""
        return [str(action) for action in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[Action]:
        """Actions from their text forms."""
        return [parse_action(text) for text in sample_n]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionSpace) and self.size == other.size

    def __repr__(self) -> str:
        return f"ActionSpace({self.size[0]}, {self.size[1]})"


_KEYS = (
    "enter",
    "tab",
    "escape",
    "backspace",
    "up",
    "down",
    "left",
    "right",
    "ctrl+s",
    "ctrl+z",
    "alt+f",
    "space",
)
_WORDS = ("a", "42", "hello", "total", "north 7")
