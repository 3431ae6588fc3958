"""The listing: every episode of some runs in one line each, kept up with the disk by reading only what has changed."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from ...errors import RecordError
from ..disk import write_whole
from ..episode import Record
from ..store import Run

__all__ = ["LIVE", "Entry", "Listing"]

LIVE = 300.0
"""Seconds after its last write for which an unfinished episode counts as being played: more than a teacher's reply."""

PAUSE = 0.5
"""Seconds between two looks at the disk, at least; a look at many episodes pauses twenty times its own length."""

FRESH = 100_000_000
"""Nanoseconds within which a file may be written twice and keep its time stamp: what is so new is read again."""

CACHE = Path("view") / "listing.json"
CACHE_FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One episode in one line; one that cannot be read has the outcome "damaged", and why as its fault."""

    run: str
    """What its run is called in addresses: the name of the folder, numbered where two have the same."""
    name: str
    """The name of its folder: unique in its run."""
    task: str = ""
    seed: int = 0
    agent: str = ""
    attempt: int = 0
    goal: str = ""
    outcome: str = "damaged"
    score: float | None = None
    fault: str = ""
    steps: int = 0
    most: int = 0
    """The step limit."""
    seconds: float = 0.0
    """What its steps took together."""
    asked: int = 0
    """How many of its steps hold what asking a model cost."""
    usd: float | None = 0.0
    """What they cost together; None where a price is unknown."""
    started: str = ""
    changed: float = 0.0
    """When something was last written to it, in seconds of the epoch."""
    screen: str = ""
    """The key of its last frame; "" when it ended before its first."""

    @property
    def key(self) -> tuple[str, str]:
        """Run and name, which find it."""
        return self.run, self.name

    @property
    def software(self) -> str:
        """The software of its task."""
        return self.task.partition(".")[0]

    def live(self, now: float) -> bool:
        """Whether it is probably being played: unfinished, and written to lately."""
        return self.outcome == "unfinished" and now - self.changed < LIVE


Stamp = tuple[int, int]
"""When a folder changed, in nanoseconds, and the length of its steps while it is unfinished.

A closed record is replaced by renaming, which changes the folder."""


class Listing:
    """All episodes of some runs. It may be asked by several threads; whoever asks first looks at the disk."""

    def __init__(self, folders: Iterable[str | Path]):
        """Name the runs; nothing is read yet.

        Raises:
            RecordError: one of the folders is no run, or holds no episode.
        """
        paths = list(dict.fromkeys(Path(folder).resolve() for folder in folders))
        self.runs = dict(zip(_names(paths), map(Run, paths), strict=True))
        for run in self.runs.values():
            if next(run.folder.glob("episodes/*/episode.json"), None) is None and not run.folders():
                raise RecordError(
                    f"{run.folder} holds no episode yet: deskgym collect --into {run.folder} records some"
                )
        self.entries: dict[tuple[str, str], Entry] = {}
        """In the order of tasks, seeds, agents and attempts; replaced as a whole, never changed."""
        self.version = 0
        """Counts the looks that found something new."""
        self._versions: dict[tuple[str, str], int] = {}
        self._stamps: dict[tuple[str, str], Stamp] = {}
        self._looking = threading.Lock()
        self._next = 0.0
        self._recall()

    def refresh(self, wait: bool = False) -> None:
        """Look at the disk, unless that was done a moment ago or, without `wait`, somebody is about it just now.

        Raises:
            RecordError: a run cannot be read any more.
        """
        if not self._looking.acquire(blocking=wait):
            return
        try:
            began = time.monotonic()
            if wait or began >= self._next:
                self._look()
                self._next = time.monotonic() + max(PAUSE, 20 * (time.monotonic() - began))
        finally:
            self._looking.release()

    def since(self, version: int) -> tuple[list[Entry], list[tuple[str, str]]]:
        """The entries that are new or other than in a version, and the keys of those that are gone."""
        entries, versions = self.entries, self._versions
        new = [entry for key, entry in entries.items() if versions.get(key, 0) > version]
        gone = [key for key, at in versions.items() if at > version and key not in entries]
        return new, gone

    def folder(self, entry: Entry) -> Path:
        """Where an episode lies."""
        return self.runs[entry.run].folder / "episodes" / entry.name

    def fellows(self, entry: Entry) -> list[Entry]:
        """The other episodes at its instance: the same task and seed, by anybody, in any run."""
        same = (entry.task, entry.seed)
        others = [each for each in self.entries.values() if (each.task, each.seed) == same and each.key != entry.key]
        return sorted(others, key=lambda each: (each.agent == entry.agent, each.outcome != "passed"))

    def keep(self) -> None:
        """Write what was read beside each run, so that the next one to look reads only what has changed since."""
        for name, run in self.runs.items():
            lines = [
                (stamp, asdict(replace(self.entries[key], run="")))
                for key, stamp in self._stamps.items()
                if key[0] == name and key in self.entries
            ]
            # A run that cannot be written to is looked at all the same.
            with suppress(RecordError):
                write_whole(run.folder / CACHE, json.dumps({"format": CACHE_FORMAT, "lines": lines}).encode())

    def _recall(self) -> None:
        for name, run in self.runs.items():
            try:
                document = json.loads((run.folder / CACHE).read_bytes())
                lines = _LINES.validate_python(document["lines"]) if document["format"] == CACHE_FORMAT else []
            except (OSError, ValueError, KeyError, TypeError):
                continue  # none, or of another time: everything is read anew
            for stamp, entry in lines:
                self.entries[name, entry.name] = replace(entry, run=name)
                self._stamps[name, entry.name] = stamp

    def _look(self) -> None:
        now, entries = time.time_ns(), dict[tuple[str, str], Entry]()
        stamps, read = dict[tuple[str, str], Stamp](), []
        for key, folder, stamp in self._found():
            entry = self.entries.get(key)
            if entry is None or self._stamps.get(key) != stamp:
                # Measured before they are read: what is written meanwhile is seen the next time.
                length = _length(folder)
                entry = _read(*key, Path(folder))
                if entry is None:
                    continue
                read.append(key)
                stamp = (stamp[0], length if entry.outcome == "unfinished" else 0)
            entries[key] = entry
            if now - stamp[0] > FRESH:
                stamps[key] = stamp
        changed = [key for key in read if self.entries.get(key) != entries[key]]
        changed += [key for key in self.entries if key not in entries]
        if self.version and not changed:
            self._stamps = stamps
            return
        marks = changed if self.version else entries
        self._versions = self._versions | dict.fromkeys(marks, self.version + 1)
        ranked = sorted(entries.values(), key=lambda e: (e.task, e.seed, e.agent, e.attempt, e.run, e.name))
        self._stamps, self.entries = stamps, {entry.key: entry for entry in ranked}
        self.version += 1  # at last, so that whoever reads it finds all that belongs to it

    def _found(self) -> Iterator[tuple[tuple[str, str], str, Stamp]]:
        """Every folder of an episode, with its stamp."""
        for name, run in self.runs.items():
            try:
                with os.scandir(run.folder / "episodes") as found:
                    for each in found:
                        if each.name.startswith(".") or not each.is_dir():
                            continue
                        key, stamp = (name, each.name), (each.stat().st_mtime_ns, 0)
                        known = self.entries.get(key)
                        if known is not None and known.outcome == "unfinished":
                            stamp = (stamp[0], _length(each.path))
                        yield key, each.path, stamp
            except OSError as error:
                raise RecordError(f"{run.folder} cannot be read: {error.strerror or error}") from error


def _names(folders: list[Path]) -> list[str]:
    """What runs are called: by their folders, with a number where several have the same name."""
    counts, names = Counter[str](), list[str]()
    for folder in folders:
        plain = folder.name or "run"
        counts[plain] += 1
        name = plain if counts[plain] == 1 else f"{plain}-{counts[plain]}"
        while name in names:
            counts[plain] += 1
            name = f"{plain}-{counts[plain]}"
        names.append(name)
    return names


def _length(folder: str) -> int:
    try:
        return os.stat(os.path.join(folder, "steps.jsonl")).st_size
    except OSError:
        return 0


def _read(run: str, name: str, folder: Path) -> Entry | None:
    """The line of an episode; None for a folder without a record, which is no episode yet."""
    if not (folder / "episode.json").exists():
        return None
    steps = folder / "steps.jsonl"
    changed = max((path.stat().st_mtime for path in (folder / "episode.json", steps) if path.exists()), default=0.0)
    try:
        record = Record.read(folder)
        entry = Entry(
            run=run,
            name=name,
            task=record.header.task,
            seed=record.header.seed,
            agent=record.header.agent,
            attempt=record.header.attempt,
            goal=record.header.goal,
            outcome=record.outcome,
            score=None if record.verdict is None else float(record.verdict["score"]),
            fault=record.fault,
            most=record.header.max_steps,
            started=record.header.started,
            changed=changed,
            screen=record.first,
        )
        entry = _with_steps(entry, steps)
        if record.steps is not None and record.steps != entry.steps:
            raise RecordError(f"{steps} has {entry.steps} steps; {record.steps} were written")
        return entry
    except (RecordError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = str(error) if isinstance(error, RecordError) else f"{steps} cannot be read: {error!r}"
        # What an episode is called still tells what it is.
        task, _, rest = name.partition("__s")
        return Entry(run, name, task=task, agent=rest.partition("__")[2], fault=why, changed=changed)


def _with_steps(entry: Entry, path: Path) -> Entry:
    """The line with what its steps add up to; they are not checked one by one, which the episode's own page does."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return entry
    seconds, asked, usd, screen = 0.0, 0, 0.0, entry.screen
    for line in lines:
        step = json.loads(line)
        seconds += sum(step["seconds"].values())
        screen = step["next_screen"]
        if step["usage"] is not None:
            asked += 1
            cost = step["usage"]["usd"]
            usd = None if usd is None or cost is None else usd + cost
    return replace(entry, steps=len(lines), seconds=seconds, asked=asked, usd=usd, screen=screen)


_LINES = TypeAdapter(list[tuple[Stamp, Entry]])
