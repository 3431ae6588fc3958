"""Commands that measure: agents, speed, and what survives."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .options import (
    BENCHMARK,
    BudgetOption,
    Json,
    Kind,
    Names,
    Rate,
    Screen,
    Seeds,
    Splits,
    Workers,
    parsed,
    screen_size,
    seed_range,
)
from .showing import count_failures, err, progress_bar, report_on, say_at_times, show

__all__ = ["app"]

app = typer.Typer()


@app.command()
def bench(
    names: Names = None,
    agent: Annotated[
        list[str] | None, typer.Option(help="as of `collect`, or student:DIR@TEMPERATURE; repeat it")
    ] = None,
    into: Annotated[Path, typer.Option(help="the run's folder; an interrupted run is resumed")] = Path("runs/bench"),
    seeds: Seeds = BENCHMARK,
    tries: Annotated[int, typer.Option(min=1, help="of each agent at each instance: for pass@k and pass^k")] = 1,
    desktop: Kind = "local",
    screen: Screen = "",
    split: Splits = None,
    horizon: Annotated[list[str] | None, typer.Option(help="short, medium, long; all if left out")] = None,
    probe: Annotated[bool, typer.Option(help="find and leave out what is fulfilled at the start")] = True,
    workers: Workers = 1,
    budget: BudgetOption = "",
    rate: Rate = 0,
    as_json: Json = False,
) -> None:
    """Let agents play the same instances, side by side, and report; exit 0 if all were judged."""
    from ..agents.teachers.budget import Budget
    from ..agents.teachers.terms import Terms
    from ..benchmark.bench import Plan
    from ..benchmark.bench import bench as play_plan
    from ..benchmark.suite import Suite

    suite = Suite.of(
        *(names or []), seeds=seed_range(seeds), splits=split or ("seen", "unseen"), horizons=horizon or ()
    )
    plan = Plan(suite, tuple(agent or ("oracle", "random", "idle")), tries, desktop, screen_size(screen), probe)
    terms = Terms(into, parsed(Budget.parse, budget), rate)
    with progress_bar() as progress:
        bar = progress.add_task("benchmarking", total=None)
        played = play_plan(
            plan, into, workers=workers, terms=terms, coming=lambda count: progress.reset(bar, total=count)
        )
        failures = count_failures(played, progress, bar)
    report_on([into], as_json, failures=failures)
    raise typer.Exit(1 if failures else 0)


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="folders of runs, as `deskgym bench` makes them")],
    base: Annotated[str, typer.Option(metavar="AGENT", help="what a student began as; else by its record")] = "",
    whole: Annotated[str, typer.Option(metavar="AGENT", help="the student taught all software; else by records")] = "",
    page: Annotated[Path | None, typer.Option(help="also write the page with plots, one HTML file")] = None,
    as_json: Json = False,
) -> None:
    """Success with its 95 % interval, seen beside unseen, agents compared instance by instance, costs, and a page."""
    report_on(runs, as_json, base=base, whole=whole, page=page)


@app.command()
def speed(
    repeats: Annotated[int, typer.Option(min=3, help="turns; what takes seconds is tried in each third")] = 30,
    steps: Annotated[
        int, typer.Option(min=0, help="steps examined for premature screenshots, on each software; 0 leaves it out")
    ] = 200,
    peers: Annotated[bool, typer.Option(help="also measure the peers' ways (Docker, root for their image)")] = True,
    scale: Annotated[bool, typer.Option(help="also many desktops at once, a long episode, and recording")] = True,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="this software; may be repeated")] = None,
    earlier: Annotated[
        Path | None, typer.Option("--from", help="measure nothing: take the figures of an earlier --json")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="draw the figures into this PNG")] = None,
    readme: Annotated[Path | None, typer.Option(help="rewrite the tables between the marks of this file")] = None,
    as_json: Json = False,
) -> None:
    """Measure capture, input, settled steps, episodes and resets in interleaved turns, beside the peers' ways."""
    from ..benchmark.speed.figures import read_figures
    from ..benchmark.speed.measure import Job, measure
    from ..benchmark.speed.plot import draw
    from ..benchmark.speed.table import rewrite

    if earlier:
        figures = read_figures(earlier)
    else:
        with Progress(SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=err) as progress:
            bar = progress.add_task("opening", total=None)
            figures = measure(
                Job(repeats, steps, peers, scale, only or ()),
                report=lambda words: say_at_times(progress, bar, words),
                tell=lambda words: err.print(words, style="yellow", markup=False, soft_wrap=True),
            )
    if plot:
        draw(figures, plot)
    if readme:
        rewrite(readme, figures)
    rows = [figure.as_json() for figure in figures]
    show(rows, as_json, {"figures": rows})


@app.command()
def soak(
    names: Names = None,
    into: Annotated[Path, typer.Option(help="a new run")] = Path("runs/soak"),
    episodes: Annotated[int, typer.Option(min=1, help="how many")] = 1000,
    workers: Workers = 4,
    kill_every: Annotated[float, typer.Option(min=0, help="mean seconds between kills of a random part; 0: none")] = 5,
    seconds: Annotated[float, typer.Option(min=0, help="begin no more episodes after so long; 0: no limit")] = 0,
    desktop: Kind = "local",
    as_json: Json = False,
) -> None:
    """Play while parts of desktops are killed; exit 0 if no verdict was wrong, nothing lost, nothing left."""
    from ..benchmark.soak import soak as run_soak
    from ..errors import RecordError

    if into.exists():
        raise RecordError(f"{into} is there already: a soak begins a new run")
    with err.status("soaking") as status:
        report = run_soak(*(names or []), into=into, episodes=episodes, workers=workers, kill_every=kill_every,
                          seconds=seconds, desktop=desktop, report=lambda words: status.update(words))  # fmt: skip
    row = report.as_json()
    show([row], as_json, row)
    raise typer.Exit(0 if report.clean else 1)


@app.command()
def density(
    name: Annotated[str, typer.Argument(help="software")],
    desktops: Annotated[int, typer.Option(min=1, help="live at once")] = 8,
    stepping: Annotated[int, typer.Option(min=0, help="how many of them are played on in turn; 0: a half")] = 0,
    as_json: Json = False,
) -> None:
    """Measure what a live desktop costs in memory, processor and processes, and a step while others are there."""
    from ..benchmark.density import measure_density

    with err.status("opening") as status:
        row = measure_density(name, desktops, stepping=stepping, report=lambda words: status.update(words)).as_json()
    show([row], as_json, row)
