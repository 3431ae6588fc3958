"""Old images are found and removed; what something needs, or runs in, stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deskgym.cli import app
from deskgym.envs import prune
from deskgym.envs.images import base_image, image_of
from deskgym.errors import DesktopError
from deskgym.software_specs.catalog import find_software
from typer.testing import CliRunner


@pytest.fixture
def images(tmp_path, monkeypatch) -> Path:
    """A folder of images of our own, beside an engine that holds none."""
    monkeypatch.setenv("DESKGYM_IMAGES", str(tmp_path))
    monkeypatch.setattr(prune, "imported", dict)
    return tmp_path


def make(folder: Path) -> Path:
    (folder / "root").mkdir(parents=True)
    (folder / "root" / "file").write_bytes(bytes(20_000))
    (folder / "root" / "loop").symlink_to("/")
    (folder / "manifest.json").write_text("{}")
    return folder


def test_what_something_needs_stays(images):
    needed = [make(base_image().folder), make(image_of(find_software("mousepad")).folder)]
    old = [make(images / "base-0123456789ab"), make(images / "image-0123456789ab")]
    (images / "archives").mkdir()
    (found,) = {tuple(each.folder for each in prune.remnants())}
    assert list(found) == old
    ran = CliRunner().invoke(app, ["prune", "--yes", "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert [row["removed"] for row in told["images"]] == [True, True]
    assert 40_000 <= told["freed"] < 100_000
    assert not any(folder.exists() for folder in old)
    assert all(folder.exists() for folder in needed)
    assert prune.remnants() == []


def test_nothing_goes_unless_one_agrees(images):
    old = make(images / "image-0123456789ab")
    ran = CliRunner().invoke(app, ["prune"], input="n\n")
    assert ran.exit_code == 1
    assert str(old) in "".join(ran.stdout.split("\n"))
    assert (old / "manifest.json").is_file()


def test_an_image_that_a_desktop_runs_in_stays(images):
    old = make(images / "image-0123456789ab")
    with subprocess.Popen([sys.executable, "-c", "input()", f"--bind={old}/root"], stdin=subprocess.PIPE) as running:
        with pytest.raises(DesktopError, match="a desktop still runs"):
            prune.remove(*prune.remnants())
        assert running.stdin
        running.stdin.close()
    prune.remove(*prune.remnants())
    assert not old.exists()


@pytest.mark.docker
def test_the_engine_forgets_a_copy(tmp_path, monkeypatch):
    from docker import from_env

    (tmp_path / "file").write_text("one file is an image too")
    tar = subprocess.run(["tar", "-C", str(tmp_path), "-c", "file"], stdout=subprocess.PIPE, check=True).stdout
    from_env().api.import_image_from_data(tar, repository="deskgym", tag="0123456789ab")
    (copy,) = (each for each in prune.remnants() if each.place == "docker deskgym:0123456789ab")
    prune.remove(copy)
    assert copy.digest not in prune.imported()
    with pytest.raises(DesktopError, match="0123456789ab"):
        prune.remove(copy)
