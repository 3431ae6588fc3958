"""Inside: a peer's own server, started in the machine and spoken to over a Unix socket in the folder it shares.

The container has no network; a Unix socket in place of TCP favours the peer by a fraction of a millisecond.
"""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from ...envs.cell import INSIDE, wait_until
from ...envs.x_desktop import XDesktop

__all__ = ["connect", "start"]

PATIENCE = 20.0


def start(desktop: XDesktop, script: str) -> Path:
    """Run a script that lies beside this file with the machine's Python; return its socket as the host sees it."""
    name = script.removesuffix(".py")
    listening = desktop.cell.folder.share / name
    if not listening.exists():
        container: str = desktop.cell.container_id  # type: ignore[attr-defined]
        source = Path(__file__).with_name(script).read_text()
        argv = ["docker", "exec", "--detach", container, "python3", "-c", source, f"{INSIDE}/share/{name}"]
        subprocess.run(argv, check=True, capture_output=True)
        wait_until(listening.exists, PATIENCE, desktop.cell, f"the peer's server {script}")
    return listening


def connect(path: Path) -> socket.socket:
    """A connection to a Unix socket, however long its path is."""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PATIENCE)
    folder = os.open(path.parent, os.O_PATH)
    try:
        line.connect(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
    return line
