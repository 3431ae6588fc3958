"""Ledger: what a run has spent on teachers, written question by question, and read by all its workers.

One line of JSON a question, appended under a lock, so that workers of one run, in whatever process, share one budget
and one rate. It holds figures and the agent's name, and nothing that was said.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ...errors import RecordError
from ...recorder.episode import Usage

__all__ = ["Ledger", "Spent"]

FILE, TURNS = "spending.jsonl", "spending.turn"


@dataclass(frozen=True)
class Spent:
    """A sum of questions."""

    questions: int = 0
    tokens: int = 0
    """Read, anew or from a cache, and written."""
    usd: float = 0.0
    """Of those questions whose price is known."""
    unpriced: int = 0
    """Questions whose price is not known."""
    seconds: float = 0.0

    def plus(self, usage: Usage) -> Spent:
        """The sum with one more question."""
        return Spent(
            self.questions + 1,
            self.tokens + usage.input + usage.cached + usage.output,
            self.usd + (usage.usd or 0.0),
            self.unpriced + (usage.usd is None),
            self.seconds + usage.seconds,
        )

    def __str__(self) -> str:
        price = f"${self.usd:.4f}"
        if self.unpriced:
            price = "cost unknown" if self.unpriced == self.questions else f"{price} and what is unknown"
        return f"{self.questions} questions, {self.tokens:,} tokens, {price}"


class Ledger:
    """The ledger of a run's folder; None keeps it in memory, for one player alone."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self._spent, self._read = Spent(), 0

    def spent(self) -> Spent:
        """What has been spent so far, by all.

        Raises:
            RecordError: a line is no line of a ledger.
        """
        if self._folder is None or not (path := self._folder / FILE).exists():
            return self._spent
        with open(path, "rb") as file:
            file.seek(self._read)
            # What follows the last newline is a torn line, whose writer is being killed or still writing.
            lines = file.read().splitlines(keepends=True)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            try:
                said = json.loads(line)
                self._spent = self._spent.plus(Usage(**{name: said[name] for name in Usage.__dataclass_fields__}))
            except (ValueError, KeyError, TypeError) as error:
                raise RecordError(f"{path} holds a line that is none of a ledger's: {line[:80]!r}") from error
            self._read += len(line)
        return self._spent

    def enter(self, agent: str, usage: Usage) -> None:
        """Write down one question.

        Raises:
            RecordError: the disk would not take it.
        """
        if self._folder is None:
            self._spent = self._spent.plus(usage)
            return
        line = json.dumps({"agent": agent, "at": round(time.time(), 3), **asdict(usage)}) + "\n"
        with self._locked(FILE) as file:
            file.write(line)

    def take_turn(self, rate: float) -> None:
        """Wait until one more question may be asked.

        The turns of all workers are set apart evenly, the next free one standing in a file: a bucket that leaks. A
        service answers haste with a 429, which costs more than waiting does.

        Args:
            rate: questions a minute; 0: no limit.
        """
        if self._folder is None or not rate:
            return
        gap = 60 / rate
        with self._locked(TURNS) as file:
            file.seek(0)
            try:
                free = float(file.read() or 0)
            except ValueError:
                free = 0.0
            mine = max(time.time(), free)
            file.truncate(0)
            file.write(repr(mine + gap))
        time.sleep(max(0.0, mine - time.time()))

    @contextmanager
    def _locked(self, name: str) -> Iterator:
        import fcntl  # not on Windows, where a person's own screen can be played without teachers

        assert self._folder is not None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(self._folder / name, "a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise RecordError(f"{self._folder / name} cannot be written: {error}") from error
