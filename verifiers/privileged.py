"""What only the judge's side may touch: the Machine behind the screen, and the Evidence taken from it."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["HOME", "Evidence", "Machine", "Ran", "Widget"]

HOME = "/home/user"
"""The home of the desktop's user, on every kind of desktop; relative paths of a Machine start here."""


@dataclass(frozen=True)
class Ran:
    """How a command in the machine ended."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode("utf-8", "replace")


@dataclass(frozen=True)
class Widget:
    """One visible element of the accessibility tree (or of a page's DOM)."""

    role: str
    """Lower-case role name, as AT-SPI or ARIA spells it: "push button", "menu item", "table cell"..."""
    name: str
    """The accessible name: usually the label."""
    box: tuple[int, int, int, int]
    """x, y, width, height in screen pixels."""
    states: frozenset[str] = frozenset()
    """Such as "showing", "focused", "checked", "selected", "sensitive"."""
    value: str = ""
    """The text it holds or the value it shows, where it offers one."""
    depth: int = 0
    """Its distance from the application's root."""

    @property
    def center(self) -> tuple[int, int]:
        """The pixel in the middle of its box."""
        x, y, width, height = self.box
        return x + width // 2, y + height // 2


class Machine(Protocol):
    """The privileged face of a desktop: setup, evidence and the oracle use it; a player never does."""

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """Run a program inside, as the desktop's user, and wait for it.

        Raises:
            DesktopError: the machine is gone, the deadline (seconds) passed, or `check` and it failed.
        """
        ...

    def read(self, path: str) -> bytes:
        """The bytes of one file inside; raises FileNotFoundError when there is none."""
        ...

    def write(self, path: str, data: bytes | str) -> None:
        """Write one file inside, making its folder; text is written as UTF-8."""
        ...

    def collect(self, patterns: Sequence[str]) -> dict[str, bytes]:
        """Absolute path -> content of the user's own documents and of the files that match the patterns.

        Hidden files of the home are left out unless a pattern names them; links are never followed.
        """
        ...

    def tree(self) -> list[Widget]:
        """The visible widgets of every application on the screen, in document order."""
        ...


@dataclass(frozen=True)
class Evidence:
    """All that a verifier may look at: the truth, and the machine's files as they lay at the end.

    It is complete in itself, so a repaired verifier re-judges an old episode without replaying it.
    """

    truth: Mapping[str, Any]
    params: Mapping[str, Any]
    files: Mapping[str, bytes] = field(repr=False)
    """Absolute path -> content, for the user's own documents and what the task names as evidence."""
    answer: str = ""
    """What the agent said when it finished, for tasks that ask a question."""

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises FileNotFoundError, which a check reports as a failed requirement."""
        try:
            return self.files[_absolute(path)]
        except KeyError:
            raise FileNotFoundError(path) from None

    def exists(self, path: str) -> bool:
        """Whether the file was there at the end."""
        return _absolute(path) in self.files

    def glob(self, pattern: str) -> list[str]:
        """Paths of the files that match a shell pattern, sorted."""
        return sorted(fnmatch.filter(self.files, _absolute(pattern)))


def _absolute(path: str) -> str:
    return posixpath.normpath(posixpath.join(HOME, path))
