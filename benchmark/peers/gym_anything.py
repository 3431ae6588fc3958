"""Gym-Anything's Docker way: a `docker exec` for each input and each screenshot, and fixed sleeps in between.

Re-created from its public description (arXiv 2604.06126): xdotool and ffmpeg run inside the container; a step sleeps
for 2.1 s in all.
"""

from __future__ import annotations

import subprocess
import time

from ...envs.x_desktop import XDesktop

__all__ = ["DockerExec"]

SLEEPS = 2.1


class DockerExec:
    """See `Peer`: drives a container of ours as the peer drives its own."""

    name = f"docker exec of xdotool and ffmpeg, {SLEEPS} s of sleeps (as gym-anything's Docker path)"
    every = 3

    def __init__(self, desktop: XDesktop):
        self._container: str = desktop.cell.container_id  # type: ignore[attr-defined]

    def capture(self) -> bytes:
        """See `Peer.capture`: a PNG."""
        return self._run("ffmpeg", "-loglevel", "error", "-f", "x11grab", "-i", ":0", "-frames:v", "1",
                         "-c:v", "png", "-f", "image2pipe", "-")  # fmt: skip

    def click(self, x: int, y: int) -> None:
        """See `Peer.click`."""
        self._run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def type(self, text: str) -> None:
        """See `Peer.type`: a millisecond between two keys, as the peer asks of xdotool."""
        self._run("xdotool", "type", "--delay", "1", text)

    def step(self, x: int, y: int) -> None:
        """See `Peer.step`."""
        self.click(x, y)
        time.sleep(SLEEPS)
        self.capture()

    def close(self) -> None:
        """See `Peer.close`."""

    def _run(self, *argv: str) -> bytes:
        command = ["docker", "exec", "--env", "DISPLAY=:0", self._container, *argv]
        return subprocess.run(command, check=True, capture_output=True).stdout
