"""Options that several commands share, and what their words mean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ..errors import DeskgymError

__all__ = [
    "BENCHMARK",
    "AgentName",
    "BudgetOption",
    "Json",
    "Kind",
    "Names",
    "Rate",
    "RunFolder",
    "Screen",
    "Seeds",
    "Splits",
    "TaskName",
    "Workers",
    "parsed",
    "screen_size",
    "seed_range",
]

T = TypeVar("T")

Names = Annotated[
    list[str] | None, typer.Argument(help="software, or software.task; none means all", show_default=False)
]
TaskName = Annotated[str, typer.Argument(help="software.task")]
Kind = Annotated[str, typer.Option("--desktop", help="local, docker, browser, screen or toy")]
Json = Annotated[bool, typer.Option("--json", help="print one JSON document")]
AgentName = Annotated[
    str,
    typer.Option(
        "--agent", help="oracle, idle, finish, random, student:DIR, teacher:MODEL, package.module:Class; with +tree"
    ),
]
Seeds = Annotated[str, typer.Option("--seeds", help="7, or 0:20 with the end left out")]
Screen = Annotated[str, typer.Option("--screen", metavar="WxH", help="pixels, such as 480x352; else as the spec says")]
Splits = Annotated[list[str] | None, typer.Option("--split", help="seen, unseen; both if left out")]
Workers = Annotated[int, typer.Option("--workers", min=1, help="processes side by side")]
BudgetOption = Annotated[str, typer.Option("--budget", help="of teachers: 5 (dollars), 2Mtokens, 90min, or 5,90min")]
Rate = Annotated[float, typer.Option("--rate", min=0, help="most questions to teachers a minute; 0: no limit")]
BENCHMARK = "10000:10020"
"""The seeds of the benchmark, whose goals a data set must not share, unless others are named."""
RunFolder = Annotated[Path, typer.Argument(help="the folder of a run")]


def seed_range(text: str) -> range:
    """Of "7" or "0:20".

    Raises:
        BadParameter: these are no seeds.
    """
    from ..benchmark.suite import parse_seeds

    return parsed(parse_seeds, text)


def screen_size(text: str) -> tuple[int, int] | None:
    """Of "480x352"; None of nothing.

    Raises:
        BadParameter: it is no size.
    """
    from ..benchmark.suite import parse_screen

    return parsed(parse_screen, text)


def parsed(parse: Callable[[str], T], text: str) -> T:
    """What the words of an option mean; what cannot be read is wrong use, and told as such."""
    try:
        return parse(text)
    except DeskgymError as error:
        raise typer.BadParameter(str(error)) from None
