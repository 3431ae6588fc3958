"""A desktop's own clock, tried by programs inside it: what waits, for how long, and what ends it.

The programs lie in `clock_programs`; each of their functions is a test, and its docstring what it prints.
"""

from __future__ import annotations

import ast
import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from deskgym.envs.cell import INSIDE
from deskgym.envs.local_cell import LocalCell
from deskgym.envs.virtual_clock import VirtualClock
from deskgym.software_specs.catalog import find_software

pytestmark = pytest.mark.desktop

PROGRAMS = Path(__file__).parent / "clock_programs"
TWICE = "twenty_threads"
ENDLESS = "never_sleeps"


class Room:
    """A desktop under the clock, on which programs are started."""

    def __init__(self):
        self.cell = LocalCell(find_software("mousepad"), (320, 240))
        self.folder = self.cell.folder.share / "programs"
        shutil.copytree(PROGRAMS, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.clock = VirtualClock(self.cell, 2.0)
        self.clock.until((self.cell.folder.share / "up").exists, 30.0, "the desktop to start")

    def start(self, program: str, name: str) -> Path:
        """Start one function of a program; the file that will hold what it prints, and then `end`."""
        path, inside = self.folder / f"{name}.out", f"{INDOORS}/{name}.out"
        line = f"python3 -B {INDOORS}/{program}.py {name} >{inside} 2>&1; echo end >>{inside}"
        self.cell.folder.order(["sh", "-c", line])
        return path

    def run(self, program: str, name: str) -> str:
        """What one function of a program prints."""
        path = self.start(program, name)

        def ended() -> bool:
            return path.exists() and path.read_text().endswith("end\n")

        self.clock.settle(extra=15)
        self.clock.until(ended, 200.0, f"{name} to end")
        return path.read_text().removesuffix("end\n")

    def close(self) -> None:
        self.clock.close()
        self.cell.close()


INDOORS = f"{INSIDE}/share/programs"


@contextlib.contextmanager
def opened() -> Iterator[Room]:
    room = Room()
    try:
        yield room
    finally:
        room.close()


@pytest.fixture(scope="module")
def room():
    with opened() as room:
        yield room


def cases() -> Iterator[pytest.ParameterSet]:
    for path in sorted(PROGRAMS.glob("*.py")):
        for function in ast.parse(path.read_text()).body:
            if isinstance(function, ast.FunctionDef) and not function.args.args and path.stem != "common":
                expected = ast.get_docstring(function)
                if expected and not expected.startswith("("):
                    yield pytest.param(path.stem, function.name, expected, id=function.name)


@pytest.mark.parametrize(("program", "name", "expected"), [*cases()])
def test_a_program_under_the_clock(room, program, name, expected):
    assert room.run(program, name).splitlines() == expected.splitlines()
