"""A desktop's own clock, tried by programs inside it: what waits, for how long, and what ends it.

The programs lie in `clock_programs`; each of their functions is a test, and its docstring what it prints.
"""

from __future__ import annotations

import ast
import contextlib
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from deskgym.envs.cell import INSIDE
from deskgym.envs.local_cell import LocalCell
from deskgym.envs.virtual_clock import ADVANCE, ANSWER, ORDER, SETTLE, VirtualClock
from deskgym.errors import DesktopError
from deskgym.software_specs.catalog import find_software

pytestmark = pytest.mark.desktop

PROGRAMS = Path(__file__).parent / "clock_programs"
TWICE = "twenty_threads"
ENDLESS = "never_sleeps"
ANSWERS = "sleeps_before_it_answers"


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
        line = f"python3 -B -W ignore {INDOORS}/{program}.py {name} >{inside} 2>&1; echo end >>{inside}"
        self.cell.folder.order(["sh", "-c", line])
        return path

    def run(self, program: str, name: str) -> str:
        """What one function of a program prints."""
        path = self.start(program, name)
        self.wait_for(path)
        return path.read_text().removesuffix("end\n")

    def wait_for(self, path: Path) -> None:

        def ended() -> bool:
            return path.exists() and path.read_text().endswith("end\n")

        self.clock.settle(15)
        self.clock.until(ended, 200.0, f"{path.stem} to end")

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


def order(room: Room, kind: int, virtual: float = 0.0, patience: float = 5.0) -> tuple[int, ...]:
    """Send the keeper one order over a connection of its own; the answer: now, busy, jumps, looks, threads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(30)
        connection.connect(str(room.cell.folder.share / "clock" / "orders"))
        target = round((room.clock.now() + virtual) * 1e9)
        connection.send(ORDER.pack(kind, target, round(patience * 1e9)))
        return ANSWER.unpack(connection.recv(ANSWER.size))


def page(room: Room) -> int:
    """What the clock shows right now, in nanoseconds."""
    return int.from_bytes((room.cell.folder.share / "clock" / "page").read_bytes()[:8], "little")


def test_time_stands_still_between_orders(room):
    room.clock.settle(1)
    before = page(room)
    time.sleep(0.3)
    assert page(room) == before
    room.clock.settle(1)
    assert page(room) == before + 10**9


def test_who_looks_at_a_desktop_at_rest_waits_for_no_short_sleep():
    """As locks do that threads wait for by sleeping: a look would never be answered."""
    with opened() as room:
        room.start("clock_threads", ANSWERS)
        door = room.folder / "answers"
        room.clock.until(door.exists, 20.0, "the program")

        def ask(seconds: float) -> socket.socket:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(0.5)
            connection.connect(str(door))
            connection.sendall(str(seconds).encode())
            return connection

        def unanswered(connection: socket.socket) -> bool:
            try:
                return connection.recv(64) == b"never"
            except TimeoutError:
                return True

        room.clock.settle(1)
        before = page(room)
        with ask(0.001) as connection:
            assert float(connection.recv(64)) == 0  # none of the desktop's time
        with ask(0.1) as connection:
            assert unanswered(connection)  # a real wait is one for the next action
            assert page(room) == before
            room.clock.settle(1)
            assert float(connection.recv(64)) == pytest.approx(0.2)
        room.clock.event(lambda: None)  # an action has begun
        with ask(0.001) as connection:
            assert unanswered(connection)
            room.clock.settle(1)
            assert float(connection.recv(64)) == pytest.approx(0.002)


def test_what_a_program_writes_into_the_page_holds_nobody_up():
    """The page is the desktop's to write, and there it stands until when somebody sleeps."""
    with opened() as room:
        room.clock.settle(1)
        place, never = 24, b"\xff" * 7 + b"\x7f"  # `naps_end` in `struct page`
        inside = f"{INSIDE}/share/clock/page"
        room.cell.run(["python3", "-c", f"import os; os.pwrite(os.open('{inside}', os.O_RDWR), {never!r}, {place})"])
        assert (room.cell.folder.share / "clock" / "page").read_bytes()[place : place + 8] == never
        start = time.monotonic()
        for _ in range(3):
            assert room.clock.settle(1)
        assert time.monotonic() - start < 3


def test_a_desktop_at_rest_costs_next_to_no_real_time(room):
    start = time.monotonic()
    assert room.clock.settle(100)
    assert time.monotonic() - start < 2


def test_what_the_host_runs_keeps_real_time(room):
    code = "import time; print(time.time()); s = time.monotonic(); time.sleep(0.1); print(time.monotonic() - s)"
    wall, slept = map(float, room.cell.run(["python3", "-c", code]).text.split())
    assert abs(wall - time.time()) < 60
    assert 0.1 <= slept < 5


def test_a_connection_that_is_lost_is_replaced():
    with opened() as room:
        now, busy, *_ = order(room, ADVANCE, 1.0)
        assert (now, busy) == (round((room.clock.now() + 1) * 1e9), 0)
        room.clock.close()
        for _ in range(3):
            assert order(room, SETTLE)[:2] == (now, 0)
        assert room.cell.alive()


def test_the_keeper_ends_with_its_desktop():
    with opened() as room:
        room.cell.run(["pkill", "-KILL", "desktop.sh"], check=False)  # which takes pkill along, too
        deadline = time.monotonic() + 10
        while room.cell.alive():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        with pytest.raises(DesktopError, match="gone"):
            room.clock.settle()


def test_what_never_sleeps_is_busy_and_time_waits_for_it():
    with opened() as room:
        path = room.start("clock_threads", ENDLESS)
        room.clock.until(lambda: path.exists() and "up" in path.read_text(), 20.0, "the program")
        before, start = room.clock.now(), time.monotonic()
        now, busy, *_ = order(room, ADVANCE, 5.0, patience=0.3)
        assert busy == 1
        assert now == round(before * 1e9)
        assert 0.3 <= time.monotonic() - start < 3
        room.cell.run(["pkill", "-KILL", "-f", ENDLESS])
        now, busy, *_ = order(room, ADVANCE, 5.0)
        assert (now, busy) == (round((before + 5) * 1e9), 0)


def test_the_same_program_prints_the_same_on_every_desktop():
    printed = []
    for _ in range(2):
        with opened() as room:
            room.clock.ready()
            printed.append(room.run("clock_threads", TWICE))
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 200
