"""Commands about software: what there is, what it needs, and whether its tasks are proven."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import DeskgymError
from .options import Json, Kind, Names, Seeds, Workers, seed_range
from .showing import err, out, progress_bar, show, size

__all__ = ["app"]

app = typer.Typer()


@app.command("list")
def list_(names: Names = None, as_json: Json = False) -> None:
    """List software and tasks."""
    from ..software_specs.catalog import tasks_named

    rows = [
        {"task": task.id, "split": software.split, "horizon": task.horizon, "max_steps": task.max_steps,
         "tags": list(task.tags), "goal": task.goal[0]}
        for software, task in tasks_named(*(names or []))
    ]  # fmt: skip
    show(rows, as_json, {"tasks": rows})


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what this machine can run, and what to do about the rest."""
    from ..envs.doctor import examine

    findings = list(examine())
    rows = [
        {"": "ok" if f.well else "missing" if f.needed else "-", "name": f.name, "detail": f.detail} for f in findings
    ]
    show(rows, as_json, {"findings": [vars(finding) for finding in findings]})
    raise typer.Exit(0 if all(finding.well or not finding.needed for finding in findings) else 1)


@app.command()
def build(
    names: Names = None,
    desktop: Annotated[
        str, typer.Option(help="local, or docker to import the images into its engine as well")
    ] = "local",
) -> None:
    """Build the images of software (root is needed for that, and for nothing else)."""
    from ..envs.images import build as build_image
    from ..software_specs.catalog import find_software, folders

    for name in names or sorted(folders()):
        with err.status(f"{name}") as status:
            image = build_image(find_software(name), lambda words: status.update(words))
            if desktop == "docker":
                from ..envs.docker_cell import import_image

                status.update(f"{name}: importing into Docker")
                import_image(image)
        out.print(f"{name} {image.digest} {image.folder}", soft_wrap=True, highlight=False)


@app.command()
def prune(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: Json = False,
) -> None:
    """Remove the images of earlier versions, which nothing runs in any more; exit 0 if all are gone."""
    from ..envs.prune import remnants, remove

    with err.status("looking"):
        found = remnants()
    rows = [{"image": each.place, "bytes": each.size, "removed": False} for each in found]
    if found and not as_json:
        show([{"image": row["image"], "size": size(row["bytes"])} for row in rows], False, {})
    if found and not yes and not typer.confirm(f"Remove {len(found)} images?", err=True):
        raise typer.Exit(1)
    for row, remnant in zip(rows, found, strict=True):
        try:
            remove(remnant)
        except DeskgymError as error:
            err.print(f"deskgym: {error}", style="yellow", markup=False, soft_wrap=True)
        else:
            row["removed"] = True
    gone = sum(row["bytes"] for row in rows if row["removed"])
    if as_json:
        show([], True, {"images": rows, "freed": gone})
    else:
        out.print(f"{size(gone)} freed", highlight=False)
    raise typer.Exit(0 if all(row["removed"] for row in rows) else 1)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="lower-case name of the software")],
    into: Annotated[Path, typer.Option(help="where the folder is made")] = Path(),
) -> None:
    """Write the folder of a new software spec, which passes `deskgym check` as it stands."""
    from ..software_specs.scaffold import write_spec

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
    from ..benchmark.audit import check_all
    from ..software_specs.catalog import tasks_named

    tasks = [task.id for _, task in tasks_named(*([] if every else names or []))]
    # "3" reads as "three seeds" here: a proof of the single instance 3 is nobody's wish.
    chosen = seed_range(seeds if ":" in seeds else f"0:{seeds}")
    proofs = []
    with progress_bar() as progress:
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
    show(rows, as_json, {"tasks": [proof.as_json() for proof in proofs]})
    raise typer.Exit(0 if proofs and all(proof.proven for proof in proofs) else 1)
