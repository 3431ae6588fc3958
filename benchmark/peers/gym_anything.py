"""Gym-Anything's Docker way: a `docker exec` for each input and each screenshot, and fixed sleeps in between.

Re-created from its public description (arXiv 2604.06126): xdotool and ffmpeg run inside the container; after every
action it sleeps for two seconds.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence

from ...envs.desktop import Desktop
from ...envs.x_desktop import XDesktop

__all__ = ["PACKAGES", "DockerExecWay"]

NAME = "docker exec + xdotool + ffmpeg"
PACKAGES = ("xdotool", "ffmpeg")
SLEEP_AFTER_ACTION = 2.0


class DockerExecWay:
    """Drives a container of ours as the peer drives its own."""

    def __init__(self, desktop: Desktop, spots: Sequence[tuple[int, int]], letters: str):
        assert isinstance(desktop, XDesktop)
        self._container: str = desktop.cell.container_id  # type: ignore[attr-defined]
        self._spots, self._letters = spots, letters

    def ways(self) -> dict[tuple[str, str], Callable[[int], object]]:
        """(What, whose) -> how."""
        return {
            ("capture", NAME): lambda turn: self._capture(),
            ("click", NAME): self._click,
            ("type 100 characters", NAME): lambda turn: self._run("xdotool", "type", self._letters),
            ("settled step: a click and its screenshot", NAME): self._step,
        }

    def _step(self, turn: int) -> None:
        self._click(turn)
        time.sleep(SLEEP_AFTER_ACTION)
        self._capture()

    def _click(self, turn: int) -> None:
        x, y = self._spots[turn % len(self._spots)]
        self._run("xdotool", "mousemove", str(x), str(y), "click", "1")

    def _capture(self) -> bytes:
        return self._run("ffmpeg", "-loglevel", "error", "-f", "x11grab", "-i", ":0", "-frames:v", "1",
                         "-c:v", "png", "-f", "image2pipe", "-")  # fmt: skip

    def _run(self, *argv: str) -> bytes:
        command = ["docker", "exec", "--env", "DISPLAY=:0", self._container, *argv]
        return subprocess.run(command, check=True, capture_output=True).stdout
