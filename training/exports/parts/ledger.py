"""The ledger: what became of every episode an export looked at, so that nothing is lost without a word."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .lines import append_lines
from .trajectory import EXPORT_PARTS, Part, Trajectory

__all__ = ["Count", "Ledger", "Trouble"]


@dataclass
class Count:
    """How much of a part there is."""

    episodes: int = 0
    steps: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Trouble:
    """An episode that should have been exported, and could not."""

    episode: str
    why: str
    """unreadable: it is damaged; unsayable: the format has no words for an action of it."""
    reason: str


@dataclass
class Ledger:
    """Counts, and lines of `episodes.jsonl` as they come."""

    path: Path
    parts: dict[Part, Count] = field(default_factory=lambda: {part: Count() for part in EXPORT_PARTS})
    tasks: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    """Why -> how many episodes."""
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def exported(self) -> int:
        """Episodes in the export."""
        return sum(count.episodes for count in self.parts.values())

    def enter(self, trajectory: Trajectory, rows: int) -> None:
        """Note an episode that was exported."""
        count, header = self.parts[trajectory.part], trajectory.header
        count.episodes, count.steps, count.rows = (
            count.episodes + 1, count.steps + len(trajectory.turns), count.rows + rows,
        )  # fmt: skip
        self.tasks[header.task] += 1
        self.agents[header.agent] += 1
        self._line(episode=trajectory.name, fate=trajectory.part, task=header.task, seed=header.seed,
                   agent=header.agent, outcome=trajectory.outcome, score=trajectory.score,
                   steps=len(trajectory.turns), rows=rows)  # fmt: skip

    def pass_over(self, episode: str, why: str) -> None:
        """Note an episode that was not wanted."""
        self.passed_over[why] += 1
        self._line(episode=episode, fate="passed over", why=why)

    def fail(self, trouble: Trouble) -> None:
        """Note an episode that was wanted, and could not be exported."""
        self.passed_over[trouble.why] += 1
        self.troubles.append(trouble)
        self._line(fate="passed over", **asdict(trouble))

    def fates(self) -> str:
        """How many episodes were passed over and why, in one line."""
        total = self.exported + self.passed_over.total()
        return f"{total} were looked at; {', '.join(f'{why} {count}' for why, count in self.passed_over.items())}"

    def as_json(self) -> dict[str, Any]:
        """The counts, and every trouble."""
        return {
            "episodes": self.exported,
            "parts": {part: asdict(count) for part, count in self.parts.items()},
            "passed_over": dict(self.passed_over),
            "troubles": [asdict(trouble) for trouble in self.troubles],
        }

    def _line(self, **entry: Any) -> None:
        append_lines(self.path, entry)
