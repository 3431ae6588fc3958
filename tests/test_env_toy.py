"""The environment's contract with Gymnasium and with its callers, on the toy desktop."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from deskgym.envs.action import Click, Finish, Press, Type, Wait
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.errors import DesktopError, SpecError, VerifierError
from gymnasium.utils.env_checker import check_env


def solve(env, seed):
    """Play the oracle's decisions and return what the last step gave."""
    env.reset(seed=seed)
    for decision in env.unwrapped.solution():
        turn = env.step(decision.action)
    return turn


def test_gymnasiums_own_conformance_test(memo_env):
    check_env(memo_env(), skip_render_check=True)  # rendering for people needs a display


def test_observation_is_goal_and_screen_and_nothing_else(memo_env):
    env = memo_env()
    observation, info = env.reset(seed=3)
    assert set(observation) == {"goal", "screen"}
    assert observation in env.observation_space
    assert observation["screen"].shape == (240, 320, 3)
    assert observation["screen"].dtype == np.uint8
    assert env.instance.params["word"] in observation["goal"]
    assert info["task"] == "memo.append"
    assert info["seed"] == 3
    assert "truth" not in info


def test_same_seed_same_instance_other_seed_another(memo_env):
    env, twin = memo_env(), memo_env()
    starts = [env.reset(seed=seed)[0] for seed in range(8)]
    again = [twin.reset(seed=seed)[0] for seed in range(8)]
    for one, other in zip(starts, again, strict=True):
        assert one["goal"] == other["goal"]
        assert np.array_equal(one["screen"], other["screen"])
    assert len({start["goal"] for start in starts}) > 3
    assert len({start["screen"].tobytes() for start in starts}) > 3


def test_reset_without_a_seed_goes_on_drawing(memo_env):
    env = memo_env()
    env.reset(seed=1)
    drawn = [env.reset()[1]["seed"] for _ in range(4)]
    env.reset(seed=1)
    assert drawn == [env.reset()[1]["seed"] for _ in range(4)]
    assert len(set(drawn)) == 4
    assert all(seed < 10_000 for seed in drawn)


def test_the_oracle_passes_and_the_reward_is_the_score(memo_env):
    _, reward, terminated, truncated, info = solve(memo_env(), seed=2)
    assert (reward, terminated, truncated) == (1.0, True, False)
    assert info["verdict"].passed


def test_a_near_miss_fails(memo_env):
    env = memo_env()
    env.reset(seed=2)
    rewards = [env.step(decision.action)[1] for decision in env.near_misses()["unsaved"]]
    assert rewards[-1] == 0.0


def test_partial_score_is_the_reward(memo_env):
    code = """
from deskgym.verifiers.verdict import Check, Verdict
setup = lambda machine, params, rng: machine.write("note.txt", "") or {"a": 1}
verify = lambda evidence: Verdict.of(Check("one", True, weight=3), Check("two", False))
solve = near_misses = lambda hands, params, truth: iter(())
"""
    env = memo_env(code)
    env.reset(seed=0)
    assert env.step("wait(0)")[1] == 0.0
    assert env.step(Finish())[1] == 0.75


def test_the_step_limit_truncates_with_a_verdict(memo_env):
    env = memo_env(max_steps=3)
    env.reset(seed=0)
    turns = [env.step(Wait(0)) for _ in range(3)]
    assert [turn[3] for turn in turns] == [False, False, True]
    assert not any(turn[2] for turn in turns)
    assert "verdict" not in turns[1][4]
    assert not turns[2][4]["verdict"].passed


def test_finishing_at_the_limit_terminates(memo_env):
    env = memo_env(max_steps=1)
    env.reset(seed=0)
    assert env.step("finish()")[2:4] == (True, False)


@pytest.mark.parametrize(
    "action", ["clik(1, 2)", "", Click(320, 5), "click(5, 240)", 17, None, "type('" + "x" * 20_000]
)
def test_a_bad_action_costs_a_step_and_is_explained(memo_env, action):
    env = memo_env(max_steps=2)
    before, _ = env.reset(seed=0)
    after, reward, terminated, truncated, info = env.step(action)
    assert info["error"]
    assert info["steps"] == 1
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert np.array_equal(before["screen"], after["screen"])
    assert env.step(action)[3]


def test_actions_change_the_screen_and_texts_are_actions(memo_env):
    env = memo_env()
    before, _ = env.reset(seed=0)
    typed, *_, info = env.step('type("abc")')
    assert not np.array_equal(before["screen"], typed["screen"])
    assert info["error"] == ""
    twin = memo_env()
    twin.reset(seed=0)
    assert np.array_equal(twin.step(Type("abc"))[0]["screen"], typed["screen"])


def test_steps_outside_of_an_episode_are_refused(memo_env):
    env = memo_env()
    with pytest.raises(gym.error.ResetNeeded):
        env.step(Wait(0))
    with pytest.raises(gym.error.ResetNeeded):
        env.desktop  # noqa: B018
    env.reset(seed=0)
    env.step(Finish())
    with pytest.raises(gym.error.ResetNeeded):
        env.step(Wait(0))


def test_closing_twice_is_harmless_and_reset_opens_anew(memo_env):
    env = memo_env()
    env.reset(seed=0)
    env.close()
    env.close()
    with pytest.raises(gym.error.ResetNeeded):
        env.step(Wait(0))
    assert solve(env, 0)[1] == 1.0


def test_wrong_ways_to_make_one(memo_env):
    with pytest.raises(gym.error.UnsupportedMode, match="rgb_array"):
        memo_env(render_mode="ansi")
    with pytest.raises(SpecError, match="did you mean 'append'"):
        memo_env(task="apend")
    software = memo_env().software
    with pytest.raises(DesktopError, match="did you mean 'toy'"):
        DesktopEnv(software, desktop="toi").reset(seed=0)


def test_size_and_render_mode(memo_env):
    env = memo_env(size=(400, 300), render_mode="rgb_array")
    observation, _ = env.reset(seed=0)
    assert observation["screen"].shape == (300, 400, 3)
    assert np.array_equal(env.render(), observation["screen"])
    env.step(Press("ctrl+s"))
    silent = memo_env()
    silent.reset(seed=0)
    assert silent.render() is None


def broken(function: str, body: str) -> str:
    """A task whose one function has another body."""
    parts = {
        "setup": 'machine.write("note.txt", "") or {"a": 1}',
        "verify": 'Verdict.of(Check("nothing", True))',
        function: body,
    }
    return f"""
from deskgym.verifiers.verdict import Check, Verdict
def setup(machine, params, rng): return {parts["setup"]}
def verify(evidence): return {parts["verify"]}
solve = near_misses = lambda hands, params, truth: iter(())
"""


def test_a_failing_verifier_gives_no_reward_and_keeps_the_evidence(memo_env):
    env = memo_env(broken("verify", "1 / 0"))
    env.reset(seed=0)
    with pytest.raises(VerifierError, match=r"append\.py, line 4: ZeroDivisionError"):
        env.step(Finish("my answer"))
    assert env.evidence.answer == "my answer"
    assert env.evidence.read("note.txt") == b""
    with pytest.raises(gym.error.ResetNeeded):
        env.step(Wait(0))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("1 / 0", "setup failed for seed 5: ZeroDivisionError"),
        ("None", "non-empty dict of truth, not None"),
        ("{}", "non-empty dict"),
        ("{'a': {1, 2}}", "the truth must be JSON"),
    ],
)
def test_a_failing_setup_names_file_and_seed(memo_env, body, words):
    env = memo_env(broken("setup", body))
    with pytest.raises(SpecError, match=r"memo/tasks/append\.py") as caught:
        env.reset(seed=5)
    assert words in str(caught.value)


def test_nothing_can_be_played_after_a_failed_reset(memo_env):
    env = memo_env(broken("setup", "1 / 0"))
    with pytest.raises(SpecError):
        env.reset(seed=5)
    with pytest.raises(gym.error.ResetNeeded):
        env.step(Wait(0))
