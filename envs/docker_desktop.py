"""`docker`: the image in a container, with the same X server, eyes and hands as `local`."""

from __future__ import annotations

from ..software_specs.spec import Software
from .docker_cell import DockerCell
from .images import image_of
from .x_desktop import XDesktop

__all__ = ["DockerDesktop"]


class DockerDesktop(XDesktop):
    """A desktop whose walls are a Docker engine's."""

    def __init__(self, software: Software, size: tuple[int, int]):
        cell = DockerCell(software, size)
        image = image_of(software)
        super().__init__(cell, software, image.digest, image.packages)
