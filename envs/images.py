"""Images: Debian root filesystems, built once, named by the digest of all that went into them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..errors import DesktopError
from ..software_specs.spec import Software

__all__ = ["Image", "base_image", "build", "building", "image_of", "images_folder"]

RECIPE = Path(__file__).parent.parent / "docker"
Report = Callable[[str], None]
"""Is told, in a few words, what the build is doing."""


@dataclass(frozen=True)
class Image:
    """A root filesystem on disk (or yet to be built)."""

    name: str
    digest: str
    folder: Path

    @property
    def root(self) -> Path:
        """The root of its filesystem."""
        return self.folder / "root"

    @property
    def built(self) -> bool:
        """Whether it is complete: a build moves it into place as its last act."""
        return (self.folder / "manifest.json").is_file()

    @property
    def packages(self) -> dict[str, str]:
        """Installed package -> version."""
        return json.loads((self.folder / "manifest.json").read_text())["packages"]


def images_folder() -> Path:
    """Where images live: DESKGYM_IMAGES, or one place for the whole machine."""
    return Path(os.environ.get("DESKGYM_IMAGES", "/var/cache/deskgym/images"))


@cache
def _base_recipe() -> tuple[dict[str, Any], str]:
    hasher = hashlib.sha256()
    laid_in = [path for folder in ("root", "clock") for path in (RECIPE / folder).rglob("*") if path.is_file()]
    for path in sorted([RECIPE / "base.sh", RECIPE / "base.yaml", *laid_in]):
        hasher.update(f"{path.relative_to(RECIPE)}\0{path.stat().st_mode & 0o111}\0".encode())
        hasher.update(path.read_bytes())
    return yaml.safe_load((RECIPE / "base.yaml").read_text()), hasher.hexdigest()[:12]


def base_image() -> Image:
    """The image that all others are built on."""
    _, digest = _base_recipe()
    return Image("base", digest, images_folder() / f"base-{digest}")


def image_of(software: Software) -> Image:
    """The image a software runs in; `built` says whether it is there."""
    hasher = hashlib.sha256(_base_recipe()[1].encode())
    hasher.update(json.dumps(software.packages.model_dump(), sort_keys=True).encode())
    script = software.folder / "install.sh"
    if script.is_file():
        hasher.update(script.read_bytes())
    digest = hasher.hexdigest()[:12]
    # Two softwares that install the same share one image.
    return Image(software.name, digest, images_folder() / f"image-{digest}")


def build(software: Software, report: Report = lambda words: None) -> Image:
    """Build a software's image unless it is there already; an interrupted build starts over from the base.

    Raises:
        DesktopError: not root, a tool is missing, or a package or script failed (the log is named).
    """
    image = image_of(software)
    if image.built:
        return image
    _require_builder()
    with building(report):
        if image.built:
            return image
        base = _build_base(report)
        with _workplace(image) as work:
            report(f"{image.name}: copying the base")
            _call(["cp", "-a", "--reflink=auto", str(base.root), str(work / "root")], work)
            if software.packages.apt:
                report(f"{image.name}: installing {', '.join(software.packages.apt)}")
                _inside(work, ["apt-get", "-o", "Dir::Cache::Archives=/var/cache/deskgym", "install", "--yes",
                               "--no-install-recommends", *software.packages.apt])  # fmt: skip
            script = software.folder / "install.sh"
            if script.is_file():
                report(f"{image.name}: running install.sh")
                _inside(work, ["/bin/sh", "-s"], stdin=script.read_bytes())
            _finish(image, work)
    return image


def _build_base(report: Report) -> Image:
    image = base_image()
    if image.built:
        return image
    recipe, _ = _base_recipe()
    with _workplace(image) as work:
        report(f"base: installing Debian {recipe['suite']} from {recipe['mirror']}")
        include = f"--include={','.join(recipe['packages'])}"
        options = ["--variant=minbase", "--skip=cleanup/apt/lists", include]
        _call(["mmdebstrap", *options, recipe["suite"], str(work / "root"), recipe["mirror"]], work)
        _call(["cp", "-R", f"{RECIPE / 'root'}/.", str(work / "root")], work)
        _call(["cp", "-R", str(RECIPE / "clock"), str(work / "root/usr/src/deskgym-clock")], work)
        _inside(work, ["/bin/sh", "-s"], stdin=(RECIPE / "base.sh").read_bytes())
        _finish(image, work)
    return image


def _finish(image: Image, work: Path) -> None:
    """Write down what is installed and move the finished tree to its name."""
    listing = _inside(work, ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\\n"])
    packages = dict(line.split() for line in listing.splitlines())
    manifest = {"made for": image.name, "digest": image.digest, "packages": packages}
    (work / "manifest.json").write_text(json.dumps(manifest, indent=1))
    shutil.rmtree(image.folder, ignore_errors=True)
    work.rename(image.folder)


def _inside(work: Path, argv: list[str], stdin: bytes = b"") -> str:
    """Run a command as root inside a tree that is being built, with the network of the host."""
    archives = images_folder() / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    root = str(work / "root")
    settings = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND": "noninteractive",
        "HOME": "/root",
        "LANG": "C.UTF-8",
    }
    wall = ["bwrap", "--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run",
            "--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf", "--dir", "/var/cache/deskgym",
            "--bind", str(archives), "/var/cache/deskgym", "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL",
            "--die-with-parent", "--clearenv"]  # fmt: skip
    for name, value in settings.items():
        wall += ["--setenv", name, value]
    return _call([*wall, *argv], work, stdin)


def _call(argv: list[str], work: Path, stdin: bytes = b"") -> str:
    log = work / "build.log"
    with log.open("ab") as out:
        out.write(f"$ {' '.join(argv)}\n".encode())
        out.flush()
        ran = subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, stderr=out, check=False)
        out.write(ran.stdout)
    if ran.returncode:
        kept = images_folder() / f"{work.name}.log"
        shutil.copy(log, kept)
        tail = b"\n".join(log.read_bytes().splitlines()[-8:]).decode(errors="replace")
        raise DesktopError(f"building an image failed at: {argv[-1][:80]}\n{tail}\nThe whole log is {kept}")
    return ran.stdout.decode()


def _require_builder() -> None:
    if os.geteuid() != 0:
        raise DesktopError("building an image needs root: run it as `sudo .venv/bin/deskgym build`")
    for tool, package in {"mmdebstrap": "mmdebstrap", "bwrap": "bubblewrap"}.items():
        if shutil.which(tool) is None:
            raise DesktopError(f"{tool} is missing: run `apt-get install {package}`")


@contextmanager
def _workplace(image: Image) -> Iterator[Path]:
    work = image.folder.with_name(f".{image.folder.name}.building")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def building(report: Report = lambda words: None) -> Iterator[None]:
    """One at a time on a machine: two builds would fetch the same packages into the same place."""
    folder = images_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another build")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
