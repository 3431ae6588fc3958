"""Suite: the instances that agents are to play, software x task x seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import DeskgymError
from ..software_specs.catalog import find_task, tasks_named

__all__ = ["Suite", "Trial", "parse_screen", "parse_seeds"]


@dataclass(frozen=True)
class Trial:
    """One agent's attempt at one instance."""

    task: str
    seed: int
    agent: str
    desktop: str = "local"
    attempt: int = 0
    """Which of the agent's tries at the instance it is, from 0."""
    screen: tuple[int, int] | None = None
    """Width and height in pixels; None: as the spec says."""

    def __str__(self) -> str:
        again = f", try {self.attempt + 1}" if self.attempt else ""
        return f"{self.task} seed {self.seed} by {self.agent}{again}"


@dataclass(frozen=True)
class Suite:
    """A fixed set of instances."""

    tasks: tuple[str, ...]
    seeds: tuple[int, ...]

    @classmethod
    def of(
        cls, *names: str, seeds: Iterable[int], splits: Iterable[str] = ("seen", "unseen"), horizons: Iterable[str] = ()
    ) -> Suite:
        """The tasks meant by the names (none: all), of the given splits and horizons (none: all), with every seed.

        Raises:
            SpecError: a name is unknown.
            DeskgymError: nothing is left.
        """
        splits, horizons = set(splits), set(horizons)
        tasks = tuple(
            task.id
            for software, task in tasks_named(*names)
            if software.split in splits and (not horizons or task.horizon in horizons)
        )
        if not tasks:
            raise DeskgymError(f"no task of {', '.join(names) or 'any software'} is {' or '.join(sorted(splits))}")
        return cls(tasks, tuple(seeds))

    def goals(self) -> Iterator[str]:
        """The goal of every instance, in every wording: what a student's data must not share."""
        for task in self.tasks:
            _, found = find_task(task)
            for seed in self.seeds:
                yield from found.wordings(seed)

    def trials(
        self, agent: str, desktop: str = "local", *, attempt: int = 0, screen: tuple[int, int] | None = None
    ) -> Iterator[Trial]:
        """One trial an instance, seed by seed, so that a run that is cut short has covered every task."""
        for seed in self.seeds:
            for task in self.tasks:
                yield Trial(task, seed, agent, desktop, attempt, screen)


def parse_seeds(text: str) -> range:
    """Seeds as people write them: "7" or "0:20" (the end left out).

    Raises:
        DeskgymError: it is neither, or empty.
    """
    first, colon, last = text.partition(":")
    try:
        seeds = range(int(first), int(last)) if colon else range(int(first), int(first) + 1)
    except ValueError:
        raise DeskgymError(f"seeds are written 7 or 0:20, not {text!r}") from None
    if not seeds or seeds.start < 0:
        raise DeskgymError(f"{text!r} holds no seed; seeds are written 7 or 0:20")
    return seeds


def parse_screen(text: str) -> tuple[int, int] | None:
    """Width and height as people write them, "480x352"; None if the text is empty.

    Raises:
        DeskgymError: it is something else.
    """
    width, times, height = text.partition("x")
    if not text:
        return None
    if not (times and width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise DeskgymError(f"a screen is written 480x352, not {text!r}")
    return int(width), int(height)
