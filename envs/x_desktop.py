"""A desktop with an X server inside a cell: the same eyes and hands, whoever made the walls."""

from __future__ import annotations

import contextlib

import numpy as np

from ..errors import DesktopError
from ..software_specs.spec import Software
from .action import Action, Wait
from .cell import INSIDE, Cell, wait_until
from .cell_machine import CellMachine
from .framebuffer import Framebuffer
from .settle import Settler
from .x11 import XConnection
from .x_input import XInput

__all__ = ["XDesktop"]

BOOT_SECONDS = 30.0


class XDesktop:
    """See `Desktop`."""

    def __init__(self, cell: Cell, software: Software, image: str, packages: dict[str, str]):
        self.image, self.packages = image, packages
        self.cell, self._software = cell, software
        try:
            share = cell.folder.share
            wait_until((share / "up").exists, BOOT_SECONDS, cell, "the desktop to start")
            self._x = XConnection(share / "x11" / "X0")
            self._framebuffer = Framebuffer(share / "Xvfb_screen0")
        except BaseException:
            cell.close()
            raise
        self.size = self._framebuffer.size
        self._input = XInput(self._x)
        self._settler = Settler(self._x, self._framebuffer, cell.init_pid, software.settle)
        self.machine = CellMachine(cell)

    def launch(self, files: tuple[str, ...]) -> None:
        """See `Desktop.launch`: ready is a mapped window of the right title, and a screen at rest."""
        ready = self._software.ready
        self.cell.folder.order([f"{INSIDE}/spec/launch.sh", *files])

        def ready_window() -> bool:
            return any(ready.window in title for title in self._x.windows().values())

        try:
            wait_until(ready_window, ready.timeout, self.cell, f"a window titled {ready.window!r}", pause=0.01)
        except DesktopError as error:
            raise DesktopError(f"{error}\n  windows: {list(self._x.windows().values())}") from None
        self._settler.wait(extra=0.2)

    def screenshot(self) -> np.ndarray:
        """See `Desktop.screenshot`."""
        return self._framebuffer.capture()

    def perform(self, action: Action) -> bool:
        """See `Desktop.perform`."""
        if isinstance(action, Wait):
            return self._settler.wait(extra=action.ms / 1000)
        self.act(action)
        return self._settler.wait()

    def act(self, action: Action) -> None:
        """Send an action's events and return when the server has them, without waiting for the screen."""
        self._input.perform(action)

    def close(self) -> None:
        """See `Desktop.close`."""
        with contextlib.ExitStack() as last_to_first:
            for part in (self.cell, self._framebuffer, self.machine, self._x):
                last_to_first.callback(part.close)
