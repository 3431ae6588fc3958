"""Scenes: what is opened on each software to be measured, and where it is clicked."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import DeskgymError, did_you_mean

__all__ = ["LETTERS", "SCENES", "SIZE", "Scene", "scenes_named"]

SIZE = (1280, 800)
LETTERS = "abcdefghij" * 10
# Far enough apart that no two clicks in a row are taken for a double click.
SPOTS = ((200, 200), (900, 500), (300, 600), (1000, 250))
CELLS = ((200, 300), (900, 500), (300, 600), (1000, 350))
MENU = ((120, 82), (230, 82))
"""Both on one entry of Tryton's menu, which unfolds and folds."""


@dataclass(frozen=True)
class Scene:
    """One software and what is done with it."""

    software: str
    spots: tuple[tuple[int, int], ...]
    file: str = ""
    """A text file to open, or nothing."""
    types: bool = False
    """Whether 100 characters are typed into it."""
    episode: str = ""
    """The task whose oracle is timed, and reset with it."""
    peers: bool = False
    """Whether the container's peers are measured on it."""

    def text(self) -> str:
        """What stands in the file."""
        return "\n".join(["a line of some text"] * 30)


SCENES = {
    scene.software: scene
    for scene in (
        Scene("mousepad", SPOTS, "speed.txt", True, "replace_name", True),
        Scene("featherpad", SPOTS, "speed.txt", True),
        Scene("gnumeric", CELLS),
        Scene("calc", CELLS, episode="total_below", peers=True),
        Scene("tryton", MENU),
    )
}


def scenes_named(*names: str) -> list[Scene]:
    """The scenes of these software, or all.

    Raises:
        DeskgymError: there is no such scene.
    """
    for name in names:
        if name not in SCENES:
            raise DeskgymError(f"speed is not measured on {name!r}{did_you_mean(name, SCENES)}")
    return [SCENES[name] for name in names or SCENES]
