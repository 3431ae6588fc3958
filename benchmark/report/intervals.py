"""Intervals: what other seeds of the same tasks might have shown, at 95 %."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

__all__ = ["Interval", "bootstrap", "difference", "wilson"]

Z = NormalDist().inv_cdf(0.975)
RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its 95 % interval; all None where there is nothing to estimate from."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


def wilson(shares: Sequence[float]) -> Interval:
    """The mean of values in 0..1, one an instance, with Wilson's score interval (J. Am. Stat. Assoc. 22, 1927, 209).

    Of passes and failures it is the usual one. Values in between, such as the share of several tries that passed, vary
    less than passes and failures of the same mean, and so do several tasks of unlike difficulty, each with as many
    seeds: there it is rather too wide than too narrow.
    """
    n = len(shares)
    if not n:
        return Interval()
    p = math.fsum(shares) / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(max(p * (1 - p), 0) / n + Z * Z / (4 * n * n))
    return Interval(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))


def bootstrap(groups: Sequence[Sequence[float]]) -> Interval:
    """The mean of all values with a percentile bootstrap interval (Efron, Ann. Stat. 7, 1979, 1).

    Args:
        groups: the values task by task; each resample draws within tasks, since the tasks are fixed and the seeds are
            chance. The same values give the same interval. Where all are equal it has no width.
    """
    groups = [group for group in groups if len(group)]
    count = sum(map(len, groups))
    if not count:
        return Interval()
    rng, sums = np.random.default_rng(0), np.zeros(RESAMPLES)
    for group in groups:
        values = np.asarray(group, float)
        sums += values[rng.integers(len(values), size=(RESAMPLES, len(values)))].sum(axis=1)
    low, high = np.percentile(sums / count, (2.5, 97.5))
    value = math.fsum(value for group in groups for value in group) / count
    return Interval(value, min(value, float(low)), max(value, float(high)))


def difference(one: Sequence[float], other: Sequence[float]) -> Interval:
    """The mean of one minus the mean of the other, of values in 0..1 on the same instances, pair by pair.

    From both Wilson intervals and the correlation of the pairs: Newcombe's method 8 (Stat. Med. 17, 1998, 2635). It
    has a width where all pairs differ in the same way, and none where none differs and half of them passed.
    """
    if not one:
        return Interval()
    first, second, together = wilson(one), wilson(other), _correlation(one, other)
    p, l1, u1 = _ends(first)
    q, l2, u2 = _ends(second)
    down = (p - l1) ** 2 - 2 * together * (p - l1) * (u2 - q) + (u2 - q) ** 2
    up = (u1 - p) ** 2 - 2 * together * (u1 - p) * (q - l2) + (q - l2) ** 2
    value = p - q
    return Interval(value, max(-1.0, value - math.sqrt(max(down, 0))), min(1.0, value + math.sqrt(max(up, 0))))


def _ends(interval: Interval) -> tuple[float, float, float]:
    assert interval.value is not None
    assert interval.low is not None
    assert interval.high is not None
    return interval.value, interval.low, interval.high


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's, which of passes and failures is phi; 0 where one of them never varies."""
    x, y = np.asarray(one, float) - np.mean(one), np.asarray(other, float) - np.mean(other)
    spread = math.sqrt(float((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / spread if spread > 1e-12 else 0.0
