"""Scaffold: the folder of a new spec, complete and provable as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import SpecError

__all__ = ["write_spec"]

TEMPLATE = Path(__file__).parent / "_template"


def write_spec(name: str, into: str | Path) -> Path:
    """Write `into/name/` from the template.

    Raises:
        SpecError: the name is no valid one, or the folder is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SpecError(f"{name!r} is no name for a software: use lower-case letters, digits and _")
    folder = Path(into) / name
    if folder.exists():
        raise SpecError(f"{folder} exists already")
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        target = folder / source.relative_to(TEMPLATE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text().replace("NAME", name))
        target.chmod(0o755 if target.suffix == ".sh" else 0o644)
    return folder
