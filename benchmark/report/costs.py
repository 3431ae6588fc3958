"""Costs: what an agent takes for a step and for a task, and which agents no other beats in both cost and quality."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .groups import Played
from .intervals import Interval, wilson
from .results import Instance
from .tries import pass_at, pass_hat

__all__ = ["Cost", "Tries", "costs", "front", "several_tries", "shared"]


@dataclass(frozen=True)
class Cost:
    """What an agent's episodes took: a step in all of them, a task on the instances that all agents played.

    Where there is no such instance, a task is of what each one played.
    """

    agent: str
    n: int
    success: Interval
    think: tuple[float, float] | None
    """Median and 90th percentile of the seconds it took for a step."""
    act: tuple[float, float] | None
    """The same of the desktop."""
    seconds: float | None
    """Mean seconds of thinking in an episode."""
    tokens: float | None
    """Mean tokens of an episode, read and written; None where they were not counted in all of them."""
    usd: float | None
    """Mean US dollars of an episode, likewise."""
    best: bool = False
    """Whether no other agent has as much success for less, and more for as much: the Pareto front."""


@dataclass(frozen=True)
class Tries:
    """What k tries are worth."""

    agent: str
    k: int
    n: int
    """Instances with at least k judged tries."""
    any: Interval
    """pass@k"""
    all: Interval
    """pass^k"""


def costs(played: Played) -> list[Cost]:
    """Of every agent; the oracle's success cost nothing that a player could pay, so it is on no front."""
    agents = [agent for agent in played.results.agents if played.of(agent)]
    common = shared(played)
    made = [_cost(played, agent, common or set(played.of(agent))) for agent in agents]
    priced = all(each.usd is not None for each in made if each.agent != "oracle")
    fair = [each for each in made if each.n and each.agent not in ("oracle", "finish")]
    paid = [((each.usd if priced else each.seconds) or 0.0, each.success.value or 0.0) for each in fair]
    best = {each.agent for each, on in zip(fair, front(paid), strict=True) if on}
    return [replace(each, best=each.agent in best) for each in made]


def shared(played: Played) -> set[Instance]:
    """The instances that all agents played."""
    sets = [set(instances) for agent in played.results.agents if (instances := played.of(agent))]
    return set.intersection(*sets) if sets else set()


def front(places: Iterable[tuple[float, float]]) -> list[bool]:
    """Whether each (cost, quality) is on the Pareto front: no other is as cheap and as good, and better in one."""
    places = list(places)
    return [not any(c <= cost and q >= quality and (c, q) != (cost, quality) for c, q in places)
            for cost, quality in places]  # fmt: skip


def several_tries(played: Played) -> list[Tries]:
    """pass@k and pass^k of every agent with more than one try at an instance, for every k it has tries for."""
    made = []
    for agent in played.results.agents:
        outcomes = list(played.of(agent).values())
        most = max((len(each.attempts) for each in outcomes), default=0)
        for k in range(1, most + 1) if most > 1 else ():
            tried = [(len(each.attempts), each.passed) for each in outcomes if len(each.attempts) >= k]
            made.append(Tries(agent, k, len(tried), wilson([pass_at(k, *each) for each in tried]),
                              wilson([pass_hat(k, *each) for each in tried])))  # fmt: skip
    return made


def _cost(played: Played, agent: str, common: set[Instance]) -> Cost:
    own = [attempt for outcome in played.of(agent).values() for attempt in outcome.attempts]
    outcomes = list(played.of(agent, lambda each: each in common).values())
    attempts = [attempt for outcome in outcomes for attempt in outcome.attempts]
    tokens, usd = [each.tokens for each in attempts], [each.usd for each in attempts]
    thinking = [sum(each.think) for each in attempts if each.think]
    return Cost(
        agent, len(outcomes), wilson([each.success for each in outcomes]),
        _spread(second for each in own for second in each.think),
        _spread(second for each in own for second in each.act),
        _mean(thinking), _mean(tokens), _mean(usd),
    )  # fmt: skip


def _spread(seconds: Iterable[float]) -> tuple[float, float] | None:
    values = list(seconds)
    if not values:
        return None
    p50, p90 = np.percentile(values, (50, 90))
    return float(p50), float(p90)


def _mean(values: list) -> float | None:
    return sum(values) / len(values) if values and None not in values else None
