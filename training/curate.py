"""Curate: recorded runs become a data set that can be audited, by small named rules."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..agents.prompt import one_line
from ..envs.action import parse_action
from ..errors import ActionError, DeskgymError, RecordError, did_you_mean
from ..recorder.disk import naming, write_whole
from ..recorder.episode import Episode, Step
from .candidates import Candidate, Judge, Unreadable, candidates, recorded_verdict
from .card import Card, Entry
from .contamination import shared_goals
from .detours import Replay, Replays, refused, shortened
from .insight import Compress, first_sentence
from .lessons import PARTS, Lesson, Taught, write_lessons
from .rules import Rule, chosen, held_out, less_efficient, needless_length, nothing_to_learn, quality, rules

__all__ = ["Curation", "curate"]


@dataclass(frozen=True)
class Curation:
    """What is kept."""

    length: float = 1.0
    """Most steps, in medians of the task's passed episodes; 0: any number."""
    near: float = 0.95
    """From which likeness on a goal is the goal of a benchmark instance, 0..1."""
    keep_shared: bool = False
    """Only report such goals: for tasks that have few goals, whose instances differ by their data."""
    every: int = 5
    """One instance in so many is held out."""
    only: tuple[str, ...] = ()
    """Software, or software.task; none: all that the runs hold."""
    share: float = 1.0
    """Of the instances, 0..1: a smaller share lies within a larger one."""


def curate(
    runs: Iterable[str | Path],
    into: str | Path,
    config: Curation | None = None,
    *,
    judge: Judge = recorded_verdict,
    replays: Replays | None = None,
    benchmark: Iterable[str] = (),
    compress: Compress = first_sentence,
    report: Callable[[str], None] = lambda words: None,
) -> Card:
    """Make a data set of the episodes of runs that are worth learning from.

    Args:
        runs: folders of runs; the episodes stay there, and the data set refers to their screens.
        into: the data set's folder, a new one.
        config: what is kept.
        judge: says again what an episode is worth.
        replays: plays an episode without some of its steps on a live desktop; None: nothing is cut.
        benchmark: the goals of the instances that will be benchmarked.
        compress: makes a thought short.
        report: is told what is being done.

    Raises:
        RecordError: a folder is no run, or the disk would not take the data set.
        DeskgymError: nothing is left to learn from; the message says what became of the episodes.
        MissingExtra: `datasets` is not installed.
    """
    config, into = config or Curation(), Path(into)
    if into.exists():
        raise RecordError(f"{into} is there already: a data set is made once, in a new folder")
    card = Card(vars(config) | {"benchmark_goals": len(benchmark := list(benchmark))})
    left = _read(runs, judge, card, report)
    for rule in (*_choice(config, left), *rules()):
        left = _apply(rule, left, card)
    if benchmark:
        shared = shared_goals(benchmark, config.near)
        card.shared = list(shared(left).values())
        left = left if config.keep_shared else _apply(shared, left, card)
    left = [_mended(each, replays, card, report) for each in left]
    for rule in (less_efficient, *([needless_length(config.length)] if config.length else []), nothing_to_learn):
        left = _apply(rule, left, card)
    if not left:
        raise DeskgymError(f"no episode is left to learn from: {card.fates()}")
    report(f"writing {len(left)} episodes")
    _write(left, into, config, compress, card)
    return card


def _read(runs: Iterable[str | Path], judge: Judge, card: Card, report: Callable[[str], None]) -> list[Candidate]:
    left, broken = [], 0
    for each in candidates(runs, judge):
        if isinstance(each, Unreadable):
            broken += 1
            card.entries.append(Entry(str(each.folder), fate="dropped", rule="unreadable", reason=each.why))
            continue
        report(each.episode.folder.name)
        left.append(each)
    card.count("unreadable", "A file of it is damaged.", len(left) + broken, broken)
    return left


def _choice(config: Curation, left: Sequence[Candidate]) -> Iterator[Rule]:
    """The rule that leaves what was asked for, if not all was."""
    tasks = {each.episode.header.task for each in left}
    known = tasks | {task.partition(".")[0] for task in tasks}
    for name in config.only:
        if name not in known:
            raise DeskgymError(f"these runs have no episode of {name!r}{did_you_mean(name, known)}")
    if config.only or config.share < 1:
        yield chosen(config.only, config.share)


def _apply(rule: Rule, left: Sequence[Candidate], card: Card) -> list[Candidate]:
    dropped = rule(left)
    card.count(rule.__name__, (rule.__doc__ or "").partition("\n")[0], len(left), len(dropped))
    for at, reason in dropped.items():
        card.entries.append(_entry(left[at], fate="dropped", rule=rule.__name__, reason=reason))
    return [each for at, each in enumerate(left) if at not in dropped]


def _mended(candidate: Candidate, replays: Replays | None, card: Card, report: Callable[[str], None]) -> Candidate:
    def counted(episode: Episode, steps: Sequence[Step]) -> Replay:
        report(f"{episode.folder.name}: played again with {len(steps)} of {len(episode.steps)} steps")
        card.replays += 1
        assert replays is not None
        return replays(episode, steps)

    mended = shortened(refused(candidate), counted if replays else None)
    card.cut += len(mended.cut)
    card.silent += sum(step.index in mended.silent for step in mended.steps)
    card.steps += len(candidate.steps)
    return mended


def _write(left: Sequence[Candidate], into: Path, config: Curation, compress: Compress, card: Card) -> None:
    fewest: dict[str, int] = {}
    for each in left:
        task = each.episode.header.task
        fewest[task] = min(fewest.get(task, len(each.steps)), len(each.steps))
    parts: dict[str, list[Lesson]] = {part: [] for part in PARTS}
    for each in left:
        part = PARTS[held_out(*each.instance, config.every)]
        parts[part].append(_lesson(each, into, quality(each, fewest[each.episode.header.task]), compress))
        card.entries.append(_entry(each, fate=part))
    card.parts = {part: (len(rows), sum(len(row.steps) for row in rows)) for part, rows in parts.items()}
    # Whole or not at all: a data set that a full disk cut short would look like a small one.
    making = into.with_name(f".{into.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        write_lessons(parts, making)
        write_whole(making / "reasons.jsonl", card.reasons())
        write_whole(making / "README.md", card.page().encode("utf-8", "backslashreplace"))
        with naming(into):
            making.rename(into)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _lesson(candidate: Candidate, into: Path, weight: float, compress: Compress) -> Lesson:
    header = candidate.episode.header
    where = os.path.relpath(candidate.episode.folder.resolve(), into.resolve())
    steps = []
    for step in candidate.steps:
        note, act = candidate.silent.get(step.index, ""), _standard(step.action)
        reason = compress(header.goal, step.thought, act) if step.thought.strip() else ""
        steps.append(Taught(step.index, step.screen, one_line(reason), step.thought, act, not note, note))
    return Lesson(
        header.task, header.seed, header.agent, header.goal, str(header.software.get("split", "")), where,
        (header.screen_size[0], header.screen_size[1]), weight, tuple(steps),
    )  # fmt: skip


def _standard(action: str) -> str:
    """The one text form of an action, whoever wrote it; as it is where it has none."""
    try:
        return str(parse_action(action))
    except ActionError:
        return action


def _entry(candidate: Candidate, **fate: str) -> Entry:
    header = candidate.episode.header
    silent = {step.index: candidate.silent[step.index] for step in candidate.steps if step.index in candidate.silent}
    return Entry(
        str(candidate.episode.folder), header.task, header.seed, header.agent, len(candidate.episode.steps),
        dict(candidate.cut), silent, **fate,
    )  # fmt: skip
