"""--config: a file of a command's options, each of which the command line may override."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml

from ..errors import did_you_mean

__all__ = ["ConfigFile"]


def _take(context: typer.Context, file: Path | None) -> Path | None:
    """What the file says becomes the defaults of the other options, before these are read."""
    if file:
        context.default_map = {**(context.default_map or {}), **_settings(context, file)}
    return file


def _settings(context: typer.Context, file: Path) -> dict[str, object]:
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file} is no YAML: {error}") from None
    if not isinstance(said, dict):
        raise typer.BadParameter(f"{file} must have a line `option: value` for each setting")
    known = _names(context)
    for key in said:
        if key not in known:
            raise typer.BadParameter(f"{file}: no option {key!r}{did_you_mean(str(key), known)}")
    return {known[key]: value for key, value in said.items()}


def _names(context: typer.Context) -> dict[str, str]:
    """How options and arguments are written -> what the command calls them."""
    return {
        max(parameter.opts, key=len).removeprefix("--"): parameter.name
        for parameter in context.command.params
        if parameter.name and "--config" not in parameter.opts
    }


ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", callback=_take, is_eager=True, exists=True, dir_okay=False,
        help="a YAML file with a line `steps: 100` for each setting; what the command line says wins",
    ),
]  # fmt: skip
