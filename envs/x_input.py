"""How an action becomes key and button events on an X display (XTEST)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import singledispatchmethod

from .action import (
    Action,
    Click,
    Drag,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
)
from .clock import Clock
from .keys import NAMED_KEYS, keysym_of_char, split_chord
from .x11 import ROUND_TRIP, XConnection

__all__ = ["XInput"]

KEY_PRESS, KEY_RELEASE, BUTTON_PRESS, BUTTON_RELEASE, MOTION = 2, 3, 4, 5, 6
BUTTONS = {"left": 1, "middle": 2, "right": 3, "back": 8, "forward": 9}
WHEEL = {"up": 4, "down": 5, "left": 6, "right": 7}
VENDOR_KEYSYMS = 0x10000000
KEYPAD = range(0xFF80, 0xFFBE)
"""What Shift makes of these depends on Num Lock, so their digits are typed on spare keys."""
BETWEEN_PRESSES = 0.02
"""Seconds between the presses of one double or triple click."""
SEPARATE_CLICKS = 0.42
"""Toolkits take two presses on one spot within 0.4 seconds, counted by the X server, for a double click."""


class XInput:
    """Mouse and keyboard of one X display; `perform` returns when the server has taken all events."""

    def __init__(self, connection: XConnection, clock: Clock):
        self._x, self._clock = connection, clock
        self._keyboard = _Keyboard(connection, clock)
        self._held: set[tuple[int, int]] = set()  # (press type, detail) of what is down
        self._last_press = (0.0, -1, -1)  # when, x, y

    def perform(self, action: Action) -> None:
        """Play an action. Raises DesktopError when the server is gone."""
        with self._x.deadline(ROUND_TRIP + _own_seconds(action)):
            self._play(action)
        self._x.sync()
        if isinstance(action, Click | MouseDown | Drag):
            self._last_press = (self._clock.now(), *action.points()[0])

    @singledispatchmethod
    def _play(self, action: Action) -> None:
        raise TypeError(f"{action} is no input")

    @_play.register
    def _(self, action: Move) -> None:
        self._move(action.x, action.y)

    @_play.register
    def _(self, action: Click) -> None:
        self._keep_apart(action.x, action.y)
        with self._holding(action.modifiers):
            self._move(action.x, action.y)
            for again in range(action.count):
                if again:
                    # Chromium takes two presses of the same millisecond for one.
                    self._x.conn.flush()
                    self._clock.sleep(BETWEEN_PRESSES)
                self._button(BUTTONS[action.button])

    @_play.register
    def _(self, action: MouseDown) -> None:
        self._keep_apart(action.x, action.y)
        self._move(action.x, action.y)
        self._fake(BUTTON_PRESS, BUTTONS[action.button])

    @_play.register
    def _(self, action: MouseUp) -> None:
        self._move(action.x, action.y)
        self._fake(BUTTON_RELEASE, BUTTONS[action.button])

    @_play.register
    def _(self, action: Drag) -> None:
        self._keep_apart(*action.path[0])
        with self._holding(action.modifiers):
            self._move(*action.path[0])
            self._fake(BUTTON_PRESS, BUTTONS[action.button])
            for start, end in zip(action.path, action.path[1:], strict=False):
                for x, y in _between(start, end):
                    self._move(x, y)
            self._fake(BUTTON_RELEASE, BUTTONS[action.button])

    @_play.register
    def _(self, action: Scroll) -> None:
        with self._holding(action.modifiers):
            self._move(action.x, action.y)
            for notches, back, forth in ((action.dy, "up", "down"), (action.dx, "left", "right")):
                for _ in range(abs(notches)):
                    self._button(WHEEL[forth if notches > 0 else back])

    @_play.register
    def _(self, action: Type) -> None:
        for part in self._keyboard.learn([keysym_of_char(char) for char in action.text]):
            for code, shift in part:
                with self._holding("shift" if shift else ""):
                    self._key(code)

    @_play.register
    def _(self, action: Press) -> None:
        *modifiers, last = split_chord(action.keys)
        with self._holding("+".join(modifiers)):
            for _ in range(action.repeat):
                code, shift = self._key_of(last)
                with self._holding("shift" if shift else ""):
                    self._key(code, action.hold / 1000)

    @_play.register
    def _(self, action: KeyDown) -> None:
        for key in split_chord(action.key):
            self._fake(KEY_PRESS, self._key_of(key)[0])

    @_play.register
    def _(self, action: KeyUp) -> None:
        for key in reversed(split_chord(action.key)):
            self._fake(KEY_RELEASE, self._key_of(key)[0])

    def _keep_apart(self, x: int, y: int) -> None:
        """Two clicks in two steps are two clicks, however quickly they follow: never a double click."""
        when, last_x, last_y = self._last_press
        if max(abs(x - last_x), abs(y - last_y)) < 8:
            soon = when + SEPARATE_CLICKS - self._clock.now()
            if soon > 0:
                self._clock.sleep(soon)

    @contextmanager
    def _holding(self, chord: str) -> Iterator[None]:
        codes = [self._key_of(key)[0] for key in split_chord(chord)] if chord else []
        for code in codes:
            self._fake(KEY_PRESS, code)
        yield
        for code in reversed(codes):
            self._fake(KEY_RELEASE, code)

    def _key_of(self, key: str) -> tuple[int, bool]:
        keysym = NAMED_KEYS.get(key) or keysym_of_char(key)
        return next(iter(self._keyboard.learn([keysym])))[0]

    def _key(self, code: int, hold: float = 0.0) -> None:
        self._fake(KEY_PRESS, code)
        if hold:
            self._x.conn.flush()
            self._clock.sleep(hold)
        self._fake(KEY_RELEASE, code)

    def _button(self, button: int) -> None:
        self._fake(BUTTON_PRESS, button)
        self._fake(BUTTON_RELEASE, button)

    def _move(self, x: int, y: int) -> None:
        self._fake(MOTION, 0, x, y)

    def _fake(self, kind: int, detail: int, x: int = 0, y: int = 0) -> None:
        if kind in (KEY_PRESS, BUTTON_PRESS):
            self._held.add((kind, detail))
        elif kind in (KEY_RELEASE, BUTTON_RELEASE):
            self._held.discard((kind - 1, detail))
        self._x.xtest.FakeInput(kind, detail, 0, self._x.root, x, y, 0)
        self._clock.event(self._x.conn.flush)


class _Keyboard:
    """Which key gives which symbol; keys without a symbol are taught the ones a text needs."""

    def __init__(self, connection: XConnection, clock: Clock):
        self._x, self._clock = connection, clock
        setup = connection.setup
        self._first, count = setup.min_keycode, setup.max_keycode - setup.min_keycode + 1
        with connection.deadline():
            reply = connection.conn.core.GetKeyboardMapping(self._first, count).reply()
        self._width = reply.keysyms_per_keycode
        rows = [tuple(reply.keysyms)[i : i + self._width] for i in range(0, count * self._width, self._width)]
        self._keys: dict[int, tuple[int, bool]] = {}
        for level in (1, 0):  # the plain level last, so that it wins
            for code, row in enumerate(rows, self._first):
                if row[level] and not (level and row[level] in KEYPAD):
                    self._keys[row[level]] = (code, bool(level))
        self._rows = dict(enumerate(rows, self._first))
        # Empty keys, and those of media players and vendors, which no task is played with.
        self._spare = [code for code, row in self._rows.items() if all(not k or k >= VENDOR_KEYSYMS for k in row)]
        self._taught: dict[int, int] = {}  # keysym -> spare keycode, oldest first

    def learn(self, keysyms: Sequence[int]) -> Iterator[list[tuple[int, bool]]]:
        """Yield (keycode, needs shift) in runs that can be typed under one mapping.

        A keycode that is taught a new symbol while its old one is still unread types the wrong letter, so a run
        ends where the spare keys are used up, and the applications get time to catch up.
        """
        start = 0
        while start < len(keysyms):
            end, new = self._run(keysyms, start)
            if len(new) > len(self._spare) - len(self._taught):
                self._taught.clear()
                end, new = self._run(keysyms, start)
            if new:
                self._teach(new)
            yield [self._where(keysym) for keysym in keysyms[start:end]]
            if end < len(keysyms):
                self._clock.event(self._x.sync)
                self._x.ping(1.0)
            start = end

    def _run(self, keysyms: Sequence[int], start: int) -> tuple[int, list[int]]:
        new: list[int] = []
        for position in range(start, len(keysyms)):
            keysym = keysyms[position]
            if keysym not in self._keys and keysym not in self._taught and keysym not in new:
                if len(new) == len(self._spare):
                    return position, new
                new.append(keysym)
        return len(keysyms), new

    def _teach(self, keysyms: list[int]) -> None:
        free = [code for code in self._spare if code not in self._taught.values()]
        self._taught.update(zip(keysyms, free, strict=False))
        for keysym, code in self._taught.items():
            self._rows[code] = (keysym,) * self._width
        # One request for all: at each change every client reads the whole mapping anew (a tenth of a second).
        first, last = min(map(self._taught.__getitem__, keysyms)), max(map(self._taught.__getitem__, keysyms))
        row = [keysym for code in range(first, last + 1) for keysym in self._rows[code]]
        self._x.conn.core.ChangeKeyboardMapping(last - first + 1, first, self._width, row)
        self._clock.event(self._x.sync)

    def _where(self, keysym: int) -> tuple[int, bool]:
        return self._keys.get(keysym) or (self._taught[keysym], False)


def _own_seconds(action: Action) -> float:
    """What an action may take by itself: held keys, and new symbols that every client reads first."""
    match action:
        case Press(_, repeat, hold):
            return repeat * (hold / 1000 + 0.2)
        case Type(text):
            return len(text) / 5
    return 0.0


def _between(start: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Points from start (left out) to end, at most 12: enough for every toolkit to see a drag."""
    steps = max(2, min(12, max(abs(end[0] - start[0]), abs(end[1] - start[1])) // 8))
    for step in range(1, steps + 1):
        yield (
            start[0] + (end[0] - start[0]) * step // steps,
            start[1] + (end[1] - start[1]) * step // steps,
        )
