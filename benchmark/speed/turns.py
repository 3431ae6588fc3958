"""Turns: every way is tried once in each turn, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .figures import Figure

__all__ = ["Way", "take_turns"]

UNITS = {"ms": 1000.0, "s": 1.0}


@dataclass(frozen=True)
class Way:
    """One way to do one thing."""

    name: str
    software: str
    peer: str
    job: Callable[[int], float | None]
    """Is given the number of the turn; what it returns is taken for its seconds, None for its time on the wall."""
    rest: Callable[[], object] = lambda: None
    """Lets what the job has set in motion come to its end, so that it is not charged to the next."""
    unit: str = "ms"
    every: int = 1
    """It takes part in each so-many-th turn only, since it takes long."""
    warm_up: bool = True
    """Whether it is tried once before it counts."""


def take_turns(ways: Sequence[Way], repeats: int) -> Iterator[str | list[Figure]]:
    """Measure; yields what is about to be tried each time, and at the end the figures, in the order of the ways."""
    for way in ways:
        if way.warm_up:
            yield f"{way.software}: warming up"
            _once(way, 0)
    taken: list[list[float]] = [[] for _ in ways]
    for turn in range(repeats):
        for way, values in zip(ways, taken, strict=True):
            if turn % way.every == 0:
                yield f"{way.software}, turn {turn + 1} of {repeats}: {way.name}{way.peer and f', {way.peer}'}"
                values.append(UNITS[way.unit] * _once(way, turn))
    yield [
        Figure.of(way.name, way.software, way.unit, way.peer, values) for way, values in zip(ways, taken, strict=True)
    ]


def _once(way: Way, turn: int) -> float:
    begun = time.perf_counter()
    own = way.job(turn)
    passed = time.perf_counter() - begun
    way.rest()
    return passed if own is None else own
