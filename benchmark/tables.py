"""Tables: what a run came to, in rows to print."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from ..recorder.store import Run
from .replay import Replayed

__all__ = ["exactness", "outcomes"]


def outcomes(run_folder: str | Path) -> list[dict[str, Any]]:
    """One row a task and agent: episodes, passed, score, steps; faults are listed apart and never a zero."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for episode in Run(run_folder).episodes():
        groups.setdefault((episode.header.task, episode.header.agent), []).append(episode)
    return [_row(task, agent, episodes) for (task, agent), episodes in sorted(groups.items())]


def exactness(replays: Iterable[Replayed]) -> list[dict[str, Any]]:
    """One row a task: replays, those of them that showed every screen again, screens, those that were equal."""
    groups: dict[str, list[Replayed]] = {}
    for each in replays:
        groups.setdefault(each.task, []).append(each)
    return [
        {"task": task, "replays": len(found), "exact": sum(each.exact for each in found),
         "screens": sum(each.screens for each in found), "equal": sum(each.equal for each in found)}
        for task, found in sorted(groups.items())
    ]  # fmt: skip


def _row(task: str, agent: str, episodes: list[Any]) -> dict[str, Any]:
    judged = [episode for episode in episodes if episode.verdict is not None]
    scores = [episode.verdict.score for episode in judged]
    return {
        "task": task,
        "agent": agent,
        "episodes": len(judged),
        "passed": sum(episode.verdict.passed for episode in judged),
        "score": sum(scores) / len(scores) if scores else None,
        "steps": median(len(episode.steps) for episode in judged) if judged else None,
        "seconds": median(sum(sum(step.seconds.values()) for step in e.steps) for e in judged) if judged else None,
        "faults": len(episodes) - len(judged),
    }
