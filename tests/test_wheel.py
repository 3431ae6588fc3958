"""The wheel: one top-level name, all code and data, and nothing else."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("agents", "benchmark", "cli", "envs", "recorder", "software_specs", "training", "verifiers")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel built of the tree as it is."""
    builders = {"build": (0,), "setuptools": (77,)}
    for name, needed in builders.items():
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"needs the package {name}")
        if int(have.split(".")[0]) < needed[0]:
            pytest.skip(f"needs {name} >= {needed[0]}, has {have}")
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    wanted = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, wanted):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    argv = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(tree)]
    done = subprocess.run([sys.executable, *argv], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return archive.namelist()


def test_the_wheel_claims_one_name(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"deskgym"}


def test_the_wheel_holds_the_code_and_the_data(wheel):
    inside = {name.removeprefix("deskgym/") for name in wheel}
    code = {str(path.relative_to(ROOT)) for part in PARTS for path in (ROOT / part).rglob("*.py")}
    data = [path for part in ("docker", "software_specs") for path in (ROOT / part).rglob("*") if path.is_file()]
    data += [
        path for path in (ROOT / "recorder" / "viewer").iterdir() if path.suffix in (".html", ".css", ".js", ".svg")
    ]
    data += (ROOT / "benchmark" / "report").glob("*.html")
    data += (ROOT / "training").glob("*.yaml")
    wanted = {str(path.relative_to(ROOT)) for path in data if "__pycache__" not in path.parts}
    assert (code | wanted) - inside == set()
    assert {"py.typed", "software_specs/_template/software.yaml", "docker/base.sh"} <= inside


def test_the_wheel_holds_nothing_else(wheel):
    tops = {name.split("/")[1] for name in wheel if name.startswith("deskgym/")}
    assert tops == {*PARTS, "docker", "py.typed", "__init__.py", "__main__.py", "errors.py"}
    assert [name for name in wheel if "__pycache__" in name or name.endswith((".pyc", ".whl"))] == []
