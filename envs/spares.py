"""Spares: machines that boot ahead of need, so that a reset finds one ready."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from ..errors import DeskgymError
from .desktop import Desktop

__all__ = ["Spares"]


class Spares:
    """Boots desktops in a background thread; each is handed out once and never comes back.

    A machine that was played on is never used again, so nothing of an episode can survive into the next.

    Args:
        boot: opens one desktop, with nothing launched on it.
        count: how many to keep ready; 0 boots each when it is asked for.
    """

    def __init__(self, boot: Callable[[], Desktop], count: int):
        self._boot, self._count = boot, count
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="deskgym-spares") if count else None
        self._ready: list[Future[Desktop]] = []

    def take(self) -> Desktop:
        """A booted desktop: a spare if there is one, even if it must be waited for.

        Raises:
            DesktopError: it did not come up.
        """
        if not self._ready:
            return self._boot()
        try:
            return self._ready.pop(0).result()
        except DeskgymError:
            return self._boot()  # whatever was wrong then is tried once more, and told if it still is

    def refill(self) -> None:
        """Begin to boot what is missing, and return at once."""
        while self._worker is not None and len(self._ready) < self._count:
            self._ready.append(self._worker.submit(self._boot))

    def close(self) -> None:
        """End them all; safe to call twice."""
        waiting, self._ready = self._ready, []
        for spare in waiting:
            if not spare.cancel():
                with contextlib.suppress(DeskgymError):
                    spare.result().close()
        if self._worker is not None:
            self._worker.shutdown()
            self._worker = None
