"""Lessons: the episodes of a data set, as a Hugging Face `datasets` folder.

    DATA/
      train/, validation/    one row an episode: `Lesson`; screens by reference, as folder and key
      reasons.jsonl          one line an episode that was looked at: kept or dropped, by which rule and why
      README.md              the card: every rule with what it dropped

Frames stay where they were recorded, bit for bit; a data set takes a few kilobytes an episode.
"""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import DeskgymError, MissingExtra, RecordError

__all__ = ["PARTS", "Lesson", "Taught", "plain", "read_lessons", "write_lessons"]

PARTS = ("train", "validation")


@dataclass(frozen=True)
class Taught:
    """One step of a lesson: what was observed, why it was acted, and how."""

    index: int
    """Its number in the recorded episode."""
    observe: str
    """The key of the frame before the action."""
    reason: str
    """The thought, compressed to its key insight."""
    original: str
    """The thought as it was recorded."""
    act: str
    """The action's one text form, in screen pixels; verbatim where it is malformed."""
    loss: bool
    """Whether a student learns to say it; if not, it only stands in the context."""
    note: str = ""
    """Why it is not learnt."""


@dataclass(frozen=True)
class Lesson:
    """One curated episode."""

    task: str
    seed: int
    agent: str
    goal: str
    split: str
    """Whether its software counts as seen or unseen."""
    episode: str
    """The recorded episode's folder, relative to the data set's."""
    screen_size: tuple[int, int]
    """Width and height in pixels."""
    weight: float
    """Its quality in 0..1, for filtered behavioural cloning."""
    steps: tuple[Taught, ...]


def write_lessons(parts: Mapping[str, Sequence[Lesson]], into: Path) -> None:
    """Write the rows of every part.

    Raises:
        MissingExtra: `datasets` is not installed.
        RecordError: the disk would not take it.
    """
    datasets = _datasets()
    word, number, flag = datasets.Value("string"), datasets.Value("int64"), datasets.Value("bool")
    step = {"index": number, "observe": word, "reason": word, "original": word, "act": word, "loss": flag, "note": word}
    features = datasets.Features(
        {
            "task": word, "seed": number, "agent": word, "goal": word, "split": word, "episode": word,
            "screen_size": datasets.List(number, length=2), "weight": datasets.Value("float64"),
            "steps": datasets.List(step),
        }
    )  # fmt: skip
    try:
        tables = {
            part: datasets.Dataset.from_dict(_columns(parts[part], list(features)), features=features)
            for part in PARTS
            if parts[part]  # `datasets` cannot load what it saved without rows
        }
        datasets.DatasetDict(tables).save_to_disk(str(into))
    except OSError as error:
        raise RecordError(f"{into} cannot be written: {error.strerror or error}") from error


def read_lessons(data: str | Path, part: str) -> list[Lesson]:
    """Read one part of a data set, with its episodes' folders made absolute; nothing, if the part has no rows.

    Raises:
        MissingExtra: `datasets` is not installed.
        DeskgymError: this is no data set.
    """
    datasets, data = _datasets(), Path(data)
    if not (data / "dataset_dict.json").exists():
        raise DeskgymError(f"{data} is no data set; `deskgym curate RUN --into {data}` makes one")
    if not (data / part).exists():
        return []
    try:
        rows = datasets.load_from_disk(str(data / part)).to_list()
        return [_lesson(row, data) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeskgymError(f"{data / part} cannot be read: {type(error).__name__}: {error}") from error


def _columns(lessons: Sequence[Lesson], names: list[str]) -> dict[str, list[Any]]:
    rows = [_row(lesson) for lesson in lessons]
    return {name: [row[name] for row in rows] for name in names}


def _row(lesson: Lesson) -> dict[str, Any]:
    return plain(asdict(lesson) | {"screen_size": list(lesson.screen_size)})


def plain(value: Any) -> Any:
    """The same with every text as UTF-8 can hold it: it knows no lone surrogates, which models emit."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def _lesson(row: dict[str, Any], data: Path) -> Lesson:
    width, height = row["screen_size"]
    steps = tuple(Taught(**step) for step in row["steps"])
    where = os.path.normpath(data.resolve() / row["episode"])
    return Lesson(**(row | {"steps": steps, "screen_size": (width, height), "episode": where}))


def _datasets() -> Any:
    try:
        import datasets
    except ImportError:
        raise MissingExtra("datasets", "train") from None
    datasets.disable_progress_bars()
    return datasets
