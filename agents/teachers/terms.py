"""Terms: on which a run asks its teachers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .budget import Budget

__all__ = ["Terms"]


@dataclass(frozen=True)
class Terms:
    """What all teachers of a run have in common; plain data, which its workers are handed."""

    folder: Path | None = None
    """Of the run, whose ledger counts what is spent; None counts for one player alone."""
    budget: Budget = field(default_factory=Budget)
    rate: float = 0.0
    """Questions a minute, all workers together; 0: no limit."""
    first_thought: str = ""
    """How the first reply of an episode begins; `{goal}` stands for the goal, `{plan}` for the first sentence that the
    teacher says when it is asked, beforehand and without tools, how it would reach the goal.

    The unfinished message of its own that Kang et al., "Distilling LLM Agent into Small Models with Retrieval and Code
    Tools" (2025, arXiv 2505.17612) call the first-thought prefix, and which they take from such a plan. It goes
    with the first question only, the thought that is recorded holds it, and no instruction tells of it.
    """
