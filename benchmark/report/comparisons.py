"""Comparisons: two agents on the same instances, pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

from .groups import Played, split_of
from .intervals import Interval, difference

__all__ = ["Comparison", "comparisons", "exact_mcnemar"]


@dataclass(frozen=True)
class Comparison:
    """One agent beside another, on the instances that both played."""

    agent: str
    other: str
    split: str
    """all, or that of the first agent."""
    n: int
    ahead: int
    """Instances on which the first passed more often than the other."""
    level: int
    behind: int
    difference: Interval
    """Of their success."""
    p: float
    """Exact and two-sided: how often chance alone would split the instances that differ so unevenly."""


def exact_mcnemar(ahead: int, behind: int) -> float:
    """McNemar's test by the binomial distribution, two-sided: the pairs that differ are as good as coins.

    McNemar, Psychometrika 12 (1947) 153; with several tries an instance it is the sign test.
    """
    n = ahead + behind
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(ahead, behind) + 1)) / 2**n)


def comparisons(played: Played) -> list[Comparison]:
    """Every taught student beside every other agent; where there is none, all who are no baseline."""
    results = played.results
    agents = results.agents
    taught = [agent for agent, lineage in results.lineages.items() if lineage.taught]
    others = [agent for agent in agents if agent not in ("random", "idle", "finish")]
    firsts = [agent for agent in agents if agent in (taught or others)]
    made, done = [], set()
    for one in firsts:
        for other in agents:
            if one != other and (other, one) not in done:
                done.add((one, other))
                made += _compared(played, one, other)
    return made


def _compared(played: Played, one: str, other: str) -> Iterator[Comparison]:
    for split in ("all", "seen", "unseen"):
        pairs = played.both(
            one,
            other,
            lambda each: split in ("all", split_of(played.results, one, each.task.partition(".")[0])),  # noqa: B023
        )
        if not pairs:
            continue
        mine, theirs = [a.success for a, _ in pairs], [b.success for _, b in pairs]
        ahead = sum(a > b for a, b in zip(mine, theirs, strict=True))
        behind = sum(a < b for a, b in zip(mine, theirs, strict=True))
        yield Comparison(one, other, split, len(pairs), ahead, len(pairs) - ahead - behind, behind,
                         difference(mine, theirs), exact_mcnemar(ahead, behind))  # fmt: skip
