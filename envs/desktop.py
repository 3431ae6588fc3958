"""Desktop: a running machine with a screen, as a player meets it; and how each kind is opened."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np

from ..errors import DesktopUnavailable, did_you_mean
from ..software_specs.spec import Software
from ..verifiers.privileged import Machine
from .action import Action

__all__ = ["DESKTOPS", "Desktop", "open_desktop"]

DESKTOPS = {
    "local": "deskgym.envs.local_desktop:LocalDesktop",
    "docker": "deskgym.envs.docker_desktop:DockerDesktop",
    "browser": "deskgym.envs.browser_desktop:BrowserDesktop",
    "screen": "deskgym.envs.screen_desktop:ScreenDesktop",
    "toy": "deskgym.envs.toy_desktop:ToyDesktop",
}
"""Kind -> "module:Class", imported when it is used."""


class Desktop(Protocol):
    """One machine with one screen, booted with an empty home and nothing launched yet."""

    size: tuple[int, int]
    """Width and height in pixels."""
    image: str
    """The digest of the image it runs, or empty."""
    clock: str
    """What its clock does after an action: "jump 2000 ms", or "off" where it is the host's."""
    packages: dict[str, str]
    """Installed package -> version, where there is an image."""
    machine: Machine
    """The privileged face: for setup, evidence and the oracle."""

    def launch(self, files: tuple[str, ...]) -> None:
        """Start the software on the given files and return when it is ready and its screen has settled.

        Raises:
            DesktopError: it was not ready in time; the message ends in its log.
        """
        ...

    def screenshot(self) -> np.ndarray:
        """The screen as uint8[H, W, 3], RGB, in an array of its own."""
        ...

    def perform(self, action: Action) -> bool:
        """Play an action and return when the screen is final; False when it was still busy at the deadline.

        Raises:
            DesktopError: the machine is gone.
        """
        ...

    def close(self) -> None:
        """End the machine and all that is in it; safe to call twice."""
        ...


def open_desktop(kind: str, software: Software, size: tuple[int, int]) -> Desktop:
    """Boot a desktop of a kind for a software.

    Args:
        kind: a key of `DESKTOPS`.
        software: what will be launched on it.
        size: width and height of the screen in pixels.

    Raises:
        DesktopUnavailable: the kind is unknown or cannot be opened here.
        DesktopError: the machine did not come up.
        MissingExtra: its library is not installed.
    """
    if kind not in DESKTOPS:
        raise DesktopUnavailable(f"no desktop kind {kind!r}{did_you_mean(kind, DESKTOPS)}")
    module, _, name = DESKTOPS[kind].partition(":")
    return getattr(import_module(module), name)(software, size)
