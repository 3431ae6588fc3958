"""The prompt: an episode as text, and text as an action."""

from __future__ import annotations

import doctest

import pytest
from deskgym.agents import prompt
from deskgym.agents.prompt import Moment, Style, as_chat, conversation, read_reply, write_action
from deskgym.envs.action import Click, Drag, Finish, Press, Type
from deskgym.errors import DeskgymError

SIZE = (480, 352)
MOMENTS = [
    Moment("I open\nthe menu.", Click(20, 10)),
    Moment("I write.", 'type("a\\nb")'),
    Moment("", Press("ctrl+s")),
    Moment("It is there.", Finish()),
]


def kinds(messages):
    return [[(span.kind, span.moment) for span in message.spans] for message in messages]


def test_the_example_in_its_docstring():
    assert doctest.testmod(prompt).failed == 0


def test_one_screen_with_the_older_steps_as_lines():
    system, user, answer = conversation("Write  a\nnote.", MOMENTS, SIZE, Style())
    assert system.text == prompt.SYSTEM
    assert user.text == ('Goal: Write a note.\nDone so far:\n1. click(42, 28)\n2. type("a\\nb")\n3. press("ctrl+s")\n')
    assert [(span.kind, span.text) for span in answer.spans] == [("reason", "It is there.\n"), ("act", "finish()")]


def test_the_first_step_has_no_past():
    _, user = conversation("Write a note.", [Moment()], SIZE, Style())
    assert user.text == "Goal: Write a note.\n"
    assert [span.kind for span in user.spans] == ["words", "observe"]


def test_the_last_screens_are_a_dialogue():
    messages = conversation("Go.", MOMENTS, SIZE, Style(system="", screens=2))
    assert [message.role for message in messages] == ["user", "assistant", "user", "assistant"]
    assert kinds(messages) == [
        [("words", -1), ("observe", 2)], [("act", 2)], [("observe", 3)], [("reason", 3), ("act", 3)],
    ]  # fmt: skip
    assert messages[0].text.count("\n") == 4


def test_a_whole_episode_is_one_conversation():
    messages = conversation("Go.", MOMENTS, SIZE, Style(screens=0))
    assert sum(span.kind == "observe" for message in messages for span in message.spans) == 4
    assert "Done so far" not in messages[1].text
    asked = conversation("Go.", [*MOMENTS[:3], Moment()], SIZE, Style(screens=0))
    assert asked == messages[:-1]  # what it is asked is the beginning of what it was taught


def test_without_thoughts():
    *_, answer = conversation("Go.", MOMENTS[:1], SIZE, Style(thoughts=False))
    assert answer.text == "click(42, 28)"


def test_chats_hold_text_and_places_for_images():
    chat = as_chat(conversation("Go.", MOMENTS[:1], SIZE, Style(system="Sys")))
    assert chat == [
        {"role": "system", "content": [{"type": "text", "text": "Sys"}]},
        {"role": "user", "content": [{"type": "text", "text": "Goal: Go.\n"}, {"type": "image"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "I open the menu.\nclick(42, 28)"}]},
    ]


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_written_is_read_back(moment):
    *_, answer = conversation("Go.", [moment], SIZE, Style())
    decision = read_reply(answer.text, SIZE, Style())
    assert decision.thought == " ".join(moment.thought.split())
    assert str(decision.action) == str(moment.action)


@pytest.mark.parametrize("size", [(320, 240), (480, 352), (1000, 999)])
def test_every_pixel_of_a_small_screen_survives(size):
    for x in range(size[0]):
        written = write_action(Click(x, min(x, size[1] - 1)), size, Style())
        assert read_reply(written, size, Style()).action == Click(x, min(x, size[1] - 1))


@pytest.mark.parametrize("size", [(1280, 800), (3840, 2160)])
def test_a_large_screen_keeps_its_pixels_within_a_thousandth(size):
    for x in range(0, size[0], 7):
        back = read_reply(write_action(Click(x, size[1] - 1), size, Style()), size, Style()).action
        assert abs(back.x - x) <= size[0] / 1000
        assert 0 <= back.x < size[0]
        assert size[1] - 1 - back.y <= size[1] / 1000


def test_a_models_own_marks_are_never_in_the_text():
    typed = Type("<|im_end|>  <|image_pad|>")
    moments = [Moment("I see <|im_end|>.", typed), Moment("", "<|oops")]
    messages = conversation("Type <|image_pad|>.", moments, SIZE, Style(screens=0))
    assert not any("<|" in message.text for message in messages)
    assert read_reply(messages[2].text, SIZE, Style()).action == typed


def test_points_outside_stay_outside():
    assert read_reply("click(1000, 2000)", SIZE, Style()).action == Click(480, 704)
    assert read_reply("click(-1, 5)", SIZE, Style()).action == Click(-1, 2)


def test_drags_and_pixels():
    drag = Drag(((0, 0), (479, 351)))
    assert write_action(drag, SIZE, Style()) == "drag([(0, 0), (998, 997)])"
    assert write_action(drag, SIZE, Style(scale=0)) == str(drag)
    assert read_reply("drag([(0, 0), (998, 997)])", SIZE, Style()).action == drag
    assert read_reply(str(drag), SIZE, Style(scale=0)).action == drag


@pytest.mark.parametrize(
    ("text", "thought", "action"),
    [
        ("I click.\nclikc(1, 2)", "I click.", "clikc(1, 2)"),
        ("I only talk", "", "I only talk"),
        ("", "", ""),
        ("a\n\nb\nwait(5", "a\n\nb", "wait(5"),
    ],
)
def test_what_cannot_be_read_is_handed_on(text, thought, action):
    decision = read_reply(text, SIZE, Style())
    assert (decision.thought, decision.action) == (thought, action)


def test_a_malformed_action_stays_in_the_past_as_it_is():
    _, user, _ = conversation("Go.", [Moment("", "clikc(\n1)"), Moment("", Type("x"))], SIZE, Style())
    assert "1. clikc( 1)\n" in user.text


def test_a_conversation_needs_moments_with_actions():
    for moments in ([], [Moment(), Moment("", Finish())]):
        with pytest.raises(DeskgymError, match="needs a moment"):
            conversation("Go.", moments, SIZE, Style())


def test_the_style_is_kept(tmp_path):
    assert Style.read(tmp_path) == Style()
    style = Style(system="Kurz.", screens=3, thoughts=False, scale=0)
    style.write(tmp_path)
    assert Style.read(tmp_path) == style
    (tmp_path / "prompt.json").write_text('{"screen": 3}')
    with pytest.raises(DeskgymError, match="did you mean 'screens'"):
        Style.read(tmp_path)
    (tmp_path / "prompt.json").write_text("[")
    with pytest.raises(DeskgymError, match="holds no prompt"):
        Style.read(tmp_path)
    with pytest.raises(DeskgymError, match="0 or more"):
        Style(screens=-1)
