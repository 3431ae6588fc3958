"""Dialects: what is written reads back as what was meant, wherever the dialect has words for it, and only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from deskgym.agents.dialects import View, dialect, dialect_names
from deskgym.agents.dialects.parts.idioms import fold, loosen
from deskgym.envs.action import (
    ACTIONS,
    Click,
    Decision,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
)
from deskgym.envs.keys import split_chord
from deskgym.errors import ActionError
from hypothesis import given, settings
from hypothesis import strategies as st

# Every space counts at least as fine as this screen, so that each pixel of it can be said exactly.
VIEW = View(screen=(1000, 700))

X, Y = st.integers(0, 999), st.integers(0, 699)
SPOT = st.tuples(X, Y)
BUTTON = st.sampled_from(["left", "left", "middle", "right", "back", "forward"])
MODIFIERS = st.sampled_from(["", "", "ctrl", "shift", "ctrl+shift", "Alt", "super", "altgr"])
KEYS = st.sampled_from(
    [
        *("enter", "ctrl+s", "Ctrl+Shift+S", "ctrl++", "+", '"', "\\", "F12", "f20", "kp5", "kpadd", "kpenter", "é"),
        *("page_up", "S", "a", "/", "altgr", "super+l", "menu", "printscreen", "left", "ctrl+alt+delete", "space"),
        *("capslock", "numlock"),
    ]
)
NASTY = st.sampled_from(
    [
        "```\nDONE\n```",
        "</tool_call>",
        "</action>",
        "Action: x\nAction: wait()",
        "'",
        '"',
        "\\",
        "\\n",
        "{}",
        "🐧",
        "<\\/",
    ]
)
TYPED = st.text(min_size=1, max_size=30).filter(lambda text: all(c.isprintable() or c in "\n\t" for c in text)) | NASTY
HOLD = st.sampled_from([0, 0, 0, 1000, 2000, 1234])
PAUSES = st.sampled_from([0, 1, 1000, 1234, 2000, 4000, 5000, 10_000, 20_000, 60_000])
NOTCHES = st.integers(-100, 100) | st.sampled_from([0, 5, -5, 10])
ANSWERS = st.text(max_size=30) | NASTY | st.sampled_from(["", "[DONE]", " 42 ", "[INFEASIBLE] no", "[DONE]x"])
ANY = {
    "move": st.builds(Move, X, Y),
    "click": st.builds(Click, X, Y, BUTTON, st.integers(1, 3), MODIFIERS),
    "mouse_down": st.builds(MouseDown, X, Y, BUTTON),
    "mouse_up": st.builds(MouseUp, X, Y, BUTTON),
    "drag": st.builds(Drag, st.lists(SPOT, min_size=2, max_size=4), BUTTON, MODIFIERS),
    "scroll": st.builds(Scroll, X, Y, NOTCHES, NOTCHES, MODIFIERS),
    "type": st.builds(Type, TYPED),
    "press": st.builds(Press, KEYS, st.integers(1, 4), HOLD),
    "key_down": st.builds(KeyDown, KEYS),
    "key_up": st.builds(KeyUp, KEYS),
    "wait": st.builds(Wait, PAUSES),
    "finish": st.builds(Finish, ANSWERS, st.booleans()),
}
THOUGHT = st.sampled_from(["I press OK.", "", "It is 5 < 6, isn't it?\n\nSo I go on.", "Grüße"])


def test_every_verb_has_a_round_trip():
    assert set(ANY) == set(ACTIONS)


@dataclass(frozen=True)
class Words:
    """What a dialect has words for: the table of docs/dialects.md in full."""

    move: bool = True
    clicks: Callable[[str, int], bool] = lambda button, count: True
    held_clicks: bool = False
    held_drags: bool = False
    held_scrolls: bool = False
    press_buttons: tuple[str, ...] = ()
    drag_buttons: tuple[str, ...] = ("left",)
    long_drags: bool = False
    scrolls: Callable[[int, int], bool] = lambda dy, dx: True
    keys: Callable[[str], bool] = lambda key: True
    keys_down: bool = False
    hold: Callable[[int], bool] = lambda ms: False
    repeat: bool = True
    types: bool = True
    pause: Callable[[int], bool] = lambda ms: True
    answer: bool = True
    failing_answer: bool = True

    def has(self, action) -> bool:
        """Whether there are words for an action."""
        match action:
            case Move():
                return self.move
            case Click(_, _, button, count, held):
                return self.clicks(button, count) and (not held or (self.held_clicks and self._names(held)))
            case MouseDown(_, _, button) | MouseUp(_, _, button):
                return button in self.press_buttons
            case Drag(path, button, held):
                direct = button in self.drag_buttons and (len(path) == 2 or self.long_drags)
                holds = not held or (self.held_drags and self._names(held) and (direct or self.keys_down))
                return (direct or button in self.press_buttons) and holds
            case Scroll(_, _, dy, dx, held):
                return self.scrolls(dy, dx) and (not held or (self.held_scrolls and self._names(held)))
            case Type():
                return self.types
            case Press(keys, repeat, hold):
                return self._names(keys) and (not hold or self.hold(hold)) and (repeat == 1 or self.repeat)
            case KeyDown(key) | KeyUp(key):
                return self.keys_down and self._names(key)
            case Wait(ms):
                return self.pause(ms)
            case Finish(answer, success):
                return not answer or (self.answer and (success or self.failing_answer))
        raise AssertionError(action)

    def _names(self, chord: str) -> bool:
        return all(self.keys(key) for key in split_chord(chord))


def any_of(*pairs):
    return lambda button, count: (button, count) in pairs


def pyautogui_key(key):
    return key not in ("altgr", "kpenter") and key.isascii()


def openai_key(key):
    strangers = ("altgr", "menu", "printscreen", "numlock", "f20")
    return key not in strangers and not key.startswith("kp")


def gemini_key(key):
    return key not in ("altgr", "menu", "printscreen", "capslock", "numlock", "f20", "kp5", "kpenter")


def every(step, at_least=1):
    return lambda ms: ms >= at_least and ms % step == 0


LEFT = [("left", 1), ("left", 2)]
ONES = [("right", 1), ("middle", 1)]
THREE = ("left", "middle", "right")
ANTHROPIC = Words(
    clicks=any_of(*LEFT, ("left", 3), *ONES),
    held_clicks=True,
    held_scrolls=True,
    press_buttons=("left",),
    hold=lambda ms: True,
)
OPENAI = Words(
    clicks=lambda button, count: count == 1 or (button, count) == ("left", 2),
    held_clicks=True,
    held_drags=True,
    held_scrolls=True,
    long_drags=True,
    keys=openai_key,
    pause=every(2000, at_least=0),
)
QWEN = Words(clicks=any_of(*LEFT, ("left", 3), *ONES), keys=pyautogui_key)
TARS = Words(
    move=False,
    clicks=any_of(*LEFT, ("right", 1)),
    scrolls=lambda dy, dx: (dy or dx) and dy % 5 == dx % 5 == 0,
    keys=pyautogui_key,
    pause=every(5000),
    failing_answer=False,
)
PYAUTOGUI = Words(
    clicks=lambda button, count: button in THREE,
    held_clicks=True,
    held_drags=True,
    held_scrolls=True,
    press_buttons=THREE,
    drag_buttons=THREE,
    keys=pyautogui_key,
    keys_down=True,
    hold=lambda ms: True,
    answer=False,
)
OPENCUA = replace(
    PYAUTOGUI,
    held_clicks=False,
    held_drags=False,
    held_scrolls=False,
    press_buttons=(),
    keys_down=False,
    hold=lambda ms: False,
    pause=every(20_000),
    answer=True,
)
WORDS = {
    "agentnet": replace(OPENCUA, answer=False),
    "anthropic_20241022": Words(
        clicks=any_of(*LEFT, *ONES), scrolls=lambda dy, dx: False, hold=lambda ms: False, pause=lambda ms: ms == 0
    ),
    "anthropic_20250124": ANTHROPIC,
    "anthropic_20251124": ANTHROPIC,
    "anthropic_20260801": replace(ANTHROPIC, held_drags=True, hold=every(1000), pause=every(1000, at_least=0)),
    "gemini_25": Words(
        clicks=any_of(("left", 1)),
        scrolls=lambda dy, dx: bool(dy or dx),
        keys=lambda key: gemini_key(key) and key != "plus",
        types=False,
        pause=every(5000),
    ),
    "gemini_35": Words(
        clicks=any_of(*LEFT, ("left", 3), *ONES),
        held_clicks=True,
        held_drags=True,
        held_scrolls=True,
        press_buttons=("left",),
        keys=gemini_key,
        keys_down=True,
        hold=every(1000),
        pause=every(1000, at_least=0),
    ),
    "openai_computer": OPENAI,
    "openai_preview": replace(OPENAI, repeat=False, pause=lambda ms: ms in (0, 2000)),
    "opencua": OPENCUA,
    "osworld_computer13": replace(PYAUTOGUI, drag_buttons=("left",), hold=every(2000), pause=every(2000)),
    "osworld_pyautogui": PYAUTOGUI,
    "qwen25_vl": QWEN,
    "qwen3_vl": QWEN,
    "scalecua": replace(
        PYAUTOGUI, press_buttons=(), scrolls=lambda dy, dx: not dx, answer=True
    ),
    "ui_tars": TARS,
    "ui_tars_1": TARS,
}  # fmt: skip


def effect(actions):
    """A normal form: two lists of actions have the same one if they do the same."""
    merged = []
    for action in actions:
        last = merged[-1] if merged else None
        if isinstance(action, Press | KeyDown | KeyUp):
            word = "keys" if isinstance(action, Press) else "key"
            action = replace(action, **{word: "+".join(split_chord(getattr(action, word)))})
        if isinstance(action, Click | Drag | Scroll) and action.modifiers:
            action = replace(action, modifiers="+".join(split_chord(action.modifiers)))
        if isinstance(action, Scroll) and isinstance(last, Scroll):
            if replace(last, dx=0, dy=0) == replace(action, dx=0, dy=0):
                action = replace(merged.pop(), dy=last.dy + action.dy, dx=last.dx + action.dx)
        elif isinstance(action, Wait) and isinstance(last, Wait) and last.ms + action.ms <= 60_000:
            action = Wait(merged.pop().ms + action.ms)
        merged.append(action)
    simple = []
    for action in merged:
        pieces = loosen(action)
        whole = not pieces or (isinstance(action, Scroll) and not action.modifiers)
        simple += [action] if whole else effect(pieces)
    return simple


@pytest.mark.parametrize("verb", ANY)
@pytest.mark.parametrize("name", dialect_names())
def test_what_is_written_reads_back_and_the_rest_is_refused(name, verb):
    spoken = dialect(name)
    said = []

    @settings(max_examples=60, deadline=None, database=None)
    @given(action=ANY[verb], thought=THOUGHT)
    def check(action, thought):
        if not WORDS[name].has(action):
            with pytest.raises(ActionError, match=name):
                spoken.write(Decision(thought, action), VIEW)
            return
        reply = spoken.write(Decision(thought, action), VIEW)
        reading = spoken.read(reply, VIEW)
        assert effect(reading.actions) == effect([action])
        assert reading.thought == ("" if name == "agentnet" else thought)
        assert spoken.write(Decision(thought, str(action)), VIEW) == reply
        said.append(action)

    check()
    if verb not in ("mouse_down", "mouse_up", "key_down", "key_up", "move", "scroll", "type", "wait"):
        assert said, "a dialect that says nothing passes everything"


def test_the_words_of_every_dialect_are_told():
    assert set(WORDS) == set(dialect_names())


ONE_STEP = [
    Click(10, 20),
    Drag(((1, 2), (30, 40))),
    Press("ctrl+s"),
    Finish(),
    Finish(success=False),
]


@pytest.mark.parametrize("name", dialect_names())
def test_what_every_dialect_says_is_one_step_again(name):
    for action in ONE_STEP:
        reply = dialect(name).write(Decision("I act.", action), VIEW)
        assert dialect(name).read(reply, VIEW).actions == (action,)


@pytest.mark.parametrize("name", ["osworld_pyautogui", "osworld_computer13", "gemini_35"])
def test_phrases_fold_into_one_step(name):
    for action in (
        Click(10, 20, modifiers="ctrl+shift"),
        Drag(((1, 2), (30, 40), (50, 60)), modifiers="shift"),
        Scroll(5, 6, dy=3, modifiers="ctrl"),
        Press("ctrl+a", hold=2000),
    ):
        reply = dialect(name).write(Decision("I act.", action), VIEW)
        assert dialect(name).read(reply, VIEW).actions == (action,)


@settings(max_examples=300, deadline=None)
@given(action=st.one_of(*ANY.values()))
def test_loosening_and_folding_change_no_effect(action):
    pieces = loosen(action)
    assert effect(pieces) == effect([action]) or not pieces
    assert effect(fold(pieces)) == effect(pieces)
    assert fold([action]) == (action,)


def test_what_is_no_phrase_is_left_alone():
    for actions in (
        [MouseDown(1, 2), MouseUp(1, 2)],
        [MouseDown(1, 2), Wait(100), MouseUp(3, 4)],
        [MouseDown(1, 2), MouseUp(3, 4, "right")],
        [KeyDown("ctrl"), Click(1, 2), Click(3, 4), KeyUp("ctrl")],
        [KeyDown("ctrl"), Click(1, 2)],
        [KeyDown("ctrl"), Click(1, 2), KeyUp("shift")],
        [KeyDown("a"), Click(1, 2), KeyUp("a")],
        [KeyDown("ctrl"), KeyUp("ctrl")],
        [KeyDown("ctrl")],
    ):
        assert fold(actions) == tuple(actions)


SCREENS = st.tuples(st.integers(200, 4000), st.integers(200, 4000)).filter(lambda size: max(size) < 10 * min(size))


@pytest.mark.parametrize("name", dialect_names())
@settings(max_examples=60, deadline=None)
@given(screen=SCREENS, shrink=st.sampled_from([1, 0.75, 0.5]), part=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_pixel_is_met_as_nearly_as_the_dialect_counts(name, screen, shrink, part):
    sent = (int(screen[0] * shrink), int(screen[1] * shrink))
    view = View(screen, sent if shrink < 1 else None)
    spot = tuple(min(int(share * side), side - 1) for share, side in zip(part, screen, strict=True))
    reply = dialect(name).write(Decision("", Click(*spot)), view)
    (found,) = dialect(name).read(reply, view).actions
    grain = 10_000 if name == "agentnet" else 1
    for side, extent, wanted, met in zip(
        screen, dialect(name).space.extent(view), spot, (found.x, found.y), strict=True
    ):
        cell = side / (extent * grain)
        assert abs(wanted - met) <= (0 if cell <= 1 else cell + 1)
    assert dialect(name).write(Decision("", found), view) == reply
