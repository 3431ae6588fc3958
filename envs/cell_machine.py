"""The privileged face of a cell: programs, files and the accessibility tree."""

from __future__ import annotations

import io
import posixpath
import tarfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import DesktopError
from ..verifiers.privileged import HOME, Ran, Widget
from .accessibility import Accessibility
from .cell import Cell

if TYPE_CHECKING:
    from .devtools import Browser

__all__ = ["CellMachine"]

LARGEST_FILE = "64M"
"""A player may fill its disk; no document a verifier wants is larger."""
_COLLECT = """
largest=$1 && shift && cd && {
    find "$HOME" -not -path "$HOME/.*" -type f -size "-$largest" -print0
    for pattern in "$@"; do
        for file in $pattern; do
            if [ -f "$file" ]; then printf '%s\\0' "$(realpath -s -- "$file")"; fi
        done
    done
} | /usr/bin/tar --create --file=- --null --files-from=- --no-recursion --ignore-failed-read --absolute-names
"""
AFRESH = 0.5
"""Seconds after which a still desktop is looked at again all the same: software makes up its tree while it is asked."""
_WRITE = 'mkdir -p -- "$(dirname -- "$1")" && exec cat >"$1"'


class CellMachine:
    """See `Machine`.

    Files are read and written by the machine's own `cat`, on its read-only tree: a path or a link that a player
    planted is resolved inside the machine and can never lead to the host.

    Args:
        cell: the machine.
        still: nothing changes on its desktop until somebody says `moved`, so a look is good for several questions.
    """

    def __init__(self, cell: Cell, still: bool = False):
        self.cell, self._still = cell, still
        self._seen: tuple[float, list[Widget]] | None = None
        self._accessibility: Accessibility | None = None
        self._browser: Browser | None = None

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """See `Machine.run`."""
        return self.cell.run(argv, stdin=stdin, timeout=timeout, check=check)

    def read(self, path: str) -> bytes:
        """See `Machine.read`."""
        ran = self.run(["/usr/bin/cat", "--", posixpath.join(HOME, path)], check=False)
        if ran.code == 0:
            return ran.out
        if b"No such file" in ran.err or b"Not a directory" in ran.err:
            raise FileNotFoundError(path)
        raise DesktopError(f"{path} cannot be read: {ran.err.decode(errors='replace').strip()}")

    def write(self, path: str, data: bytes | str) -> None:
        """See `Machine.write`."""
        content = data.encode() if isinstance(data, str) else data
        self.run(["/bin/sh", "-c", _WRITE, "sh", posixpath.join(HOME, path)], stdin=content)

    def collect(self, patterns: Sequence[str]) -> dict[str, bytes]:
        """See `Machine.collect`: one tar, made inside."""
        archive = self.run(["/bin/sh", "-c", _COLLECT, "sh", LARGEST_FILE, *patterns], check=False).out
        try:
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                members = [(member, tar.extractfile(member)) for member in tar if member.isreg()]
                return {posixpath.join("/", member.name): data.read() for member, data in members if data}
        except tarfile.TarError as error:
            raise DesktopError(f"the machine's files could not be collected: {error}") from error

    def tree(self) -> list[Widget]:
        """See `Machine.tree`."""
        if self._accessibility is None:
            self._accessibility = Accessibility(self.cell.folder.share / "runtime" / "at-spi" / "bus_0")
        if self._still and self._seen and time.monotonic() - self._seen[0] < AFRESH:
            return list(self._seen[1])
        widgets = self._accessibility.tree()
        self._seen = time.monotonic(), widgets
        return list(widgets)

    def moved(self) -> None:
        """Something may look otherwise from now on."""
        self._seen = None

    def browser(self) -> Browser:
        """Eyes on the page of the browser inside, through its debugging protocol."""
        if self._browser is None:
            from .devtools import Browser

            self._browser = Browser(self.cell.folder.share / "devtools")
        return self._browser

    def close(self) -> None:
        """Let the accessibility bus and the browser go."""
        if self._accessibility is not None:
            self._accessibility.close()
        if self._browser is not None:
            self._browser.close()
