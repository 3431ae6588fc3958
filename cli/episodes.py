"""Commands about episodes: playing, recording, judging, replaying, watching and archiving them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .options import (
    AgentName,
    BudgetOption,
    Json,
    Kind,
    Names,
    Rate,
    RunFolder,
    Screen,
    Seeds,
    Splits,
    TaskName,
    Workers,
    parsed,
    screen_size,
    seed_range,
)
from .showing import count_failures, err, out, progress_bar, show, size

__all__ = ["app"]

app = typer.Typer()


@app.command()
def play(
    task: TaskName,
    agent: AgentName = "oracle",
    seed: Annotated[int, typer.Option(min=0, help="the instance")] = 0,
    desktop: Kind = "local",
    human: Annotated[bool, typer.Option(help="watch in a window")] = False,
) -> None:
    """Play one episode and print every decision; exit 0 if it passed."""
    from ..agents.naming import make_agent, reads_tree
    from ..agents.play import Start
    from ..agents.play import play as turns
    from ..envs.desktop_env import DesktopEnv
    from ..software_specs.catalog import find_task

    software, named = find_task(task)
    mode = "human" if human else None
    env = DesktopEnv(software, named.name, desktop=desktop, render_mode=mode, tree=reads_tree(agent))
    verdict = None
    try:
        for turn in turns(env, make_agent(agent, env), seed):
            if isinstance(turn, Start):
                out.print(f"goal: {turn.goal}", style="bold", markup=False, highlight=False)
                continue
            words = f"{turn.decision.thought}\n    {turn.decision.action}  ({1000 * turn.seconds['act']:.0f} ms)"
            out.print(words + (f"\n    {turn.info['error']}" if turn.info["error"] else ""), markup=False)
            verdict = turn.info.get("verdict")
    finally:
        env.close()
    assert verdict is not None
    show([vars(each) for each in verdict.checks], False, {})
    out.print(f"{'passed' if verdict.passed else 'failed'}, score {verdict.score:.2f}")
    raise typer.Exit(0 if verdict.passed else 1)


@app.command()
def collect(
    names: Names = None,
    into: Annotated[Path, typer.Option(help="the run's folder; an interrupted run is resumed")] = Path("runs/latest"),
    agent: AgentName = "oracle",
    seeds: Seeds = "0:3",
    desktop: Kind = "local",
    screen: Screen = "",
    split: Splits = None,
    workers: Workers = 1,
    annotate: Annotated[bool, typer.Option(help="also record the visible widgets, as labels for training")] = False,
    budget: BudgetOption = "",
    rate: Rate = 0,
    first_thought: Annotated[str, typer.Option(help="how a teacher's first reply begins; {goal}, {plan}")] = "",
    as_json: Json = False,
) -> None:
    """Record an agent's episodes over software, tasks and seeds; exit 0 if all were judged."""
    from ..agents.teachers.budget import Budget
    from ..agents.teachers.terms import Terms
    from ..benchmark.collect import collect as run_trials
    from ..benchmark.collect import pending, spent
    from ..benchmark.suite import Suite
    from ..benchmark.tables import outcomes

    suite = Suite.of(*(names or []), seeds=seed_range(seeds), splits=split or ("seen", "unseen"))
    trials = list(suite.trials(agent, desktop, screen=screen_size(screen)))
    todo = pending(trials, into)
    if len(todo) < len(trials):
        err.print(f"{len(trials) - len(todo)} of {len(trials)} episodes are there already")
    terms = Terms(into, parsed(Budget.parse, budget), rate, first_thought)
    with progress_bar() as progress:
        bar = progress.add_task("collecting", total=len(todo))
        failures = count_failures(
            run_trials(todo, into, workers=workers, annotate=annotate, terms=terms), progress, bar
        )
    rows = outcomes(into) if into.exists() else []  # when nothing could begin, what kept it has been told
    costs = spent(into)
    if costs.questions:
        err.print(f"teachers: {costs}", markup=False, highlight=False)
    show(rows, as_json, {"run": str(into), "rows": rows, "failures": failures, "teachers": vars(costs)})
    raise typer.Exit(1 if failures else 0)


@app.command()
def judge(
    run: RunFolder,
    write: Annotated[bool, typer.Option(help="write the new verdicts into the run")] = False,
    as_json: Json = False,
) -> None:
    """Judge a run anew from its stored evidence, with the verifiers of today; exit 0 if no verdict changed."""
    from ..benchmark.collect import amend, judge_again

    rows, changed = [], 0
    for each in judge_again(run):
        header = each.episode.header
        now = each.error or ("passed" if each.verdict and each.verdict.passed else "failed")
        rows.append({"task": header.task, "seed": header.seed, "agent": header.agent, "was": each.episode.outcome,
                     "now": now, "changed": each.changed})  # fmt: skip
        changed += each.changed
        if write and each.changed:
            amend(run, each)
    show(rows, as_json, {"episodes": rows})
    raise typer.Exit(1 if changed and not write else 0)


@app.command()
def replay(
    episodes: Annotated[list[Path], typer.Argument(help="folders of episodes, or of runs")],
    times: Annotated[int, typer.Option(min=1, help="how often each is replayed")] = 1,
    workers: Workers = 1,
    pictures: Annotated[
        Path | None, typer.Option(help="where to write what differed: recorded, replayed, and the difference")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play recorded actions again and compare every screen, pixel by pixel; exit 0 if all were equal."""
    from ..benchmark.replay import replays, write_picture
    from ..benchmark.tables import exactness
    from ..recorder.store import episode_folders

    folders = [folder for each in episodes for folder in episode_folders(each)]
    found, broken = [], 0
    with progress_bar() as progress:
        bar = progress.add_task("replaying", total=len(folders) * times)
        for folder, result in replays(folders, times, workers):
            progress.update(bar, advance=1, description=Path(folder).name)
            if isinstance(result, Exception):
                broken += 1
                err.print(f"{folder}: {result}", style="red", markup=False, soft_wrap=True)
                continue
            if not result.exact:
                err.print(str(result), style="yellow", markup=False, soft_wrap=True)
                if pictures:
                    write_picture(result, pictures / f"{result.episode.name}-{len(found)}.png")
            found.append(replace(result, wanted=None, found=None))  # pictures of many would fill the memory
    show(exactness(found), as_json, {"replays": [each.as_json() for each in found], "broken": broken})
    raise typer.Exit(0 if found and not broken and all(each.exact for each in found) else 1)


@app.command()
def view(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="the folders of runs")],
    film: Annotated[
        str, typer.Option(metavar="AGENT", help="first write an MP4 of every episode this agent played")
    ] = "",
    into: Annotated[Path | None, typer.Option(help="write static pages into this folder, and serve nothing")] = None,
    host: Annotated[str, typer.Option(help="the address to listen at; this one is for this machine alone")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="0 takes a free one")] = 0,
    open_: Annotated[bool, typer.Option("--open", help="also open it in the browser of this machine")] = False,
) -> None:
    """Serve runs as a web page that follows them, until Ctrl-C; or write them as static pages."""
    from ..recorder.viewer import watch, write_films, write_site

    for path in write_films(runs, film, lambda name: err.print(f"filming {name}", highlight=False)) if film else ():
        out.print(str(path), soft_wrap=True, highlight=False)
    if into is not None:
        with err.status("drawing"):
            out.print(str(write_site(runs, into)), soft_wrap=True, highlight=False)
        return
    watch(runs, host, port, open_, tell=lambda words: err.print(words, soft_wrap=True, highlight=False))


@app.command()
def pack(run: RunFolder, as_json: Json = False) -> None:
    """Compress the frames of a finished run for the archive: bit-exact, read as before; resumed by the same command."""
    from ..recorder.pack import pack as pack_episode
    from ..recorder.pack import unpacked

    todo = unpacked(run)
    rows = []
    with progress_bar() as progress:
        bar = progress.add_task("packing", total=len(todo))
        for folder in todo:
            done = pack_episode(folder)
            progress.update(bar, advance=1, description=done.episode)
            rows.append({"episode": done.episode, "before": done.before, "after": done.after})
    before, after = (sum(row[when] for row in rows) for when in ("before", "after"))
    shown = [{**row, "before": size(row["before"]), "after": size(row["after"])} for row in rows]
    show(shown, as_json, {"run": str(run), "episodes": rows, "before": before, "after": after})
    if not as_json:
        out.print(f"{len(rows)} episodes packed: {size(before)} before, {size(after)} after", highlight=False)
