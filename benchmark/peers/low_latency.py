"""A low-latency way: input and capture on persistent connections, and no waiting for the screen at all.

Re-created from the public description of gym-anything's newer path (a server in the machine with XTEST and shared
memory; input and capture in tens of milliseconds). It answers before the screen is final, so its step is no settled
one: what it saves is counted among the premature screenshots.
"""

from __future__ import annotations

import numpy as np

from ...envs.action import Click, Type
from ...envs.x_desktop import XDesktop
from .inside import connect, start

__all__ = ["LowLatency"]


class LowLatency:
    """See `Peer`. Its events are sent as ours are, by XTEST in one batch, synced."""

    name = "persistent connection, no settling (as gym-anything's low-latency path, re-created)"
    every = 1

    def __init__(self, desktop: XDesktop):
        self._desktop = desktop
        self._line = connect(start(desktop, "low_latency_server.py"))
        width, height = desktop.size
        self._shape = (height, width, 3)

    def capture(self) -> np.ndarray:
        """See `Peer.capture`: uint8[H, W, 3], RGB."""
        frame = np.empty(self._shape, np.uint8)
        left = frame.data.cast("B")
        self._line.sendall(b"?")
        while left:
            count = self._line.recv_into(left)
            if not count:
                raise ConnectionError("the low-latency server is gone")
            left = left[count:]
        return frame

    def click(self, x: int, y: int) -> None:
        """See `Peer.click`."""
        self._desktop.act(Click(x, y))

    def type(self, text: str) -> None:
        """See `Peer.type`."""
        self._desktop.act(Type(text))

    def step(self, x: int, y: int) -> None:
        """See `Peer.step`."""
        self.click(x, y)
        self.capture()

    def close(self) -> None:
        """See `Peer.close`."""
        self._line.close()
