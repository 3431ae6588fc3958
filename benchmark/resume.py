"""Resume: an episode that was broken off is played again up to there, screen by screen, and goes on.

An episode is its seed and its actions, so nothing else must be kept of a machine that died with its host.
"""

from __future__ import annotations

import shutil
from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np

from ..agents.agent import Agent, Answer
from ..envs.action import Decision
from ..errors import DeskgymError, TeacherError
from ..recorder.episode import Episode, Header, Step
from ..recorder.store import Run

__all__ = ["Diverged", "Repeater", "broken_off", "forget"]

ASIDE = "resuming"
"""The folder of a run where broken-off episodes wait until they have been overtaken."""


class Diverged(DeskgymError):
    """The same actions led to another screen: the episode must be played from its beginning."""


def broken_off(run: Run, name: str, header: Header) -> Episode | None:
    """What was recorded of an episode before it was broken off; None if there is nothing to go on from.

    It is moved aside, so that a resumed episode that is broken off in its turn, early, loses nothing.
    """
    folder, aside = run.folder / "episodes" / name, run.folder / ASIDE / name
    found = [(len(episode.steps), episode) for episode in map(_read, (aside, folder)) if episode]
    if not found:
        return None
    _, longest = max(found, key=lambda each: each[0])
    if not _can_go_on(longest) or not longest.steps or not _same(longest.header, header):
        return None
    if longest.folder == folder:
        shutil.rmtree(aside, ignore_errors=True)
        aside.parent.mkdir(exist_ok=True)
        folder.rename(aside)
    return Episode.read(aside)


def forget(run: Run, name: str) -> None:
    """The episode has been played to its end, or must be played anew: what lay aside is of no more use."""
    shutil.rmtree(run.folder / ASIDE / name, ignore_errors=True)


def _read(folder: Any) -> Episode | None:
    try:
        return Episode.read(folder)
    except DeskgymError:
        return None


def _can_go_on(episode: Episode) -> bool:
    """Whether its steps are as good as played: what a teacher was paid for is not paid twice."""
    return episode.outcome == "unfinished" or episode.fault.startswith(f"{TeacherError.__name__}: ")


def _same(then: Header, now: Header) -> bool:
    return replace(then, started=now.started) == now


class Repeater:
    """An agent that repeats recorded steps before it decides by itself.

    It is asked all the same, so that it remembers what it has seen, and its answers are passed over; an agent for
    which asking is dear has a method `follow(observation, decision)`, which is called instead.
    """

    def __init__(self, agent: Agent):
        self._agent = agent
        self._past: deque[Step] = deque()
        self._episode: Episode | None = None

    def repeat(self, episode: Episode) -> None:
        """Begin with the steps of this episode."""
        self._episode, self._past = episode, deque(episode.steps)

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""
        self._agent.reset(seed)

    def act(self, observation: dict[str, Any]) -> Decision:
        """See `Agent.act`.

        Raises:
            Diverged: a screen is not the recorded one.
        """
        if not self._past or self._episode is None:
            return self._agent.act(observation)
        step = self._past.popleft()
        if not np.array_equal(self._episode.frame(step.screen), observation["screen"]):
            raise Diverged(f"{self._episode.folder}: step {step.index} shows another screen than it did")
        decision = Decision(step.thought, step.action)
        if step.usage or step.reply:
            decision = Answer(step.thought, step.action, step.error, step.usage, step.reply)
        follow = getattr(self._agent, "follow", None)
        if follow is None:
            self._agent.act(observation)
        else:
            follow(observation, decision)
        return decision
