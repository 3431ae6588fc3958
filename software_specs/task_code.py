"""A task's Python file, loaded by path on the host's side of the wall and checked for what it must hold."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Protocol, cast

from ..errors import DeskgymError, SpecError
from ..verifiers.privileged import Evidence, Machine
from ..verifiers.verdict import Verdict
from .spec import Instance, Task

__all__ = ["TaskCode", "load_task_code", "prepare"]

_PACKAGE = "_deskgym_tasks"
_TRUTH = "/tmp/.deskgym-setup/truth.json"


class TaskCode(Protocol):
    """What a task's file holds. `hands` is `deskgym.envs.hands.Hands`."""

    def verify(self, evidence: Evidence) -> Verdict:
        """Judge the evidence."""
        ...

    def solve(self, hands: Any, params: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the decisions of one who knows how, by pixels and keys."""
        ...

    def near_misses(self, hands: Any, params: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, Iterator[Any]]:
        """Plausible mistakes by name, each a play of its own that must fail."""
        ...


def load_task_code(task: Task) -> TaskCode:
    """Import a task's file afresh; it may import its neighbours as `from ._shared import ...`.

    Raises:
        SpecError: it cannot be imported or lacks a function.
    """
    package = f"{_PACKAGE}_{abs(hash(task.folder)):x}"
    if package not in sys.modules:
        parent = ModuleType(package)
        parent.__path__ = [str(task.python.parent)]
        sys.modules[package] = parent
    name = f"{package}.{task.name}"
    spec = importlib.util.spec_from_file_location(name, task.python)
    if spec is None or spec.loader is None:
        raise SpecError(f"{task.python} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SpecError(f"{task.python} cannot be imported: {type(error).__name__}: {error}") from error
    needed = ["verify", "solve", "near_misses"] + ([] if task.setup_script.is_file() else ["setup"])
    for function in needed:
        if not callable(getattr(module, function, None)):
            raise SpecError(f"{task.python} defines no function {function!r}")
    return cast(TaskCode, module)


def prepare(task: Task, code: TaskCode, machine: Machine, instance: Instance) -> dict[str, Any]:
    """Make the machine ready for an instance and return the truth, which stays on the host.

    Raises:
        SpecError: the setup failed or returned no truth.
        DesktopError: the machine failed.
    """
    source = task.setup_script if task.setup_script.is_file() else task.python
    try:
        if source == task.setup_script:
            truth = _run_script(task, machine, instance)
        else:
            truth = code.setup(machine, instance.params, instance.rng())  # type: ignore[attr-defined]
    except DeskgymError:
        raise
    except Exception as error:
        raise SpecError(f"{source}: setup failed for seed {instance.seed}: {type(error).__name__}: {error}") from error
    if not isinstance(truth, dict) or not truth:
        raise SpecError(f"{source}: setup must give a non-empty dict of truth, not {truth!r:.80}")
    try:
        return json.loads(json.dumps(truth))
    except (TypeError, ValueError) as error:
        raise SpecError(f"{source}: the truth must be JSON: {error}") from error


def _run_script(task: Task, machine: Machine, instance: Instance) -> dict[str, Any]:
    folder = _TRUTH.rpartition("/")[0]
    machine.run(["mkdir", "-m", "700", folder])
    try:
        settings = {"DESKGYM_TRUTH": _TRUTH, "DESKGYM_SEED": str(instance.seed),
                    "DESKGYM_PARAMS": json.dumps(instance.params)}  # fmt: skip
        words = [f"{name}={value}" for name, value in settings.items()]
        # The script comes on standard input: no file of it ever lies in the machine.
        ran = machine.run(
            ["env", *words, "/bin/sh", "-s"], stdin=task.setup_script.read_bytes(), timeout=120, check=False
        )
        if ran.code:
            raise SpecError(
                f"{task.setup_script} failed ({ran.code}): {ran.err.decode(errors='replace')[-500:].strip()}"
            )
        return json.loads(machine.read(_TRUTH))
    except FileNotFoundError:
        raise SpecError(f"{task.setup_script} wrote no truth to $DESKGYM_TRUTH") from None
    except json.JSONDecodeError as error:
        raise SpecError(f"{task.setup_script} wrote to $DESKGYM_TRUTH what is no JSON: {error}") from None
    finally:
        machine.run(["rm", "-rf", folder])
