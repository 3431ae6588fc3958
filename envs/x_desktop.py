"""A desktop with an X server inside a cell: the same eyes and hands, whoever made the walls."""

from __future__ import annotations

import contextlib

import numpy as np

from ..errors import DesktopError
from ..software_specs.spec import Software
from .action import Action, Wait
from .cell import INSIDE, Cell
from .cell_machine import CellMachine
from .clock import Clock, clock_of, clock_text
from .closed_loop import ClosedLoop
from .framebuffer import Framebuffer
from .virtual_clock import VirtualClock
from .x11 import XConnection
from .x_input import XInput

__all__ = ["XDesktop"]

BOOT_SECONDS = 30.0


class XDesktop:
    """See `Desktop`."""

    def __init__(self, cell: Cell, software: Software, image: str, packages: dict[str, str]):
        self.image, self.packages = image, packages
        self.cell, self._software = cell, software
        self.clock = clock_text(software)
        with contextlib.ExitStack() as undo:
            undo.callback(cell.close)
            self._clock = self._start_clock()
            undo.callback(self._clock.close)
            share = cell.folder.share
            self._clock.until((share / "up").exists, BOOT_SECONDS, "the desktop to start")
            self._x = XConnection(share / "x11" / "X0")
            undo.callback(self._x.close)
            self._framebuffer = Framebuffer(share / "Xvfb_screen0")
            undo.callback(self._framebuffer.close)
            if isinstance(self._clock, ClosedLoop):
                self._clock.watch(self._x, self._framebuffer)
            self.size = self._framebuffer.size
            self._settled = False
            self._input = XInput(self._x, self._clock)
            self.machine = CellMachine(cell, still=isinstance(self._clock, VirtualClock))
            undo.callback(self.machine.close)
            self._warm()
            self._closing = undo.pop_all()

    def _start_clock(self) -> Clock:
        rule = self._software.settle
        if clock_of(self._software) == "off":
            return ClosedLoop(self.cell, rule)
        return VirtualClock(self.cell, rule.advance / 1000)

    def _warm(self) -> None:
        """Have the software loaded before there is anything to open, where its spec knows how."""
        if (self.cell.folder.path / "spec" / "warm.sh").exists():
            self.cell.folder.order([f"{INSIDE}/spec/warm.sh"])
            self._clock.ready()

    def launch(self, files: tuple[str, ...]) -> None:
        """See `Desktop.launch`: ready is a mapped window of the right title, and a screen at rest."""
        ready = self._software.ready
        before = self._x.windows().items()  # what warm.sh has opened is not what is waited for
        self.machine.moved()
        self._clock.sleep(0)  # until looks, and what they have set going, have ended
        self.cell.folder.order([f"{INSIDE}/spec/launch.sh", *files])

        def ready_window() -> bool:
            return any(ready.window in title for _, title in self._x.windows().items() - before)

        try:
            self._clock.until(ready_window, ready.timeout, f"a window titled {ready.window!r}")
        except DesktopError as error:
            raise DesktopError(f"{error}\n  windows: {list(self._x.windows().values())}") from None
        self._clock.ready()

    def screenshot(self) -> np.ndarray:
        """See `Desktop.screenshot`."""
        return self._framebuffer.capture(still=self._settled and isinstance(self._clock, VirtualClock))

    def perform(self, action: Action) -> bool:
        """See `Desktop.perform`."""
        self.machine.moved()
        if isinstance(action, Wait):
            self._settled = self._clock.settle(action.ms / 1000)
        else:
            self.act(action)
            self._settled = self._clock.settle()
        self._x.drain()  # which also tells whether the server still lives
        return self._settled

    def elapsed(self) -> float:
        """Seconds on the clock that the software sees; only differences mean something."""
        return self._clock.now()

    def act(self, action: Action) -> None:
        """Send an action's events and return when the server has them, without waiting for the screen."""
        self._settled = False
        self.machine.moved()
        self._input.perform(action)

    def close(self) -> None:
        """See `Desktop.close`."""
        self._closing.close()
