"""The `docker` walls: the same tree in a container without privileges, capabilities or network."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Sequence
from functools import cache
from typing import Any

from ..errors import DesktopError, DesktopUnavailable, MissingExtra
from ..software_specs.spec import Software
from ..verifiers.privileged import HOME, Ran
from .cell import (
    INSIDE,
    MACHINE_ENVIRONMENT,
    WRITABLE,
    Folder,
    cell_command,
    cell_settings,
    failure_text,
    owner_mark,
)
from .images import Image, image_of

__all__ = ["DockerCell", "engine_version", "import_image"]

LABEL = "deskgym.owner"


class DockerCell:
    """A machine in a container.

    Its first process reads the lease, so the container ends (and is removed) as soon as the host process is gone;
    what a crash of the engine may leave is swept away by the next desktop of any process.
    """

    def __init__(self, software: Software, size: tuple[int, int]):
        # Root's machines run as the image's user; a person's as that person, who must read what they write.
        self._uid = os.getuid() or 1000
        with contextlib.ExitStack() as undo:
            self._docker = _client()
            undo.callback(self._docker.close)
            self.folder = Folder(software)
            undo.callback(self.folder.close)
            self.folder.give_to(self._uid)
            try:
                self._sweep()
                tag = import_image(image_of(software), self._docker)
                self._container = self._docker.containers.run(tag, **self._settings(software, size))
                self.container_id: str = self._container.id
                self.init_pid: int = self._docker.api.inspect_container(self._container.id)["State"]["Pid"]
            except _errors() as error:
                raise DesktopError(f"Docker could not make a machine: {error}") from error
            self._init_mark = owner_mark(self.init_pid)
            undo.pop_all()

    def _settings(self, software: Software, size: tuple[int, int]) -> dict[str, Any]:
        folder, limits = self.folder, software.desktop
        memory = f"{limits.memory}m"
        private = f"size=1g,mode=755,uid={self._uid},gid={self._uid},exec"
        binds = {
            str(folder.share): {"bind": f"{INSIDE}/share", "mode": "rw"},
            str(folder.share / "x11"): {"bind": "/tmp/.X11-unix", "mode": "rw"},
            str(folder.path / "lease"): {"bind": f"{INSIDE}/lease", "mode": "ro"},
            str(folder.path / "spec"): {"bind": f"{INSIDE}/spec", "mode": "ro"},
        }
        return {
            "command": cell_command(software),
            "detach": True,
            "auto_remove": True,
            "init": True,
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "network_mode": "bridge" if limits.network else "none",
            "mem_limit": memory,
            "memswap_limit": memory,
            "pids_limit": limits.processes,
            "hostname": "desktop",
            "user": f"{self._uid}:{self._uid}",
            "working_dir": HOME,
            "environment": MACHINE_ENVIRONMENT | cell_settings(software, size),
            "tmpfs": {place: private for place in (*WRITABLE, "/run") if place != "/dev/shm"},
            "shm_size": "1g",
            "volumes": binds,
            "labels": {LABEL: owner_mark(os.getpid())},
        }

    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 30.0, check: bool = True) -> Ran:
        """Run a program inside, see `Machine.run`."""
        if not self.alive():
            raise DesktopError("the machine is gone")
        try:
            api = self._docker.api
            # `timeout` runs inside: an exec cannot be ended from out here.
            command = ["/usr/bin/timeout", "--signal=KILL", f"{timeout:g}", *argv]
            made = api.exec_create(
                self._container.id,
                command,
                stdin=True,
                user=str(self._uid),
                environment=MACHINE_ENVIRONMENT,
                workdir=HOME,
            )["Id"]
            out, err = _converse(api.exec_start(made, socket=True), stdin, timeout + 10)
            code = api.exec_inspect(made)["ExitCode"]
        except _errors() as error:
            raise DesktopError(f"the machine is gone: {error}") from error
        if code == 137:
            raise DesktopError(f"{argv[0]} did not end within {timeout:g} s in the machine")
        ran = Ran(code, out, err)
        if check and ran.code:
            raise DesktopError(failure_text(argv, ran))
        return ran

    def alive(self) -> bool:
        """Whether the machine still runs."""
        return owner_mark(self.init_pid) == self._init_mark

    def close(self) -> None:
        """End it and everything inside; safe to call twice."""
        try:
            self._container.remove(force=True)
        except _errors():
            pass  # it removes itself when it ends
        self.folder.close()
        self._docker.close()

    def _sweep(self) -> None:
        """Remove the containers of processes that are no more."""
        for container in self._docker.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            owner = container.labels[LABEL]
            if owner != owner_mark(int(owner.partition(":")[0])):
                try:
                    container.remove(force=True)
                except _errors():
                    continue  # another process was quicker


def import_image(image: Image, client: Any = None) -> str:
    """Make an image known to the Docker engine, unless it is, and return its tag.

    Raises:
        DesktopUnavailable: the image is not built.
        DesktopError: the engine does not take it.
    """
    client = client or _client()
    tag = f"deskgym:{image.digest}"
    if client.images.list(tag):
        return tag
    if not image.built:
        raise DesktopUnavailable(f"the image of {image.name} is not built: run `deskgym build {image.name}`")
    tar = subprocess.Popen(
        ["tar", "--create", "--numeric-owner", "--one-file-system", f"--directory={image.root}", "."],
        stdout=subprocess.PIPE,
    )
    with tar:
        answer = client.api.import_image_from_stream(tar.stdout, repository=tag.partition(":")[0], tag=image.digest)
    if tar.returncode or '"error"' in str(answer):
        raise DesktopError(f"the image {tag} could not be imported: {answer or 'reading its tree needs root'}")
    return tag


def imported() -> dict[str, int]:
    """Digest -> bytes of every image of ours that the engine holds; of nothing when no engine answers."""
    try:
        images = _client().images.list("deskgym")
    except (DesktopUnavailable, MissingExtra):
        return {}
    return {tag.partition(":")[2]: image.attrs["Size"] for image in images for tag in image.tags}


def remove_image(digest: str) -> None:
    """Let the engine forget an image.

    Raises:
        DesktopError: it will not, because a container is made of it.
    """
    try:
        _client().images.remove(f"deskgym:{digest}")
    except _errors() as error:
        raise DesktopError(f"the engine keeps deskgym:{digest}: {error}") from error


def _client() -> Any:
    try:
        from docker import from_env
        from docker.errors import DockerException
    except ImportError:
        raise MissingExtra("docker", "docker") from None
    try:
        return from_env(timeout=120)
    except DockerException as error:
        raise DesktopUnavailable(f"no Docker engine answers: {error}") from error


@cache
def _errors() -> tuple[type[Exception], ...]:
    from docker.errors import DockerException
    from requests import RequestException

    return DockerException, RequestException, OSError


def _converse(stream: Any, stdin: bytes, timeout: float) -> tuple[bytes, bytes]:
    """Send standard input to an exec and read what it prints."""
    from docker.utils.socket import frames_iter

    raw: socket.socket = stream._sock
    out, err = bytearray(), bytearray()
    # The stream is a view of the socket: closing the one leaves the other open.
    with raw, stream:
        raw.settimeout(timeout)
        raw.sendall(stdin)
        raw.shutdown(socket.SHUT_WR)
        for number, chunk in frames_iter(stream, tty=False):
            (out if number == 1 else err).extend(chunk)
    return bytes(out), bytes(err)


def engine_version() -> str:
    """The version of the Docker engine that answers.

    Raises:
        DesktopUnavailable: none does.
    """
    client = _client()
    try:
        return client.version()["Version"]
    finally:
        client.close()
