"""Actions: one text form each, read back as what was written; whatever a model writes is refused with a sentence."""

from __future__ import annotations

import warnings

import pytest
from deskgym.envs.action import (
    ACTIONS,
    Click,
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
    parse_action,
)
from deskgym.envs.spaces import ActionSpace
from deskgym.errors import ActionError
from hypothesis import given, settings
from hypothesis import strategies as st

PIXEL = st.integers(-10, 5000)
BUTTON = st.sampled_from(["left", "middle", "right", "back", "forward"])
MODIFIERS = st.sampled_from(["", "ctrl", "shift", "ctrl+shift", "Alt"])
KEYS = st.sampled_from(["enter", "ctrl+s", "Ctrl+Shift+S", "ctrl++", "+", '"', "\\", "F12", "kp5", "é", "page_up"])
TEXT = st.text(min_size=1, max_size=40)
TYPED = TEXT.filter(lambda text: all(c.isprintable() or c in "\n\t" for c in text))
ANY_ACTION = st.one_of(
    st.builds(Move, PIXEL, PIXEL),
    st.builds(Click, PIXEL, PIXEL, BUTTON, st.integers(1, 3), MODIFIERS),
    st.builds(MouseDown, PIXEL, PIXEL, BUTTON),
    st.builds(MouseUp, PIXEL, PIXEL, BUTTON),
    st.builds(Drag, st.lists(st.tuples(PIXEL, PIXEL), min_size=2, max_size=5), BUTTON, MODIFIERS),
    st.builds(Scroll, PIXEL, PIXEL, st.integers(-100, 100), st.integers(-100, 100), MODIFIERS),
    st.builds(Type, TYPED),
    st.builds(Press, KEYS, st.integers(1, 100), st.integers(0, 60_000)),
    st.builds(KeyDown, KEYS),
    st.builds(KeyUp, KEYS),
    st.builds(Wait, st.integers(0, 60_000)),
    st.builds(Finish, st.text(max_size=40), st.booleans()),
)


@settings(max_examples=400, deadline=None)
@given(ANY_ACTION)
def test_text_form_round_trips_in_one_line(action):
    text = str(action)
    assert parse_action(text) == action
    assert str(parse_action(text)) == text
    assert text.isprintable()


def test_every_verb_has_a_round_trip_above():
    tried = {"move", "click", "mouse_down", "mouse_up", "drag", "scroll", "type", "press", "key_down", "key_up"}
    assert set(ACTIONS) == tried | {"wait", "finish"}


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Click(412, 230), "click(412, 230)"),
        (Click(1, 2, count=2), "click(1, 2, count=2)"),
        (Click(1, 2, "right", modifiers="ctrl"), 'click(1, 2, button="right", modifiers="ctrl")'),
        (Drag(((1, 2), (3, 4))), "drag([(1, 2), (3, 4)])"),
        (Drag([[1, 2], [3, 4]]), "drag([(1, 2), (3, 4)])"),
        (Scroll(5, 6, dy=-3), "scroll(5, 6, dy=-3)"),
        (Type('say "é"\n\tend\\'), r'type("say \"é\"\n\tend\\")'),
        (Press("ctrl+s"), 'press("ctrl+s")'),
        (Press("down", repeat=3), 'press("down", repeat=3)'),
        (Wait(), "wait()"),
        (Wait(5), "wait(ms=5)"),
        (Finish(), "finish()"),
        (Finish("42", success=False), 'finish(answer="42", success=False)'),
    ],
)
def test_one_spelling(action, text):
    assert str(action) == text


@pytest.mark.parametrize("text", ["click(1,2)", " click( 1 , 2 )\n", "click(x=1, y=2)", "click(1, 2, 'left', 1)"])
def test_other_spellings_are_understood(text):
    assert parse_action(text) == Click(1, 2)


def test_a_stray_backslash_is_itself_and_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse_action(r'type("C:\data")') == Type(r"C:\data")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("clik(1, 2)", "did you mean 'click'?"),
        ("Click(1, 2)", "did you mean 'click'?"),
        ("click(1, 2, buton='left')", "did you mean 'button'?"),
        ("click(1, 2, button='lefft')", "did you mean 'left'?"),
        ("press('ctrl+entr')", "did you mean 'enter'?"),
        ("press('')", "unknown key ''"),
        ("click(1)", "missing 1 required positional argument: 'y'; it takes x, y, button, count, modifiers"),
        ("click(1, 2, x=3)", "multiple values for argument 'x'"),
        ("type(text='a', text='b')", "given twice"),
        ("click(1, 2, count=4)", "count must be a whole number from 1 to 3, not 4"),
        ("click(1.5, 2)", "pixels are whole numbers, not 1.5"),
        ("click(True, 2)", "pixels are whole numbers, not True"),
        ("click('1', 2)", "pixels are whole numbers"),
        ("drag([(1, 2)])", "2 to 1000 points"),
        ("drag([(1, 2), (3,)])", "a point is two numbers"),
        ("type('')", "1 to 10000 characters"),
        (r"type('\x1b')", "use press for keys"),
        ("wait(-1)", "from 0 to 60000"),
        ("scroll(1, 2, dy=101)", "from -100 to 100"),
        ("finish(success='yes')", "True or False"),
        ("click", "expected a call such as click(412, 230)"),
        ("I click the button.", "expected a call such as"),
        ("click(1, 2); click(3, 4)", "expected a call such as"),
        ("click(1, 2", "expected a call such as"),
        ("", "expected a call such as"),
        ("\0", "expected a call such as"),
        ("(" * 5000, "expected a call such as"),
        ("-" * 100_000 + "1", "expected a call such as"),
        ("type('\ud800')", "expected a call such as"),
        ("click(0x" + "f" * 5000 + ", 2)", "no screen has a pixel that far out"),
        ("wait(0x" + "f" * 5000 + ")", "wait"),
        ("click(" + "9" * 5000 + ", 2)", "expected a call such as"),
    ],
)
def test_malformed_text_is_refused_with_a_sentence(text, words):
    with pytest.raises(ActionError) as caught:
        parse_action(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    "text",
    [
        "type(open({path!r}, 'w').name)",
        "open({path!r}, 'w')",
        "__import__('os').mkdir({path!r})",
        "click(*[1, __import__('os').mkdir({path!r})])",
        "click(**{{'x': __import__('os').mkdir({path!r})}})",
        "[open({path!r}, 'w') for _ in (1,)]",
    ],
)
def test_nothing_is_executed(text, tmp_path):
    with pytest.raises(ActionError):
        parse_action(text.format(path=str(tmp_path / "made")))
    assert list(tmp_path.iterdir()) == []


def test_actions_check_themselves_when_made():
    with pytest.raises(ActionError, match="unknown key"):
        Press("ctrl+nokey")
    with pytest.raises(ActionError, match="no screen"):
        Click(10**5000, 1)
    with pytest.raises(AttributeError):  # frozen
        Click(1, 2).x = 3


SPACE = ActionSpace((320, 240))


def test_samples_lie_in_the_space_and_follow_the_seed():
    first, second, other = (ActionSpace((320, 240), seed=seed) for seed in (5, 5, 6))
    drawn = [first.sample() for _ in range(300)]
    assert all(action in first for action in drawn)
    assert drawn == [second.sample() for _ in range(300)]
    assert drawn != [other.sample() for _ in range(300)]
    assert {type(action) for action in drawn} == {Click, Move, Drag, Scroll, Press, Type, Wait}


@pytest.mark.parametrize("member", [Click(319, 239), "click(0, 0)", Press("ctrl+s"), "finish()"])
def test_what_the_space_contains(member):
    assert member in SPACE


@pytest.mark.parametrize(
    "stranger",
    [Click(320, 0), Click(0, 240), Click(-1, 0), Drag(((0, 0), (400, 0))), "clik(1, 2)", "", None, 5, b"click(1, 2)"],
)
def test_what_it_does_not(stranger):
    assert stranger not in SPACE


def test_off_screen_is_explained():
    with pytest.raises(ActionError, match=r"\(400, 0\) is outside the screen of 320 x 240 pixels"):
        SPACE.check(Drag(((0, 0), (400, 0))))


def test_space_is_a_gymnasium_space():
    drawn = [ActionSpace((320, 240), seed=1).sample() for _ in range(20)]
    assert SPACE.from_jsonable(SPACE.to_jsonable(drawn)) == drawn
    assert ActionSpace((320, 240)) == SPACE != ActionSpace((240, 320))
    assert repr(SPACE) == "ActionSpace(320, 240)"
