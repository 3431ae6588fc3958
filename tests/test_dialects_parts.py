"""What dialects share: coordinate spaces, names of keys, the wheel, endings, code and prose."""

from __future__ import annotations

import pytest
from deskgym.agents.dialects import View
from deskgym.agents.dialects.parts.call import Call
from deskgym.agents.dialects.parts.closing import closing_text, read_closing
from deskgym.agents.dialects.parts.keynames import GEMINI, OPENAI, PYAUTOGUI, XDOTOOL, read_chord
from deskgym.agents.dialects.parts.prose import fenced, harmless
from deskgym.agents.dialects.parts.pycode import parse_calls, write_call
from deskgym.agents.dialects.parts.space import Grid, Resized, Sent, Unit, smart_resize
from deskgym.agents.dialects.parts.wheel import notches, turns
from deskgym.envs.action import Finish
from deskgym.envs.keys import NAMED_KEYS, split_chord
from deskgym.errors import ActionError
from hypothesis import given
from hypothesis import strategies as st

SPACES = [Sent(), Grid(), Grid(cut=True), Unit(), Resized(28), Resized(32)]
SIDES = st.integers(100, 4000)


@pytest.mark.parametrize("space", SPACES, ids=repr)
@given(width=SIDES, height=SIDES, part=st.floats(0, 1), shrink=st.sampled_from([1, 2, 3]))
def test_the_mapping_is_exact_wherever_the_space_counts_finer_than_the_screen(space, width, height, part, shrink):
    view = View((width, height), (width // shrink, height // shrink))
    x, y = min(int(part * width), width - 1), min(int((1 - part) * height), height - 1)
    said = space.from_screen(x, y, view)
    met = space.to_screen("click", *said, view)
    grain = 10**space.decimals
    for side, extent, wanted, found in zip((width, height), space.extent(view), (x, y), met, strict=True):
        cell = side / (extent * grain)
        assert abs(wanted - found) <= (0 if cell <= 1 else cell / 2 + 1.5)
    assert space.from_screen(*met, view) == said


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_corners_meet_corners_and_beyond_is_refused(space):
    view = View((1280, 800))
    width, height = space.extent(view)
    assert space.to_screen("click", 0, 0, view) == (0, 0)
    assert space.to_screen("click", width, height, view) == (1279, 799)
    assert space.from_screen(0, 0, view) == (0, 0)
    for outside in ((-0.1, 0), (0, height + 0.1), (float("nan"), 0)):
        with pytest.raises(ActionError, match="outside the image, whose far corner is"):
            space.to_screen("click", *outside, view)
    with pytest.raises(ActionError, match=r"\(1280, 0\) is outside the screen of 1280 x 800 pixels"):
        space.from_screen(1280, 0, view)


def test_the_last_pixel_is_written_below_the_edge():
    assert Grid(cut=True).from_screen(1279, 799, View((1280, 800))) == (999, 999)
    assert Unit().from_screen(1279, 798, View((1280, 800))) == (0.9992, 0.9975)


@pytest.mark.parametrize(
    ("size", "factor", "resized"),
    [
        ((1280, 800), 28, (1288, 812)),
        ((1920, 1080), 28, (1932, 1092)),
        ((1920, 1080), 32, (1920, 1088)),
        ((20, 20), 28, (56, 56)),
        ((30, 20), 28, (84, 56)),
        ((8000, 6000), 28, (4116, 3080)),
    ],
)
def test_images_are_resized_as_qwen_s_processor_does(size, factor, resized):
    assert smart_resize(size, factor, 56 * 56, 16384 * 28 * 28) == resized


def test_an_image_too_narrow_for_the_processor_is_the_caller_s_fault():
    with pytest.raises(ValueError, match="too narrow"):
        smart_resize((3000, 10), 28, 3136, 12_845_056)


@pytest.mark.parametrize("names", [XDOTOOL, PYAUTOGUI, OPENAI, GEMINI])
def test_every_key_that_has_a_name_is_read_under_it(names):
    assert set(names.names) <= set(NAMED_KEYS)
    for key, theirs in names.names.items():
        assert split_chord(read_chord(theirs)) == [key], theirs
        if key != "plus":
            assert split_chord(read_chord(*names.spell(f"ctrl+{key}"))) == ["ctrl", key]
    for key in set(NAMED_KEYS) - set(names.names):
        with pytest.raises(ActionError, match="no name for the key"):
            names.spell(key)


def test_xdotool_has_a_name_for_every_key():
    assert set(XDOTOOL.names) == set(NAMED_KEYS)


@pytest.mark.parametrize(
    ("words", "chord"),
    [
        (["ctrl+S"], "ctrl+s"),
        (["CTRL", "SHIFT", "T"], "ctrl+shift+t"),
        (["ControlOrMeta", "a"], "ctrl+a"),
        (["ctrl++"], "ctrl+plus"),
        (["ctrl", "+"], "ctrl+plus"),
        (["+"], "plus"),
        (["S"], "S"),
        ([" "], "space"),
        (["\t"], "tab"),
        (["é"], "é"),
        (["nokey"], "nokey"),
    ],
)
def test_chords_in_every_spelling(words, chord):
    assert read_chord(*words) == chord


def test_each_family_writes_as_its_models_do():
    assert [names.spell("ctrl+s") for names in (XDOTOOL, PYAUTOGUI, OPENAI, GEMINI)] == [
        ["ctrl", "s"],
        ["ctrl", "s"],
        ["CTRL", "S"],
        ["control", "s"],
    ]
    assert [names.spell("S") for names in (XDOTOOL, PYAUTOGUI, OPENAI, GEMINI)] == [["S"]] * 4


def test_the_wheel():
    assert [notches("scroll", pixels) for pixels in (0, 1, 49, 149, 150, -150, -1, 10_000)] == [
        0,
        1,
        1,
        1,
        2,
        -2,
        -1,
        100,
    ]
    assert turns(0, -7, most=5) == [("up", 5), ("up", 2)]
    assert turns(3, 4) == [("down", 4), ("right", 3)]
    assert turns(0, 0) == [("down", 0)]


@given(st.text(max_size=20), st.booleans())
def test_endings_in_plain_text_read_back(answer, success):
    assert read_closing(closing_text(Finish(answer, success))) == Finish(answer, success)


def test_prose_and_code():
    assert fenced("a\n```python\nx()\n```\nb\n```\ny()\n```") == ("a\n\nb", ["x()", "y()"])
    assert fenced("```DONE```") == ("", ["DONE"])
    assert fenced("```DONE\n```") == ("", ["DONE"])
    assert fenced("```python x()```") == ("", ["x()"])
    assert fenced("```\nx()") == ("", ["x()"])
    assert fenced("x()") == ("", ["x()"])
    assert "```" not in harmless("a ```` b", "```")


def test_code_is_bound_to_parameters_and_written_back():
    signatures = {"f": ("x", "y"), "g": ("*keys", "pause"), "h": ("/secs",)}
    calls = parse_calls("f(1, y='a'); g('a', 'b', pause=1)\nh(0.5)\n'''a note'''", signatures)
    assert calls == [
        Call("f", {"x": 1, "y": "a"}),
        Call("g", {"keys": ["a", "b"], "pause": 1}),
        Call("h", {"secs": 0.5}),
    ]
    assert [write_call(call, signatures) for call in calls] == ["f(x=1, y='a')", "g('a', 'b', pause=1)", "h(0.5)"]
    assert (
        write_call(Call("f", {"x": 'it\'s "x"\n', "y": "don't"}), signatures) == "f(x='it\\'s \"x\"\\n', y='don\\'t')"
    )
    with pytest.raises(ActionError, match="h has no argument 'secs'"):
        parse_calls("h(secs=1)", signatures)


def test_an_argument_is_read_or_complained_of():
    call = Call("scroll", {"x": 1, "y": None, "amout": 3})
    assert call.whole("x") == 1
    assert call.number("amount", 5) == 5
    with pytest.raises(ActionError, match="scroll has no argument 'amout'; did you mean 'amount'"):
        call.finish()
    call.finish(ignoring=["amout"])
    with pytest.raises(ActionError, match="scroll: y is missing"):
        call.number("y")
    with pytest.raises(ActionError, match=r"must be a whole number, not 1\.5"):
        Call("f", {"n": 1.5}).whole("n")
    with pytest.raises(ActionError, match="must be true or false, not 'yes'"):
        Call("f", {"n": "yes"}).flag("n", True)
