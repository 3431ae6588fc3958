"""Actions: what a player can do with a mouse and a keyboard, each with exactly one text form.

    >>> str(Click(412, 230))
    'click(412, 230)'
    >>> parse_action('press("ctrl+s")')
    Press(keys='ctrl+s', repeat=1, hold=0)

The text form is what models write, files store and people read. Coordinates are screen pixels from the top left;
scrolling counts wheel notches, down and right being positive; durations are milliseconds.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, get_args
from unicodedata import category

from ..errors import ActionError, did_you_mean
from .keys import check_chord

__all__ = [
    "ACTIONS",
    "Action",
    "Button",
    "Click",
    "Decision",
    "Drag",
    "Finish",
    "KeyDown",
    "KeyUp",
    "MouseDown",
    "MouseUp",
    "Move",
    "Press",
    "Scroll",
    "Type",
    "Wait",
    "parse_action",
]

Button = Literal["left", "middle", "right", "back", "forward"]

TYPED = ("Zs", "Cf")
"""Unicode categories that Python does not call printable and people type: spaces, joiners."""
LONGEST_WAIT = 60_000
LONGEST_TEXT = 10_000
MOST_NOTCHES = 100
MOST_REPEATS = 100
MOST_POINTS = 1_000
FARTHEST_PIXEL = 1_000_000


class Action:
    """The base of all actions; `str(action)` is its text form."""

    verb: ClassVar[str]

    def __str__(self) -> str:
        words, keywords_only = [], False
        for spec in fields(self):  # type: ignore[arg-type]
            value = getattr(self, spec.name)
            if spec.default is not MISSING and value == spec.default:
                keywords_only = True
                continue
            # Optional arguments are named, so that a reader never counts commas.
            named = keywords_only or spec.default is not MISSING
            words.append(f"{spec.name}={_literal(value)}" if named else _literal(value))
        return f"{self.verb}({', '.join(words)})"

    def points(self) -> tuple[tuple[int, int], ...]:
        """The pixels this action touches."""
        if hasattr(self, "x"):
            return ((self.x, self.y),)  # type: ignore[attr-defined]
        return ()


@dataclass(frozen=True)
class Move(Action):
    """Move the pointer."""

    verb = "move"
    x: int
    y: int

    def __post_init__(self) -> None:
        _check_pixels(self, (self.x, self.y))


@dataclass(frozen=True)
class Click(Action):
    """Click one to three times, holding modifiers such as "ctrl" or "ctrl+shift" if any."""

    verb = "click"
    x: int
    y: int
    button: Button = "left"
    count: int = 1
    modifiers: str = ""

    def __post_init__(self) -> None:
        _check_pixels(self, (self.x, self.y))
        _check_button(self, self.button)
        _check_range(self, "count", self.count, 1, 3)
        check_chord(self.modifiers, empty=True)


@dataclass(frozen=True)
class MouseDown(Action):
    """Press a button at a place and keep it down."""

    verb = "mouse_down"
    x: int
    y: int
    button: Button = "left"

    def __post_init__(self) -> None:
        _check_pixels(self, (self.x, self.y))
        _check_button(self, self.button)


@dataclass(frozen=True)
class MouseUp(Action):
    """Move to a place and let a button go."""

    verb = "mouse_up"
    x: int
    y: int
    button: Button = "left"

    def __post_init__(self) -> None:
        _check_pixels(self, (self.x, self.y))
        _check_button(self, self.button)


@dataclass(frozen=True)
class Drag(Action):
    """Press a button at the first point of a path, follow it, and let go at the last."""

    verb = "drag"
    path: tuple[tuple[int, int], ...]
    button: Button = "left"
    modifiers: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.path, list | tuple) or not 2 <= len(self.path) <= MOST_POINTS:
            raise ActionError(f"drag needs a path of 2 to {MOST_POINTS} points, got {self.path!r}")
        _check_pixels(self, *self.path)
        object.__setattr__(self, "path", tuple((x, y) for x, y in self.path))
        _check_button(self, self.button)
        check_chord(self.modifiers, empty=True)

    def points(self) -> tuple[tuple[int, int], ...]:
        """The points of its path."""
        return self.path


@dataclass(frozen=True)
class Scroll(Action):
    """Turn the wheel at a place: `dy` notches down (negative: up), `dx` notches to the right."""

    verb = "scroll"
    x: int
    y: int
    dy: int = 0
    dx: int = 0
    modifiers: str = ""

    def __post_init__(self) -> None:
        _check_pixels(self, (self.x, self.y))
        _check_range(self, "dy", self.dy, -MOST_NOTCHES, MOST_NOTCHES)
        _check_range(self, "dx", self.dx, -MOST_NOTCHES, MOST_NOTCHES)
        check_chord(self.modifiers, empty=True)


@dataclass(frozen=True)
class Type(Action):
    """Type text, any Unicode; "\\n" is the Return key and "\\t" the Tab key."""

    verb = "type"
    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not 0 < len(self.text) <= LONGEST_TEXT:
            raise ActionError(f"type needs 1 to {LONGEST_TEXT} characters of text")
        unprintable = [c for c in self.text if not c.isprintable() and c not in "\n\t" and category(c) not in TYPED]
        if unprintable:
            raise ActionError(f"type cannot type {unprintable[0]!r}; use press for keys")


@dataclass(frozen=True)
class Press(Action):
    """Press a key or chord such as "ctrl+shift+s", `repeat` times, each held for `hold` milliseconds."""

    verb = "press"
    keys: str
    repeat: int = 1
    hold: int = 0

    def __post_init__(self) -> None:
        check_chord(self.keys)
        _check_range(self, "repeat", self.repeat, 1, MOST_REPEATS)
        _check_range(self, "hold", self.hold, 0, LONGEST_WAIT)


@dataclass(frozen=True)
class KeyDown(Action):
    """Press a key and keep it down."""

    verb = "key_down"
    key: str

    def __post_init__(self) -> None:
        check_chord(self.key)


@dataclass(frozen=True)
class KeyUp(Action):
    """Let a key go."""

    verb = "key_up"
    key: str

    def __post_init__(self) -> None:
        check_chord(self.key)


@dataclass(frozen=True)
class Wait(Action):
    """Let time pass."""

    verb = "wait"
    ms: int = 1000

    def __post_init__(self) -> None:
        _check_range(self, "ms", self.ms, 0, LONGEST_WAIT)


@dataclass(frozen=True)
class Finish(Action):
    """End the episode: the agent holds the goal to be reached (or, with `success=False`, out of reach)."""

    verb = "finish"
    answer: str = ""
    success: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.answer, str) or len(self.answer) > LONGEST_TEXT:
            raise ActionError(f"finish takes an answer of at most {LONGEST_TEXT} characters")
        if not isinstance(self.success, bool):
            raise ActionError(f"finish: success is True or False, not {self.success!r}")


@dataclass(frozen=True)
class Decision:
    """What an agent decides: a thought in words, and an action (or the text of one, malformed or not)."""

    thought: str
    action: Action | str


ACTIONS: dict[str, type[Action]] = {
    kind.verb: kind
    for kind in (Move, Click, MouseDown, MouseUp, Drag, Scroll, Type, Press, KeyDown, KeyUp, Wait, Finish)
}
"""Verb -> class: the whole vocabulary."""


def parse_action(text: str) -> Action:
    """Read an action's text form; nothing is executed.

    Raises:
        ActionError: the text is no call of a known verb with literal arguments in range.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash is itself, and none of our reader's business
            call = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ActionError(f"not an action: {text[:80]!r}; expected a call such as click(412, 230)") from error
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ActionError(f"not an action: {text[:80]!r}; expected a call such as click(412, 230)")
    verb = call.func.id
    if verb not in ACTIONS:
        raise ActionError(f"unknown action {verb!r}{did_you_mean(verb, ACTIONS)}")
    kind = ACTIONS[verb]
    known = [spec.name for spec in fields(kind)]  # type: ignore[arg-type]
    try:
        values = [ast.literal_eval(node) for node in call.args]
        named = {word.arg or "**": ast.literal_eval(word.value) for word in call.keywords}
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise ActionError(f"{verb} takes literal arguments only: {text[:80]!r}") from error
    if len(named) < len(call.keywords):
        raise ActionError(f"{verb}: an argument is given twice: {text[:80]!r}")
    for word in named:
        if word not in known:
            raise ActionError(f"{verb} has no argument {word!r}{did_you_mean(word, known)}")
    try:
        return kind(*values, **named)
    except (TypeError, ValueError) as error:
        raise ActionError(f"{verb}: {str(error).split('__init__() ')[-1]}; it takes {', '.join(known)}") from error


def _literal(value: Any) -> str:
    if isinstance(value, str):
        # Double quotes always, so that one action has one spelling.
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"' if escaped.isprintable() else repr(value)
    if isinstance(value, tuple):
        return f"[{', '.join(f'({x}, {y})' for x, y in value)}]"
    return repr(value)


def _check_pixels(action: Action, *points: Any) -> None:
    for point in points:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise ActionError(f"{action.verb}: a point is two numbers, not {point!r}")
        for number in point:
            # Negative and large numbers are for the env to refuse: it knows the screen.
            if not isinstance(number, int) or isinstance(number, bool):
                raise ActionError(f"{action.verb}: pixels are whole numbers, not {number!r}")
            if abs(number) > FARTHEST_PIXEL:
                raise ActionError(f"{action.verb}: no screen has a pixel that far out")


def _check_button(action: Action, button: Any) -> None:
    if button not in get_args(Button):
        raise ActionError(f"{action.verb}: unknown button {button!r}{did_you_mean(str(button), get_args(Button))}")


def _check_range(action: Action, name: str, value: Any, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ActionError(f"{action.verb}: {name} must be a whole number from {low} to {high}, not {value!r}")
