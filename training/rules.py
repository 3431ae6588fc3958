"""Rules: which episodes a student learns from. Each takes all candidates, and says why it drops one.

What is kept follows FireAct (arXiv 2310.05915: correct trajectories only) and Gym-Anything (arXiv 2604.06126).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from statistics import median

from ..envs.seeds import COLLECTING_SEEDS
from .candidates import Candidate

__all__ = ["Rule", "chosen", "held_out", "needless_length", "quality", "rules"]

Rule = Callable[[Sequence[Candidate]], dict[int, str]]
"""Candidates -> position of each that is dropped, with the reason."""


def chosen(only: Collection[str], share: float) -> Rule:
    """Make the rule that leaves a part of what was collected: for students that differ by what they were taught.

    Args:
        only: software, or software.task; none: all.
        share: of the instances, 0..1, drawn by a hash: a smaller share lies within a larger one.
    """

    def not_chosen(candidates: Sequence[Candidate]) -> dict[int, str]:
        """It is no part of what was asked for."""
        dropped = {}
        for at, each in enumerate(candidates):
            task, seed = each.instance
            if only and not {task, task.partition(".")[0]} & set(only):
                dropped[at] = f"{task} was not asked for"
            elif _drawn("share", task, seed) >= share:
                dropped[at] = f"its instance is beyond the share of {share:g}"
        return dropped

    return not_chosen


def machine_fault(candidates: Sequence[Candidate]) -> dict[int, str]:
    """The machine failed, or the episode was broken off: nobody's success and nobody's failure."""
    return {
        at: each.episode.fault.partition(":")[0] or f"it is {each.episode.outcome}"
        for at, each in enumerate(candidates)
        if each.episode.outcome in ("fault", "unfinished")
    }


def no_verdict(candidates: Sequence[Candidate]) -> dict[int, str]:
    """The judge has no verdict, so nothing is proven."""
    return {at: each.why or "it was never judged" for at, each in enumerate(candidates) if each.passed is None}


def not_passed(candidates: Sequence[Candidate]) -> dict[int, str]:
    """The verifier does not pass it."""
    return {
        at: "the verifier of today fails what was passed" if each.episode.outcome == "passed" else "it failed"
        for at, each in enumerate(candidates)
        if not each.passed
    }


def benchmark_seed(candidates: Sequence[Candidate]) -> dict[int, str]:
    """Its seed is one that benchmarks draw."""
    return {
        at: f"seed {each.episode.header.seed} is not below {COLLECTING_SEEDS.stop}"
        for at, each in enumerate(candidates)
        if each.episode.header.seed not in COLLECTING_SEEDS
    }


def less_efficient(candidates: Sequence[Candidate]) -> dict[int, str]:
    """Another episode of the same instance reached the goal in fewer steps, or in as many."""
    best: dict[tuple[str, int], int] = {}
    for at, each in enumerate(candidates):
        known = best.setdefault(each.instance, at)
        if len(each.steps) < len(candidates[known].steps):
            best[each.instance] = at
    return {
        at: f"{candidates[best[each.instance]].episode.folder.name} takes {len(candidates[best[each.instance]].steps)} "
        f"steps, this one {len(each.steps)}"
        for at, each in enumerate(candidates)
        if best[each.instance] != at
    }


def needless_length(factor: float) -> Rule:
    """Make the rule that drops episodes longer than `factor` times the median of their task's passed episodes."""

    def longer_than_median(candidates: Sequence[Candidate]) -> dict[int, str]:
        """It takes more steps than the task's passed episodes usually do."""
        lengths: dict[str, list[int]] = {}
        for each in candidates:
            lengths.setdefault(each.episode.header.task, []).append(len(each.steps))
        limits = {task: factor * median(known) for task, known in lengths.items()}
        return {
            at: f"{len(each.steps)} steps; {factor:g} x the median of {each.episode.header.task} is "
            f"{limits[each.episode.header.task]:g}"
            for at, each in enumerate(candidates)
            if len(each.steps) > limits[each.episode.header.task]
        }

    return longer_than_median


def nothing_to_learn(candidates: Sequence[Candidate]) -> dict[int, str]:
    """No step of it gets any loss."""
    return {
        at: "no step of it gets any loss"
        for at, each in enumerate(candidates)
        if all(step.index in each.silent for step in each.steps)
    }


def rules() -> tuple[Rule, ...]:
    """Those that look at each episode by itself."""
    return machine_fault, no_verdict, not_passed, benchmark_seed


def held_out(task: str, seed: int, every: int = 5) -> bool:
    """Whether an instance is for validation: a fifth of them, by a hash, so that it stays there as the data grows."""
    digest = hashlib.sha256(f"{task}:{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % every == 0


def _drawn(purpose: str, task: str, seed: int) -> float:
    """A number in [0, 1) that an instance always has."""
    digest = hashlib.sha256(f"{purpose}:{task}:{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def quality(candidate: Candidate, fewest: int) -> float:
    """The weight in filtered behavioural cloning, 0..1: how direct it is, times the share of its steps that are learnt.

    Args:
        candidate: an episode that is kept.
        fewest: the steps of the shortest kept episode of the same task.
    """
    learnt = sum(step.index not in candidate.silent for step in candidate.steps)
    return round(fewest / len(candidate.steps) * learnt / len(candidate.steps), 6)
