"""Episodes: one attempt at one task, as a header, its steps, and what became of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from ..errors import RecordError, VerifierError
from ..verifiers.verdict import Verdict
from .disk import naming, write_whole
from .frames import Frame, Frames, Key

__all__ = ["Episode", "Header", "Label", "Outcome", "Record", "Step", "Usage"]

Outcome = Literal["passed", "failed", "fault", "unjudged", "unfinished"]
"""passed, failed: by the verdict; fault: the machine's; unjudged: no verdict; unfinished: never closed."""

FRAMES = "frames.tiles"
"""The file of an episode's folder that holds its screens."""

FORMAT = 2


@dataclass(frozen=True)
class Label:
    """One visible widget, as an annotation of a screen."""

    role: str
    name: str
    box: tuple[int, int, int, int]
    """x, y, width, height in screen pixels."""


@dataclass(frozen=True)
class Usage:
    """What asking a model cost, where somebody accounted for it."""

    input: int
    """Tokens it read anew."""
    cached: int
    """Tokens it read from a cache of its service."""
    output: int
    """Tokens it wrote, hidden reasoning included."""
    usd: float | None
    """US dollars by the price list of the day; None where the price is unknown."""
    seconds: float
    """From the first try to the answer."""

    def plus(self, other: Usage | None) -> Usage:
        """What both cost together: unknown, if one of them is."""
        if other is None:
            return self
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            usd,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Step:
    """One action, with the screens before and after it."""

    index: int
    screen: Key
    """The key of the frame before the action."""
    thought: str
    action: str
    """Its text form, kept verbatim even when malformed."""
    next_screen: Key
    """The key of the frame after the action."""
    error: str = ""
    """What `info["error"]` said."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Where the time went, such as "think", "act", "settle"."""
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    labels: tuple[Label, ...] = ()
    """The widgets on the screen before the action, where somebody annotated it."""
    target: Label | None = None
    """The widget under the click, where somebody annotated it."""
    usage: Usage | None = None
    """What this decision cost; None where no model was asked: other players, later actions of one reply."""
    reply: Any = None
    """A foreign model's reply as it came, in JSON; kept with the first of its actions."""


@dataclass(frozen=True)
class Header:
    """Everything needed to play the episode again."""

    task: str
    """Such as "gnumeric.sum_column"."""
    seed: int
    agent: str
    goal: str
    desktop: str
    """The kind of desktop: local, docker, browser, screen, toy."""
    screen_size: tuple[int, int]
    """Width and height in pixels."""
    max_steps: int
    software: dict[str, Any]
    """The software's name, version of spec, package versions, split, digest of spec."""
    image: str
    """The digest of the desktop's image; "" where it has none."""
    clock: str
    """How the desktop's clock ran, such as "jump 2000 ms"; "off" where it was the host's."""
    deskgym: str
    """The version of deskgym."""
    started: str
    """When it began: ISO 8601, UTC."""
    attempt: int = 0
    """Which try of this agent at this instance it is; the first is 0."""
    observation: Literal["screen", "screen and tree"] = "screen"
    """What the agent was shown: whoever also reads the accessibility tree does another thing."""


@dataclass(frozen=True)
class Record:
    """What `episode.json` holds: the header from the start, the rest when the episode has been closed."""

    header: Header
    outcome: Outcome = "unfinished"
    fault: str = ""
    verdict: dict[str, Any] | None = None
    steps: int | None = None
    """How many lines `steps.jsonl` must have; None until closed."""
    first: Key | Literal[""] = ""
    """The key of the first observation's frame."""
    format: int = FORMAT

    @property
    def judged(self) -> bool:
        """Whether the episode ended with a verdict that counts."""
        return self.outcome in ("passed", "failed")

    @classmethod
    def read(cls, folder: Path) -> Record:
        """Read `episode.json` alone, which tells what became of an episode without its steps.

        Raises:
            RecordError: the folder is no episode, or its record cannot be understood.
        """
        path = folder / "episode.json"
        try:
            record = _RECORD.validate_python(json.loads(path.read_bytes()))
        except OSError as error:
            raise RecordError(f"{folder} is no episode: {path.name}: {error.strerror or error}") from error
        except ValueError as error:
            raise RecordError(f"{path} is no episode's record: {error}") from error
        if record.format != FORMAT:
            raise RecordError(f"{path} has format {record.format}; this deskgym reads format {FORMAT}")
        return record

    def as_json(self) -> bytes:
        """The bytes of `episode.json`."""
        return _as_json(self, indent=1) + b"\n"


@dataclass(frozen=True)
class Episode:
    """One attempt, read back from its folder. It holds the verdict, never the truth."""

    header: Header
    steps: tuple[Step, ...]
    verdict: Verdict | None
    outcome: Outcome
    folder: Path
    frames: Frames = field(compare=False)
    fault: str = ""
    first: str = ""
    """The key of the first observation's frame; "" when the episode ended before it."""

    @property
    def final_screen(self) -> str:
        """The key of the last frame seen; "" when the episode ended before its first."""
        return self.steps[-1].next_screen if self.steps else self.first

    def frame(self, key: str) -> Frame:
        """The screen of a key: uint8[H, W, 3], RGB.

        Raises:
            RecordError: there is no such frame, or its file is damaged.
        """
        return self.frames.get(key)

    @classmethod
    def read(cls, folder: str | Path) -> Episode:
        """Read an episode, finished or not; the torn last line of a killed writer is dropped.

        Raises:
            RecordError: the folder is no episode, or one of its files is damaged.
        """
        folder = Path(folder)
        record = Record.read(folder)
        steps = _read_steps(folder / "steps.jsonl")
        if record.steps is not None and record.steps != len(steps):
            raise RecordError(f"{folder / 'steps.jsonl'} has {len(steps)} steps; {record.steps} were written")
        try:
            verdict = None if record.verdict is None else Verdict.from_json(record.verdict)
        except (KeyError, TypeError, VerifierError) as error:
            raise RecordError(f"{folder / 'episode.json'} holds no verdict: {error!r}") from error
        frames = Frames(folder / FRAMES)
        return cls(record.header, steps, verdict, record.outcome, folder, frames, record.fault, record.first)

    def amend(self, verdict: Verdict) -> None:
        """Write a new verdict over the recorded one, as a repaired verifier gave it; the steps stay as they are.

        Raises:
            RecordError: the record cannot be read or written.
        """
        outcome: Outcome = "passed" if verdict.passed else "failed"
        record = replace(Record.read(self.folder), verdict=verdict.bare().as_json(), outcome=outcome, fault="")
        path = self.folder / "episode.json"
        with naming(path):
            write_whole(path, record.as_json())


def step_line(step: Step) -> bytes:
    """The line of `steps.jsonl` that holds a step."""
    return _as_json(step) + b"\n"


def _read_steps(path: Path) -> tuple[Step, ...]:
    try:
        # What follows the last newline is a torn line, or nothing.
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return ()
    steps = []
    for number, line in enumerate(lines):
        try:
            step = _STEP.validate_python(json.loads(line))
        except ValueError as error:
            raise RecordError(f"{path}, line {number + 1} is no step: {error}") from error
        if step.index != number:
            raise RecordError(f"{path}, line {number + 1} holds step {step.index}: lines are missing or mixed")
        steps.append(step)
    return tuple(steps)


def _as_json(thing: Record | Step, indent: int | None = None) -> bytes:
    text = json.dumps(asdict(thing), ensure_ascii=False, default=_plain, indent=indent)
    # Models emit lone surrogates, which UTF-8 refuses; a backslash escape is how JSON spells them.
    return text.encode("utf-8", "backslashreplace")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


_RECORD = TypeAdapter(Record)
_STEP = TypeAdapter(Step)
