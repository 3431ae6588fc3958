"""Doctor: what this machine can run, and what to do about the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from ..errors import DeskgymError
from ..software_specs.catalog import find_software, folders
from .clock import wanted_clock, why_no_clock
from .images import image_of, images_folder

__all__ = ["Finding", "examine"]


@dataclass(frozen=True)
class Finding:
    """One thing a desktop needs: whether it is there, and the remedy if not."""

    name: str
    well: bool
    detail: str
    needed: bool = True
    """Whether the `local` desktop, the embedded default, cannot do without."""


def examine() -> Iterator[Finding]:
    """Look at everything that desktops rely on; nothing is changed."""
    yield _program("bwrap", "bubblewrap", "walls of the local desktop")
    yield _walls()
    yield _program("nsenter", "util-linux", "the privileged side of the local desktop")
    yield _library()
    yield _clock()
    memory = os.access("/dev/shm", os.W_OK)
    yield Finding("/dev/shm", memory, "screens live in memory" if memory else "missing: screens go to the disk", False)
    yield _program("mmdebstrap", "mmdebstrap", "builds images", needed=False)
    yield _images()
    yield _docker()
    for module, extra in {"playwright": "browser", "pyautogui": "screen"}.items():
        there = find_spec(module) is not None
        yield Finding(module, there, "installed" if there else f"pip install 'deskgym[{extra}]'", False)


def _program(name: str, package: str, purpose: str, needed: bool = True) -> Finding:
    path = shutil.which(name)
    return Finding(name, bool(path), f"{purpose}: {path}" if path else f"run `apt-get install {package}`", needed)


def _walls() -> Finding:
    try:
        argv = ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "--unshare-user", "--uid", "1000", "true"]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("user namespaces", False, str(error))
    remedy = "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile), or be root"
    return Finding(
        "user namespaces", not ran.returncode, "work" if not ran.returncode else f"{ran.stderr.strip()}: {remedy}"
    )


def _library() -> Finding:
    try:
        import xcffib  # noqa: F401
    except (ImportError, OSError) as error:
        return Finding("libxcb", False, f"{error}: run `apt-get install libxcb1`")
    return Finding("libxcb", True, "the X protocol")


def _clock() -> Finding:
    """Whether a process may also patch its vDSO shows only on a desktop; if not, the C library's functions stand in."""
    try:
        wanted = wanted_clock()
    except DeskgymError as error:
        return Finding("clock", False, str(error), False)
    if why := why_no_clock():
        return Finding("clock", False, f"off, desktops take the time of this machine: {why}", False)
    if wanted == "off":
        return Finding("clock", True, "off, desktops take the time of this machine: DESKGYM_CLOCK=off", False)
    return Finding("clock", True, "jump: desktops have a time of their own, unless their spec says off", False)


def _images() -> Finding:
    built, missing = [], []
    for name in sorted(folders()):
        try:
            (built if image_of(find_software(name)).built else missing).append(name)
        except DeskgymError as error:
            missing.append(f"{name} ({error})")
    where = f"{', '.join(built) or 'none'} in {images_folder()}"
    return Finding("images", not missing, where + (f"; run `deskgym build {' '.join(missing)}`" if missing else ""))


def _docker() -> Finding:
    try:
        from .docker_cell import engine_version

        return Finding("docker", True, f"engine {engine_version()}", False)
    except DeskgymError as error:
        return Finding("docker", False, str(error), False)
