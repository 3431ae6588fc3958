"""Candidates: recorded episodes on their way into a data set, read and judged one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DeskgymError, RecordError
from ..recorder.episode import Episode, Step
from ..recorder.store import Run
from ..verifiers.verdict import Verdict

__all__ = ["Candidate", "Judge", "Unreadable", "candidates", "recorded_verdict"]

Judge = Callable[[Episode], Verdict | None]
"""Says again what an episode is worth. Evidence is not for training to read, so whoever may hands this in."""


def recorded_verdict(episode: Episode) -> Verdict | None:
    """The verdict as it was recorded: the judge where no other is handed in."""
    return episode.verdict


@dataclass(frozen=True)
class Candidate:
    """One episode, and what has become of its steps so far."""

    episode: Episode
    passed: bool | None
    """By the judge of today; None if there was no verdict."""
    why: str
    """Why there was none."""
    steps: tuple[Step, ...]
    """Those that are left."""
    silent: Mapping[int, str] = field(default_factory=dict)
    """Step's index -> why it gets no loss."""
    cut: Mapping[int, str] = field(default_factory=dict)
    """Step's index -> why it was taken out."""

    @property
    def instance(self) -> tuple[str, int]:
        """Task and seed."""
        return self.episode.header.task, self.episode.header.seed


@dataclass(frozen=True)
class Unreadable:
    """An episode that is damaged."""

    folder: Path
    why: str


def candidates(runs: Iterable[str | Path], judge: Judge) -> Iterator[Candidate | Unreadable]:
    """Read and judge the episodes of runs; one that is damaged stops nothing.

    Raises:
        RecordError: a folder is no run.
    """
    for folder in (folder for run in runs for folder in Run(run).folders()):
        try:
            episode = Episode.read(folder)
            if episode.outcome in ("passed", "failed"):
                _check_frames(episode)
        except RecordError as error:
            yield Unreadable(folder, str(error))
            continue
        yield _judged(episode, judge)


def _judged(episode: Episode, judge: Judge) -> Candidate:
    if episode.outcome in ("fault", "unfinished"):
        return Candidate(episode, None, "", episode.steps)
    try:
        verdict = judge(episode)
    except DeskgymError as error:
        # What a verifier complains of may tell the truth, which no data set may hold.
        return Candidate(episode, None, f"{type(error).__name__}; `deskgym judge` says more", episode.steps)
    return Candidate(episode, verdict.passed if verdict else None, "", episode.steps)


def _check_frames(episode: Episode) -> None:
    """Every screen must be there, and be what was recorded: a student would learn from a wrong one in silence."""
    for key in dict.fromkeys([episode.first, *(step.next_screen for step in episode.steps)]):
        episode.frame(key)
