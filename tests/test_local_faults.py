"""When something of a local desktop dies: a DesktopError, a clean house, a fresh machine at the next reset."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import gymnasium as gym
import pytest
from deskgym.envs.action import Press, Type, Wait
from deskgym.envs.closed_loop import descendants
from deskgym.envs.desktop import open_desktop
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.errors import DesktopError

pytestmark = pytest.mark.desktop

SIZE = (640, 400)


@pytest.fixture
def env(scratch):
    env = DesktopEnv(scratch, "add_line", size=SIZE)
    yield env
    env.close()


def process(init_pid: int, name: str) -> int:
    """The host's number of a machine's process of that name."""
    for pid in descendants(init_pid):
        if Path(f"/proc/{pid}/comm").read_text().strip() == name:
            return pid
    raise AssertionError(f"no {name} runs")


@pytest.mark.parametrize("victim", ["Xvfb", "init"])
def test_a_killed_machine_is_a_desktop_error_and_the_next_reset_boots_another(env, victim):
    env.reset(seed=1)
    init = env.desktop.cell.init_pid
    os.kill(init if victim == "init" else process(init, "Xvfb"), signal.SIGKILL)
    start = time.monotonic()
    for action in (Type("x"), Press("ctrl+s"), Wait(0)):
        with pytest.raises(DesktopError):
            env.step(action)
    assert time.monotonic() - start < 10
    env.reset(seed=1)
    assert env.step(Wait(0))[4]["settled"]


def test_a_machine_that_is_gone_tells_so_on_its_privileged_side(env):
    env.reset(seed=1)
    os.kill(env.desktop.cell.init_pid, signal.SIGKILL)
    env.desktop.cell._process.wait(5)
    machine = env.desktop.machine
    for question in (lambda: machine.read("list.txt"), lambda: machine.collect([]), machine.tree):
        with pytest.raises(DesktopError):
            question()


def test_an_application_that_dies_is_the_players_affair(env):
    env.reset(seed=1)
    os.kill(process(env.desktop.cell.init_pid, "mousepad"), signal.SIGKILL)
    start = time.monotonic()
    assert env.step(Type("nobody reads this"))[4]["settled"]
    assert time.monotonic() - start < 5
    _, reward, terminated, _, info = env.step("finish()")
    assert (reward, terminated, info["error"]) == (0.0, True, "")
    assert not info["verdict"].passed


def test_a_screen_that_never_rests_is_taken_at_the_deadline(env):
    env.reset(seed=1)
    env.desktop.cell.folder.order(["sh", "-c", "while :; do :; done"])
    start = time.monotonic()
    info = env.step(Wait(0))[4]
    assert not info["settled"]
    assert time.monotonic() - start < 13


HOST = """
import sys, time
from pathlib import Path
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.envs.closed_loop import descendants
from deskgym.software_specs.spec import load_software
env = DesktopEnv(load_software(Path(sys.argv[1])), size=(640, 400))
env.reset(seed=1)
print(env.desktop.cell.folder.path, *descendants(env.desktop.cell.init_pid), flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_outlives_a_killed_host(scratch):
    host = subprocess.Popen([sys.executable, "-c", HOST, str(scratch.folder)], stdout=subprocess.PIPE, text=True)
    with host:
        folder, *pids = host.stdout.readline().split()
        assert len(pids) > 5
        assert all(alive(int(pid)) for pid in pids)
        host.kill()
    deadline = time.monotonic() + 10
    while any(alive(int(pid)) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in pids if alive(int(pid))] == []
    open_desktop("local", scratch, SIZE).close()  # whoever comes next sweeps
    assert not Path(folder).exists()


@pytest.mark.parametrize("killed", [True, False])
def test_a_machine_whose_host_died_before_it_was_watched_never_starts(tmp_path, killed):
    program = """
import os, subprocess, sys
from deskgym.envs.local_cell import ending_with
late = ["sh", "-c", 'sleep 0.5; exec "$@"', "late"]
child = subprocess.Popen([*late, *ending_with(os.getpid(), ["touch", sys.argv[1]])])
if sys.argv[2] == "True":
    os._exit(0)
child.wait()
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "started"), str(killed)], check=True, timeout=30)
    time.sleep(1.5)
    assert (tmp_path / "started").exists() is not killed


def test_a_closed_desktop_leaves_no_process_and_no_folder(env):
    env.reset(seed=1)
    folder, pids = env.desktop.cell.folder.path, list(descendants(env.desktop.cell.init_pid))
    env.close()
    assert not folder.exists()
    assert [pid for pid in pids if alive(pid)] == []


FORK = """
import sys, gymnasium as gym, deskgym
deskgym.register(sys.argv[1])
env = gym.make("deskgym/scratch-v0", size=(640, 400))
env.reset(seed=1)  # this process has machines of its own before it forks
envs = gym.make_vec("deskgym/scratch-v0", num_envs=2, vectorization_mode="async", size=(640, 400))
envs.reset(seed=[1, 2])
print(envs.step([deskgym.Wait(0), deskgym.Wait(0)])[0]["screen"].shape)
envs.close()
env.close()
"""


def test_vectors_of_real_desktops_in_processes_of_their_own(scratch):
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(scratch.folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "(2, 400, 640, 3)\n", done.stderr
    with pytest.raises(gym.error.ResetNeeded):
        DesktopEnv(scratch).step(Wait(0))
