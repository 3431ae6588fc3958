"""Prune: every change to what is installed leaves old images behind, a gigabyte each; this finds and removes them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from ..errors import DesktopError
from ..software_specs.catalog import find_software, folders
from .docker_cell import imported, remove_image
from .images import base_image, building, image_of, images_folder

__all__ = ["Remnant", "remnants", "remove"]


@dataclass(frozen=True)
class Remnant:
    """An image that no software this deskgym knows is run in."""

    digest: str
    size: int
    """Bytes; what an image shares with others in a Docker engine counts for each."""
    folder: Path | None
    """Where its tree lies; None for the copy in a Docker engine."""

    @property
    def place(self) -> str:
        """Where it lies, in words."""
        return f"docker deskgym:{self.digest}" if self.folder is None else str(self.folder)


def remnants() -> list[Remnant]:
    """All that can go: trees and copies in a Docker engine whose digest nothing has any more."""
    needed = {base_image().digest, *(image_of(find_software(name)).digest for name in folders())}
    trees = [folder for folder in images_folder().glob("*-*") if (folder / "manifest.json").is_file()]
    old = [(folder.name.rpartition("-")[2], folder) for folder in sorted(trees)]
    return [
        *(Remnant(digest, _size(folder), folder) for digest, folder in old if digest not in needed),
        *(Remnant(digest, size, None) for digest, size in sorted(imported().items()) if digest not in needed),
    ]


def remove(remnant: Remnant) -> None:
    """Remove one.

    Raises:
        DesktopError: a desktop still runs in it, or it is not ours to remove.
    """
    if remnant.folder is None:
        remove_image(remnant.digest)
        return
    if str(remnant.folder) in _command_lines():
        raise DesktopError(f"a desktop still runs in {remnant.folder}")
    try:
        with building():
            # Without its manifest it is no image any more, however far this comes.
            (remnant.folder / "manifest.json").unlink()
            shutil.rmtree(remnant.folder)
    except OSError as error:
        raise DesktopError(f"{remnant.folder} cannot be removed: {error}; run it as root") from error


def _command_lines() -> str:
    return "\n".join(_read(entry / "cmdline") for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _read(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it has just ended


def _size(folder: Path) -> int:
    return sum(512 * path.lstat().st_blocks for path in folder.rglob("*"))
