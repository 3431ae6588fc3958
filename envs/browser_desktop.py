"""`browser`: a page of headless Chromium inside a cell, without an X server; for web applications only."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from ..errors import ActionError, DesktopError, DesktopUnavailable
from ..software_specs.spec import Software
from ..verifiers.privileged import Widget
from .action import Action, Click, Drag, KeyDown, KeyUp, MouseDown, MouseUp, Move, Press, Scroll, Type, Wait
from .cell import INSIDE, wait_until
from .cell_machine import CellMachine
from .images import image_of
from .keys import split_chord
from .local_cell import LocalCell

__all__ = ["BrowserDesktop"]

DEADLINE = 10.0
PIXELS_PER_NOTCH = 100
"""Chromium scrolls so far for one notch of a wheel."""
KEY_NAMES = {
    "ctrl": "Control", "shift": "Shift", "alt": "Alt", "super": "Meta", "enter": "Enter", "tab": "Tab",
    "space": "Space", "backspace": "Backspace", "delete": "Delete", "insert": "Insert", "escape": "Escape",
    "home": "Home", "end": "End", "pageup": "PageUp", "pagedown": "PageDown", "left": "ArrowLeft",
    "up": "ArrowUp", "right": "ArrowRight", "down": "ArrowDown", "plus": "+", "menu": "ContextMenu",
    **{f"f{n}": f"F{n}" for n in range(1, 13)},
}  # fmt: skip
WIDGETS = """
() => [...document.querySelectorAll('a,button,input,select,textarea,th,td,label,h1,h2,h3,[role]')].map(e => {
    const box = e.getBoundingClientRect();
    return [e.getAttribute('role') || e.tagName.toLowerCase(),
            e.getAttribute('aria-label') || e.title || e.placeholder || e.innerText || '',
            [box.x, box.y, box.width, box.height].map(Math.round), 'value' in e ? String(e.value ?? '') : ''];
}).filter(([, , box]) => box[2] > 0 && box[3] > 0 && box[0] < innerWidth && box[1] < innerHeight)
"""


class BrowserMachine(CellMachine):
    """The privileged face of a cell whose only window is a page."""

    def tree(self) -> list[Widget]:
        """The visible elements of the page, by tag or ARIA role."""
        shown = frozenset({"showing"})
        rows = self.browser().page.evaluate(WIDGETS)
        return [Widget(role, name.strip()[:200], tuple(box), shown, value) for role, name, box, value in rows]


class BrowserDesktop:
    """See `Desktop`: the page fills the screen, and there is nothing else."""

    clock = "off"

    def __init__(self, software: Software, size: tuple[int, int]):
        if software.web is None:
            raise DesktopUnavailable(
                f"{software.name} is no web application (its spec has no `web`): use --desktop local"
            )
        self.size = size
        image = image_of(software)
        self.image, self.packages = image.digest, image.packages if image.built else {}
        self._software = software
        self._cell = LocalCell(software, size, x_server=False)
        self.machine = BrowserMachine(self._cell)
        try:
            wait_until((self._cell.folder.share / "up").exists, DEADLINE, self._cell, "the machine to start")
        except BaseException:
            self.close()
            raise

    def launch(self, files: tuple[str, ...]) -> None:
        """See `Desktop.launch`: ready is a page with the right title, at rest."""
        ready = self._software.ready
        self._cell.folder.order([f"{INSIDE}/spec/launch.sh", *files])
        wait_until((self._cell.folder.share / "devtools").exists, ready.timeout, self._cell, "the browser's socket")
        wait_until(self._titled, ready.timeout, self._cell, f"a page titled {ready.window!r}", pause=0.1)
        self._settle(0.0)

    def _titled(self) -> bool:
        try:
            return self._software.ready.window in self.machine.browser().page.title()
        except (DesktopError, IndexError):
            return False  # the browser is not up yet

    def screenshot(self) -> np.ndarray:
        """See `Desktop.screenshot`."""
        png = self._guarded(lambda page: page.screenshot(type="png", animations="disabled", caret="hide"))
        return np.array(Image.open(io.BytesIO(png)).convert("RGB"))

    def perform(self, action: Action) -> bool:
        """See `Desktop.perform`."""
        if isinstance(action, Wait):
            return self._settle(action.ms / 1000)
        self._guarded(lambda page: _play(page, action))
        return self._settle(self._software.settle.minimum / 1000)

    def close(self) -> None:
        """See `Desktop.close`."""
        try:
            self.machine.close()
        finally:
            self._cell.close()

    def _settle(self, least: float) -> bool:
        """Wait until no request is under way and two pictures of the page in a row are the same."""
        start = time.monotonic()
        deadline = start + least + DEADLINE
        before = self.screenshot()
        while time.monotonic() < deadline:
            time.sleep(self._software.settle.quiet / 1000)
            after = self.screenshot()
            if time.monotonic() - start >= least and np.array_equal(before, after) and self._quiet():
                return True
            before = after
        return False

    def _quiet(self) -> bool:
        return self._guarded(lambda page: page.evaluate("document.readyState")) == "complete"

    def _guarded(self, job: Callable[[Any], Any]) -> Any:
        from playwright.sync_api import Error

        try:
            return job(self.machine.browser().page)
        except Error as error:
            raise DesktopError(f"the browser is gone: {error.message[:200]}") from error


def _play(page: Any, action: Action) -> None:
    mouse, keyboard = page.mouse, page.keyboard
    held = [_key(key) for key in split_chord(chord)] if (chord := getattr(action, "modifiers", "")) else []
    for key in held:
        keyboard.down(key)
    match action:
        case Move(x, y):
            mouse.move(x, y)
        case Click(x, y, button, count):
            mouse.click(x, y, button=_button(button), click_count=count)
        case MouseDown(x, y, button):
            mouse.move(x, y)
            mouse.down(button=_button(button))
        case MouseUp(x, y, button):
            mouse.move(x, y)
            mouse.up(button=_button(button))
        case Drag(path, button):
            mouse.move(*path[0])
            mouse.down(button=_button(button))
            for x, y in path[1:]:
                mouse.move(x, y, steps=8)
            mouse.up(button=_button(button))
        case Scroll(x, y, dy, dx):
            mouse.move(x, y)
            mouse.wheel(dx * PIXELS_PER_NOTCH, dy * PIXELS_PER_NOTCH)
        case Type(text):
            keyboard.type(text)
        case Press(keys, repeat, hold):
            for _ in range(repeat):
                keyboard.press("+".join(_key(key) for key in split_chord(keys)), delay=hold)
        case KeyDown(key):
            keyboard.down(_key(key))
        case KeyUp(key):
            keyboard.up(_key(key))
    for key in reversed(held):
        keyboard.up(key)


def _key(key: str) -> str:
    if len(key) == 1:
        return key
    if key not in KEY_NAMES:
        raise ActionError(f"a page knows no key {key!r}")
    return KEY_NAMES[key]


def _button(button: str) -> Any:
    if button not in ("left", "middle", "right"):
        raise ActionError(f"a page knows no mouse button {button!r}")
    return button
