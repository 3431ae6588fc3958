"""Warm resets: a machine boots ahead of need, is used once, and nothing of the last episode survives."""

from __future__ import annotations

import time

import numpy as np
import pytest
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.envs.spares import Spares
from deskgym.errors import DesktopError

SIZE = (640, 400)
MARK = "planted-7f3a"


class Stub:
    """Stands for a desktop."""

    closed = False

    def close(self):
        self.closed = True


def test_spares_boot_ahead_and_are_used_once():
    booted = []

    def boot():
        booted.append(Stub())
        return booted[-1]

    spares = Spares(boot, 2)
    first = spares.take()
    spares.refill()
    second, third = spares.take(), spares.take()
    assert len({id(first), id(second), id(third)}) == 3
    spares.refill()
    spares.close()
    spares.close()
    assert [each.closed for each in booted[:3]] == [False] * 3
    assert all(each.closed for each in booted[3:])


def test_a_spare_that_does_not_come_up_is_booted_again():
    outcomes = iter([DesktopError("no luck"), Stub()])

    def boot():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    spares = Spares(boot, 1)
    spares.refill()
    assert isinstance(spares.take(), Stub)
    spares.close()


def test_without_spares_nothing_boots_ahead():
    booted = []
    spares = Spares(lambda: booted.append(1), 0)
    spares.refill()
    time.sleep(0.05)
    assert booted == []
    spares.close()


@pytest.mark.desktop
def test_nothing_of_the_last_episode_survives(scratch):
    env = DesktopEnv(scratch, "add_line", size=SIZE)
    try:
        first = env.reset(seed=3)[0]["screen"]
        for action in (f'type("{MARK}")', 'press("ctrl+a")', 'press("ctrl+c")', 'press("ctrl+s")'):
            env.step(action)
        machine = env.desktop.machine
        for place in ("/home/user", "/tmp", "/var/tmp", "/srv", "/dev/shm", "/home/user/.config"):
            machine.write(f"{place}/{MARK}", MARK)
        assert MARK in machine.read("list.txt").decode()

        again = env.reset(seed=3)[0]["screen"]
        assert np.array_equal(first, again)
        assert env.desktop.machine is not machine
        look = [
            "sh",
            "-c",
            f"grep -rl {MARK} /home /tmp /var/tmp /srv /dev/shm /run 2>/dev/null; find / -xdev -name {MARK}",
        ]
        assert env.desktop.machine.run(look, check=False).out.decode().strip() == ""
        # The clipboard is empty, there is nothing to undo, and no list of recent files knows the last episode's.
        for key in ("ctrl+v", "ctrl+z"):
            assert np.array_equal(env.step(f'press("{key}")')[0]["screen"], first)
        env.step('press("ctrl+s")')
        assert MARK not in env.desktop.machine.read("list.txt").decode()
    finally:
        env.close()


@pytest.mark.desktop
def test_a_spare_shows_what_a_cold_machine_shows(scratch):
    cold = DesktopEnv(scratch, "add_line", size=SIZE, spares=0)
    warm = DesktopEnv(scratch, "add_line", size=SIZE, spares=1)
    try:
        warm.reset(seed=1)
        for seed in (5, 6):
            assert np.array_equal(cold.reset(seed=seed)[0]["screen"], warm.reset(seed=seed)[0]["screen"])
    finally:
        cold.close()
        warm.close()
