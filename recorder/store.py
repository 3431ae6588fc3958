"""The store: one run's folder, with all its episodes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import RecordError
from .episode import Episode, Outcome, Record

__all__ = ["EVIDENCE", "VERDICT_FILE", "Row", "Run", "episode_folders", "slug"]


@dataclass(frozen=True)
class Row:
    """One episode in one line."""

    name: str
    task: str
    seed: int
    agent: str
    steps: int
    outcome: Outcome
    score: float | None
    """The verdict's score in 0..1; None without a verdict."""
    seconds: float
    """What its steps took together."""
    fault: str

    @property
    def software(self) -> str:
        """The software of its task."""
        return self.task.partition(".")[0]

    @classmethod
    def of(cls, episode: Episode) -> Row:
        """The line of an episode."""
        return cls(
            name=episode.folder.name,
            task=episode.header.task,
            seed=episode.header.seed,
            agent=episode.header.agent,
            steps=len(episode.steps),
            outcome=episode.outcome,
            score=None if episode.verdict is None else episode.verdict.score,
            seconds=sum(sum(step.seconds.values()) for step in episode.steps),
            fault=episode.fault,
        )


EVIDENCE = "evidence"
"""The folder of a run that holds truth: a sibling of the episodes, opened by judges and by the person who views."""
VERDICT_FILE = "verdict.json"


class Run:
    """The folder of one run: `episodes/TASK__sSEED__AGENT/`, each complete in itself.

    Further tries at an instance end in `__t1`, `__t2`. Naming a run makes nothing on the disk; the first
    episode written into it does.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def episode_folder(self, task: str, seed: int, agent: str, attempt: int = 0) -> Path:
        """Where the episode of a task, a seed and an agent's try lies, or would lie."""
        again = f"__t{attempt}" if attempt else ""
        return self.folder / "episodes" / f"{slug(task)}__s{seed}__{slug(agent)}{again}"

    def finished(self, task: str, seed: int, agent: str, attempt: int = 0) -> bool:
        """Whether this episode has been judged, so that a resumed run may pass over it.

        A fault, an episode without a verdict and one that was broken off do not count: they are played again.

        Raises:
            RecordError: the episode's record is damaged.
        """
        folder = self.episode_folder(task, seed, agent, attempt)
        return (folder / "episode.json").exists() and Record.read(folder).judged

    def folders(self) -> list[Path]:
        """The folders of all episodes, sorted by name, seed 2 before seed 10.

        Raises:
            RecordError: this folder is no run.
        """
        episodes = self.folder / "episodes"
        if not episodes.is_dir():
            why = "has no folder episodes/" if self.folder.is_dir() else "does not exist"
            raise RecordError(f"{self.folder} is no run: it {why}")
        # A writer that was killed at its very start leaves a folder without a record: not an episode yet.
        return sorted((record.parent for record in episodes.glob("*/episode.json")), key=_natural)

    def episodes(self) -> Iterator[Episode]:
        """Read all episodes, sorted by name, seed 2 before seed 10.

        Raises:
            RecordError: this folder is no run, or an episode in it is damaged.
        """
        for folder in self.folders():
            yield Episode.read(folder)

    def tasks(self) -> set[str]:
        """The tasks that were played; an episode that cannot be read is passed over.

        Raises:
            RecordError: this folder is no run.
        """
        found = set()
        for folder in self.folders():
            with suppress(RecordError):
                found.add(Record.read(folder).header.task)
        return found

    def summary(self) -> list[Row]:
        """All episodes, one line each, sorted by name.

        Raises:
            RecordError: this folder is no run, or an episode in it is damaged.
        """
        return [Row.of(episode) for episode in self.episodes()]


def episode_folders(folder: str | Path) -> list[Path]:
    """The folder itself if it is an episode, else those of all episodes of a run.

    Raises:
        RecordError: it is neither.
    """
    folder = Path(folder)
    if (folder / "episode.json").exists():
        return [folder]
    return Run(folder).folders()


def _natural(folder: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", folder.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def slug(name: str) -> str:
    """A name that every file system takes; two different names never have the same."""
    plain = re.sub(r"[^A-Za-z0-9._-]+|__+", "-", name)[:60].strip(".-")
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
