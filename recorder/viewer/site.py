"""The site: runs as static pages in a folder, to be opened from the disk or put on any server."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from ...errors import RecordError
from ..disk import write_whole
from .links import FilesLinks
from .listing import Entry, Listing
from .pages import ASSETS, HERE, episode_page, index_page, pane, rows, trouble_page

__all__ = ["write_site"]


def write_site(folders: Iterable[str | Path], into: str | Path) -> Path:
    """Write pages about runs: a list of all episodes, and a page for each. Return the list.

    The screens they show lie beside them, `screens/KEY.png`, bit for bit. Written again, the pages follow the runs:
    they are replaced, pictures kept.

    Args:
        folders: the runs.
        into: the folder to write, which may lie in a run.

    Raises:
        RecordError: a folder is no run, or the disk would not take the pages.
    """
    listing = Listing(folders)
    listing.refresh(wait=True)
    folder = Path(into)
    for name in ASSETS:
        write_whole(folder / "assets" / name, (HERE / name).read_bytes())
    entries = list(listing.entries.values())
    for number, entry in enumerate(entries):
        neighbours = entries[number - 1] if number else None, entries[number + 1] if number + 1 < len(entries) else None
        page = folder / "episodes" / entry.run / f"{entry.name}.html"
        write_whole(page, _page(listing, entry, FilesLinks("../../", folder), neighbours))
    here = FilesLinks("", folder)
    write_whole(folder / "assets" / "rows.js", b"window.ROWS = " + rows(entries, version=0) + b";\n")
    write_whole(folder / "index.html", index_page(", ".join(listing.runs), here, entries))
    return folder / "index.html"


def _page(listing: Listing, entry: Entry, links: FilesLinks, neighbours: tuple[Entry | None, Entry | None]) -> bytes:
    try:
        shown = pane(entry, listing.folder(entry), links, time.time())
        if entry.screen:
            links.thumb(entry, shown.episode, entry.screen)
    except RecordError as error:
        return trouble_page(f"{entry.name} is damaged", str(error), links)
    return episode_page(shown, links, neighbours, listing.fellows(entry))
