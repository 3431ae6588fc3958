"""Tries: pass@k, whether one of k tries passes, and pass^k, whether all of k do."""

from __future__ import annotations

from math import comb

__all__ = ["pass_at", "pass_hat"]


def pass_at(k: int, tries: int, passed: int) -> float:
    """The chance that at least one of k tries passes, unbiased, from `passed` of `tries` (>= k) tries at an instance.

    Chen et al., "Evaluating Large Language Models Trained on Code", arXiv 2107.03374, section 2.1:
    1 - C(n - c, k) / C(n, k).
    """
    _check(k, tries, passed)
    return 1 - comb(tries - passed, k) / comb(tries, k)


def pass_hat(k: int, tries: int, passed: int) -> float:
    """The chance that all of k tries pass, unbiased: C(c, k) / C(n, k).

    Yao et al., "tau-bench", arXiv 2406.12045, section 3: what a user gets who comes k times.
    """
    _check(k, tries, passed)
    return comb(passed, k) / comb(tries, k)


def _check(k: int, tries: int, passed: int) -> None:
    if not (0 < k <= tries and 0 <= passed <= tries):
        raise ValueError(f"{passed} of {tries} tries passed: this says nothing of {k} tries")
