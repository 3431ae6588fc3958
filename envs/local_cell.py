"""The `local` walls: the image's tree under bubblewrap, without a daemon and without privileges."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from ..errors import DesktopError, DesktopUnavailable
from ..software_specs.spec import Software
from ..verifiers.privileged import HOME, Ran
from .cell import INSIDE, MACHINE_ENVIRONMENT, WRITABLE, Folder, cell_command, cell_settings, failure_text
from .images import image_of

__all__ = ["LocalCell", "ending_with"]

UID = 1000
TMPFS_BYTES = 1 << 30


class LocalCell:
    """A machine in namespaces of its own: mounts, processes, IPC, users and an empty network.

    Inside there is one user. It owns nothing outside: the tree is read-only, /proc shows its own processes only,
    and when the host process dies, by whatever signal, the lease ends and all of it goes.
    """

    def __init__(self, software: Software, size: tuple[int, int], *, x_server: bool = True):
        image = image_of(software)
        if not image.built:
            raise DesktopUnavailable(f"the image of {software.name} is not built: run `deskgym build {software.name}`")
        for tool, package in {"bwrap": "bubblewrap", "setpriv": "util-linux"}.items():
            if shutil.which(tool) is None:
                raise DesktopUnavailable(
                    f"{tool} is missing: run `apt-get install {package}` (deskgym doctor tells more)"
                )
        self.folder = Folder(software)
        try:
            self._process, self.init_pid = _start(
                _wall(software, self.folder, str(image.root), cell_settings(software, size, x_server)),
                cell_command(software, x_server),
                self.folder,
            )
        except BaseException:
            self.folder.close()
            raise

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """Run a program inside, see `Machine.run`."""
        variables = [f"{name}={value}" for name, value in MACHINE_ENVIRONMENT.items()]
        command = ["nsenter", f"--target={self.init_pid}", "--user", "--mount", "--pid", "--ipc", "--net", "--uts",
                   "--preserve-credentials", "/usr/bin/env", "-i", f"--chdir={HOME}", *variables, *argv]  # fmt: skip
        if not self.alive():
            raise DesktopError("the machine is gone")
        try:
            done = subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            raise DesktopError(f"{argv[0]} did not end within {timeout:g} s in the machine") from None
        ran = Ran(done.returncode, done.stdout, done.stderr)
        if check and ran.code:
            raise DesktopError(failure_text(argv, ran))
        return ran

    def alive(self) -> bool:
        """Whether the machine still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and everything inside; safe to call twice."""
        with contextlib.suppress(ProcessLookupError):
            if self.alive():
                # The first process of a namespace takes all the others with it.
                os.kill(self.init_pid, signal.SIGKILL)
        self._process.wait()
        self.folder.close()


def _start(wall: list[str], command: list[str], folder: Folder) -> tuple[subprocess.Popen[bytes], int]:
    """Start a cell; give bubblewrap's process and the host's number of the first process inside."""
    read_end, write_end = os.pipe()
    argv = ending_with(os.getpid(), [*wall, "--json-status-fd", str(write_end), *command])
    with (folder.log / "bwrap").open("wb") as log:
        # With --die-with-parent the kernel watches the thread that started it, so one that outlives all others does.
        process = (
            _starter()
            .submit(
                subprocess.Popen,
                argv,
                pass_fds=[write_end],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            .result()
        )
    os.close(write_end)
    with os.fdopen(read_end) as status:
        line = status.readline()
    if not line:
        process.wait()
        raise DesktopError(f"bubblewrap could not make a machine here:\n{folder.last_words()}")
    return process, json.loads(line)["child-pid"]


def ending_with(parent: int, argv: list[str]) -> list[str]:
    """A command that ends with the process that starts it, also where that is killed before bubblewrap asks to.

    First the kernel is asked, then it is seen whether there is still somebody to end with. Without this, a machine
    whose host died in the millisecond between would wait for ever for somebody to hold its lease.
    """
    return ["setpriv", "--pdeathsig", "KILL", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"', str(parent), *argv]


@cache
def _starter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="deskgym-starter")


# A fork copies the pool and not its thread.
os.register_at_fork(after_in_child=_starter.cache_clear)


def _wall(software: Software, folder: Folder, root: str, settings: dict[str, str]) -> list[str]:
    user = str(UID)
    wall = ["bwrap", "--ro-bind", root, "/", "--unshare-all", "--unshare-user", "--uid", user, "--gid", user]
    wall += [
        "--die-with-parent",
        "--cap-drop",
        "ALL",
        "--new-session",
        "--hostname",
        "desktop",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    if software.desktop.network:
        wall += ["--share-net", "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"]
    for place in WRITABLE:
        wall += ["--size", str(TMPFS_BYTES), "--tmpfs", place]
    wall += ["--tmpfs", "/run", "--dir", INSIDE, "--bind", str(folder.share), f"{INSIDE}/share"]
    wall += ["--bind", str(folder.share / "x11"), "/tmp/.X11-unix"]
    for lent in ("lease", "spec"):
        wall += ["--ro-bind", str(folder.path / lent), f"{INSIDE}/{lent}"]
    wall += ["--clearenv"]
    for name, value in (MACHINE_ENVIRONMENT | settings).items():
        wall += ["--setenv", name, value]
    return wall
