"""Hands: one persistent X connection that presses keys and buttons by XTEST."""

from __future__ import annotations

import array
import contextlib
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xcffib
import xcffib.xproto
import xcffib.xtest

from ..errors import DesktopError
from .watchdog import watched

__all__ = ["XConnection"]

PING_PATIENCE = 0.1
"""Seconds between looks at whether the window that was asked is still the active one."""

ROUND_TRIP = 5.0
"""Seconds after which an X server that does not answer counts as dead (another client may hold a grab)."""


class XConnection:
    """A connection to the X server behind a Unix socket path.

    Every failure of the server or the socket is raised as DesktopError.
    """

    def __init__(self, path: Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._connect(path)
        # xcb takes the descriptor for good; ours stays usable for cutting a hung connection.
        with _as_desktop_error():
            # Any: xcffib makes up its requests while it runs.
            self.conn: Any = xcffib.Connection(fd=os.dup(self._socket.fileno()))
            self.xtest: Any = self.conn(xcffib.xtest.key)
        self.setup: Any = self.conn.get_setup()
        self.root = self.setup.roots[0].root
        self._atoms: dict[str, int] = {}
        self.window_changes = 0
        """How many windows, menus and tooltips among them, have opened or closed so far."""
        # Windows that open and close; and answers to pings, which GTK sends to the one mask and Qt to the other.
        listened = xcffib.xproto.EventMask.SubstructureNotify | xcffib.xproto.EventMask.StructureNotify
        self.conn.core.ChangeWindowAttributes(self.root, xcffib.xproto.CW.EventMask, [listened])
        self.conn.core.ChangeKeyboardControl(xcffib.xproto.KB.AutoRepeatMode, [xcffib.xproto.AutoRepeatMode.Off])

    def _connect(self, path: Path) -> None:
        try:
            # A path may exceed the 108 bytes a socket address holds; its folder's descriptor never does.
            folder = os.open(path.parent, os.O_PATH)
            try:
                self._socket.connect(f"/proc/self/fd/{folder}/{path.name}")
            finally:
                os.close(folder)
        except OSError as error:
            self._socket.close()
            raise DesktopError(f"the X server cannot be reached: {error}") from error

    @contextmanager
    def deadline(self, seconds: float = ROUND_TRIP) -> Iterator[None]:
        """Cut the connection if the block takes longer, which turns a hang into a DesktopError."""
        with watched(seconds, self._cut), _as_desktop_error():
            yield

    def _cut(self) -> None:
        with contextlib.suppress(OSError):  # it may have been closed in this very moment
            self._socket.shutdown(socket.SHUT_RDWR)

    def sync(self) -> None:
        """Return when the server has done all that was asked of it."""
        with self.deadline():
            self.conn.core.GetInputFocus().reply()

    def atom(self, name: str) -> int:
        """The atom of a name, asked for once."""
        if name not in self._atoms:
            self._atoms[name] = self.conn.core.InternAtom(False, len(name), name).reply().atom
        return self._atoms[name]

    def words(self, window: int, name: str) -> tuple[int, ...]:
        """A window property as 32-bit numbers; empty when the window or the property is gone."""
        return tuple(array.array("I", self._property(window, name)))

    def text(self, window: int, name: str) -> str:
        """A window property as UTF-8 text."""
        return self._property(window, name).decode("utf-8", "replace")

    def _property(self, window: int, name: str) -> bytes:
        anything = xcffib.xproto.GetPropertyType.Any
        try:
            reply = self.conn.core.GetProperty(False, window, self.atom(name), anything, 0, 4096).reply()
        except xcffib.xproto.WindowError:
            return b""  # the window closed between two questions
        return bytes(reply.value.buf())

    def windows(self) -> dict[int, str]:
        """Window id -> title, of the windows the window manager manages, oldest first."""
        with self.deadline():
            return {
                window: self.text(window, "_NET_WM_NAME") or self.text(window, "WM_NAME")
                for window in self.words(self.root, "_NET_CLIENT_LIST")
            }

    def window_count(self) -> int:
        """How many windows the window manager manages."""
        with self.deadline():
            return len(self.words(self.root, "_NET_CLIENT_LIST"))

    def ping(self, seconds: float) -> bool:
        """Ask the active window whether it has handled all its events (_NET_WM_PING of EWMH).

        Returns:
            False when it has not answered in time; True at once when there is nobody to ask.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            window = self._active_window()
            if not window:
                return True
            stamp = self._send_ping(window)
            if stamp is None:
                return True
            while time.monotonic() < deadline:
                if self._await_pong(stamp, PING_PATIENCE):
                    return True
                if self._active_window() != window:
                    break  # it closed before it could answer: ask the one that is active now
        return False

    def _active_window(self) -> int:
        with self.deadline():
            window = next(iter(self.words(self.root, "_NET_ACTIVE_WINDOW")), 0)
            # The window manager goes on naming the last window of all after it has closed.
            return window if window in self.words(self.root, "_NET_CLIENT_LIST") else 0

    def _send_ping(self, window: int) -> int | None:
        with self.deadline():
            ping = self.atom("_NET_WM_PING")
            if ping not in self.words(window, "WM_PROTOCOLS"):
                return None
            stamp = time.monotonic_ns() // 1_000_000 & 0x7FFFFFFF
            body = xcffib.xproto.ClientMessageData.synthetic([ping, stamp, window, 0, 0], "IIIII")
            event = xcffib.xproto.ClientMessageEvent.synthetic(32, window, self.atom("WM_PROTOCOLS"), body)
            self.conn.core.SendEvent(False, window, 0, event.pack())
            self.conn.flush()
            return stamp

    def _await_pong(self, stamp: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while True:
            while (event := self._next_event()) is not None:
                if isinstance(event, xcffib.xproto.ClientMessageEvent) and event.data.data32[1] == stamp:
                    return True
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.conn.get_file_descriptor()], [], [], left)[0]:
                return False

    def drain(self) -> None:
        """Take in the events that have come."""
        while self._next_event() is not None:
            pass

    def _next_event(self) -> Any:
        try:
            with _as_desktop_error():
                event = self.conn.poll_for_event()
        except xcffib.Error as refused:
            return refused  # a window closed under an unanswered request
        if isinstance(event, xcffib.xproto.MapNotifyEvent | xcffib.xproto.UnmapNotifyEvent):
            self.window_changes += 1
        return event

    def close(self) -> None:
        """Let the connection go."""
        with contextlib.suppress(xcffib.ConnectionException):  # the server may have gone first
            self.conn.disconnect()
        self._socket.close()


@contextmanager
def _as_desktop_error() -> Iterator[None]:
    try:
        yield
    except xcffib.Error:
        raise  # the server lives and refuses one request: the caller knows what that means
    except xcffib.XcffibException as error:
        raise DesktopError(f"the X server is gone: {type(error).__name__} {error}") from error
