"""What commands print: tables or one JSON document on stdout, progress and trouble on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

__all__ = ["count_failures", "err", "out", "progress_bar", "report_on", "say_at_times", "show", "size"]

# A pipe has no width; a table for a person to read later should not be folded to 80 columns.
out, err = Console(width=None if sys.stdout.isatty() else 160), Console(stderr=True)


def show(rows: list[dict[str, Any]], as_json: bool, document: dict[str, Any]) -> None:
    """Print the rows as a table, or the document."""
    if as_json:
        print(json.dumps(document, default=str, indent=1))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def report_on(runs: list[Path], as_json: bool, page: Path | None = None, failures: int = 0, **roles: str) -> None:
    """Print what runs came to, with `roles` as of `report`, and write the page where one is wanted."""
    from ..benchmark.report import report, tables, write_page

    told = report(*runs, **roles)
    if page:
        write_page(told, page)
    if as_json:
        show([], True, told.as_json() | ({"failures": failures} if failures else {}))
        return
    for title, rows in tables(told):
        out.print(f"\n{title}", style="bold", markup=False, highlight=False)
        show(rows, False, {})
    for words in told.notes:
        err.print(words, style="yellow", markup=False, soft_wrap=True)


def count_failures(played: Iterable[tuple[Any, Any]], progress: Progress, bar: TaskID) -> int:
    """Say what goes wrong as episodes end, and count it."""
    failures = 0
    for trial, result in played:
        if why := str(result) if isinstance(result, Exception) else result.fault:
            failures += 1
            err.print(f"{trial}: {why}", style="red" if isinstance(result, Exception) else "yellow", markup=False,
                      soft_wrap=True)  # fmt: skip
        progress.update(bar, advance=1, description=f"{trial}")
    return failures


def progress_bar() -> Progress:
    """A bar that counts, on stderr."""
    columns = (
        SpinnerColumn(),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=err)


def say_at_times(progress: Progress, bar: TaskID, words: str) -> None:
    """Show what goes on; a log, which shows no bar, gets a line every half minute."""
    progress.update(bar, description=words)
    half_minute = int(2 * (progress.tasks[0].elapsed or 0) / 60)
    if not err.is_terminal and half_minute != progress.tasks[0].completed:
        progress.update(bar, completed=half_minute)
        err.print(words, markup=False, highlight=False, soft_wrap=True)


def size(count: int) -> str:
    """Bytes as people write them."""
    return f"{count / 1000:,.1f} kB" if count < 10_000_000 else f"{count / 1_000_000:,.1f} MB"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return (f"{value:.2f}" if isinstance(value, float) else str(value)).replace("[", "\\[")
