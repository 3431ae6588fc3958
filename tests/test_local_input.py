"""The player's face of the local desktop: a real Mousepad is clicked, typed into and looked at."""

from __future__ import annotations

import string
import time

import numpy as np
import pytest
from deskgym.envs.action import Click, Drag, KeyDown, KeyUp, MouseDown, MouseUp, Move, Press, Scroll, Type, Wait
from deskgym.envs.desktop import open_desktop
from deskgym.software_specs.catalog import find_software

pytestmark = pytest.mark.desktop

LINE = 58
"""The height of the first line of text, in pixels."""


@pytest.fixture(scope="module", params=["jump", "off"])
def mousepad(request):
    """The editor under a clock of its own, and under the host's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKGYM_CLOCK", request.param)
        yield from opened()


def opened():
    desktop = open_desktop("local", find_software("mousepad"), (640, 400))
    desktop.machine.write("note.txt", "")
    desktop.launch(("note.txt",))
    yield desktop
    desktop.close()


@pytest.fixture
def pad(mousepad):
    """Play actions on an emptied document; the result is what the file holds after saving."""

    class Pad:
        desktop = mousepad

        def play(self, *actions):
            for action in actions:
                assert mousepad.perform(action), f"{action} did not settle"
            return self

        @property
        def text(self):
            self.play(Press("ctrl+s"))
            return mousepad.machine.read("note.txt").decode().removesuffix("\n")

        @property
        def roles(self):
            return {widget.role for widget in mousepad.machine.tree()}

    return Pad().play(Press("escape"), Press("ctrl+a"), Type(" "), Press("backspace"))


@pytest.mark.parametrize(
    "text",
    [
        string.ascii_letters + string.digits,
        string.punctuation + " ",
        "é中😀 ñÄß€ Ελλάδα Привет 日本語",
        "one\n\ttwo\n\nthree",
        "aaAAaa11!!11",
        "".join(chr(code) for code in range(0x4E00, 0x4E00 + 400)),
    ],
)
def test_text_arrives_exactly(pad, text):
    assert pad.play(Type(text)).text == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["end", "backspace"], "alpha bet"),
        (["home", "delete"], "lpha beta"),
        (["ctrl+home", "enter", "tab"], "\n\talpha beta"),
        (["home", "right", "right", "x"], "alxpha beta"),
        (["ctrl+left", "+", "plus", "ctrl++"], "alpha ++beta"),
        (["shift+home", "delete"], ""),
        (["ctrl+a", "ctrl+x", "ctrl+v", "ctrl+v"], "alpha betaalpha beta"),
        (["Home", "Control+Right", "SHIFT+end", "del"], "alpha"),
        (["kp4", "space", "Return", "é", "A", "!"], "alpha beta4 \néA!"),
        (["alt+f", "escape", "f10", "esc", "z"], "alpha betaz"),
    ],
)
def test_keys_and_chords(pad, keys, text):
    assert pad.play(Type("alpha beta"), *map(Press, keys)).text == text


def test_repeated_and_held_keys(pad):
    assert pad.play(Type("abcdef"), Press("backspace", repeat=4), Press("x", hold=700)).text == "abx"


def test_a_key_may_be_held_for_longer_than_the_server_may_be_silent(pad):
    start = pad.desktop.elapsed()
    assert pad.play(Press("x", repeat=2, hold=2800)).text == "xx"
    assert pad.desktop.elapsed() - start > 5.6


def test_keys_held_across_steps(pad):
    pad.play(Type("alpha beta"), KeyDown("shift"), Press("home"), KeyUp("shift"))
    assert pad.play(Type("x")).text == "x"


def test_double_click_selects_a_word_and_triple_click_the_line(pad):
    pad.play(Type("alpha beta"), Click(20, LINE, count=2))
    assert pad.play(Type("X")).text == "X beta"
    assert pad.play(Click(20, LINE, count=3), Type("Y")).text == "Y"


def test_single_clicks_in_two_steps_are_no_double_click(pad):
    pad.play(Type("alpha beta"), Click(20, LINE), Click(20, LINE), Click(21, LINE))
    pad.play(Drag(((20, LINE), (20, LINE))), MouseDown(20, LINE), MouseUp(20, LINE))
    text = pad.play(Type("X")).text
    assert len(text) == len("alpha beta") + 1
    assert text.replace("X", "") == "alpha beta"


def test_dragging_selects(pad):
    pad.play(Type("alpha beta"), Drag(((2, LINE), (300, LINE))))
    assert pad.play(Type("X")).text == "X"


def test_a_drag_by_hand_selects(pad):
    pad.play(Type("alpha beta"), MouseDown(2, LINE), Move(100, LINE), Move(300, LINE), MouseUp(300, LINE))
    assert pad.play(Type("X")).text == "X"


def test_modifiers_of_clicks(pad):
    pad.play(Type("alpha beta"), Click(2, LINE), Click(300, LINE, modifiers="shift"))
    assert pad.play(Type("X")).text == "X"


def test_other_buttons(pad):
    pad.play(Type("alpha\nbeta"), Click(300, 200, button="right"))
    assert "menu item" in pad.roles
    pad.play(Press("escape"), Click(20, LINE, count=2), Click(20, LINE + 200, button="middle"))
    assert pad.text == "alpha\nbetaalpha"


def test_scrolling_moves_the_view_down_and_back(pad):
    pad.play(Type("\n".join(str(number) for number in range(60))), Press("ctrl+home"), Scroll(300, 200, dy=-1))
    top = pad.desktop.screenshot()
    pad.play(Scroll(300, 200, dy=5))
    assert not np.array_equal(pad.desktop.screenshot(), top)
    pad.play(Scroll(300, 200, dy=-5))
    assert np.array_equal(pad.desktop.screenshot(), top)


def test_scrolling_sideways(pad):
    pad.play(Type("wide " * 60), Press("ctrl+home"))
    left = pad.desktop.screenshot()
    pad.play(Scroll(300, 200, dx=5))
    assert not np.array_equal(pad.desktop.screenshot(), left)


def test_the_tree_tells_what_is_on_the_screen(pad):
    pad.play(Type("alpha beta"))
    tree = pad.desktop.machine.tree()
    assert "menu bar" in pad.roles
    assert {"File", "Edit", "Help"} <= {widget.name for widget in tree if widget.role == "menu"}
    (document,) = [widget for widget in tree if widget.role == "text"]
    assert document.value == "alpha beta"
    assert "focused" in document.states
    assert document.box[0] + document.box[2] <= 640
    (file,) = [widget for widget in tree if widget.name == "File"]
    pad.play(Click(*file.center))
    assert "Save" in {widget.name.strip() for widget in pad.desktop.machine.tree() if widget.role == "menu item"}


def test_screenshots_are_whole_still_and_ones_own(pad):
    pad.play(Type("alpha"))
    screen = pad.desktop.screenshot()
    assert (screen.shape, screen.dtype) == ((400, 640, 3), np.uint8)
    assert screen.flags.c_contiguous
    kept = screen.copy()
    screen[:] = 0
    time.sleep(1.2)  # a cursor that blinks would show
    assert np.array_equal(pad.desktop.screenshot(), kept)


def test_a_widget_that_reacts_is_seen_at_once(pad):
    before = pad.desktop.screenshot()
    for letter in "settled":
        pad.play(Press(letter))
        after = pad.desktop.screenshot()
        assert not np.array_equal(before, after)
        before = after


def test_waiting_waits(pad):
    start = pad.desktop.elapsed()
    pad.play(Wait(500))
    assert 0.5 <= pad.desktop.elapsed() - start < 3


def test_two_desktops_side_by_side(pad):
    other = open_desktop("local", find_software("mousepad"), (640, 400))
    try:
        other.machine.write("note.txt", "")
        other.launch(("note.txt",))
        start = other.screenshot()
        pad.play(Type("left"))
        assert np.array_equal(other.screenshot(), start)
        other.perform(Type("right"))
        other.perform(Press("ctrl+s"))
        assert other.machine.read("note.txt").decode().strip() == "right"
        assert pad.text == "left"
    finally:
        other.close()
        other.close()
