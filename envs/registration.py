"""Gymnasium ids: `deskgym/SOFTWARE.TASK-vN` for a task, `deskgym/SOFTWARE-vN` for all tasks of a software."""

from __future__ import annotations

from pathlib import Path

import gymnasium as gym

from ..software_specs.catalog import folders, register_folder, task_names, version_of
from ..software_specs.spec import Software

__all__ = ["register", "register_all"]

ENTRY_POINT = "deskgym.envs.desktop_env:DesktopEnv"
VECTOR_ENTRY_POINT = "deskgym.envs.vector:DesktopVectorEnv"


def register(folder: str | Path) -> Software:
    """Validate one spec folder and make its environments known to `gymnasium.make`.

    Raises:
        SpecError: the folder holds no valid spec.
    """
    software = register_folder(folder)
    _register(software.name, software.folder)
    return software


def register_all() -> None:
    """Register every spec that can be found, without reading more than folder names and version lines."""
    for name, folder in folders().items():
        _register(name, folder)


def _register(name: str, folder: Path) -> None:
    version = version_of(folder)
    for task in (None, *task_names(folder)):
        env_id = f"deskgym/{name}.{task}-v{version}" if task else f"deskgym/{name}-v{version}"
        if env_id not in gym.registry:
            gym.register(
                env_id,
                entry_point=ENTRY_POINT,
                vector_entry_point=VECTOR_ENTRY_POINT,
                kwargs={"software": name, "task": task},
            )
