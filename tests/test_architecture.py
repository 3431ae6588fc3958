"""The house: who may import whom, where modules stand, and what an import does."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("agents", "benchmark", "cli", "envs", "recorder", "software_specs", "training", "verifiers")

FLOORS = {
    "errors": 0,
    "verifiers": 1,
    "software_specs": 2,
    "envs": 3,
    "recorder": 4,
    "agents": 5,
    "benchmark": 6,
    "training": 6,
    "cli": 7,
}
"""Imports go down, or stay on a floor within one part."""

NEVER = {
    "verifiers": ["software_specs", "envs", "recorder", "agents", "benchmark", "training", "cli"],
    "software_specs": ["envs"],
    "envs": ["recorder", "agents", "training", "benchmark"],
    "recorder": ["agents", "verifiers.privileged"],
    "agents": ["verifiers.privileged", "verifiers.judge", "training", "benchmark"],
    "training": ["docker", "playwright", "verifiers.privileged"],
    "benchmark": ["training", "torch"],
}
"""The table of docs/architecture.md: who never imports whom."""

HEAVY = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "datasets",
    "docker",
    "playwright",
    "pyautogui",
    "anthropic",
    "openai",
    "google.genai",
    "openpyxl",
    "av",
    "PIL.Image",
    "xcffib",
)


def modules() -> Iterator[tuple[str, Path]]:
    """Dotted name below deskgym -> file, of everything that is a module of the package."""
    for path in sorted([*ROOT.glob("*.py"), *(file for part in PARTS for file in (ROOT / part).rglob("*.py"))]):
        where = path.relative_to(ROOT)
        if where.parts[0] == "software_specs" and len(where.parts) > 2:
            continue  # spec folders are data
        yield ".".join(where.with_suffix("").parts).removesuffix(".__init__"), path


def imports(name: str, path: Path) -> Iterator[str]:
    """Everything a module imports, at its top or inside a function, as dotted names below deskgym where it is ours."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".") if package else []
            base = parents[: len(parents) - node.level + 1] if node.level else []
            place = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield from (f"{place}.{alias.name}".strip(".") for alias in node.names)


EDGES = sorted({(name, target) for name, path in modules() for target in imports(name, path)})


def ours(target: str) -> str:
    """The floor a target belongs to, or nothing."""
    return target.split(".")[0] if target.split(".")[0] in FLOORS else ""


def test_the_graph_was_read():
    assert ("envs.desktop_env", "verifiers.judge.judge") in EDGES
    assert ("cli.software", "software_specs.catalog.tasks_named") in EDGES
    assert ("recorder.episode", "verifiers.verdict.Verdict") in EDGES


def test_imports_only_go_down():
    upward = [
        f"{name} imports {target}"
        for name, target in EDGES
        if ours(name) and ours(target) and ours(name) != ours(target) and FLOORS[ours(name)] <= FLOORS[ours(target)]
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle():
    known = {name for name, _ in modules()}
    needs: dict[str, set[str]] = {}
    for name, target in EDGES:
        module = target if target in known else target.rpartition(".")[0]
        # A package's face hands on what its modules hold: that these stand in it is no circle.
        if module in known and not name.startswith(f"{module}."):
            needs.setdefault(name, set()).add(module)
    assert len(list(TopologicalSorter(needs).static_order())) > 200


@pytest.mark.parametrize("who", NEVER)
def test_who_never_imports_whom(who):
    broken = [
        f"{name} imports {target}"
        for name, target in EDGES
        if ours(name) == who
        for forbidden in NEVER[who]
        if f"{target}.".startswith(f"{forbidden}.") and not name.startswith(forbidden)
    ]
    assert broken == []


def test_parts_import_each_other_relatively_and_the_root_absolutely():
    absolute = {name for name, target in EDGES if target.split(".")[0] == "deskgym"}
    assert absolute == {"__init__", "__main__"}


def test_specs_import_deskgym_absolutely():
    for path in ROOT.glob("software_specs/*/tasks/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, f"{path} reaches out of its folder"


def test_only_these_modules_stand_in_the_root():
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "__main__.py", "errors.py"}
    assert not (ROOT / "docker" / "__init__.py").exists()
    assert not (ROOT / "tests" / "__init__.py").exists()
    assert list((ROOT / "docker").rglob(".*")) == []


def test_the_listed_packages_are_the_tree():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = [path.parent for part in PARTS for path in (ROOT / part).rglob("__init__.py")]
    names = {"deskgym", *(f"deskgym.{'.'.join(path.relative_to(ROOT).parts)}" for path in found)}
    assert sorted(listed) == sorted(names)
    assert all((ROOT / part / "__init__.py").exists() for part in PARTS)


IMPORT = """
import builtins, json, os, socket, sys
touched = []
sys.addaudithook(lambda event, args: touched.append([event, str(args)]) if (
    event in ("os.mkdir", "os.rename", "os.remove", "subprocess.Popen", "os.fork", "os.posix_spawn")
    or event.startswith("socket.") or (event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    and "__pycache__" not in str(args[0]))) else None)
import deskgym
touched = [entry for entry in touched if "__pycache__" not in entry[1]]
print(json.dumps([sorted(sys.modules), touched]))
"""


def test_importing_does_no_work(python, tmp_path):
    ran = python(IMPORT, PYTHONDONTWRITEBYTECODE="1")
    loaded, touched = json.loads(ran.stdout)
    assert "deskgym.envs.action" in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert touched == []
    assert list(tmp_path.iterdir()) == []


def test_the_public_names_are_there():
    import deskgym

    assert len(set(deskgym.__all__)) == len(deskgym.__all__)
    assert all(getattr(deskgym, name) is not None for name in deskgym.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        deskgym.nothing  # noqa: B018
    assert deskgym.__version__ == importlib.metadata.version("deskgym")
