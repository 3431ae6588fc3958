"""Hands: what a task's oracle is given to look (privileged) and to decide (pixels and keys only)."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import SpecError
from ..verifiers.privileged import Machine, Widget
from .action import Action, Button, Click, Decision, Drag, Finish, Move, Press, Scroll, Type, Wait

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .devtools import Browser

__all__ = ["Hands"]

Target = Widget | tuple[int, int]
PATIENCE = 5.0
"""Seconds an oracle looks for a widget before it gives up."""


class Hands:
    """Finds widgets by role and name, and puts decisions into words and pixels.

    Looking never changes anything; every method below `# decisions` returns a Decision for `solve` to yield.
    """

    def __init__(self, machine: Machine, size: tuple[int, int]):
        self.size = size
        # Only its eyes: an oracle that could write files would prove nothing.
        self._tree = machine.tree
        self._browser = getattr(machine, "browser", None)

    # looking

    def tree(self) -> list[Widget]:
        """All visible widgets."""
        return self._tree()

    def seek(
        self,
        role: str | None = None,
        name: str | re.Pattern[str] | None = None,
        *,
        states: Sequence[str] = (),
        within: Widget | None = None,
    ) -> list[Widget]:
        """The widgets that fit, as they are now: role exact, name exact or a pattern to search for."""
        return [
            widget
            for widget in _below(within, self.tree())
            if (role is None or widget.role == role)
            and (name is None or _fits(name, widget.name))
            and set(states) <= widget.states
        ]

    def find(
        self,
        role: str | None = None,
        name: str | re.Pattern[str] | None = None,
        *,
        states: Sequence[str] = (),
        within: Widget | None = None,
        nth: int = 0,
        timeout: float = PATIENCE,
    ) -> Widget:
        """The nth widget that fits, waiting for it to appear.

        Raises:
            SpecError: it did not; the message lists what was on the screen.
        """
        deadline = time.monotonic() + timeout
        while True:
            found = self.seek(role, name, states=states, within=within)
            if -len(found) <= nth < len(found):
                return found[nth]
            if time.monotonic() > deadline:
                seen = ", ".join(sorted({f"{w.role} {w.name!r}" for w in self.tree() if w.name})[:40])
                raise SpecError(f"the oracle finds no {role or 'widget'} named {name!r} (nth={nth}); it sees: {seen}")
            time.sleep(0.05)

    @property
    def page(self) -> Page:
        """The page of the browser inside the machine, through Playwright; to look at, never to act on.

        Raises:
            SpecError: the software is no web application.
        """
        return self._eyes_of_browser().page

    def locate(self, what: str | Locator, *, nth: int = 0, timeout: float = 20.0) -> tuple[int, int]:
        """The screen pixel in the middle of a visible element of the page (a selector or a Locator).

        Raises:
            SpecError: there is none in time, or it lies outside the visible page.
        """
        x, y = self._eyes_of_browser().locate(what, nth, timeout)
        if not (0 <= x < self.size[0] and 0 <= y < self.size[1]):
            raise SpecError(f"{what} lies off the screen at {x}, {y}: scroll to it first")
        return x, y

    def _eyes_of_browser(self) -> Browser:
        if self._browser is None:
            raise SpecError("this machine has no browser to look into")
        return self._browser()

    # decisions

    def click(
        self, thought: str, target: Target, button: Button = "left", count: int = 1, modifiers: str = ""
    ) -> Decision:
        """Click the middle of a widget, or a pixel."""
        return Decision(thought, Click(*_pixel(target), button=button, count=count, modifiers=modifiers))

    def move(self, thought: str, target: Target) -> Decision:
        """Move the pointer there."""
        return Decision(thought, Move(*_pixel(target)))

    def drag(self, thought: str, path: Sequence[Target], modifiers: str = "") -> Decision:
        """Drag along a path of at least two places."""
        return Decision(thought, Drag(tuple(_pixel(place) for place in path), modifiers=modifiers))

    def scroll(self, thought: str, target: Target, dy: int = 0, dx: int = 0) -> Decision:
        """Turn the wheel there; positive is down and to the right."""
        return Decision(thought, Scroll(*_pixel(target), dy=dy, dx=dx))

    def type(self, thought: str, text: str) -> Decision:
        """Type text."""
        return Decision(thought, Type(text))

    def press(self, thought: str, keys: str, repeat: int = 1) -> Decision:
        """Press a key or chord."""
        return Decision(thought, Press(keys, repeat=repeat))

    def wait(self, thought: str, ms: int = 1000) -> Decision:
        """Let time pass."""
        return Decision(thought, Wait(ms))

    def finish(self, thought: str, answer: str = "", success: bool = True) -> Decision:
        """End the episode."""
        return Decision(thought, Finish(answer, success))

    def do(self, thought: str, action: Action) -> Decision:
        """Any other action."""
        return Decision(thought, action)


def _pixel(target: Target) -> tuple[int, int]:
    return target.center if isinstance(target, Widget) else (int(target[0]), int(target[1]))


def _fits(wanted: str | re.Pattern[str], name: str) -> bool:
    return name == wanted if isinstance(wanted, str) else bool(wanted.search(name))


def _below(top: Widget | None, tree: list[Widget]) -> list[Widget]:
    """The widgets under one of the tree (which is in document order), or all of them."""
    if top is None:
        return tree
    start = next((i for i, w in enumerate(tree) if (w.role, w.box, w.depth) == (top.role, top.box, top.depth)), -1)
    if start < 0:
        return []
    below = itertools.takewhile(lambda widget: widget.depth > top.depth, tree[start + 1 :])
    return list(below)
