"""Links: where pages find each other and their pictures, the same way from a server as from a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from ..disk import write_whole
from ..episode import Episode
from .listing import Entry
from .pictures import png, thumbnail

__all__ = ["FilesLinks", "Links", "ServedLinks", "address"]


class Links(Protocol):
    """What a page asks for the addresses it shows; all are relative to `root`, from wherever the page is."""

    served: bool
    """Whether somebody answers: then there are live views, and two episodes side by side."""
    root: str

    def screen(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen as it is."""
        ...

    def thumb(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen in small."""
        ...

    def film(self, entry: Entry, episode: Episode) -> str:
        """The address of an episode's film; "" where there is none."""
        ...


def address(entry: Entry) -> str:
    """Run and name as they stand in an address."""
    return f"{quote(entry.run, safe='')}/{quote(entry.name, safe='')}"


class ServedLinks:
    """The addresses of a server, which makes the pictures when they are asked for."""

    served = True

    def __init__(self, root: str):
        self.root = root

    def screen(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen as it is."""
        return f"{self.root}screens/{address(entry)}/{key}.png"

    def thumb(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen in small."""
        return f"{self.root}thumbs/{address(entry)}/{key}.jpg"

    def film(self, entry: Entry, episode: Episode) -> str:
        """The address of an episode's film; "" where there is none."""
        return f"{self.root}films/{address(entry)}.mp4" if (episode.folder / "film.mp4").is_file() else ""


class FilesLinks:
    """The addresses of files in a folder, which are written when they are first named, equal screens once."""

    served = False

    def __init__(self, root: str, folder: Path):
        self.root, self.folder = root, folder

    def screen(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen as it is."""
        path = self.folder / "screens" / f"{key}.png"
        if not path.exists():
            write_whole(path, png(episode.frame(key)))
        return f"{self.root}screens/{key}.png"

    def thumb(self, entry: Entry, episode: Episode, key: str) -> str:
        """The address of a screen in small."""
        path = self.folder / "thumbs" / f"{key}.jpg"
        if not path.exists():
            write_whole(path, thumbnail(episode.frame(key)))
        return f"{self.root}thumbs/{key}.jpg"

    def film(self, entry: Entry, episode: Episode) -> str:
        """The address of an episode's film, copied to the pages; "" where there is none."""
        film = episode.folder / "film.mp4"
        if not film.is_file():
            return ""
        path = self.folder / "films" / entry.run / f"{entry.name}.mp4"
        if not path.exists() or path.stat().st_mtime_ns < film.stat().st_mtime_ns:
            write_whole(path, film.read_bytes())
        return f"{self.root}films/{address(entry)}.mp4"
