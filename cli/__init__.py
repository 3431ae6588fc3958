"""The command `deskgym`: nouns are arguments, choices are options, results on stdout, progress on stderr."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ..errors import DeskgymError
from . import benchmarks, episodes, software, students
from .showing import err

__all__ = ["app", "main"]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
for group in (software, episodes, students, benchmarks):
    app.add_typer(group.app)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"deskgym {version('deskgym')}")
        raise typer.Exit


@app.callback()
def deskgym(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="print it and exit")
    ] = False,
) -> None:
    """Real GUI software as Gymnasium environments for computer-use agents."""


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
