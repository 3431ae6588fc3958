"""A foreign call: a name and arguments by name, read one by one so that none is dropped in silence."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ....errors import ActionError, did_you_mean
from .keynames import read_chord

__all__ = ["Call"]

FARTHEST = 1e9
"""No coordinate, duration or amount is larger; keeps arithmetic on what a model wrote exact."""


@dataclass(frozen=True)
class Call:
    """One call of a foreign vocabulary; an argument that is None counts as absent.

    Every reader raises ActionError with a sentence when the argument is missing or of the wrong kind; a `default`
    makes it optional.
    """

    name: str
    words: Mapping[str, object] = field(default_factory=dict)
    _read: set[str] = field(default_factory=set, compare=False, repr=False)

    def has(self, word: str) -> bool:
        """Whether the argument was given."""
        return self.words.get(word) is not None

    def raw(self, word: str) -> object:
        """The argument as it came."""
        self._read.add(word)
        value = self.words.get(word)
        if value is None:
            raise ActionError(f"{self.name}: {word} is missing")
        return value

    def text(self, word: str, default: str | None = None) -> str:
        """Text."""
        value = self._value(word, default)
        if not isinstance(value, str):
            raise ActionError(f"{self.name}: {word} must be text, not {value!r:.60}")
        return value

    def flag(self, word: str, default: bool) -> bool:
        """True or False."""
        value = self._value(word, default)
        if not isinstance(value, bool):
            raise ActionError(f"{self.name}: {word} must be true or false, not {value!r:.60}")
        return value

    def number(self, word: str, default: float | None = None) -> float:
        """A finite number."""
        return self._number(word, self._value(word, default))

    def whole(self, word: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(word, default)
        if value != int(value):
            raise ActionError(f"{self.name}: {word} must be a whole number, not {value!r}")
        return int(value)

    def milliseconds(self, word: str, default: float | None = None) -> int:
        """A duration given in seconds."""
        return math.floor(self.number(word, default) * 1000 + 0.5)

    def one_of(self, word: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self.text(word, default)
        if value not in allowed:
            raise ActionError(f"{self.name}: unknown {word} {value!r}{did_you_mean(value, allowed)}")
        return value

    def pair(self, word: str) -> tuple[float, float]:
        """A point given as [x, y]."""
        return self._point(word, self.raw(word))

    def points(self, word: str) -> list[tuple[float, float]]:
        """A path given as a list of {"x": x, "y": y} or of [x, y]."""
        value = self.raw(word)
        if not isinstance(value, list | tuple):
            raise ActionError(f"{self.name}: {word} must be a list of points, not {value!r:.60}")
        spread = [(each.get("x"), each.get("y")) if isinstance(each, Mapping) else each for each in value]
        return [self._point(word, each) for each in spread]

    def chord(self, word: str, default: str | None = None) -> str:
        """Keys given as "ctrl+s" or as a list, in canonical names joined by "+"; "" where the default is taken."""
        value = self._value(word, default)
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise ActionError(f"{self.name}: {word} must be the names of keys, not {value!r:.60}")
        if not any(names) and default is None:
            raise ActionError(f"{self.name}: {word} names no key")
        return read_chord(*names) if any(names) else ""

    def finish(self, ignoring: Collection[str] = ()) -> None:
        """Raise ActionError if an argument was given that nobody has read."""
        for word, value in self.words.items():
            if value is not None and word not in self._read and word not in ignoring:
                known = did_you_mean(word, self._read - {word})
                raise ActionError(f"{self.name} has no argument {word!r}{known}")

    def _value(self, word: str, default: object) -> object:
        self._read.add(word)
        return default if default is not None and not self.has(word) else self.raw(word)

    def _point(self, word: str, value: object) -> tuple[float, float]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise ActionError(f"{self.name}: {word} must be two numbers, x and y, not {value!r:.60}")
        return self._number(word, value[0]), self._number(word, value[1])

    def _number(self, word: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not -FARTHEST <= value <= FARTHEST:
            raise ActionError(f"{self.name}: {word} must be a number, not {value!r:.60}")
        return value
