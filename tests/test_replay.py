"""Exact replay and forks on a real Mousepad: the same seed and actions show the same screens, pixel by pixel."""

from __future__ import annotations

import json
import random
import shutil
import time

import gymnasium as gym
import numpy as np
import pytest
from deskgym.agents.naming import make_agent
from deskgym.benchmark.record import record
from deskgym.benchmark.replay import replay, write_picture
from deskgym.cli import app
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.errors import DesktopError, RecordError
from deskgym.recorder.episode import Episode
from typer.testing import CliRunner

SIZE = (640, 400)


@pytest.fixture
def env(scratch):
    env = DesktopEnv(scratch, "add_line", size=SIZE)
    yield env
    env.close()


@pytest.fixture
def episode(env, tmp_path):
    return record(env, make_agent("random", env), seed=4, into=tmp_path / "run", name="random")


def act_otherwise(episode):
    """Write another second action into the record."""
    steps = episode.folder / "steps.jsonl"
    lines = steps.read_text().splitlines(keepends=True)
    line = json.loads(lines[1])
    lines[1] = json.dumps(line | {"action": 'type("something else")'}) + "\n"
    steps.write_text("".join(lines))


@pytest.mark.desktop
def test_a_replay_shows_the_very_same_screens(env, episode):
    perform = env.desktop.__class__.perform

    def after_a_while(desktop, action):
        time.sleep(random.random() / 20)  # how long the host takes must not matter
        return perform(desktop, action)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(env.desktop.__class__, "perform", after_a_while)
        again = replay(episode.folder, env)
    assert again.exact
    assert (again.screens, again.equal, again.changed) == (len(episode.steps), len(episode.steps), ())
    assert episode.header.clock == "jump 2000 ms"


@pytest.mark.desktop
def test_the_first_difference_is_named_and_drawn(env, episode, tmp_path):
    act_otherwise(episode)
    again = replay(episode.folder, env)
    assert not again.exact
    assert again.first_difference == 2
    assert again.equal >= 2
    x, y, width, height = again.box
    assert again.pixels > 0
    assert 0 <= x < x + width <= 640
    assert 0 <= y < y + height <= 400
    write_picture(again, tmp_path / "difference.png")
    assert (tmp_path / "difference.png").stat().st_size > 1000


@pytest.mark.desktop
def test_the_command_replays_runs(specs_on_path, scratch, episode, tmp_path):
    run = str(tmp_path / "run")
    ran = CliRunner().invoke(app, ["replay", run, "--times", "2", "--workers", "2", "--json"])
    assert ran.exit_code == 0, ran.output
    replays = json.loads(ran.stdout)["replays"]
    assert [row["exact"] for row in replays] == [True, True]
    # What differs is told by name and drawn; what cannot be read stops nothing else.
    act_otherwise(episode)
    shutil.copytree(episode.folder, episode.folder.with_name("damaged"))
    (episode.folder.with_name("damaged") / "episode.json").write_text("{")
    ran = CliRunner().invoke(app, ["replay", run, "--pictures", str(tmp_path / "pictures")])
    assert ran.exit_code == 1
    assert f"{episode.folder.name}: after action 2 " in ran.stderr
    assert "damaged" in ran.stderr
    assert episode.header.task in ran.stdout
    assert len(list((tmp_path / "pictures").glob("*.png"))) == 1


def test_an_episode_without_screens_cannot_be_replayed(tmp_path):
    with pytest.raises(RecordError, match="no episode"):
        replay(tmp_path)


@pytest.mark.desktop
def test_a_fork_is_a_second_env_in_the_same_state(env):
    env.reset(seed=2)
    for action in ('type("one ")', "no action at all", 'press("ctrl+a")', "click(300, 200)"):
        before = env.step(action)[0]["screen"]
    forks = [env.fork() for _ in range(3)]
    try:
        screens = [fork.step(f'type("{letter}")')[0]["screen"] for fork, letter in zip(forks, "xxy", strict=True)]
        assert np.array_equal(screens[0], screens[1])
        assert not np.array_equal(screens[0], screens[2])
        assert np.array_equal(env.desktop.screenshot(), before)
        info = forks[0].step("wait(0)")[4]
        assert (info["steps"], info["seed"]) == (6, 2)
        assert forks[0].judge_now().passed == env.judge_now().passed
    finally:
        for fork in forks:
            fork.close()


@pytest.mark.desktop
def test_a_fork_that_comes_out_different_says_so(env):
    env.reset(seed=2)
    env.step('type("one ")')
    env.desktop.perform(env.action_space.check('type("behind the back of the env")'))
    fork = env.fork()
    with pytest.raises(DesktopError, match="another screen"):
        fork.step("wait(0)")
    fork.close()


def test_there_is_nothing_to_fork_without_an_episode(memo_env):
    env = memo_env()
    with pytest.raises(gym.error.ResetNeeded):
        env.fork()
    env.reset(seed=1)
    env.step("finish()")
    with pytest.raises(gym.error.ResetNeeded):
        env.fork()


def test_a_fork_that_nobody_uses_is_closed_quietly(memo_env):
    env = memo_env()
    env.reset(seed=1)
    env.fork().close()
    assert isinstance(env.step("finish()")[1], float)


def test_episodes_are_read_from_their_folder(memo_env, tmp_path):
    env = memo_env()
    made = record(env, make_agent("idle", env), seed=1, into=tmp_path / "run")
    assert replay(made.folder, env).exact
    assert Episode.read(made.folder).header.clock == "off"
