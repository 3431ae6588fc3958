"""Examples: lessons in tokens, encoded once, with a mask of what the student learns to say."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from ..agents.prompt import Message, Moment, Style, conversation
from ..agents.tokens import KINDS, tokenize
from ..errors import DeskgymError, did_you_mean
from ..recorder.disk import naming, write_whole
from .drills import draw_drills
from .lessons import PARTS, Lesson, read_lessons
from .pixels import Pixels, write_pixels

__all__ = ["METHODS", "Examples", "Method", "Row", "encode", "rows"]

Method = Literal["bc", "trajectory", "filtered"]
"""bc: a row for each step, state -> action; trajectory: a row for each episode, all its turns; filtered: as bc, each
row weighted by its episode's quality (filtered behavioural cloning)."""

METHODS: tuple[Method, ...] = get_args(Method)
SAID = (KINDS.index("reason"), KINDS.index("act"))


@dataclass(frozen=True)
class Row:
    """One conversation."""

    ids: np.ndarray
    """int32[n]."""
    learnt: np.ndarray
    """bool[n]: whether the student learns to say this token."""
    screens: np.ndarray
    """int32[k]: the screens it shows, as places in `Pixels`."""
    weight: float = 1.0


def rows(lesson: Lesson, processor: Any, pixels: Pixels, style: Style, method: Method) -> Iterator[Row]:
    """The conversations a lesson makes; a step without loss stands in them as context and is not learnt.

    Args:
        lesson: one episode.
        processor: of the student.
        pixels: holds its screens.
        style: how the student is asked; a trajectory shows every screen.
        method: what a row is.
    """
    moments = [Moment(step.reason, step.act) for step in lesson.steps]
    learnt = [step.loss for step in lesson.steps]
    for last in [len(moments) - 1] if method == "trajectory" else range(len(moments)):
        # What an earlier row has taught is context in this one.
        wanted = learnt if method == "trajectory" else [number == last and learnt[last] for number in range(last + 1)]
        if any(wanted):
            messages = conversation(lesson.goal, moments[: last + 1], lesson.screen_size, style)
            yield _row(lesson, messages, wanted, processor, pixels, lesson.weight if method == "filtered" else 1.0)


def drill_row(drill: Lesson, processor: Any, pixels: Pixels, style: Style) -> Row:
    """The conversation a drill makes: without screens, only its last step learnt."""
    moments = [Moment(step.reason, step.act) for step in drill.steps]
    spoken = conversation(drill.goal, moments, drill.screen_size, replace(style, screens=1))
    wanted = [number == len(moments) - 1 for number in range(len(moments))]
    return _row(drill, [_blind(message) for message in spoken], wanted, processor, pixels)


def _blind(message: Message) -> Message:
    return replace(message, spans=tuple(span for span in message.spans if span.kind != "observe"))


def _row(
    lesson: Lesson, messages: Sequence[Message], wanted: Sequence[bool], processor: Any, pixels: Pixels,
    weight: float = 1.0,
) -> Row:  # fmt: skip
    shown = [span.moment for message in messages for span in message.spans if span.kind == "observe"]
    keys = [lesson.steps[moment].observe for moment in shown]
    tokens = tokenize(processor, messages, [pixels.grid(key) for key in keys])
    mine = np.isin(tokens.kinds, SAID) & np.array([*wanted, False])[tokens.moments]
    return Row(tokens.ids.astype(np.int32), mine, np.array([pixels.numbers[key] for key in keys], np.int32), weight)


class Examples:
    """The rows of one part, each a dict of input_ids, learnt, screens and weight: what batches are made of."""

    def __init__(self, made: Sequence[Row]):
        self.rows = list(made)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> dict[str, Any]:
        row = self.rows[number]
        return {"input_ids": row.ids, "learnt": row.learnt, "screens": row.screens, "weight": row.weight}

    def write(self, path: Path) -> None:
        """Keep them in a file."""
        flat = {
            name: np.concatenate([getattr(row, name) for row in self.rows] or [np.zeros(0, np.int32)])
            for name in ("ids", "learnt", "screens")
        }
        ends = {
            f"{name}_ends": np.cumsum([len(getattr(row, name)) for row in self.rows], dtype=np.int64)
            for name in ("ids", "screens")
        }
        with naming(path):
            np.savez(path, **flat, **ends, weights=np.array([row.weight for row in self.rows]))  # type: ignore[arg-type]

    @classmethod
    def read(cls, path: Path) -> Examples:
        """Read back what `write` kept."""
        kept = np.load(path)
        ids, learnt = (np.split(kept[name], kept["ids_ends"][:-1]) for name in ("ids", "learnt"))
        screens = np.split(kept["screens"], kept["screens_ends"][:-1])
        weights = kept["weights"].tolist()
        if not weights:
            return cls([])
        return cls([Row(*each) for each in zip(ids, learnt, screens, weights, strict=True)])


def encode(
    data: str | Path,
    processor: Any,
    style: Style,
    method: Method,
    folder: Path,
    longest: int,
    drills: int = 0,
    report: Callable[[str], None] = lambda words: None,
) -> tuple[Examples, Examples, Pixels]:
    """Encode a data set into a folder, or take what lies there from before: training and validation rows, and screens.

    Args:
        data: the data set's folder.
        processor: of the student.
        style: how it is asked.
        method: what a row is.
        folder: where to keep it; only what was made from the very same is taken.
        longest: tokens that a row may have.
        drills: rows without a screen that are added for each episode that copies from its goal; to train on only.
        report: is told what is being done.

    Raises:
        DeskgymError: there is nothing to learn, or a row is too long.
        RecordError: an episode is not where it was.
    """
    if method not in METHODS:
        raise DeskgymError(f"no method {method!r}{did_you_mean(method, METHODS)}")
    parts = {part: read_lessons(data, part) for part in PARTS}
    if not parts["train"]:
        raise DeskgymError(f"{data} has no episode to train on")
    drilled = draw_drills(parts["train"], drills)
    made_from = _fingerprint(parts | {"drills": drilled}, processor, style, method)
    mark = folder / "made.json"
    if not mark.exists() or json.loads(mark.read_text())["from"] != made_from:
        shutil.rmtree(folder, ignore_errors=True)
        with naming(folder):
            folder.mkdir(parents=True)
        report("looking at screens")
        lessons = [lesson for part in PARTS for lesson in parts[part]]
        pixels = write_pixels(
            processor, ((each.episode, step.observe) for each in lessons for step in each.steps), folder
        )
        for part, given in parts.items():
            report(f"encoding {part}")
            made = [row for lesson in given for row in rows(lesson, processor, pixels, style, method)]
            if part == "train":
                made += [drill_row(drill, processor, pixels, style) for drill in drilled]
            _check_lengths(made, longest, method)
            Examples(made).write(folder / f"{part}.npz")
        write_whole(mark, json.dumps({"from": made_from}).encode())
    train, validation = (Examples.read(folder / f"{part}.npz") for part in PARTS)
    return train, validation, Pixels(processor, folder)


def _check_lengths(made: Sequence[Row], longest: int, method: Method) -> None:
    most = max((len(row.ids) for row in made), default=0)
    if most > longest:
        remedy = "use --method bc, whose rows show few screens" if method == "trajectory" else "show fewer --screens"
        raise DeskgymError(
            f"a row has {most} tokens, and {longest} are allowed: {remedy}, or allow more with --longest"
        )


def _fingerprint(parts: dict[str, list[Lesson]], processor: Any, style: Style, method: str) -> str:
    given = {part: [asdict(lesson) for lesson in lessons] for part, lessons in parts.items()}
    template = processor.chat_template or processor.tokenizer.chat_template
    tokens = processor.tokenizer.backend_tokenizer.to_str()
    images = processor.image_processor.to_json_string()
    whole = json.dumps([given, asdict(style), method, template, tokens, images], default=str)
    return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()
