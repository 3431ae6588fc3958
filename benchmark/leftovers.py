"""Leftovers: what a process and its desktops hold on a host, and what of it is still there after its death."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..envs.cell import owner_mark
from ..envs.closed_loop import descendants

__all__ = ["belongings", "remaining"]


def belongings(pid: int) -> set[str]:
    """Name all that belongs to a process and its children: "process PID:START", "folder PATH", "container ID".

    Sockets, shared memory and framebuffers lie in the folders; mounts and cgroups go with processes and containers.
    """
    processes = list(descendants(pid))
    marks = {mark for each in processes if (mark := owner_mark(each))}
    folders = {str(folder) for each in processes for folder in _folders(each)}
    containers = [container for container, owner in _containers().items() if owner in marks]
    marks |= {mark for container in containers for each in _processes_in(container) if (mark := owner_mark(each))}
    return (
        {f"process {mark}" for mark in marks}
        | {f"folder {folder}" for folder in folders}
        | {f"container {container}" for container in containers}
    )


def remaining(names: Iterable[str]) -> set[str]:
    """Which of these are still there, with the cgroups, mounts and sockets that bear their names."""
    left = set()
    containers = _containers()
    for name in names:
        kind, _, rest = name.partition(" ")
        if kind == "process":
            there = owner_mark(int(rest.partition(":")[0])) == rest and not _zombie(rest)
        elif kind == "folder":
            there = Path(rest).exists()
        else:
            there = rest in containers
            left |= {f"cgroup {folder}" for folder in _cgroups(rest)}
        if there:
            left.add(name)
        if kind != "process":
            left |= {f"mount {line}" for line in _lines("/proc/self/mounts") if rest in line}
            left |= {f"socket {line}" for line in _lines("/proc/net/unix") if rest in line}
    return left


def _folders(pid: int) -> Iterator[Path]:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return  # ended meanwhile
    for descriptor in descriptors:
        try:
            target = descriptor.readlink()
        except OSError:
            continue  # closed meanwhile
        if target.name == "lock" and target.parent.name.startswith("cell-"):
            yield target.parent


def _containers() -> dict[str, str]:
    """Container -> the mark of the process that owns it."""
    words = _docker("ps", "--all", "--no-trunc", "--filter", "label=deskgym.owner",
                    "--format", '{{.ID}} {{.Label "deskgym.owner"}}')  # fmt: skip
    return dict(zip(words[::2], words[1::2], strict=True))


def _processes_in(container: str) -> list[int]:
    return [int(word) for word in _docker("top", container, "-eo", "pid") if word.isdecimal()]


def _docker(*argv: str) -> list[str]:
    try:
        ran = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return []  # no Docker, no containers
    return ran.stdout.split()


def _cgroups(container: str) -> list[str]:
    return [folder for folder, _, _ in os.walk("/sys/fs/cgroup") if folder.endswith(container)]


def _zombie(mark: str) -> bool:
    try:
        return Path(f"/proc/{mark.partition(':')[0]}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines()
