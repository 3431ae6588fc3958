"""When is the screen final? A closed loop: answered, quiet, and nothing left to run.

An application has reacted when it has answered a ping, its pixels have stood still for a while, and none of the
desktop's threads wants a processor. What no closed loop can see is a timer of the application's own; the spec's
`settle.minimum` and `settle.windows` cover the known ones.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from ..software_specs.spec import Settle
from .cell import Cell, wait_until
from .framebuffer import Framebuffer
from .x11 import XConnection

__all__ = ["ClosedLoop"]

T = TypeVar("T")
PAUSE = 0.004
LEAST_LOOKS = 3
"""Quiet counts only if it was looked at: on a crowded host, this process may itself have slept through it."""
DEADLINE = 10.0
"""Seconds after which a screen that never rests is taken as it is."""


class ClosedLoop:
    """See `Clock`: the desktop's time is the host's, and all that can be done is to look."""

    def __init__(self, cell: Cell, rule: Settle):
        self._cell, self._rule = cell, rule
        self._x: XConnection | None = None
        self._framebuffer: Framebuffer | None = None
        self._window_changes = 0

    def watch(self, connection: XConnection, framebuffer: Framebuffer) -> None:
        """Look at this screen from now on."""
        self._x, self._framebuffer = connection, framebuffer

    def now(self) -> float:
        """See `Clock.now`."""
        return time.monotonic()

    def event(self, send: Callable[[], object]) -> None:
        """See `Clock.event`: the X server keeps the order by itself, so they may go together."""

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        time.sleep(seconds)

    def until(self, condition: Callable[[], T | None], seconds: float, what: str) -> T:
        """See `Clock.until`."""
        return wait_until(condition, seconds, self._cell, what)

    def ready(self) -> bool:
        """See `Clock.ready`."""
        return self.settle(0.2)

    def settle(self, seconds: float | None = None) -> bool:
        """See `Clock.settle`."""
        assert self._x is not None
        assert self._framebuffer is not None
        start = time.monotonic()
        least = max(seconds or 0.0, self._rule.minimum / 1000)
        several = self._x.window_count() > 1
        answered = self._x.ping(DEADLINE)
        quiet_since, seen, looks = time.monotonic(), self._framebuffer.digest(), 0
        while True:
            if several or self._windows_changed(self._x):
                several, least = False, max(least, self._rule.windows / 1000)
            now = time.monotonic()
            quiet = looks >= LEAST_LOOKS and now - quiet_since >= self._rule.quiet / 1000
            if quiet and now - start >= least:
                return answered
            if now - start > least + DEADLINE:
                return False
            time.sleep(PAUSE)
            looks += 1
            if (digest := self._framebuffer.digest()) != seen or anything_runnable(self._cell.init_pid):
                quiet_since, seen, looks = time.monotonic(), digest, 0

    def close(self) -> None:
        """See `Clock.close`."""

    def _windows_changed(self, connection: XConnection) -> bool:
        connection.drain()
        before, self._window_changes = self._window_changes, connection.window_changes
        return before != self._window_changes


def anything_runnable(init_pid: int) -> bool:
    """Whether any thread of a machine is running, wants to run, or waits for the disk."""
    return any(_state(thread) in "RD" for pid in descendants(init_pid) for thread in _threads(pid))


def descendants(pid: int) -> Iterator[int]:
    """A process and all that descend from it, by the kernel's own lists of children."""
    yield pid
    for thread in _threads(pid):
        try:
            children = Path(thread, "children").read_text().split()
        except OSError:
            continue  # ended meanwhile
        for child in children:
            yield from descendants(int(child))


def _threads(pid: int) -> list[str]:
    folder = f"/proc/{pid}/task"
    try:
        return [f"{folder}/{name}" for name in os.listdir(folder)]
    except OSError:
        return []


def _state(thread: str) -> str:
    try:
        with open(f"{thread}/stat", "rb") as handle:
            # The name in parentheses may hold anything, so the state is what follows the last one.
            return handle.read().rpartition(b")")[2][1:2].decode()
    except OSError:
        return "X"
