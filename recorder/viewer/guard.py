"""The guard: who may ask the server, and what a browser may do with an answer."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

__all__ = ["allows", "headers", "is_loopback"]

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    return host in LOOPBACK or host.startswith("127.")


def allows(host: str, asked: str) -> bool:
    """Whether a request may be answered, by its Host header.

    A page elsewhere can have its own name point to this machine and so read what a loopback server tells ("DNS
    rebinding"); it cannot choose another name than its own. A server that was put on an address for others also
    answers to numbers, which no such name is, and to the name of the machine.

    Args:
        host: where the server listens.
        asked: the Host header.
    """
    try:
        name = urlsplit(f"//{asked}").hostname or ""
    except ValueError:
        return False
    if name in LOOPBACK or name == host.lower():
        return True
    if is_loopback(host):
        return False
    return _is_number(name) or name == socket.gethostname().lower()


def headers(nonce: str = "") -> dict[str, str]:
    """The headers of every answer: recorded text runs nothing, and no other site embeds or reads anything."""
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self'; media-src 'self'; "
            "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
