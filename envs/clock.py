"""Clock: how time passes on a desktop while the host waits for it."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from ..errors import DesktopError
from ..software_specs.spec import Software

__all__ = ["Clock", "ClockKind", "clock_of", "clock_text", "wanted_clock", "why_no_clock"]

T = TypeVar("T")
ClockKind = Literal["jump", "off"]
"""jump: the desktop's clock is ours, see `VirtualClock`; off: it is the host's, see `ClosedLoop`."""


class Clock(Protocol):
    """What the host does while a desktop reacts; times are seconds of the desktop's own clock."""

    def now(self) -> float:
        """Seconds since some fixed instant."""
        ...

    def event(self, send: Callable[[], object]) -> None:
        """A key, button or motion waits to be sent: what must happen before the next one may follow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass on the desktop in the midst of an action."""
        ...

    def settle(self, seconds: float | None = None) -> bool:
        """Return when the screen is final.

        Args:
            seconds: how long to wait, at least; None waits as after an action.

        Returns:
            False when it was still moving, or the software still busy, at the deadline.

        Raises:
            DesktopError: the machine is gone.
        """
        ...

    def until(self, condition: Callable[[], T | None], seconds: float, what: str) -> T:
        """Call `condition` while time passes, until it returns something true.

        Raises:
            DesktopError: so many seconds passed in vain, or the machine died; the message ends in its last words.
        """
        ...

    def ready(self) -> bool:
        """The software is ready: settle before its first screenshot."""
        ...

    def close(self) -> None:
        """Let it go; safe to call twice."""
        ...


def clock_of(software: Software) -> ClockKind:
    """Which clock a software gets here: its spec's, unless DESKGYM_CLOCK=off or the kernel says otherwise.

    Raises:
        DesktopError: DESKGYM_CLOCK holds something else.
    """
    return "off" if "off" in (wanted_clock(), software.clock) or why_no_clock() else "jump"


def wanted_clock() -> ClockKind:
    """What DESKGYM_CLOCK asks for.

    Raises:
        DesktopError: it holds neither jump nor off.
    """
    wanted = os.environ.get("DESKGYM_CLOCK", "jump")
    if wanted not in ("jump", "off"):
        raise DesktopError(f"DESKGYM_CLOCK is {wanted!r}; it may be jump or off")
    return wanted


def clock_text(software: Software) -> str:
    """The clock a software gets here in a few words, for an episode's header."""
    return f"jump {software.settle.advance} ms" if clock_of(software) == "jump" else "off"


@cache
def why_no_clock() -> str:
    """Why this machine cannot give a desktop a clock of its own; empty if it can."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"it needs Linux on x86-64, this is {platform.system()} on {platform.machine()}"
    try:
        actions = Path("/proc/sys/kernel/seccomp/actions_avail").read_text().split()
    except OSError:
        actions = []
    if "trap" not in actions:
        return "the kernel has no seccomp filters that trap (CONFIG_SECCOMP_FILTER)"
    if not Path("/proc/self/schedstat").exists():
        return "the kernel does not tell how often a thread has run (CONFIG_SCHED_INFO)"
    return ""
