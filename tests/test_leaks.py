"""Hosts are killed at random moments, and nothing of their desktops stays: DESKGYM_KILLS says how often."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from deskgym.benchmark.leftovers import belongings, remaining
from deskgym.envs.desktop import open_desktop

KILLS = int(os.environ.get("DESKGYM_KILLS", "12"))
HOST = """
import sys
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.software_specs.spec import load_software
from pathlib import Path
env = DesktopEnv(load_software(Path(sys.argv[1])), size=(640, 400), desktop=sys.argv[2])
print("here", flush=True)
while True:
    env.reset(seed=1)
    for _ in range(5):
        env.step('type("x")')
"""


@pytest.mark.parametrize(
    ("kind", "kills"),
    [
        pytest.param("local", KILLS, marks=pytest.mark.desktop),
        pytest.param("docker", max(1, KILLS // 4), marks=pytest.mark.docker),
    ],
)
@pytest.mark.timeout(3600)
def test_nothing_stays_of_a_killed_host(scratch, kind, kills):
    moments = random.Random(20261122)
    owned: set[str] = set()
    for _ in range(kills):
        argv = [sys.executable, "-c", HOST, str(scratch.folder), kind]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as host:
            assert host.stdout is not None
            assert host.stdout.readline() == b"here\n"
            time.sleep(moments.uniform(0, 3))
            assert host.poll() is None
            host.send_signal(signal.SIGSTOP)  # so that what it owns can be written down before it dies
            owned |= belongings(host.pid)
            host.send_signal(signal.SIGKILL)
    # A folder lies until the next desktop is opened, by whomever.
    open_desktop(kind, scratch, (640, 400)).close()
    deadline = time.monotonic() + 20
    while (left := remaining(owned)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == set()
    kinds = {name.partition(" ")[0] for name in owned}
    assert kinds == {"process", "folder"} | ({"container"} if kind == "docker" else set())
    assert len(owned) > 2 * kills
