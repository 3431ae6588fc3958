"""Privileged eyes on a page: Playwright, attached over the debugging protocol of the browser in a cell."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DesktopError, MissingExtra, SpecError

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["Browser", "Relay"]

SILENCE = 60.0
"""Seconds after which a browser that was asked and has not said a word since is given up: few of Playwright's
questions have a deadline, and a page that hangs answers none."""

# Where on the screen the middle of an element is.
_MIDDLE = """e => {
    const box = e.getBoundingClientRect();
    const left = screenX + (outerWidth - innerWidth) / 2, top = screenY + (outerHeight - innerHeight);
    return {x: left + box.x + box.width / 2, y: top + box.y + box.height / 2};
}"""


class Relay:
    """A loopback TCP port that leads to a Unix socket: Playwright speaks only to the former.

    The cell's network is empty, so its browser cannot be reached but through the folder it shares.
    """

    def __init__(self, path: Path):
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # closed
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self._path))
            except OSError:
                near.close()
                continue
            threading.Thread(target=_shovel, args=(near, far), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            # A blocked accept() only wakes up when the socket is shut down first.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _shovel(near: socket.socket, far: socket.socket) -> None:
    with near, far, selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        asked = False
        while ready := selector.select(SILENCE if asked else None):
            asked = any(key.fileobj is near for key, _ in ready)
            for key, _ in ready:
                source, sink = key.fileobj, key.data
                try:
                    data = source.recv(1 << 16)  # type: ignore[union-attr]
                    if not data:
                        return
                    sink.sendall(data)
                except OSError:
                    return


class Browser:
    """One browser in a cell, attached to when first looked at."""

    def __init__(self, devtools: Path):
        try:
            from playwright.sync_api import Error, sync_playwright
        except ImportError:
            raise MissingExtra("playwright", "browser") from None
        self._error = Error
        self._relay = Relay(devtools)
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.connect_over_cdp(
                f"http://127.0.0.1:{self._relay.port}", timeout=15_000
            )
        except Error as error:
            self._playwright.stop()
            self._relay.close()
            raise DesktopError(f"the browser in the machine cannot be attached to: {error.message[:300]}") from error

    @property
    def page(self) -> Page:
        """The page in front: the last that was opened.

        Raises:
            DesktopError: there is none any more.
        """
        pages = [page for context in self._browser.contexts for page in context.pages]
        if not pages:
            raise DesktopError("the browser is gone, or its last page was closed")
        return pages[-1]

    def locate(self, what: str | Locator, nth: int, timeout: float) -> tuple[int, int]:
        """The screen pixel in the middle of a visible element; see `Hands.locate`."""
        element = (self.page.locator(what) if isinstance(what, str) else what).nth(nth)
        try:
            element.wait_for(state="visible", timeout=timeout * 1000)
            place = element.evaluate(_MIDDLE, timeout=timeout * 1000)
        except self._error as error:
            raise SpecError(f"the oracle finds no visible {what} on the page: {error.message[:300]}") from error
        return round(place["x"]), round(place["y"])

    def close(self) -> None:
        """Detach; the browser itself lives and dies with its cell."""
        with contextlib.suppress(self._error):
            self._playwright.stop()
        self._relay.close()
