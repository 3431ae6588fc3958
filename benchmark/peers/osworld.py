"""OSWorld's way: an HTTP server in the machine that starts a Python with pyautogui for each action, and a pause of 2 s.

Re-created from its public description (arXiv 2404.07972): the action is the text of a program, the screenshot is
taken with pyautogui by the server, and `step` pauses for two seconds in between. OSWorld's machine is a virtual one
with a network in between; here it is a container and a Unix socket, and it draws no cursor: all in its favour.
"""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from pathlib import Path

from ...envs.x_desktop import XDesktop
from ...errors import DesktopError
from .inside import PATIENCE, connect, start

__all__ = ["OSWorld"]

PAUSE = 2.0


class OSWorld:
    """See `Peer`."""

    name = f"HTTP, a pyautogui process per action, {PAUSE:g} s of pause (as OSWorld)"
    every = 3

    def __init__(self, desktop: XDesktop):
        self._socket = start(desktop, "osworld_server.py")

    def capture(self) -> bytes:
        """See `Peer.capture`: a PNG."""
        return self._ask("GET", "/screenshot")

    def click(self, x: int, y: int) -> None:
        """See `Peer.click`."""
        self._execute(f"pyautogui.click({x}, {y})")

    def type(self, text: str) -> None:
        """See `Peer.type`."""
        self._execute(f"pyautogui.typewrite({text!r})")

    def step(self, x: int, y: int) -> None:
        """See `Peer.step`."""
        self.click(x, y)
        time.sleep(PAUSE)
        self.capture()

    def close(self) -> None:
        """See `Peer.close`."""

    def _execute(self, program: str) -> None:
        command = ["python3", "-c", f"import pyautogui; import time; pyautogui.FAILSAFE = False; {program}"]
        answer = json.loads(self._ask("POST", "/execute", json.dumps({"command": command})))
        if answer["returncode"]:
            raise DesktopError(f"the peer's pyautogui failed: {answer['error'][-300:]}")

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        http = _UnixHTTP(self._socket)
        try:
            http.request(method, path, body, {"Content-Type": "application/json"})
            answer = http.getresponse()
            content = answer.read()
        finally:
            http.close()
        if answer.status != 200:
            raise DesktopError(f"the peer's server answers {answer.status} to {path}")
        return content


class _UnixHTTP(HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = connect(self._path)
