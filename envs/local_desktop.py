"""`local`: the image in bubblewrap with an X server of its own; the embedded default."""

from __future__ import annotations

from ..software_specs.spec import Software
from .images import image_of
from .local_cell import LocalCell
from .x_desktop import XDesktop

__all__ = ["LocalDesktop"]


class LocalDesktop(XDesktop):
    """A desktop that needs neither a daemon nor privileges."""

    def __init__(self, software: Software, size: tuple[int, int]):
        cell = LocalCell(software, size)
        image = image_of(software)
        super().__init__(cell, software, image.digest, image.packages)
