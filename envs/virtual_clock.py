"""The clock of a desktop that is ours: it stands still until it is told to go on, and then jumps.

The keeper inside the machine (docker/clock) moves it from one timer of the software to the next, whenever every
thread sleeps, so a stretch of virtual time costs as much real time as the software has work in it.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import DesktopError
from .cell import Cell, wait_until

__all__ = ["VirtualClock"]

T = TypeVar("T")

SETTLE, ADVANCE, REST = 1, 2, 3
ORDER, ANSWER = struct.Struct("=3q"), struct.Struct("=5q")
SECOND = 1_000_000_000
PATIENCE = 10.0
"""Real seconds after which a software that is still at work is left at it, and its screen taken as it is.

What counts is work: on a crowded host, where it must wait for its turn, it gets up to six times as long.
"""
LOOK = 0.02
"""Virtual seconds between two looks at a condition."""
FIRST_INSTANT = 10.0
"""The first observation is made at a multiple of so many virtual seconds, however long the software took to start."""


class VirtualClock:
    """See `Clock`. All times are virtual: they depend on the software and the actions alone.

    Args:
        cell: a machine whose first program is the keeper.
        advance: seconds that pass after every action.
    """

    def __init__(self, cell: Cell, advance: float):
        self._cell, self._advance = cell, advance
        self._now = 0
        self._quiet = True  # whether all threads are known to sleep, and nobody has looked since
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            wait_until(self._connected, PATIENCE, cell, "the keeper of its clock")
        except BaseException:
            self._socket.close()
            raise
        self._socket.settimeout(8 * PATIENCE)

    def now(self) -> float:
        """See `Clock.now`: since the machine was started."""
        return self._now / SECOND

    def event(self, send: Callable[[], object]) -> None:
        """See `Clock.event`: every thread must have done with what was before, looks included; no time passes."""
        if not self._quiet:
            self._order(SETTLE, 0, PATIENCE)
        send()
        self._quiet = False

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        self._pass(seconds)

    def settle(self, seconds: float | None = None) -> bool:
        """See `Clock.settle`: exactly that many seconds pass.

        The screen afterwards is the one that a real wait of that length would have shown: never earlier, never later.
        """
        return self._rest(self._advance if seconds is None else seconds)

    def until(self, condition: Callable[[], T | None], seconds: float, what: str) -> T:
        """See `Clock.until`; neither the virtual time nor the real time may exceed `seconds`."""
        virtual, real = self.now() + seconds, time.monotonic() + seconds
        while not (found := condition()):
            if not self._cell.alive():
                raise DesktopError(f"the machine died while waiting for {what}:\n{self._cell.folder.last_words()}")
            if self.now() > virtual or time.monotonic() > real:
                raise DesktopError(f"waited {seconds:g} s in vain for {what}:\n{self._cell.folder.last_words()}")
            self._pass(LOOK, patience=1.0)
        return found

    def ready(self) -> bool:
        """See `Clock.ready`: at a fixed instant, and at least the usual time later."""
        earliest = self.now() + self._advance
        instant = -(-earliest // FIRST_INSTANT) * FIRST_INSTANT
        return self._rest(instant - self.now())

    def close(self) -> None:
        """See `Clock.close`."""
        self._socket.close()

    def _pass(self, seconds: float, patience: float = PATIENCE) -> bool:
        return self._order(ADVANCE, self._now + round(seconds * SECOND), patience)

    def _rest(self, seconds: float) -> bool:
        settled = self._order(REST, self._now + round(seconds * SECOND), PATIENCE)
        self._quiet = False  # for all that is known, as soon as somebody has looked
        return settled

    def _order(self, kind: int, target: int, patience: float) -> bool:
        try:
            self._socket.send(ORDER.pack(kind, target, round(patience * SECOND)))
            answer = self._socket.recv(ANSWER.size)
        except OSError as error:
            raise DesktopError(f"the keeper of the clock is gone: {error}") from error
        if len(answer) != ANSWER.size:
            raise DesktopError(f"the machine is gone:\n{self._cell.folder.last_words()}")
        self._now, busy, *_ = ANSWER.unpack(answer)
        self._quiet = True
        return not busy

    def _connected(self) -> bool:
        try:
            # A path may exceed the 108 bytes a socket address holds; its folder's descriptor never does.
            folder = os.open(self._cell.folder.share / "clock", os.O_PATH)
        except OSError:
            return False
        try:
            self._socket.connect(f"/proc/self/fd/{folder}/orders")
        except OSError:
            return False
        finally:
            os.close(folder)
        return True
