"""The card of an export: a page for people, with the front matter that the Hugging Face Hub reads."""

from __future__ import annotations

from typing import Any

import yaml

from .format import Format
from .ledger import Ledger

__all__ = ["card"]

SIZES = {"n<1K": 1_000, "1K<n<10K": 10_000, "10K<n<100K": 100_000, "100K<n<1M": 1_000_000}


def card(made: Format, name: str, ledger: Ledger) -> str:
    """The page `README.md`.

    Args:
        made: the export, closed.
        name: the format's name.
        ledger: what became of every episode.
    """
    rows = sum(count.rows for count in ledger.parts.values())
    front: dict[str, Any] = {
        "pretty_name": "deskgym episodes",
        "task_categories": ["image-text-to-text"],
        "tags": ["computer-use", "gui-agents", "deskgym", name],
        "size_categories": [next((size for size, most in SIZES.items() if rows < most), "n>1M")],
    }
    if configs := made.configs():
        front["configs"] = configs
    parts = "\n".join(
        f"| {part} | {count.episodes} | {count.steps} | {count.rows} |" for part, count in ledger.parts.items()
    )
    tasks = "\n".join(f"| {task} | {count} |" for task, count in sorted(ledger.tasks.items()))
    passed_over = "\n".join(f"| {why} | {count} |" for why, count in sorted(ledger.passed_over.items()))
    return PAGE.format(
        front=yaml.safe_dump(front, sort_keys=False), title=made.title, rows=made.rows, reading=made.reading,
        agents=", ".join(f"`{agent}` ({count})" for agent, count in sorted(ledger.agents.items())),
        parts=parts, tasks=tasks,
        passed_over=f"| because | episodes |\n|---|--:|\n{passed_over}" if passed_over else "None.",
    )  # fmt: skip


PAGE = """---
{front}---

# Episodes of real GUI software

Made by `deskgym export`: {title}.

| part | episodes | steps | rows |
|---|--:|--:|--:|
{parts}

{rows}
`validation` is a fifth of the instances (task and seed), chosen by a hash, so that an instance stays there as the data
grows; `test` are seeds that benchmarks draw, which no student should learn.

```python
{reading}
```

Screens are recorded pixels, as PNG. Of the verdict there is at most outcome and score: what judges an episode, and what
it was compared with, is not in here. `episodes.jsonl` says of every episode that was looked at what became of it.

## Agents

{agents}

## Tasks

| task | episodes |
|---|--:|
{tasks}

## Passed over

{passed_over}
"""
