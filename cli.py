"""The command `deskgym`: nouns are arguments, choices are options, results on stdout, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from .errors import DeskgymError

app = typer.Typer(
    help="Real GUI software as Gymnasium environments for computer-use agents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# A pipe has no width; a table for a person to read later should not be folded to 80 columns.
out, err = Console(width=None if sys.stdout.isatty() else 160), Console(stderr=True)

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


@app.command("list")
def list_(names: Names = None, as_json: Json = False) -> None:
    """List software and tasks."""
    from .software_specs.catalog import tasks_named

    rows = [
        {"task": task.id, "split": software.split, "horizon": task.horizon, "max_steps": task.max_steps,
         "tags": list(task.tags), "goal": task.goal[0]}
        for software, task in tasks_named(*(names or []))
    ]  # fmt: skip
    _show(rows, as_json, {"tasks": rows})


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine can run, and what to do about the rest."""
    from .envs.doctor import examine

    findings = list(examine())
    rows = [
        {"": "ok" if f.well else "missing" if f.needed else "-", "name": f.name, "detail": f.detail} for f in findings
    ]
    _show(rows, as_json, {"findings": [vars(finding) for finding in findings]})
    raise typer.Exit(0 if all(finding.well or not finding.needed for finding in findings) else 1)


@app.command()
def build(
    names: Names = None,
    desktop: Annotated[
        str, typer.Option(help="local, or docker to import the images into its engine as well")
    ] = "local",
) -> None:
    """Build the images of software (root is needed for that, and for nothing else)."""
    from .envs.images import build as build_image
    from .software_specs.catalog import find_software, folders

    for name in names or sorted(folders()):
        with err.status(f"{name}") as status:
            image = build_image(find_software(name), lambda words: status.update(words))
            if desktop == "docker":
                from .envs.docker_cell import import_image

                status.update(f"{name}: importing into Docker")
                import_image(image)
        out.print(f"{name} {image.digest} {image.folder}", soft_wrap=True, highlight=False)


@app.command()
def play(
    task: TaskName,
    agent: AgentName = "oracle",
    seed: Annotated[int, typer.Option(min=0, help="the instance")] = 0,
    desktop: Kind = "local",
    human: Annotated[bool, typer.Option(help="watch in a window")] = False,
) -> None:
    """Play one episode and print every decision; exit 0 if it passed."""
    from .agents.agent import make_agent, reads_tree
    from .agents.play import Start
    from .agents.play import play as turns
    from .envs.desktop_env import DesktopEnv
    from .software_specs.catalog import find_task

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
    _show([vars(each) for each in verdict.checks], False, {})
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
    from .agents.teachers.budget import Budget
    from .agents.teachers.terms import Terms
    from .benchmark.collect import collect as run_trials
    from .benchmark.collect import pending, spent
    from .benchmark.suite import Suite
    from .benchmark.tables import outcomes

    suite = Suite.of(*(names or []), seeds=_seeds(seeds), splits=split or ("seen", "unseen"))
    trials = list(suite.trials(agent, desktop, screen=_screen(screen)))
    todo = pending(trials, into)
    if len(todo) < len(trials):
        err.print(f"{len(trials) - len(todo)} of {len(trials)} episodes are there already")
    terms = Terms(into, _parsed(Budget.parse, budget), rate, first_thought)
    with _progress() as progress:
        bar = progress.add_task("collecting", total=len(todo))
        failures = _told(run_trials(todo, into, workers=workers, annotate=annotate, terms=terms), progress, bar)
    rows = outcomes(into) if into.exists() else []  # when nothing could begin, what kept it has been told
    costs = spent(into)
    if costs.questions:
        err.print(f"teachers: {costs}", markup=False, highlight=False)
    _show(rows, as_json, {"run": str(into), "rows": rows, "failures": failures, "teachers": vars(costs)})
    raise typer.Exit(1 if failures else 0)


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
    from .agents.teachers.budget import Budget
    from .agents.teachers.terms import Terms
    from .benchmark.bench import Plan
    from .benchmark.bench import bench as play_plan
    from .benchmark.suite import Suite

    suite = Suite.of(*(names or []), seeds=_seeds(seeds), splits=split or ("seen", "unseen"), horizons=horizon or ())
    plan = Plan(suite, tuple(agent or ("oracle", "random", "idle")), tries, desktop, _screen(screen), probe)
    terms = Terms(into, _parsed(Budget.parse, budget), rate)
    with _progress() as progress:
        bar = progress.add_task("benchmarking", total=None)
        played = play_plan(
            plan, into, workers=workers, terms=terms, coming=lambda count: progress.reset(bar, total=count)
        )
        failures = _told(played, progress, bar)
    _report_on([into], as_json, failures=failures)
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
    _report_on(runs, as_json, base=base, whole=whole, page=page)


@app.command()
def judge(
    run: RunFolder,
    write: Annotated[bool, typer.Option(help="write the new verdicts into the run")] = False,
    as_json: Json = False,
) -> None:
    """Judge a run anew from its stored evidence, with the verifiers of today; exit 0 if no verdict changed."""
    from .benchmark.collect import amend, judge_again

    rows, changed = [], 0
    for each in judge_again(run):
        header = each.episode.header
        now = each.error or ("passed" if each.verdict and each.verdict.passed else "failed")
        rows.append({"task": header.task, "seed": header.seed, "agent": header.agent, "was": each.episode.outcome,
                     "now": now, "changed": each.changed})  # fmt: skip
        changed += each.changed
        if write and each.changed:
            amend(run, each)
    _show(rows, as_json, {"episodes": rows})
    raise typer.Exit(1 if changed and not write else 0)


@app.command()
def curate(
    runs: Annotated[list[Path], typer.Argument(help="folders of runs")],
    into: Annotated[Path, typer.Option(help="the data set's folder, a new one")],
    length: Annotated[float, typer.Option(min=0, help="most steps, in medians of the task; 0: any number")] = 1.0,
    benchmark: Annotated[str, typer.Option(help="seeds of the benchmark whose goals must not be learnt")] = BENCHMARK,
    keep_shared: Annotated[
        bool, typer.Option(help="only report such goals: where instances of few goals differ by their data")
    ] = False,
    replay: Annotated[bool, typer.Option(help="cut detours, proven by playing without them")] = True,
    judge: Annotated[bool, typer.Option(help="judge again from stored evidence, else believe the record")] = True,
    thoughts_by: Annotated[
        str, typer.Option(metavar="MODEL@URL", help="a chat model that compresses thoughts, OpenAI-compatible")
    ] = "",
    as_json: Json = False,
) -> None:
    """Make a data set of the episodes worth learning from, with a card that says what became of each."""
    from .benchmark.collect import judge_episode
    from .benchmark.shorten import play_shortened
    from .benchmark.suite import Suite
    from .recorder.store import Run
    from .training.candidates import recorded_verdict
    from .training.curate import Curation
    from .training.curate import curate as make
    from .training.insight import chat_model, first_sentence

    tasks = tuple(sorted({task for run in runs for task in Run(run).tasks()}))
    goals = Suite(tasks, tuple(_seeds(benchmark))).goals() if benchmark else ()
    model, _, address = thoughts_by.partition("@")
    with err.status("reading") as status:
        card = make(runs, into, Curation(length=length, keep_shared=keep_shared), benchmark=goals,
                    judge=judge_episode if judge else recorded_verdict, replays=play_shortened if replay else None,
                    compress=chat_model(address, model) if address else first_sentence,
                    report=lambda words: status.update(words))  # fmt: skip
    told = card.as_json()
    _show([{name: row[name] for name in ("rule", "shown", "dropped", "kept")} for row in told["rules"]], as_json,
          {"data": str(into), **told})  # fmt: skip
    if not as_json:
        parts = ", ".join(f"{part} {each['episodes']} episodes" for part, each in told["parts"].items())
        out.print(f"{into}: {parts}; see {into / 'README.md'}", soft_wrap=True, highlight=False)


@app.command()
def export(
    sources: Annotated[list[Path], typer.Argument(help="folders of runs, or data sets as `deskgym curate` makes them")],
    into: Annotated[Path, typer.Option(help="the export's folder, a new one")],
    to: Annotated[
        str, typer.Option(metavar="FORMAT", help="llama_factory, agentnet, atif, osworld...; an unknown one lists all")
    ] = "trl",
    screens: Annotated[int, typer.Option(min=0, help="most screenshots of a conversation; 0: whole episodes")] = 0,
    all_outcomes: Annotated[
        bool, typer.Option("--all-outcomes", help="also what was not passed, where the format says so")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write passed episodes, or a curated data set, in a format that other trainers and tools read."""
    from .training.export import export as write

    progress = _progress()
    bar = progress.add_task("exporting", total=None)
    with ExitStack() as shown:

        def begin(count: int) -> None:
            progress.reset(bar, total=count)
            shown.enter_context(progress)

        made = write(sources, into, to, screens=screens, all_outcomes=all_outcomes, coming=begin,
                     report=lambda name: progress.update(bar, advance=1, description=name))  # fmt: skip
    for trouble in made.troubles:
        err.print(f"passed over: {trouble.episode}: {trouble.reason}", style="yellow", markup=False, soft_wrap=True)
    told = {"into": str(into), "format": to, **made.as_json()}
    _show([{"part": part, **counts} for part, counts in told["parts"].items()], as_json, told)
    if not as_json:
        out.print(f"{into}: {made.exported} episodes; see {into / 'README.md'}", soft_wrap=True, highlight=False)


@app.command()
def base(
    size: Annotated[str, typer.Argument(help="tiny")],
    into: Annotated[Path, typer.Argument(metavar="DIR", help="a new folder")],
    seed: Annotated[int, typer.Option(min=0, help="of its weights")] = 0,
    words_of: Annotated[
        Path | None, typer.Option(metavar="DATA", help="a data set: its frequent words become tokens")
    ] = None,
    thoughts: Annotated[bool, typer.Option(help="whether it says why before it acts")] = True,
) -> None:
    """Build an untaught student of the Qwen3-VL architecture, for machines that reach no model hub."""
    from .training.base import build_base
    from .training.lessons import read_lessons
    from .training.words import words_of_lessons

    with err.status("building"):
        corpus = words_of_lessons(read_lessons(words_of, "train")) if words_of else ()
        parameters = build_base(size, into, seed, corpus=corpus, thoughts=thoughts)
    out.print(f"{into}: {parameters / 1e6:.2f} million parameters", soft_wrap=True, highlight=False)


@app.command()
def train(
    data: Annotated[Path, typer.Argument(help="a data set, as `deskgym curate` makes it")],
    base: Annotated[str, typer.Option(help="the folder of a model, or its name on the hub")],
    into: Annotated[Path, typer.Option(help="the run's folder; an interrupted run is resumed")],
    method: Annotated[str, typer.Option(help="bc, trajectory or filtered")] = "bc",
    lora: Annotated[bool, typer.Option(help="train adapters, not the whole")] = False,
    screens: Annotated[int | None, typer.Option(min=1, help="screenshots in a row; as the base says")] = None,
    epochs: Annotated[float, typer.Option(min=0, help="passes over the data")] = 3,
    steps: Annotated[int, typer.Option(min=0, help="optimizer steps; 0: by epochs")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="rows of a step, on each process")] = 8,
    accumulate: Annotated[int, typer.Option(min=1, help="batches of a step")] = 1,
    optimizer: Annotated[str, typer.Option(help="adamw, or muon to teach from nothing")] = "adamw",
    rate: Annotated[float, typer.Option(min=0, help="learning rate; 0: 2e-5, with LoRA 2e-4, with muon 0.02")] = 0,
    drills: Annotated[int, typer.Option(min=0, help="rows without a screen for each step that copies words")] = 0,
    every: Annotated[int, typer.Option(min=1, help="steps between validations and checkpoints")] = 100,
    patience: Annotated[int, typer.Option(min=0, help="validations without a better loss; 0: never stop early")] = 5,
    longest: Annotated[int, typer.Option(min=1, help="tokens that a row may have")] = 16_384,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    tensorboard: Annotated[bool, typer.Option(help="also write TensorBoard's events")] = False,
    as_json: Json = False,
) -> None:
    """Teach a student by imitation; resumed by the same command."""
    from .training.sft import Training
    from .training.sft import train as teach

    config = Training(
        data=str(data), base=base, method=method, screens=screens, lora=lora, epochs=epochs, steps=steps,  # type: ignore[arg-type]
        batch=batch, accumulate=accumulate, optimizer=optimizer, rate=rate, drills=drills, every=every,  # type: ignore[arg-type]
        patience=patience, longest=longest, seed=seed, tensorboard=tensorboard,
    )  # fmt: skip
    with err.status("loading") as status:
        result = teach(config, into, lambda words: status.update(words))
    _show([{name: value for name, value in result.items() if name != "rows"}], as_json, {"run": str(into), **result})


@app.command()
def replay(
    episodes: Annotated[list[Path], typer.Argument(help="folders of episodes, or of runs")],
    times: Annotated[int, typer.Option(min=1, help="how often each is replayed")] = 1,
    pictures: Annotated[
        Path | None, typer.Option(help="where to write what differed: recorded, replayed, and the difference")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play recorded actions again and compare every screen, pixel by pixel; exit 0 if all were equal."""
    from .benchmark.replay import replay as replay_one
    from .benchmark.replay import write_picture
    from .recorder.store import episode_folders

    folders = [folder for each in episodes for folder in episode_folders(each)]
    rows = []
    with _progress() as progress:
        bar = progress.add_task("replaying", total=len(folders) * times)
        for folder in folders:
            for turn in range(times):
                progress.update(bar, description=folder.name)
                result = replay_one(folder)
                rows.append(result.as_json())
                if pictures and not result.exact:
                    write_picture(result, pictures / f"{folder.name}-{turn}.png")
                progress.advance(bar)
    _show(rows, as_json, {"replays": rows})
    raise typer.Exit(0 if rows and all(row["exact"] for row in rows) else 1)


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
    from .recorder.viewer import watch, write_films, write_site

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
    from .recorder.pack import pack as pack_episode
    from .recorder.pack import unpacked

    todo = unpacked(run)
    rows = []
    with _progress() as progress:
        bar = progress.add_task("packing", total=len(todo))
        for folder in todo:
            done = pack_episode(folder)
            progress.update(bar, advance=1, description=done.episode)
            rows.append({"episode": done.episode, "before": done.before, "after": done.after})
    before, after = (sum(row[when] for row in rows) for when in ("before", "after"))
    shown = [{**row, "before": _size(row["before"]), "after": _size(row["after"])} for row in rows]
    _show(shown, as_json, {"run": str(run), "episodes": rows, "before": before, "after": after})
    if not as_json:
        out.print(f"{len(rows)} episodes packed: {_size(before)} before, {_size(after)} after", highlight=False)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="lower-case name of the software")],
    into: Annotated[Path, typer.Option(help="where the folder is made")] = Path(),
) -> None:
    """Write the folder of a new software spec, which passes `deskgym check` as it stands."""
    from .software_specs.scaffold import write_spec

    folder = write_spec(name, into)
    out.print(f"{folder}", soft_wrap=True, highlight=False)
    err.print(
        f"next: export DESKGYM_SPECS={into.resolve()}; deskgym build {name}; deskgym check {name}", soft_wrap=True
    )


@app.command()
def check(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="all software (the same as no name)")] = False,
    seeds: Seeds = "0:3",
    desktop: Kind = "local",
    workers: Workers = 1,
    as_json: Json = False,
) -> None:
    """Prove tasks: solvable by pixels and keys, and not to be passed in any other way; exit 0 if all are proven."""
    from .benchmark.audit import check_all
    from .software_specs.catalog import tasks_named

    tasks = [task.id for _, task in tasks_named(*([] if every else names or []))]
    # "3" reads as "three seeds" here: a proof of the single instance 3 is nobody's wish.
    chosen = _seeds(seeds if ":" in seeds else f"0:{seeds}")
    proofs = []
    with _progress() as progress:
        bar = progress.add_task("proving", total=len(tasks))
        for name, proof in check_all(tasks, chosen, desktop, workers):
            progress.update(bar, advance=1, description=name)
            proofs.append(proof)
            if not proof.proven:
                err.print(f"{name}: NOT proven: {proof.gaps}", style="red", markup=False, soft_wrap=True)
            elif not sys.stderr.isatty():  # a log shows no bar, and this takes long
                err.print(f"{name}: proven", soft_wrap=True, highlight=False)
    proofs.sort(key=lambda proof: tasks.index(proof.task))
    rows = [
        {"task": p.task, "desktop": p.desktop, "proven": "yes" if p.proven else "NO",
         "detail": p.gaps or f"oracle passes: {p.proofs['oracle passes'].detail}"}
        for p in proofs
    ]  # fmt: skip
    _show(rows, as_json, {"tasks": [proof.as_json() for proof in proofs]})
    raise typer.Exit(0 if proofs and all(proof.proven for proof in proofs) else 1)


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
    from .benchmark.soak import soak as run_soak
    from .errors import RecordError

    if into.exists():
        raise RecordError(f"{into} is there already: a soak begins a new run")
    with err.status("soaking") as status:
        report = run_soak(*(names or []), into=into, episodes=episodes, workers=workers, kill_every=kill_every,
                          seconds=seconds, desktop=desktop, report=lambda words: status.update(words))  # fmt: skip
    row = report.as_json()
    _show([row], as_json, row)
    raise typer.Exit(0 if report.clean else 1)


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
    from .benchmark.speed.figures import read_figures
    from .benchmark.speed.measure import Job, measure
    from .benchmark.speed.plot import draw
    from .benchmark.speed.table import rewrite

    if earlier:
        figures = read_figures(earlier)
    else:
        with Progress(SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=err) as progress:
            bar = progress.add_task("opening", total=None)
            figures = measure(
                Job(repeats, steps, peers, scale, only or ()),
                report=lambda words: _report(progress, bar, words),
                tell=lambda words: err.print(words, style="yellow", markup=False, soft_wrap=True),
            )
    if plot:
        draw(figures, plot)
    if readme:
        rewrite(readme, figures)
    rows = [figure.as_json() for figure in figures]
    _show(rows, as_json, {"figures": rows})


def _seeds(text: str) -> range:
    from .benchmark.suite import parse_seeds

    return _parsed(parse_seeds, text)


def _parsed(parse: Callable[[str], T], text: str) -> T:
    """What an option says; one that says nothing is wrong use."""
    try:
        return parse(text)
    except DeskgymError as error:
        raise typer.BadParameter(str(error)) from None


def _screen(text: str) -> tuple[int, int] | None:
    from .benchmark.suite import parse_screen

    try:
        return parse_screen(text)
    except DeskgymError as error:
        raise typer.BadParameter(str(error)) from None


def _told(played: Iterable[tuple[Any, Any]], progress: Progress, bar: TaskID) -> int:
    """Say what goes wrong as episodes end, and count it."""
    failures = 0
    for trial, result in played:
        if why := str(result) if isinstance(result, Exception) else result.fault:
            failures += 1
            err.print(f"{trial}: {why}", style="red" if isinstance(result, Exception) else "yellow", markup=False,
                      soft_wrap=True)  # fmt: skip
        progress.update(bar, advance=1, description=f"{trial}")
    return failures


def _report_on(runs: list[Path], as_json: bool, page: Path | None = None, failures: int = 0, **roles: str) -> None:
    from .benchmark.report import report, tables, write_page

    told = report(*runs, **roles)
    if page:
        write_page(told, page)
    if as_json:
        _show([], True, told.as_json() | ({"failures": failures} if failures else {}))
        return
    for title, rows in tables(told):
        out.print(f"\n{title}", style="bold", markup=False, highlight=False)
        _show(rows, False, {})
    for words in told.notes:
        err.print(words, style="yellow", markup=False, soft_wrap=True)


def _show(rows: list[dict[str, Any]], as_json: bool, document: dict[str, Any]) -> None:
    if as_json:
        print(json.dumps(document, default=str, indent=1))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0] if rows else ():
        table.add_column(column)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return (f"{value:.2f}" if isinstance(value, float) else str(value)).replace("[", "\\[")


def _size(count: int) -> str:
    return f"{count / 1000:,.1f} kB"


def _report(progress: Progress, bar: TaskID, words: str) -> None:
    """Show what goes on; a log, which shows no bar, gets a line every half minute."""
    progress.update(bar, description=words)
    half_minute = int(2 * (progress.tasks[0].elapsed or 0) / 60)
    if not err.is_terminal and half_minute != progress.tasks[0].completed:
        progress.update(bar, completed=half_minute)
        err.print(words, markup=False, highlight=False, soft_wrap=True)


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=err)


def main() -> None:
    """Run the command; what went wrong is one sentence on stderr and exit status 1."""
    try:
        app()
    except DeskgymError as error:
        err.print(f"deskgym: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("\ninterrupted; a run is resumed by the same command")
        os._exit(130)


if __name__ == "__main__":
    main()
