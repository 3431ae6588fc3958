"""Playwright's own way with a page: `page.mouse`, `page.keyboard` and `page.screenshot`, nothing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...envs.browser_desktop import BrowserDesktop

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["PlaywrightPage"]


class PlaywrightPage:
    """See `Peer`: drives the page of a `browser` desktop."""

    name = "Playwright's page.mouse and page.screenshot, no settling"
    every = 1

    def __init__(self, desktop: BrowserDesktop):
        self._page: Page = desktop.machine.browser().page

    def capture(self) -> bytes:
        """See `Peer.capture`: a PNG."""
        return self._page.screenshot()

    def click(self, x: int, y: int) -> None:
        """See `Peer.click`."""
        self._page.mouse.click(x, y)

    def type(self, text: str) -> None:
        """See `Peer.type`."""
        self._page.keyboard.type(text)

    def step(self, x: int, y: int) -> None:
        """See `Peer.step`."""
        self.click(x, y)
        self.capture()

    def close(self) -> None:
        """See `Peer.close`: the page belongs to its desktop."""
