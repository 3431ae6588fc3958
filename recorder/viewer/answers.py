"""Answers: what the server says to each address; names in addresses are looked up, and never lead to a file."""

from __future__ import annotations

import gzip
import json
import secrets
import time
from functools import lru_cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ...errors import RecordError
from ..episode import FRAMES
from ..frames import Frames
from .guard import allows, headers
from .links import ServedLinks
from .listing import Entry, Listing
from .pages import ASSETS, HERE, compare_page, episode_page, index_page, more_steps, pane, rows, trouble_page
from .pictures import png, thumbnail

__all__ = ["Handler"]

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "mp4": "video/mp4",
}
FOREVER = "private, max-age=31536000, immutable"
"""How long a browser may keep a screen: its address holds the hash of its pixels."""
WORTH_PACKING = 20_000
"""Bytes from which an answer is compressed."""


class Missing(Exception):
    """Raised when nothing lies at an address."""


class Watched(Protocol):
    """What a handler knows of its server."""

    listing: Listing
    host: str
    epoch: str
    """Of this server's life: a page that has another begins anew."""

    @property
    def url(self) -> str: ...


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "deskgym", ""
    timeout = 120
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def watch(self) -> Watched:
        """The server, with its listing."""
        return cast("Watched", self.server)

    def do_GET(self) -> None:
        """Answer, or say why not."""
        if not allows(self.watch.host, self.headers.get("Host", "")):
            words = f"This server is asked for by address: {self.watch.url}"
            self._trouble(421, "Not under this name", words)
            return
        try:
            self._answer(urlsplit(self.path))
        except Missing as error:
            self._trouble(404, "There is nothing here", str(error))
        except RecordError as error:
            self._trouble(500, "This cannot be read", str(error))

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not printed."""

    def _answer(self, url: SplitResult) -> None:
        way, asked = url.path.split("/")[1:], parse_qs(url.query)
        if way[0] in ("rows.json", "compare.html", "episodes", "steps"):
            self.watch.listing.refresh()
        match way:
            case [""] | ["index.html"]:
                self._send(index_page(", ".join(self.watch.listing.runs), ServedLinks("")))
            case ["rows.json"]:
                self._rows(_whole(asked, "since"), asked.get("epoch", [""])[0])
            case ["compare.html"]:
                self._compare(asked.get("left", [""])[0], asked.get("right", [""])[0])
            case ["assets", name] if name in ASSETS:
                self._send((HERE / name).read_bytes(), name.rpartition(".")[2])
            case ["episodes", run, name]:
                self._episode(self._find(run, name, ".html"))
            case ["steps", run, name]:
                entry = self._find(run, name, ".json")
                links, start = ServedLinks("../../"), _whole(asked, "from")
                shown = pane(entry, self._folder(entry), links, time.time(), start)
                self._send(more_steps(shown, links), "json")
            case ["screens", run, name, key]:
                self._picture(self._find(run, name), key, "png")
            case ["thumbs", run, name, key]:
                self._picture(self._find(run, name), key, "jpg")
            case ["films", run, name]:
                self._film(self._find(run, name, ".mp4"))
            case _:
                raise Missing("No page has this address.")

    def _rows(self, since: int, epoch: str) -> None:
        listing = self.watch.listing
        version = listing.version
        if epoch != self.watch.epoch:
            since = 0
        new, gone = listing.since(since)
        more = {"version": version, "epoch": self.watch.epoch, "now": time.time(), "whole": not since}
        self._send(rows(new, gone if since else (), **more), "json")

    def _episode(self, entry: Entry) -> None:
        keys = list(self.watch.listing.entries)
        at, listing = keys.index(entry.key), self.watch.listing
        neighbours = [listing.entries.get(keys[n]) if 0 <= n < len(keys) else None for n in (at - 1, at + 1)]
        links, nonce = ServedLinks("../../"), secrets.token_urlsafe(12)
        shown = pane(entry, self._folder(entry), links, time.time())
        self._send(
            episode_page(shown, links, (neighbours[0], neighbours[1]), listing.fellows(entry), nonce), nonce=nonce
        )

    def _compare(self, left: str, right: str) -> None:
        one = self._find(*_two(left))
        fellows = self.watch.listing.fellows(one)
        if not right and not fellows:
            raise Missing(f"Nobody else has played {one.task} with seed {one.seed}.")
        other = self._find(*_two(right)) if right else fellows[0]
        links, nonce = ServedLinks(""), secrets.token_urlsafe(12)
        panes = [pane(entry, self._folder(entry), links, time.time()) for entry in (one, other)]
        choices = list({each.key: each for each in (one, *fellows, other)}.values())
        self._send(compare_page(panes, choices, links, nonce), nonce=nonce)

    def _picture(self, entry: Entry, name: str, kind: str) -> None:
        key, _, ending = name.rpartition(".")
        frames = _frames(self._folder(entry) / FRAMES)
        if ending != kind or key not in {each.key for each in frames.entries()}:
            raise Missing("This episode has no such screen.")
        make = png if kind == "png" else thumbnail
        self._send(make(frames.get(key)), kind, keep=FOREVER)

    def _film(self, entry: Entry) -> None:
        path = self._folder(entry) / "film.mp4"
        if not path.is_file():
            raise Missing("This episode has no film: deskgym view RUN --film AGENT makes it.")
        data = path.read_bytes()
        start, end = _range(self.headers.get("Range", ""), len(data))
        if (start, end) == (0, len(data)):
            self._send(data, "mp4", more={"Accept-Ranges": "bytes"})
            return
        more = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{end - 1}/{len(data)}"}
        self._send(data[start:end], "mp4", status=206, more=more)

    def _find(self, run: str, name: str, ending: str = "") -> Entry:
        """Look an episode up; an address that holds anything else is not there."""
        key = unquote(run), unquote(name.removesuffix(ending))
        entry = self.watch.listing.entries.get(key)
        if entry is None or not name.endswith(ending):
            raise Missing("No run here has an episode of this name.")
        return entry

    def _folder(self, entry: Entry) -> Path:
        return self.watch.listing.folder(entry)

    def _trouble(self, status: int, title: str, words: str) -> None:
        if urlsplit(self.path).path.endswith(".json"):
            self._send(json.dumps({"error": words}).encode(), "json", status=status)
        else:
            depth = max(0, urlsplit(self.path).path.count("/") - 1)
            self._send(trouble_page(title, words, ServedLinks("../" * depth)), status=status)

    def _send(
        self,
        data: bytes,
        kind: str = "html",
        *,
        status: int = 200,
        nonce: str = "",
        keep: str = "no-cache",
        more: dict[str, str] | None = None,
    ) -> None:
        fields = {"Content-Type": KINDS[kind], "Cache-Control": keep, **headers(nonce), **(more or {})}
        packable = kind in ("html", "css", "js", "json") and len(data) > WORTH_PACKING
        if packable and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = gzip.compress(data, 1)
            fields["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, value in (fields | {"Content-Length": str(len(data))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@lru_cache(maxsize=64)
def _frames(path: Path) -> Frames:
    """A reader, kept with its index of the file."""
    return Frames(path)


def _two(text: str) -> tuple[str, str]:
    run, _, name = text.partition("/")
    return run, name


def _whole(asked: dict[str, list[str]], name: str) -> int:
    text = asked.get(name, ["0"])[0]
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _range(text: str, length: int) -> tuple[int, int]:
    """The part of a file that a browser asks for, as Python counts; all of it where that cannot be understood."""
    first, dash, last = text.removeprefix("bytes=").partition("-")
    if not text.startswith("bytes=") or not dash or not (first + last).isdecimal():
        return 0, length
    if not first:
        return max(0, length - int(last)), length
    start, end = int(first), min(int(last) + 1 if last else length, length)
    return (start, end) if start < end else (0, length)
