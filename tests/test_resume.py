"""An episode that was broken off goes on where it ended, by replay; what does not fit is played anew."""

from __future__ import annotations

import pytest
from deskgym.agents.naming import make_agent
from deskgym.benchmark.record import record
from deskgym.envs.action import Decision, Finish, Type
from deskgym.recorder.episode import Episode
from deskgym.recorder.store import Run


class Killed(BaseException):
    """Stands for the death of the process: nobody catches it."""


class Writer:
    """Types one letter after another and counts how often it is asked; dies at one of its moves."""

    def __init__(self, dies_at: int | None = None):
        self.asked, self.dies_at = 0, dies_at

    def reset(self, seed):
        self.moves = iter("abcd")

    def act(self, observation):
        if self.asked == self.dies_at:
            raise Killed
        self.asked += 1
        letter = next(self.moves, None)
        return Decision(f"move {self.asked}", Type(letter) if letter else Finish())


class DearWriter(Writer):
    """One that need not be asked again."""

    def follow(self, observation, decision):
        assert decision.thought.startswith("move")
        next(self.moves)


@pytest.fixture
def play(memo_env, tmp_path):
    def play(agent, **changes):
        env = memo_env(**changes)
        return record(env, agent, seed=3, into=tmp_path / "run", name="writer")

    return play


def broken(play, tmp_path, dies_at=3):
    with pytest.raises(Killed):
        play(Writer(dies_at))
    (folder,) = (tmp_path / "run" / "episodes").iterdir()
    episode = Episode.read(folder)
    assert episode.outcome == "unfinished"
    return episode


@pytest.mark.parametrize(("agent", "asked"), [(Writer(), 5), (DearWriter(), 2)])
def test_it_goes_on_where_it_ended(play, tmp_path, agent, asked):
    before = broken(play, tmp_path)
    episode = play(agent)
    assert [step.action for step in episode.steps] == [*(f'type("{letter}")' for letter in "abcd"), "finish()"]
    assert [step.next_screen for step in before.steps] == [step.next_screen for step in episode.steps][
        : len(before.steps)
    ]
    assert agent.asked == asked
    assert [path.name for path in (tmp_path / "run" / "resuming").iterdir()] == []


def test_being_broken_off_again_loses_nothing(play, tmp_path):
    before = broken(play, tmp_path)
    with pytest.raises(Killed):
        play(Writer(dies_at=1))
    agent = DearWriter()
    assert len(play(agent).steps) == 5
    assert agent.asked == 5 - len(before.steps)


def test_another_machine_begins_anew(play, tmp_path):
    broken(play, tmp_path)
    agent = DearWriter()
    episode = play(agent, changes={"title": "Another memo pad"})
    assert agent.asked == 5
    assert len(episode.steps) == 5


def test_other_screens_begin_anew(play, tmp_path):
    before = broken(play, tmp_path)
    lines = (before.folder / "steps.jsonl").read_text()
    (before.folder / "steps.jsonl").write_text(lines.replace('type(\\"a\\")', 'type(\\"x\\")'))
    episode = play(Writer())
    assert episode.steps[0].action == 'type("a")'
    assert episode.outcome == "failed"
    assert len(list(Run(tmp_path / "run").episodes())) == 1


def test_a_judged_episode_is_never_resumed(play, tmp_path):
    play(make_agent("finish", None))
    with pytest.raises(Exception, match="already holds a judged episode"):
        play(Writer())
