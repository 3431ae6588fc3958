"""`toy`: a text editor drawn by Pillow in this process, no real software: for unit tests and the tutorial only."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..errors import DesktopError
from ..software_specs.spec import Software
from ..verifiers.privileged import HOME, Ran, Widget
from .action import Action, Click, Press, Type

__all__ = ["ToyDesktop"]

BAR = 24
SAVE = (4, 3, 60, 18)
INK, PAPER, METAL = (20, 20, 20), (250, 250, 250), (205, 210, 218)


class ToyMachine:
    """A dictionary of files, see `Machine`."""

    def __init__(self, size: tuple[int, int]):
        self._size = size
        self.files: dict[str, bytes] = {}

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """A toy runs no programs."""
        raise DesktopError(f"the toy desktop cannot run {argv[0]!r}: use a real one")

    def read(self, path: str) -> bytes:
        """See `Machine.read`."""
        try:
            return self.files[posixpath.join(HOME, path)]
        except KeyError:
            raise FileNotFoundError(path) from None

    def write(self, path: str, data: bytes | str) -> None:
        """See `Machine.write`."""
        self.files[posixpath.join(HOME, path)] = data.encode() if isinstance(data, str) else data

    def collect(self, patterns: Sequence[str]) -> dict[str, bytes]:
        """See `Machine.collect`."""
        wanted = [posixpath.join(HOME, pattern) for pattern in ("*", *patterns)]
        return {path: data for path, data in self.files.items() if any(fnmatch.fnmatch(path, w) for w in wanted)}

    def tree(self) -> list[Widget]:
        """See `Machine.tree`."""
        width, height = self._size
        return [
            Widget("push button", "Save", SAVE, frozenset({"showing", "sensitive"})),
            Widget("text", "Document", (0, BAR, width, height - BAR), frozenset({"showing", "focused"})),
        ]


class ToyDesktop:
    """See `Desktop`: typing appends to one document; Ctrl+S or the Save button writes it."""

    image = ""
    clock = "off"

    def __init__(self, software: Software, size: tuple[int, int]):
        self.size = size
        self.packages: dict[str, str] = {}
        self.machine = ToyMachine(size)
        self._path, self._text, self._saved, self._alive = "", "", True, True

    def launch(self, files: tuple[str, ...]) -> None:
        """See `Desktop.launch`."""
        self._path = files[0] if files else "untitled.txt"
        self._text = self.machine.read(self._path).decode() if files else ""

    def screenshot(self) -> np.ndarray:
        """See `Desktop.screenshot`."""
        self._require_life()
        picture = Image.new("RGB", self.size, PAPER)
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, self.size[0], BAR - 1), fill=METAL)
        left, top, width, height = SAVE
        draw.rectangle((left, top, left + width, top + height), outline=INK)
        draw.text((left + 14, top + 2), "Save", INK, _font())
        draw.text((left + width + 12, top + 2), self._path + ("" if self._saved else " *"), INK, _font())
        draw.multiline_text((6, BAR + 6), self._text + "|", INK, _font())
        return np.array(picture)

    def perform(self, action: Action) -> bool:
        """See `Desktop.perform`."""
        self._require_life()
        match action:
            case Type(text):
                self._text, self._saved = self._text + text, False
            case Press("backspace", repeat):
                self._text, self._saved = self._text[:-repeat], False
            case Press("ctrl+s"):
                self._save()
            case Click(x, y) if SAVE[0] <= x <= SAVE[0] + SAVE[2] and SAVE[1] <= y <= SAVE[1] + SAVE[3]:
                self._save()
            case _:
                pass  # a toy ignores what it does not know, as a program does
        return True

    def close(self) -> None:
        """See `Desktop.close`."""
        self._alive = False

    def _save(self) -> None:
        self.machine.write(self._path, self._text)
        self._saved = True

    def _require_life(self) -> None:
        if not self._alive:
            raise DesktopError("the toy desktop was closed")


@lru_cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(13)
