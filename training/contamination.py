"""Contamination: what a data set shares with the benchmark that is to judge its student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .candidates import Candidate
from .rules import Rule

__all__ = ["likeness", "shared_goals", "words"]


def words(goal: str) -> list[str]:
    """A goal's words, lower case and without the punctuation around them."""
    bare = (word.strip(".,;:!?\"'()[]") for word in goal.casefold().split())
    return [word for word in bare if word]


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of words that two goals have in common, 0..1 (Jaccard index of the multisets; order does not count)."""
    first, second = Counter(one), Counter(other)
    return (first & second).total() / max((first | second).total(), 1)


def shared_goals(benchmark: Iterable[str], near: float) -> Rule:
    """Make the rule that drops episodes whose goal a benchmark instance has.

    Args:
        benchmark: the goals of the benchmark's instances, each in every wording it might have had.
        near: from which likeness on two goals are the same. Below 1, so that another order, another case or one more
            word in twenty does not count; but goals of one wording with another value in it are other goals.
    """
    theirs = {goal: words(goal) for goal in dict.fromkeys(benchmark)}

    def benchmark_goal(candidates: Sequence[Candidate]) -> dict[int, str]:
        """A benchmark instance has the same goal, word by word or nearly."""
        goals = {each.episode.header.goal for each in candidates}
        found = {goal: why for goal in goals if (why := _closest(words(goal), theirs, near))}
        return {at: found[goal] for at, each in enumerate(candidates) if (goal := each.episode.header.goal) in found}

    return benchmark_goal


def _closest(goal: list[str], theirs: dict[str, list[str]], near: float) -> str:
    most, which = max(((likeness(goal, other), name) for name, other in theirs.items()), default=(0.0, ""))
    if most < near:
        return ""
    return f"{'exactly' if goal == theirs[which] else f'nearly ({most:.2f})'} the goal of a benchmark instance: {which}"
