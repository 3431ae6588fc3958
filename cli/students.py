"""Commands about students: choosing what is learnt, a base to begin with, and the teaching."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .options import BENCHMARK, Json, seed_range
from .settings import ConfigFile
from .showing import err, out, progress_bar, show

__all__ = ["app"]

app = typer.Typer()


@app.command()
def curate(
    runs: Annotated[list[Path], typer.Argument(help="folders of runs")],
    into: Annotated[Path, typer.Option(help="the data set's folder, a new one")],
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="of this software or software.task; repeat it")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="of the instances; a smaller share lies within a larger one")
    ] = 1.0,
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
    from ..benchmark.collect import judge_episode
    from ..benchmark.shorten import play_shortened
    from ..benchmark.suite import Suite
    from ..recorder.store import Run
    from ..training.candidates import recorded_verdict
    from ..training.curate import Curation
    from ..training.curate import curate as make
    from ..training.insight import chat_model, first_sentence

    tasks = tuple(sorted({task for run in runs for task in Run(run).tasks()}))
    goals = Suite(tasks, tuple(seed_range(benchmark))).goals() if benchmark else ()
    model, _, address = thoughts_by.partition("@")
    config = Curation(length=length, keep_shared=keep_shared, only=tuple(only or ()), share=share)
    with err.status("reading") as status:
        card = make(runs, into, config, benchmark=goals,
                    judge=judge_episode if judge else recorded_verdict, replays=play_shortened if replay else None,
                    compress=chat_model(address, model) if address else first_sentence,
                    report=lambda words: status.update(words))  # fmt: skip
    told = card.as_json()
    show([{name: row[name] for name in ("rule", "shown", "dropped", "kept")} for row in told["rules"]], as_json,
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
    from ..training.export import export as write

    progress = progress_bar()
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
    show([{"part": part, **counts} for part, counts in told["parts"].items()], as_json, told)
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
    from ..training.base import STYLE, build_base
    from ..training.lessons import read_lessons
    from ..training.words import words_of_lessons

    with err.status("building"):
        corpus = (
            words_of_lessons(read_lessons(words_of, "train"), replace(STYLE, thoughts=thoughts)) if words_of else ()
        )
        parameters = build_base(size, into, seed, corpus=corpus, thoughts=thoughts)
    out.print(f"{into}: {parameters / 1e6:.2f} million parameters", soft_wrap=True, highlight=False)


@app.command()
def train(
    data: Annotated[Path, typer.Argument(help="a data set, as `deskgym curate` makes it")],
    base: Annotated[str, typer.Option(help="the folder of a model, or its name on the hub")],
    into: Annotated[Path, typer.Option(help="the run's folder; an interrupted run is resumed")],
    config: ConfigFile = None,
    method: Annotated[str, typer.Option(help="bc, trajectory or filtered")] = "bc",
    lora: Annotated[bool, typer.Option(help="train adapters, not the whole")] = False,
    screens: Annotated[int | None, typer.Option(min=1, help="screenshots in a row; as the base says")] = None,
    epochs: Annotated[float, typer.Option(min=0, help="passes over the data")] = 3,
    steps: Annotated[int, typer.Option(min=0, help="optimizer steps; 0: by epochs")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="rows of a step, on each process")] = 8,
    accumulate: Annotated[int, typer.Option(min=1, help="batches of a step")] = 1,
    optimizer: Annotated[str, typer.Option(help="adamw, or muon to teach from nothing")] = "adamw",
    rate: Annotated[float, typer.Option(min=0, help="learning rate; 0: 2e-5, with LoRA 2e-4, with muon 0.02")] = 0,
    drills: Annotated[int, typer.Option(min=0, help="rows without a screen for each episode that copies words")] = 0,
    every: Annotated[int, typer.Option(min=1, help="steps between validations and checkpoints")] = 100,
    patience: Annotated[int, typer.Option(min=0, help="validations without a better loss; 0: never stop early")] = 5,
    longest: Annotated[int, typer.Option(min=1, help="tokens that a row may have")] = 16_384,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    tensorboard: Annotated[bool, typer.Option(help="also write TensorBoard's events")] = False,
    as_json: Json = False,
) -> None:
    """Teach a student by imitation; resumed by the same command."""
    from ..training.sft import Training, leave_the_others
    from ..training.sft import train as teach

    asked = Training(
        data=str(data), base=base, method=method, screens=screens, lora=lora, epochs=epochs, steps=steps,  # type: ignore[arg-type]
        batch=batch, accumulate=accumulate, optimizer=optimizer, rate=rate, drills=drills, every=every,  # type: ignore[arg-type]
        patience=patience, longest=longest, seed=seed, tensorboard=tensorboard,
    )  # fmt: skip
    with err.status("loading") as status:
        result = teach(asked, into, lambda words: status.update(words))
    if os.environ.get("RANK", "0") == "0":  # of several processes one tells
        show([{name: value for name, value in result.items() if name != "rows"}], as_json, {"run": str(into), **result})
    leave_the_others()


@app.command()
def throughput(
    data: Annotated[Path, typer.Argument(help="a data set, as `deskgym curate` makes it")],
    base: Annotated[str, typer.Option(help="the folder of a model, or its name on the hub")],
    rows: Annotated[int, typer.Option(min=1, help="episodes of an epoch")] = 16,
    batch: Annotated[int, typer.Option(min=1, help="episodes of a step")] = 2,
    rounds: Annotated[int, typer.Option(min=1, help="epochs of either")] = 5,
    as_json: Json = False,
) -> None:
    """Measure useful tokens a second beside TRL's SFTTrainer: same model, same episodes, in turns, same first loss."""
    from ..training.throughput import compare

    with err.status("loading") as status:
        measured = compare(data, base, rows=rows, batch=batch, rounds=rounds, report=lambda words: status.update(words))
    told = measured.as_json()
    row = {"ours, tokens/s": told["ours"], "TRL, tokens/s": told["trl"], "ratio": told["ratio"],
           "first losses": [f"{loss:.4f}" for loss in told["first_losses"]],
           "encoded once, s": told["encoding_seconds"]}  # fmt: skip
    show([row], as_json, told)
