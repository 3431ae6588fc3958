"""Recording an episode: what is written down, what stays apart, and that the record plays again."""

from __future__ import annotations

import json

import gymnasium as gym
import numpy as np
import pytest
from deskgym.agents.naming import make_agent
from deskgym.agents.play import play
from deskgym.benchmark.record import evidence_folder, record
from deskgym.envs.action import Decision
from deskgym.errors import DeskgymError, RecordError, SpecError
from deskgym.verifiers.judge import load_evidence


@pytest.fixture
def recorded(memo_env, tmp_path):
    """Record one episode of the oracle into a run; the keywords are those of `record`."""
    env = memo_env()

    def make(seed=3, agent="oracle", **options):
        return record(env, make_agent(agent, env), seed=seed, into=tmp_path / "run", name=agent, **options)

    make.env = env
    return make


def test_the_episode_is_read_back_as_it_was_played(recorded):
    episode = recorded()
    assert episode.outcome == "passed"
    assert (episode.header.task, episode.header.seed, episode.header.agent) == ("memo.append", 3, "oracle")
    assert (episode.header.desktop, episode.header.screen_size) == ("toy", (320, 240))
    assert episode.header.software["split"] == "seen"
    assert episode.header.software["spec"] == recorded.env.software.digest
    assert [step.thought for step in episode.steps] == ["I write the word.", "I save.", "It is there."]
    assert [step.terminated for step in episode.steps] == [False, False, True]


def test_seed_and_actions_are_the_episode(recorded, memo_env):
    episode = recorded()
    env = memo_env()
    observation, _ = env.reset(seed=episode.header.seed)
    assert np.array_equal(observation["screen"], episode.frame(episode.first))
    for step in episode.steps:
        observation, *_ = env.step(step.action)
        assert np.array_equal(observation["screen"], episode.frame(step.next_screen))
    assert env.instance.goal == episode.header.goal


def test_the_truth_stays_apart_from_the_episode(recorded, tmp_path):
    episode = recorded(agent="idle")
    truth = load_evidence(evidence_folder(tmp_path / "run", episode.folder.name)).truth["text"]
    assert truth.startswith("note ")
    header = json.loads((episode.folder / "episode.json").read_text())["header"]
    assert truth not in json.dumps(header)
    assert truth not in (episode.folder / "steps.jsonl").read_text()
    assert "evidence" not in {path.name for path in episode.folder.iterdir()}


def test_annotations_name_the_widget_that_was_meant(recorded):
    class Clicker:
        def reset(self, seed):
            self.moves = iter(["click(20, 10)", "click(9999, 1)", "nonsense", "finish()"])

        def act(self, observation):
            return Decision("", next(self.moves))

    episode = record(recorded.env, Clicker(), seed=1, into=recorded.env.software.folder / "run", annotate=True)
    first, off, nonsense, last = episode.steps
    assert (first.target.role, first.target.name) == ("push button", "Save")
    assert {label.name for label in first.labels} == {"Save", "Document"}
    assert off.target is nonsense.target is last.target is None
    assert "outside the screen" in off.error
    assert "not an action" in nonsense.error
    assert episode.header.agent == "Clicker"


def test_a_judged_episode_is_never_overwritten(recorded):
    recorded()
    with pytest.raises(RecordError, match="already holds a judged episode"):
        recorded()


def test_only_what_can_begin_is_recorded(recorded, memo_env, tmp_path):
    with pytest.raises(DeskgymError, match="no deskgym environment"):
        record(gym.make("CartPole-v1"), make_agent("idle", None), seed=0, into=tmp_path / "other")
    broken = memo_env("setup = verify = solve = near_misses = print")
    with pytest.raises(SpecError):
        record(broken, make_agent("idle", broken), seed=0, into=tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_recording_changes_nothing_of_the_play(recorded, memo_env):
    episode = recorded(agent="random")
    env = memo_env()
    _, *turns = play(env, make_agent("random", env), seed=3)
    assert [str(turn.decision.action) for turn in turns] == [step.action for step in episode.steps]
