"""A cell: the private machine a desktop runs in, whether bubblewrap or Docker makes its walls."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from ..errors import DesktopError
from ..software_specs.spec import Software
from ..verifiers.privileged import HOME, Ran
from .clock import clock_of

__all__ = ["INSIDE", "MACHINE_ENVIRONMENT", "Cell", "Folder", "cell_command", "cell_settings", "wait_until"]

T = TypeVar("T")

INSIDE = "/run/deskgym"
"""Where a cell's folder appears inside of it."""

MACHINE_ENVIRONMENT = {
    "HOME": HOME,
    "USER": "user",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "en_US.UTF-8",
    "TZ": "UTC",
    "DISPLAY": ":0",
    "XDG_RUNTIME_DIR": f"{INSIDE}/share/runtime",
    "DBUS_SESSION_BUS_ADDRESS": f"unix:path={INSIDE}/share/runtime/bus",
    "XDG_CURRENT_DESKTOP": "GNOME",
    "GTK_A11Y": "atspi",
    "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
    "SAL_USE_VCLPLUGIN": "gtk3",
    "NO_AT_BRIDGE": "0",
    "PYTHONHASHSEED": "0",
}
"""The environment of everything that runs inside."""

WRITABLE = (HOME, "/tmp", "/var/tmp", "/srv", "/dev/shm")
"""What is private and empty at every boot; all the rest of the tree is read-only."""


class Cell(Protocol):
    """A running machine without a face: X, accessibility and files are reached through its folder."""

    folder: Folder
    init_pid: int
    """The host's number of the cell's first process: all others descend from it."""

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """Run a program inside, see `Machine.run`."""
        ...

    def alive(self) -> bool:
        """Whether the machine still runs."""
        ...

    def close(self) -> None:
        """End it and everything inside; safe to call twice."""
        ...


class Folder:
    """What a cell shares with the host: `share/` (framebuffer, sockets, logs), the lease, the public spec files.

    It lies in memory where the host has /dev/shm. An exclusive lock marks it as alive, so that whoever comes
    next can sweep away the folder of a process that was killed.
    """

    def __init__(self, software: Software):
        parent = _parent()
        sweep(parent)
        making = Path(tempfile.mkdtemp(prefix="new-", dir=parent))
        self._lock = os.open(making / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # Only now does it bear a name that a sweeper looks for.
        self.path = making.rename(making.with_name(making.name.replace("new-", "cell-", 1)))
        self.share = self.path / "share"
        self.log = self.share / "log"
        for folder in (self.share, self.log, self.share / "x11", self.share / "runtime"):
            folder.mkdir()
        self._lend(software)
        lease = self.path / "lease"
        os.mkfifo(lease)
        # Read and write, or opening would block until the cell reads.
        self._lease = os.open(lease, os.O_RDWR)
        # The cell may read its orders, not hold the lease open itself.
        lease.chmod(0o444)

    def _lend(self, software: Software) -> None:
        """Copy what may enter the machine, and nothing else: launch.sh, warm.sh and files/."""
        spec = self.path / "spec"
        (spec / "files").mkdir(parents=True)
        if (software.folder / "files").is_dir():
            shutil.copytree(software.folder / "files", spec / "files", dirs_exist_ok=True)
        for script in ("launch.sh", "warm.sh"):
            if script == "launch.sh" or (software.folder / script).is_file():
                shutil.copy(software.folder / script, spec / script)
                (spec / script).chmod(0o755)

    def give_to(self, uid: int) -> None:
        """Let another user's machine write the shared folders."""
        for folder in (self.share, *self.share.iterdir()):
            os.chown(folder, uid, uid)
        for entry in (self.path, *(self.path / "spec").rglob("*"), self.path / "spec"):
            entry.chmod(0o755 if entry.is_dir() or entry.parent == self.path / "spec" else 0o644)

    def order(self, argv: Sequence[str]) -> None:
        """Have the desktop's own session start a program, as the player's user, in the background."""
        os.write(self._lease, f"exec {shlex.join(argv)}\n".encode())

    def last_words(self) -> str:
        """The last lines of the cell's logs, for an error message."""
        lines = []
        for log in sorted(self.log.glob("*")):
            lines += [f"  {log.name}: {line}" for line in log.read_text(errors="replace").splitlines()[-4:]]
        return "\n".join(lines) or "  (its logs are empty)"

    def close(self) -> None:
        """Let the lease go, which ends the cell, and remove the folder."""
        if self._lease >= 0:
            os.close(self._lease)
            self._lease = -1
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)


def _parent() -> Path:
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    parent = base / f"deskgym-{os.getuid()}"
    parent.mkdir(mode=0o711, exist_ok=True)
    return parent


def sweep(parent: Path) -> None:
    """Remove the folders whose owner is gone: their lock can be had."""
    for folder in parent.glob("cell-*"):
        try:
            handle = os.open(folder / "lock", os.O_RDWR)
        except OSError:
            continue  # just being made, or just being removed
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


def cell_settings(software: Software, size: tuple[int, int], x_server: bool = True) -> dict[str, str]:
    """What desktop.sh and launch.sh are told through their environment.

    SCREEN is the size of the X screen; without an X server HEADLESS is the size of the page instead.
    """
    settings = {"SCREEN" if x_server else "HEADLESS": f"{size[0]}x{size[1]}"}
    if software.web:
        settings |= {"DEVTOOLS": str(software.web.devtools), "WEB_URL": software.web.url}
    return settings


def cell_command(software: Software, x_server: bool = True) -> list[str]:
    """The first program of a cell: the desktop, under the keeper of its clock where it has one of its own."""
    desktop = ["/usr/lib/deskgym/desktop.sh"]
    return ["/usr/lib/deskgym/keeper", *desktop] if x_server and clock_of(software) == "jump" else desktop


def failure_text(argv: Sequence[str], ran: Ran) -> str:
    """A sentence about a program that failed in a machine."""
    words = (ran.err or ran.out)[-500:].decode("utf-8", "replace").strip()
    return f"{argv[0]} failed in the machine ({ran.code}): {words}"


def owner_mark(pid: int) -> str:
    """ "pid:start time" of a process: what tells it from a later one of the same number; empty if there is none."""
    try:
        return f"{pid}:{Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]}"
    except OSError:
        return ""


def wait_until(condition: Callable[[], T | None], seconds: float, cell: Cell, what: str, pause: float = 0.003) -> T:
    """Call `condition` until it returns something true.

    Raises:
        DesktopError: the deadline passed or the cell died; the message ends in its last words.
    """
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if not cell.alive():
            raise DesktopError(f"the machine died while waiting for {what}:\n{cell.folder.last_words()}")
        if time.monotonic() > deadline:
            raise DesktopError(f"waited {seconds:g} s in vain for {what}:\n{cell.folder.last_words()}")
        time.sleep(pause)
    return found
