"""Figures: what was measured, as a median and a 90th percentile of so many; and their JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ...errors import DeskgymError

__all__ = ["PREMATURE", "Figure", "read_figures", "share"]

PREMATURE = "premature screenshots"


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, on one software, in one way."""

    name: str
    software: str
    unit: str
    """ms, s, steps/s, KB, MB, or % (of n)."""
    p50: float
    p90: float
    n: int
    peer: str
    """Whose way: empty for ours."""

    @classmethod
    def of(cls, name: str, software: str, unit: str, peer: str, values: Sequence[float]) -> Figure:
        """Sum up what was taken, n values of the unit; percentiles are interpolated between the nearest two."""
        p50, p90 = np.percentile(values, (50, 90))
        return cls(name, software, unit, round(float(p50), 3), round(float(p90), 3), len(values), peer)

    def as_json(self) -> dict[str, object]:
        """Its fields by name."""
        return asdict(self)


def share(name: str, software: str, peer: str, flags: Iterable[bool]) -> Figure:
    """A figure in percent: how many of so many are true (its p50 and its p90 are the same number)."""
    told = list(flags)
    percent = round(100 * sum(told) / len(told), 3)
    return Figure(name, software, "%", percent, percent, len(told), peer)


def read_figures(path: Path) -> list[Figure]:
    """Read what `deskgym speed --json` printed.

    Raises:
        DeskgymError: it is something else.
    """
    try:
        return [Figure(**each) for each in json.loads(path.read_text())["figures"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeskgymError(f"{path} holds no figures of `deskgym speed --json`: {error}") from error
