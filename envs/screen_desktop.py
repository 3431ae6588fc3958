"""`screen`: the display this process sees, through pyautogui: Linux, Windows, macOS. It has no walls at all."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ActionError, DesktopError, DesktopUnavailable, MissingExtra
from ..software_specs.spec import Software
from ..verifiers.privileged import Ran, Widget
from .action import Action, Click, Drag, KeyDown, KeyUp, MouseDown, MouseUp, Move, Press, Scroll, Type, Wait
from .keys import split_chord

__all__ = ["ScreenDesktop"]

QUIET, DEADLINE = 0.3, 10.0
KEY_NAMES = {"super": "win", "plus": "+", "menu": "apps"}


class ScreenDesktop:
    """See `Desktop`: a person's own screen, for trying an agent on software that runs nowhere else.

    Nothing is isolated, so setup writes into a folder of its own and nothing is proved here.
    """

    image = ""
    clock = "off"

    def __init__(self, software: Software, size: tuple[int, int]):
        self._gui = _pyautogui()
        self.packages: dict[str, str] = {}
        width, height = self._gui.size()
        if (width, height) != tuple(size):
            raise DesktopUnavailable(f"this screen has {width} x {height} pixels: pass size=({width}, {height})")
        self.size = (width, height)
        self._software = software
        self._process: subprocess.Popen[bytes] | None = None
        self.machine = ScreenMachine(Path.home() / "deskgym" / software.name)

    def launch(self, files: tuple[str, ...]) -> None:
        """See `Desktop.launch`: ready is a screen at rest."""
        folder = self.machine.folder
        folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen([str(self._software.folder / "launch.sh"), *files], cwd=folder)
        self._settle(1.0)

    def screenshot(self) -> np.ndarray:
        """See `Desktop.screenshot`."""
        from PIL import ImageGrab  # pyautogui's own way wants a screenshot program of the desktop's

        return np.asarray(ImageGrab.grab().convert("RGB"))

    def perform(self, action: Action) -> bool:
        """See `Desktop.perform`."""
        if isinstance(action, Wait):
            return self._settle(action.ms / 1000)
        held = _held(action)
        for key in held:
            self._gui.keyDown(key)
        self._play(action)
        for key in reversed(held):
            self._gui.keyUp(key)
        return self._settle(0.0)

    def _play(self, action: Action) -> None:
        gui = self._gui
        match action:
            case Move(x, y):
                gui.moveTo(x, y)
            case Click(x, y, button, count):
                gui.click(x, y, clicks=count, button=_button(button))
            case MouseDown(x, y, button):
                gui.mouseDown(x, y, button=_button(button))
            case MouseUp(x, y, button):
                gui.mouseUp(x, y, button=_button(button))
            case Drag(path, button):
                gui.mouseDown(*path[0], button=_button(button))
                for x, y in path[1:]:
                    gui.moveTo(x, y, duration=0.1)
                gui.mouseUp(*path[-1], button=_button(button))
            case Scroll(x, y, dy, dx):
                gui.scroll(-dy, x, y)
                if dx:
                    gui.hscroll(dx, x, y)
            case Type(text):
                if not text.isascii():
                    raise ActionError("pyautogui types ASCII only")
                gui.write(text)
            case Press(keys, repeat, _):
                for _ in range(repeat):
                    gui.hotkey(*_keys(keys))
            case KeyDown(key):
                gui.keyDown(*_keys(key))
            case KeyUp(key):
                gui.keyUp(*_keys(key))

    def close(self) -> None:
        """See `Desktop.close`."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _settle(self, least: float) -> bool:
        start = quiet_since = time.monotonic()
        before = self.screenshot()
        while (now := time.monotonic()) < start + least + DEADLINE:
            if now - quiet_since >= QUIET and now - start >= least:
                return True
            time.sleep(0.05)
            after = self.screenshot()
            if not np.array_equal(before, after):
                before, quiet_since = after, now
        return False


class ScreenMachine:
    """The machine of a person: files in one folder, programs as they are; see `Machine`."""

    def __init__(self, folder: Path):
        self.folder = folder

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """A person's machine is not ours to run programs on."""
        raise DesktopError(f"the screen desktop does not run {argv[0]!r}: use a desktop with walls")

    def read(self, path: str) -> bytes:
        """See `Machine.read`."""
        return self._within(path).read_bytes()

    def write(self, path: str, data: bytes | str) -> None:
        """See `Machine.write`."""
        target = self._within(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)

    def collect(self, patterns: Sequence[str]) -> dict[str, bytes]:
        """See `Machine.collect`: the folder's files, under the names they would have in a home of a cell."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink()]
        return {f"/home/user/{path.relative_to(self.folder).as_posix()}": path.read_bytes() for path in files}

    def tree(self) -> list[Widget]:
        """Unknown: no accessibility bus is asked."""
        return []

    def _within(self, path: str) -> Path:
        target = (self.folder / path).resolve()
        if not target.is_relative_to(self.folder.resolve()):
            raise DesktopError(f"{path} lies outside of {self.folder}")
        return target


def _pyautogui() -> Any:
    try:
        import pyautogui
    except ImportError:
        raise MissingExtra("pyautogui", "screen") from None
    except Exception as error:  # Xlib raises classes of its own when there is no display
        raise DesktopUnavailable(f"pyautogui finds no screen: {error}") from error
    pyautogui.PAUSE = 0
    pyautogui.FAILSAFE = False
    return pyautogui


def _keys(chord: str) -> list[str]:
    return [KEY_NAMES.get(key, key) for key in split_chord(chord)]


def _held(action: Action) -> list[str]:
    chord = getattr(action, "modifiers", "")
    return _keys(chord) if chord else []


def _button(button: str) -> str:
    if button not in ("left", "middle", "right"):
        raise ActionError(f"pyautogui knows no mouse button {button!r}")
    return button
