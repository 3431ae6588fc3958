"""The card: what became of every episode that was looked at, as a table for people and as lines for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Card", "Entry"]


@dataclass(frozen=True)
class Entry:
    """One episode's fate: a line of `reasons.jsonl`."""

    episode: str
    """Its folder."""
    task: str = ""
    seed: int = -1
    agent: str = ""
    steps: int = 0
    """How many were recorded."""
    cut: Mapping[int, str] = field(default_factory=dict)
    """Step -> why it was taken out."""
    silent: Mapping[int, str] = field(default_factory=dict)
    """Step -> why it gets no loss."""
    fate: str = ""
    """train, validation or dropped."""
    rule: str = ""
    """The rule that dropped it."""
    reason: str = ""


@dataclass
class Card:
    """What a curation did."""

    config: Mapping[str, Any]
    rows: list[tuple[str, str, int, int]] = field(default_factory=list)
    """Rule, what it says, episodes it was shown, episodes it dropped."""
    entries: list[Entry] = field(default_factory=list)
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Part -> episodes and steps in it."""
    steps: int = 0
    """Steps of the episodes whose steps were looked at."""
    cut: int = 0
    silent: int = 0
    replays: int = 0
    shared: list[str] = field(default_factory=list)
    """Of each episode with a goal of the benchmark's, which and how nearly."""

    def count(self, rule: str, says: str, shown: int, dropped: int) -> None:
        """Note what a rule did."""
        self.rows.append((rule, says, shown, dropped))

    def fates(self) -> str:
        """How many episodes each rule dropped, in one line."""
        dropped = [f"{rule} {count}" for rule, _, _, count in self.rows if count]
        return f"{self.rows[0][2]} were looked at; dropped: {', '.join(dropped) or 'none'}"

    def as_json(self) -> dict[str, Any]:
        """The whole card but the episodes' lines."""
        return {
            "rules": [
                {"rule": rule, "shown": shown, "dropped": dropped, "kept": shown - dropped, "says": says}
                for rule, says, shown, dropped in self.rows
            ],
            "parts": {part: {"episodes": count, "steps": steps} for part, (count, steps) in self.parts.items()},
            "steps": {"shown": self.steps, "cut": self.cut, "without_loss": self.silent, "replays": self.replays},
            "shared_goals": len(self.shared),
            "config": dict(self.config),
        }

    def reasons(self) -> bytes:
        """The lines of `reasons.jsonl`."""
        lines = (json.dumps(asdict(entry), ensure_ascii=False) + "\n" for entry in self.entries)
        return "".join(lines).encode("utf-8", "backslashreplace")

    def page(self) -> str:
        """The page `README.md`."""
        rules = "\n".join(
            f"| {rule} | {says} | {shown} | {dropped} | {shown - dropped} |" for rule, says, shown, dropped in self.rows
        )
        parts = "\n".join(f"| {part} | {count} | {steps} |" for part, (count, steps) in self.parts.items())
        tasks = "\n".join(f"| {task} | {kept} | {dropped} |" for task, (kept, dropped) in sorted(self._tasks().items()))
        settings = ", ".join(
            f"{name} {' '.join(value) or 'all' if isinstance(value, tuple) else value}"
            for name, value in self.config.items()
        )
        return PAGE.format(
            rules=rules, parts=parts, tasks=tasks, settings=settings, steps=self.steps, cut=self.cut,
            silent=self.silent, replays=self.replays, contamination=self._contamination(),
        )  # fmt: skip

    def _tasks(self) -> dict[str, tuple[int, int]]:
        counts: dict[str, tuple[int, int]] = {}
        for entry in self.entries:
            task, gone = entry.task or "(unreadable)", entry.fate == "dropped"
            kept, dropped = counts.get(task, (0, 0))
            counts[task] = (kept + (not gone), dropped + gone)
        return counts

    def _contamination(self) -> str:
        goals = self.config.get("benchmark_goals", 0)
        if not goals:
            return "No benchmark was named, so goals were compared with none; seeds were."
        exact = sum(reason.startswith("exactly") for reason in self.shared)
        return (
            f"Goals were compared with {goals} of the benchmark, its instances in every wording: "
            f"{exact} episodes had one of them word by word, {len(self.shared) - exact} nearly; "
            f"all were {'kept, as asked' if self.config.get('keep_shared') else 'dropped'}."
        )


PAGE = """# A data set of episodes

Made by `deskgym curate`. Screens are not in here: each step names a frame of an episode's folder.

| part | episodes | steps |
|---|--:|--:|
{parts}

## Rules

In this order; each was shown what the one before it kept. `reasons.jsonl` says of every episode what became of it.

| rule | drops an episode if | shown | dropped | kept |
|---|---|--:|--:|--:|
{rules}

## Steps

Of {steps} steps, {cut} were cut as detours and {silent} stay in the context without loss.
To prove it, {replays} shortened episodes were played on a live desktop.

## Contamination

{contamination}

## Tasks

| task | kept | dropped |
|---|--:|--:|
{tasks}

Settings: {settings}.
"""
