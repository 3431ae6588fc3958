"""Where specs are found: built in, in the folders of DESKGYM_SPECS, registered, and in other packages."""

from __future__ import annotations

import os
import re
import warnings
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from ..errors import SpecError, did_you_mean
from .spec import Software, Task, load_software

__all__ = ["ENTRY_POINTS", "find_software", "find_task", "folders", "register_folder", "tasks_named"]

ENTRY_POINTS = "deskgym.specs"
"""Entry-point group: another package names the package or module whose folder holds spec folders."""

_registered: dict[str, Path] = {}


def register_folder(folder: str | Path) -> Software:
    """Add one spec folder to the catalog of this process and return what it says."""
    software = load_software(Path(folder))
    _registered[software.name] = software.folder
    return software


def folders() -> dict[str, Path]:
    """Name -> folder of every spec that can be found; a later place wins over an earlier one.

    Only directories are listed: nothing is parsed, so that `import deskgym` stays quick.
    """
    places = [Path(__file__).parent]
    for point in entry_points(group=ENTRY_POINTS):
        places += _folder_of(point)
    places += [Path(place) for place in os.environ.get("DESKGYM_SPECS", "").split(os.pathsep) if place]
    found = {
        entry.name: entry
        for place in places
        if place.is_dir()
        for entry in sorted(place.iterdir())
        if not entry.name.startswith("_") and (entry / "software.yaml").is_file()
    }
    return {**found, **_registered}


def _folder_of(point: EntryPoint) -> list[Path]:
    """The folder of the package or module an entry point names; a broken one is warned of, and breaks no import."""
    try:
        module = find_spec(point.module)
    except ImportError:
        module = None
    if module is None or (module.origin is None and not module.submodule_search_locations):
        warnings.warn(f"entry point {point.name!r} of {ENTRY_POINTS}: there is no {point.module}", stacklevel=2)
        return []
    return [Path(place) for place in module.submodule_search_locations or (Path(str(module.origin)).parent,)]


def version_of(folder: Path) -> int:
    """The spec's version, read without parsing the whole file."""
    found = re.search(r"^version:\s*(\d+)", (folder / "software.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    return int(found.group(1)) if found else 0


def task_names(folder: Path) -> list[str]:
    """The names of the task files in a spec folder."""
    return sorted(path.stem for path in (folder / "tasks").glob("*.py") if not path.stem.startswith("_"))


def find_software(name: str) -> Software:
    """Load the spec of that name.

    Raises:
        SpecError: none is found (the closest is named), or it is wrong.
    """
    known = folders()
    if name not in known:
        raise SpecError(f"no software {name!r}{did_you_mean(name, known)}")
    return load_software(known[name])


def find_task(name: str) -> tuple[Software, Task]:
    """Load the task "software.task" and its software."""
    software_name, _, task_name = name.partition(".")
    software = find_software(software_name)
    if not task_name:
        raise SpecError(f"{name!r} names no task; known: {', '.join(f'{name}.{task}' for task in software.tasks)}")
    return software, software.task(task_name)


def tasks_named(*names: str) -> list[tuple[Software, Task]]:
    """The tasks meant by names such as "gnumeric" (all of it) or "gnumeric.sum_column"; none means everything."""
    chosen: list[tuple[Software, Task]] = []
    for name in names or sorted(folders()):
        if "." in name:
            chosen.append(find_task(name))
        else:
            software = find_software(name)
            chosen += [(software, task) for task in software.tasks.values()]
    return chosen
