"""Software and Task: a spec folder's `software.yaml`, validated, with errors that name file, key and remedy."""

from __future__ import annotations

import hashlib
import itertools
import random
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..errors import SpecError, did_you_mean

__all__ = ["GOAL_CHARACTERS", "Instance", "Software", "Task", "load_software"]

GOAL_CHARACTERS = frozenset(
    chr(code)
    for start, end in ((0x20, 0x7F), (0xA0, 0x250), (0x370, 0x530), (0x2010, 0x2040), (0x20A0, 0x20C0))
    for code in range(start, end)
) | {"\n"}
"""What goals are written in: Latin, Greek, Cyrillic, punctuation and currency signs."""

Value = str | int | float | bool
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Screen(_Strict):
    """What the software needs of its desktop."""

    screen: tuple[Annotated[int, Field(ge=320, le=7680)], Annotated[int, Field(ge=240, le=4320)]] = (
        1280,
        800,
    )
    """Width and height in pixels."""
    network: bool = False
    """Whether the machine may reach a network; off unless the software is useless without."""
    memory: Annotated[int, Field(ge=128)] = 2048
    """Limit in MiB."""
    processes: Annotated[int, Field(ge=32)] = 512
    """Limit on processes and threads."""


class Packages(_Strict):
    """What is installed into the image."""

    apt: tuple[str, ...] = ()


class Ready(_Strict):
    """When a launched software counts as ready for the first observation."""

    window: str
    """A part of the title its main window bears."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds to wait for it."""


class Settle(_Strict):
    """When the screen counts as final after an action."""

    advance: Annotated[int, Field(ge=1, le=60_000)] = 2000
    """Where the desktop's clock is ours: milliseconds that pass on it after every action. The rest is for where it
    is not (see `envs/closed_loop.py`)."""
    quiet: Annotated[int, Field(ge=0, le=5000)] = 50
    """Milliseconds without a change and without a runnable thread."""
    minimum: Annotated[int, Field(ge=0, le=5000)] = 0
    """Milliseconds to wait at least, for applications that repaint on timers of their own."""
    windows: Annotated[int, Field(ge=0, le=5000)] = 0
    """Milliseconds to wait at least when a window, dialog or menu opens or closes, or more than one is open."""


class Web(_Strict):
    """For software that runs in a browser."""

    url: str
    """Where its first page is, as the browser inside the machine sees it."""
    devtools: Annotated[int, Field(gt=0, lt=65536)] = 9222
    """The port of the browser's debugging protocol: for the oracle's eyes and for the `browser` desktop."""


class Task(_Strict):
    """One goal with parameters; its Python file stays on the host's side of the wall."""

    open: tuple[str, ...] = ()
    """Files that launch.sh is handed, relative to the home; setup writes them."""
    goal: Annotated[tuple[str, ...], Field(min_length=1)]
    """Wordings of the goal; the seed draws one. `{name}` stands for a parameter."""
    params: dict[Name, Annotated[tuple[Value, ...], Field(min_length=1)]] = {}
    """Parameter -> values the seed draws from."""
    max_steps: Annotated[int, Field(ge=1)]
    horizon: Literal["short", "medium", "long"]
    tags: tuple[str, ...] = ()
    random: str = ""
    """Why the same actions may show other screens the next time; empty: they never do."""
    evidence: tuple[str, ...] = ()
    """Shell patterns of files outside the home that the verifier reads."""

    name: str = ""
    software: str = ""
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def id(self) -> str:
        """ "software.task"."""
        return f"{self.software}.{self.name}"

    @property
    def python(self) -> Path:
        """The host-side file with `setup`, `verify`, `solve` and `near_misses`."""
        return self.folder / "tasks" / f"{self.name}.py"

    @property
    def setup_script(self) -> Path:
        """The optional script that prepares the machine from inside and emits the truth."""
        return self.folder / "tasks" / f"{self.name}.setup.sh"

    def instance(self, seed: int) -> Instance:
        """Draw the parameters and the wording that belong to a seed."""
        rng = random.Random(f"{self.id}:{seed}")
        params = {name: rng.choice(values) for name, values in self.params.items()}
        goal = rng.choice(self.goal).format(**params)
        return Instance(seed=seed, params=params, goal=goal)

    def wordings(self, seed: int) -> tuple[str, ...]:
        """The goal that belongs to a seed, in every wording there is."""
        return tuple(wording.format(**self.instance(seed).params) for wording in self.goal)


class Instance(_Strict):
    """One seed's parameters and goal."""

    seed: int
    params: dict[str, Value]
    goal: str

    def rng(self) -> random.Random:
        """The generator that setup draws its data from: independent of how many parameters there are."""
        return random.Random(f"data:{self.seed}")


class Software(_Strict):
    """One folder of specs: what is installed, how it starts, when it is ready, and its tasks."""

    name: Name
    version: Annotated[int, Field(ge=0)] = 0
    title: str
    license: str
    homepage: str = ""
    occupations: Annotated[tuple[str, ...], Field(min_length=1)]
    """Major groups of the Standard Occupational Classification whose work it serves, such as "43"."""
    split: Literal["seen", "unseen"]
    """Whether students may learn on it."""
    desktop: Screen = Screen()
    packages: Packages = Packages()
    ready: Ready
    clock: Literal["jump", "off"] = "jump"
    """jump: its desktop's clock is ours (see docs/clock.md); off: it cannot live with that."""
    settle: Settle = Settle()
    web: Web | None = None
    evidence: tuple[str, ...] = ()
    """Shell patterns of files outside the home that every verifier of this software reads."""
    tasks: Annotated[dict[Name, Task], Field(min_length=1)]

    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("occupations")
    @classmethod
    def _known_groups(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        for group in groups:
            if group not in _SOC_GROUPS:
                raise ValueError(f"{group!r} is no major group of the SOC; they are {', '.join(_SOC_GROUPS)}")
        return groups

    @model_validator(mode="after")
    def _goals_fit_params(self) -> Software:
        for name, task in self.tasks.items():
            for goal in task.goal:
                used = {field for _, field, _, _ in Formatter().parse(goal) if field is not None}
                for field in used - set(task.params):
                    raise ValueError(f"tasks.{name}.goal uses {{{field}}}{did_you_mean(field, task.params)}")
            _check_characters(name, task)
        return self

    @cached_property
    def digest(self) -> str:
        """A digest of the whole folder: what stands in an episode's header as the spec it came from."""
        hasher = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
            hasher.update(f"{path.relative_to(self.folder)}\0".encode())
            hasher.update(path.read_bytes())
        return hasher.hexdigest()[:16]

    def task(self, name: str) -> Task:
        """The task of that name.

        Raises:
            SpecError: there is none; the message names the closest.
        """
        try:
            return self.tasks[name]
        except KeyError:
            raise SpecError(f"{self.name} has no task {name!r}{did_you_mean(name, self.tasks)}") from None


_SOC_GROUPS = tuple(str(n) for n in range(11, 56, 2))


def load_software(folder: Path) -> Software:
    """Read and validate one spec folder.

    Raises:
        SpecError: names the file, the key and the remedy.
    """
    folder = folder.resolve()
    path = folder / "software.yaml"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{folder} is no software spec: it has no software.yaml") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise SpecError(f"{path} must hold a mapping with name, title, tasks...")
    try:
        software = Software.model_validate(_with_places(document, folder))
    except ValidationError as error:
        raise SpecError("\n".join(_sentence(path, problem) for problem in error.errors())) from error
    if software.name != folder.name:
        raise SpecError(f"{path}: name is {software.name!r} but the folder is called {folder.name!r}")
    for task in software.tasks.values():
        if not task.python.is_file():
            raise SpecError(f"{path}: tasks.{task.name} has no file {task.python}")
    return software


def _with_places(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    for key in ("folder",):
        if key in document:
            raise SpecError(f"{folder / 'software.yaml'}: unknown key {key!r}")
    tasks = document.get("tasks")
    if isinstance(tasks, dict):
        tasks = {
            name: {**task, "name": name, "software": document.get("name", ""), "folder": folder}
            if isinstance(task, dict)
            else task
            for name, task in tasks.items()
        }
    return {**document, "folder": folder, "tasks": tasks}


def _sentence(path: Path, problem: Any) -> str:
    where = list(problem["loc"])
    key = ".".join(str(part) for part in where)
    if problem["type"] == "extra_forbidden":
        return f"{path}: unknown key {key!r}{did_you_mean(str(where[-1]), _keys_at(where[:-1]))}"
    if problem["type"] == "missing":
        return f"{path}: {key} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    return (
        f"{path}: {key + ': ' if key else ''}{message} (got {problem['input']!r:.80})" if key else f"{path}: {message}"
    )


def _keys_at(where: list[Any]) -> list[str]:
    """The keys allowed at a place in the document, for a suggestion."""
    sections: dict[str, type[_Strict]] = {
        "desktop": Screen, "packages": Packages, "ready": Ready, "settle": Settle, "web": Web, "tasks": Task,
    }  # fmt: skip
    model = sections.get(str(where[0]), Software) if where else Software
    return [name for name in model.model_fields if name not in {"folder", "software"}]


def _check_characters(name: str, task: Task) -> None:
    strings = [v for values in task.params.values() for v in values if isinstance(v, str)]
    for text in itertools.chain(task.goal, strings):
        strange = set(text) - GOAL_CHARACTERS
        if strange:
            raise ValueError(f"tasks.{name}: {min(strange)!r} in {text!r} is outside the goal's characters")
