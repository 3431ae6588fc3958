"""Verdict and Check: what a verifier says of an episode, and why."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import VerifierError

__all__ = ["Check", "Verdict"]


@dataclass(frozen=True)
class Check:
    """One named requirement: what was wanted, what was found, and how much it counts."""

    name: str
    passed: bool
    wanted: Any = None
    found: Any = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        # A text such as "no" is true and a weight of NaN spares every check: both would pass anything.
        if self.passed not in (True, False):
            raise VerifierError(f"check {self.name!r}: passed must be True or False, not {self.passed!r}")
        if not 0 <= self.weight < math.inf:
            raise VerifierError(f"check {self.name!r}: the weight must be 0 or more, not {self.weight!r}")
        object.__setattr__(self, "passed", bool(self.passed))


@dataclass(frozen=True)
class Verdict:
    """The judgement of one episode.

    `score` is the weighted share of checks that passed, in 0..1; `passed` only when every check passed.
    """

    checks: tuple[Check, ...]
    score: float = field(init=False)
    passed: bool = field(init=False)

    def __post_init__(self) -> None:
        total = sum(check.weight for check in self.checks)
        if not self.checks or total <= 0:
            # A verdict that checks nothing would pass everything: the author's mistake, not a success.
            raise VerifierError("a verdict needs at least one check with a positive weight")
        earned = sum(check.weight for check in self.checks if check.passed)
        object.__setattr__(self, "score", earned / total)
        object.__setattr__(self, "passed", all(check.passed for check in self.checks))

    @classmethod
    def of(cls, *checks: Check) -> Verdict:
        """Make a verdict of the given checks."""
        return cls(tuple(checks))

    def failed(self) -> list[Check]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.passed]

    def bare(self) -> Verdict:
        """The same verdict without what was wanted and found, which tell the truth: what an episode may hold."""
        return Verdict(tuple(replace(check, wanted=None, found=None) for check in self.checks))

    def as_json(self) -> dict[str, Any]:
        """A JSON-ready dict; values that JSON does not know are written as their `repr`."""
        document = {
            "score": self.score,
            "passed": self.passed,
            "checks": [vars(check) for check in self.checks],
        }
        return json.loads(json.dumps(document, default=repr))

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Verdict:
        """Read back what `as_json` wrote."""
        return cls(tuple(Check(**check) for check in document["checks"]))
