"""Trajectories: episodes as the formats see them, from runs and from curated data sets alike.

What judged an episode stays behind: of its verdict a trajectory holds the outcome and the score, never a check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ....envs.seeds import COLLECTING_SEEDS
from ....errors import RecordError
from ....recorder.episode import Episode, Header, Outcome, Usage
from ....recorder.frames import Frames
from ....recorder.store import Run
from ...lessons import PARTS, Lesson, read_lessons
from ...rules import held_out
from .pictures import Pictures

__all__ = ["EXPORT_PARTS", "Part", "Source", "Trajectory", "Turn", "read_trajectory", "sources"]

Part = Literal["train", "validation", "test"]
EXPORT_PARTS: tuple[Part, ...] = ("train", "validation", "test")
"""validation: the held-out fifth of the instances, as in curation; test: seeds that benchmarks draw."""


@dataclass(frozen=True)
class Turn:
    """One step: what was on the screen, why it was acted, and how."""

    index: int
    """Its number in the recorded episode."""
    screen: str
    """The key of the frame before the action."""
    thought: str
    action: str
    """The action's text form, in screen pixels; verbatim where it is malformed."""
    next_screen: str
    """The key of the frame after it."""
    learnt: bool = True
    """Whether a student learns to say it; if not, it only stands in the context."""
    error: str = ""
    """Why the action was refused."""
    reward: float = 0.0
    done: bool = False
    seconds: float = 0.0
    usage: Usage | None = None
    reply: Any = None
    """A foreign model's reply as it came."""


@dataclass(frozen=True)
class Trajectory:
    """One episode on its way out."""

    name: str
    """Unique within an export."""
    part: Part
    header: Header
    outcome: Outcome
    score: float | None
    """In 0..1; None without a verdict."""
    turns: tuple[Turn, ...]
    weight: float | None
    """The quality that curation gave it; None where it was not curated."""
    frames: Frames = field(compare=False)
    pictures: Pictures = field(compare=False)

    @property
    def split(self) -> str:
        """Whether its software counts as seen or unseen."""
        return str(self.header.software.get("split", ""))

    @property
    def screen_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.header.screen_size[0], self.header.screen_size[1]

    def picture(self, key: str) -> bytes:
        """A screen as PNG.

        Raises:
            RecordError: there is no such frame, or its file is damaged.
        """
        return self.pictures.get(self.frames, key)


@dataclass(frozen=True)
class Source:
    """Where a trajectory comes from: an episode's folder and, where it was curated, its lesson."""

    folder: Path
    lesson: Lesson | None = None
    part: Part | None = None
    """The part of the data set the lesson stands in."""


def sources(folders: Iterable[str | Path]) -> Iterator[Source]:
    """The episodes of runs, of curated data sets, or single ones.

    Raises:
        RecordError: a folder is neither.
        MissingExtra: it is a data set, and `datasets` is not installed.
    """
    for folder in map(Path, folders):
        if (folder / "dataset_dict.json").exists():
            for part in PARTS:
                yield from (Source(Path(each.episode), each, part) for each in read_lessons(folder, part))
        elif (folder / "episode.json").exists():
            yield Source(folder)
        else:
            yield from map(Source, Run(folder).folders())


def read_trajectory(source: Source, name: str, pictures: Pictures) -> Trajectory:
    """Read an episode and compare each of its screens with its hash.

    Raises:
        RecordError: it is damaged, or not where its data set says.
    """
    episode = Episode.read(source.folder)
    turns = tuple(
        Turn(
            step.index, step.screen, step.thought, step.action, step.next_screen, not step.error, step.error,
            step.reward, step.terminated or step.truncated, sum(step.seconds.values()), step.usage, step.reply,
        )
        for step in episode.steps
    )  # fmt: skip
    score, outcome, weight = episode.verdict.score if episode.verdict else None, episode.outcome, None
    if source.lesson:
        # Curation has judged anew, and keeps what passes.
        turns, score, outcome, weight = _taught(turns, source), 1.0, "passed", source.lesson.weight
    for key in dict.fromkeys(key for turn in turns for key in (turn.screen, turn.next_screen)):
        episode.frame(key)
    part = source.part or _part(episode.header)
    return Trajectory(name, part, episode.header, outcome, score, turns, weight, episode.frames, pictures)


def _part(header: Header) -> Part:
    if header.seed not in COLLECTING_SEEDS:
        return "test"
    return "validation" if held_out(header.task, header.seed) else "train"


def _taught(turns: Sequence[Turn], source: Source) -> tuple[Turn, ...]:
    """The steps that a lesson keeps, with its words and its marks."""
    assert source.lesson
    recorded = {turn.index: turn for turn in turns}
    if missing := [step.index for step in source.lesson.steps if step.index not in recorded]:
        raise RecordError(f"{source.folder} has no step {missing[0]}, which its data set names: it is another episode")
    return tuple(
        replace(recorded[step.index], thought=step.reason, action=step.act, learnt=step.loss)
        for step in source.lesson.steps
    )
