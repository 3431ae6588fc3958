"""The vector env: many desktops in one process, at work at the same time."""

from __future__ import annotations

import time

import deskgym
import gymnasium as gym
import numpy as np
import pytest
from deskgym.envs.toy_desktop import ToyDesktop
from deskgym.envs.vector import DesktopVectorEnv


@pytest.fixture
def envs(write_memo, specs_on_path):
    write_memo()
    made = []

    def make(**options):
        made.append(DesktopVectorEnv(3, "memo", "append", desktop="toy", **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_it_is_what_make_vec_gives_by_default(write_memo, specs_on_path):
    write_memo(name="memo_vec")
    deskgym.register(specs_on_path / "memo_vec")
    envs = gym.make_vec("deskgym/memo_vec.append-v0", num_envs=2, desktop="toy", copy=False)
    assert isinstance(envs, DesktopVectorEnv)
    observation, info = envs.reset(seed=5)
    assert list(info["seed"]) == [5, 6]
    assert observation["screen"].shape == (2, 240, 320, 3)
    envs.close()
    for env_id in [each for each in gym.registry if "memo_vec" in each]:
        del gym.registry[env_id]


def test_it_does_what_the_sync_mode_does(envs, write_memo):
    ours = envs()
    make = [lambda: deskgym.DesktopEnv("memo", "append", desktop="toy")] * 3
    theirs = gym.vector.SyncVectorEnv(make)
    actions = [["wait(0)"] * 3, ['type("x")', "finish()", "nonsense"], ["wait(0)"] * 3, ["finish()"] * 3]
    pairs = [(ours.reset(seed=[4, 5, 6]), theirs.reset(seed=[4, 5, 6]))]
    pairs += [(ours.step(each), theirs.step(each)) for each in actions]
    for mine, other in pairs:
        assert np.array_equal(mine[0]["screen"], other[0]["screen"])
        assert mine[0]["goal"] == other[0]["goal"]
        for one, two in zip(mine[1:-1], other[1:-1], strict=True):
            assert np.array_equal(one, two)
        assert list(mine[-1]["seed"]) == list(other[-1]["seed"])
    theirs.close()


def test_the_desktops_work_at_the_same_time(envs, monkeypatch):
    monkeypatch.setattr(ToyDesktop, "perform", lambda desktop, action: bool(time.sleep(0.2)) or True)
    vector = envs()
    vector.reset(seed=1)
    start = time.monotonic()
    vector.step(["wait(0)"] * 3)
    assert time.monotonic() - start < 0.5  # one after another would take 0.6


def test_some_may_be_reset_alone(envs):
    vector = envs(autoreset_mode="Disabled")
    vector.reset(seed=1)
    *_, terminated, _, _ = vector.step(["finish()", "wait(0)", "wait(0)"])
    assert list(terminated) == [True, False, False]
    _, info = vector.reset(seed=[9, None, None], options={"reset_mask": np.array([True, False, False])})
    assert info["seed"][0] == 9
    vector.step(["wait(0)"] * 3)


@pytest.mark.desktop
def test_real_editors_side_by_side(scratch, specs_on_path):
    vector = DesktopVectorEnv(3, "scratch", "add_line", size=(640, 400), spares=0)
    try:
        start = vector.reset(seed=[1, 1, 2])[0]["screen"].copy()
        after = vector.step(['type("a")', 'type("a")', 'type("b")'])[0]["screen"]
        assert np.array_equal(after[0], after[1])
        assert not np.array_equal(after[0], start[0])
        assert not np.array_equal(after[0], after[2])
    finally:
        vector.close()
