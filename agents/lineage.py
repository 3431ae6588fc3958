"""Lineage: what a student's data really contained, and that of the base it was taught on, as its folder records it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xxhash

from ..errors import DeskgymError

__all__ = ["RECORD", "Lineage", "folder_of", "lineage_of"]

RECORD = "training.json"
"""The file of a student's folder that says what its data contained."""

TEMPERATURE = re.compile(r"(.+)@(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Lineage:
    """What a student has been taught, by itself and as the base it began as."""

    folder: str
    base: str = ""
    """What it was taught on: a folder, or a name on the hub; "" for one that was taught nothing here."""
    tasks: tuple[str, ...] = ()
    """Every task that its data contained, or its base's."""
    seeds: tuple[int, ...] = ()
    """Every seed of these."""
    episodes: int = 0
    """How many it was taught, together with its base; held-out ones do not count."""
    gaps: tuple[str, ...] = ()
    """What is not known of it."""
    digest: str = ""
    """Of its weights and its record: another student in the same folder has another."""

    @property
    def softwares(self) -> tuple[str, ...]:
        """Every software that its data contained."""
        return tuple(sorted({task.partition(".")[0] for task in self.tasks}))

    @property
    def taught(self) -> bool:
        """Whether it learnt from episodes, as far as is known."""
        return bool(self.tasks)

    def as_json(self) -> dict[str, Any]:
        """Its fields by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Lineage:
        """Read back what `as_json` wrote."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
        }
        return cls(**fields)


def folder_of(name: str) -> tuple[str, float]:
    """Folder and temperature of the student called FOLDER, or FOLDER@TEMPERATURE, with or without `student:`.

    0 takes the likeliest token, and is what a name without a temperature means.
    """
    name = name.removeprefix("student:")
    drawn = None if Path(name).is_dir() else TEMPERATURE.fullmatch(name)
    return (drawn[1], float(drawn[2])) if drawn else (name, 0.0)


def lineage_of(folder: str | Path) -> Lineage:
    """Read what the model of a folder, or of a name on the hub, was taught.

    What was held out counts as contained, since it chose when to stop.

    Raises:
        DeskgymError: its record is damaged.
    """
    path = Path(folder) / RECORD
    if not path.is_file():
        gaps = () if Path(folder).is_dir() else (f"{folder} is not here: what it was taught before is not known",)
        return Lineage(str(folder), gaps=gaps, digest=_digest(Path(folder)))
    try:
        document = json.loads(path.read_bytes())
        parts = list(document["data"].values())
        before = Lineage.from_json(document["before"])
        return Lineage(
            str(folder),
            document["training"]["base"],
            tuple(sorted({*before.tasks, *(task for part in parts for task in part["tasks"])})),
            tuple(sorted({*before.seeds, *(seed for part in parts for seed in part["seeds"])})),
            before.episodes + document["data"]["train"]["episodes"],
            before.gaps,
            _digest(Path(folder)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeskgymError(f"{path} does not say what the student was taught: {error!r}") from error


def _digest(folder: Path) -> str:
    hasher = xxhash.xxh3_128()
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob(RECORD)]):
        with path.open("rb") as file:
            while chunk := file.read(1 << 24):
                hasher.update(chunk)
    return hasher.hexdigest() if folder.is_dir() else ""
