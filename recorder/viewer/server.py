"""The server: runs as pages that follow the disk, for the browser of whoever sits at this machine."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterable
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from ...errors import DeskgymError
from .answers import Handler
from .guard import is_loopback
from .listing import Listing

__all__ = ["Watch", "watch"]


class Watch(ThreadingHTTPServer):
    """Serves runs until it is left.

        with Watch(["runs/oracle"]) as watch:
            print(watch.url)
            watch.serve_forever()

    Nothing is written but what `Listing.keep` keeps, and nothing is read but these runs.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folders: Iterable[str | Path], host: str = "127.0.0.1", port: int = 0):
        """Read the runs, and listen.

        Args:
            folders: the runs.
            host: the address to listen at; one that is not loopback shows the runs to everybody who reaches it.
            port: 0 takes a free one.

        Raises:
            RecordError: a folder is no run, or holds no episode.
            DeskgymError: the address or port cannot be had.
        """
        self.listing = Listing(folders)
        self.host, self.epoch = host, secrets.token_hex(4)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            raise DeskgymError(_why_not(host, port, error)) from error
        except OverflowError:
            raise DeskgymError(f"there is no port {port}: a port is 0 (a free one) to 65535") from None
        self.listing.refresh(wait=True)
        self.listing.keep()

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_address[1]}/"

    @property
    def open_to_others(self) -> bool:
        """Whether other machines can see the runs."""
        return not is_loopback(self.host)

    def server_bind(self) -> None:
        """Take the address, without asking any name server what it is called."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.host, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # pyright: ignore[reportArgumentType]

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.server_close()
        self.listing.keep()


def watch(
    folders: Iterable[str | Path],
    host: str = "127.0.0.1",
    port: int = 0,
    browse: bool = False,
    tell: Callable[[str], None] = lambda words: None,
) -> None:
    """Serve runs until Ctrl-C, and print the address.

    Args:
        folders: the runs.
        host: the address to listen at.
        port: 0 takes a free one.
        browse: also open it in this machine's browser.
        tell: what to do with a sentence for a person.

    Raises:
        RecordError: a folder is no run, or holds no episode.
        DeskgymError: the address or port cannot be had.
    """
    with Watch(folders, host, port) as server:
        count = len(server.listing.entries)
        print(server.url, flush=True)
        tell(f"{count:,} episode{'' if count == 1 else 's'}; Ctrl-C ends it")
        if server.open_to_others:
            tell(f"whoever reaches port {server.server_port} of this machine sees these runs, truth included")
        if browse and not webbrowser.open(server.url):
            tell("there is no browser to open here")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("ended")


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken: name another with --port, or leave it out for a free one"
    if error.errno == errno.EACCES:
        return f"port {port} is kept for root: name one above 1023 with --port, or leave it out for a free one"
    return f"{host} is no address of this machine ({error.strerror or error}): --host wants one, or a name it has"
