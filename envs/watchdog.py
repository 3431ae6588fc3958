"""Watchdog: one thread that cuts what takes too long, for all connections of this process."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["watched"]

LOOK = 0.25
"""Seconds between two looks: a deadline is kept to this precision."""

_numbers = itertools.count()
_watched: dict[int, tuple[float, Callable[[], object]]] = {}
_thread: threading.Thread | None = None


@contextmanager
def watched(seconds: float, cut: Callable[[], object]) -> Iterator[None]:
    """Call `cut`, from another thread, if the block takes longer. Entering and leaving cost a microsecond."""
    global _thread
    if _thread is None:
        _thread = threading.Thread(target=_watch, name="deskgym-watchdog", daemon=True)
        _thread.start()
    number = next(_numbers)
    _watched[number] = time.monotonic() + seconds, cut
    try:
        yield
    finally:
        _watched.pop(number, None)


def _watch() -> None:
    while True:
        time.sleep(LOOK)
        now = time.monotonic()
        for number, (deadline, cut) in list(_watched.items()):
            if now > deadline and _watched.pop(number, None):
                cut()


def _forget() -> None:
    global _thread
    _thread = None
    _watched.clear()


# A fork copies what is watched and not the thread that watches.
os.register_at_fork(after_in_child=_forget)
