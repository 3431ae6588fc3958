"""Detours: what an episode could have left out, found by equal screens and proven on a live desktop.

A screen shows neither the clipboard nor the disk: copying and saving may leave it as it was. So an equal screen is a
suspicion, and the only proof is to play the episode without the steps in question and to have it judged.
Wrong and redundant steps that stay get no loss, as in OpenCUA (arXiv 2508.09123, reflective reasoning).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from ..envs.action import Move, Wait, parse_action
from ..errors import ActionError
from ..recorder.episode import Episode, Step
from .candidates import Candidate

__all__ = ["Replays", "refused", "shortened", "suspects"]

MOST_REPLAYS = 8
"""How many suspicions of one episode are looked into."""


class Replay(Protocol):
    """What came of an episode that was played without some of its steps."""

    @property
    def passed(self) -> bool:
        """Whether it still verifies."""
        ...

    @property
    def exact(self) -> bool:
        """Whether its screens are the recorded ones."""
        ...


Replays = Callable[[Episode, Sequence[Step]], Replay]
"""Plays some of an episode's steps on a live desktop; handed in, for training works from the disk alone."""


def suspects(steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """Stretches of steps that end on the screen they began on: positions of first and last, the longest first.

    The step that ended the episode is never among them.
    """
    for first in range(len(steps) - 1):
        for last in range(len(steps) - 2, first - 1, -1):
            if steps[last].next_screen == steps[first].screen:
                yield first, last


def refused(candidate: Candidate) -> Candidate:
    """Give no loss to actions that were malformed, or could not be performed."""
    wrong = {step.index: f"refused: {step.error}" for step in candidate.steps if step.error}
    return replace(candidate, silent={**candidate.silent, **wrong})


def shortened(candidate: Candidate, replays: Replays | None) -> Candidate:
    """Cut proven detours, and give no loss to other steps that proved needless.

    Without a desktop, nothing is cut, and only pointer movements and waits that changed nothing get no loss.
    """
    if replays is None:
        return _without_proof(candidate)
    found = list(suspects(candidate.steps))[:MOST_REPLAYS]
    return _without_needless(*_without_detours(candidate, found, replays), replays)


Stretch = tuple[int, int]


def _without_detours(
    candidate: Candidate, found: list[Stretch], replays: Replays
) -> tuple[Candidate, list[tuple[Step, ...]]]:
    """Cut every detour without which the record is an episode that passes; hand back what else looked needless."""
    cut, others = dict[int, str](), list[tuple[Step, ...]]()
    for first, last in found:
        stretch = candidate.steps[first : last + 1]
        if any(step.index in cut for step in stretch):
            continue
        if len(stretch) > 1:
            rest = [step for step in candidate.steps if step.index not in cut and step not in stretch]
            played = replays(candidate.episode, rest)
            if played.passed and played.exact:
                cut |= {step.index: f"steps {stretch[0].index} to {stretch[-1].index} lead nowhere" for step in stretch}
                continue
            if not played.passed:
                continue
        others.append(stretch)
    left = tuple(step for step in candidate.steps if step.index not in cut)
    others = [stretch for stretch in others if all(step in left for step in stretch)]
    return replace(candidate, steps=left, cut={**candidate.cut, **cut}), others


def _without_needless(candidate: Candidate, others: list[tuple[Step, ...]], replays: Replays) -> Candidate:
    """Give no loss to steps that the episode passes without, all of them left out together."""
    needless = dict[int, str]()
    for stretch in others:
        if any(step.index in needless for step in stretch):
            continue
        # What was found needless before is left out here too: of two equal saves, one is needed.
        rest = [step for step in candidate.steps if step.index not in needless and step not in stretch]
        if replays(candidate.episode, rest).passed:
            needless |= {step.index: "it passes without this step" for step in stretch}
    return replace(candidate, silent={**candidate.silent, **needless})


def _without_proof(candidate: Candidate) -> Candidate:
    idle = {
        step.index: "it changed nothing"
        for step in candidate.steps[:-1]
        if step.screen == step.next_screen and _harmless(step.action)
    }
    return replace(candidate, silent={**candidate.silent, **idle})


def _harmless(action: str) -> bool:
    try:
        return isinstance(parse_action(action), Move | Wait)
    except ActionError:
        return False
