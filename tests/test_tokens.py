"""Tokens and masks, one by one, against the Hugging Face processor."""

from __future__ import annotations

import numpy as np
import pytest
from deskgym.agents.prompt import Message, Moment, Span, Style, as_chat, conversation
from deskgym.agents.tokens import KINDS, see, tokenize
from deskgym.envs.action import Click, Finish, Press, Type
from deskgym.errors import DeskgymError

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")

SIZE = (320, 256)
MOMENTS = [
    Moment("I open the menu.", Click(20, 10)),
    Moment("Ich tippe “日本”: 12!", Type("a\nb  <|im_end|> é")),
    Moment("", Press("ctrl+s")),
    Moment("It is there", Finish()),
]


@pytest.fixture(scope="module")
def processor(tmp_path_factory):
    from deskgym.agents.checkpoint import load_processor
    from deskgym.training.base import build_base

    folder = tmp_path_factory.mktemp("base") / "tiny"
    build_base("tiny", folder)
    return load_processor(folder)


def screens(count, size=SIZE):
    return [np.random.default_rng(n).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8) for n in range(count)]


@pytest.mark.parametrize("style", [Style(), Style(system=""), Style(screens=2), Style(screens=0, thoughts=False)])
@pytest.mark.parametrize("asked", [True, False])
def test_ids_are_those_of_the_processor(processor, style, asked):
    moments = [*MOMENTS[:3], Moment()] if asked else MOMENTS
    messages = conversation("Write a note.", moments, SIZE, style)
    shown = screens(sum(span.kind == "observe" for message in messages for span in message.spans))
    text = processor.apply_chat_template(as_chat(messages), tokenize=False, add_generation_prompt=asked)
    theirs = processor(text=[text], images=shown, return_tensors="np")
    seen = [see(processor, screen) for screen in shown]
    ours = tokenize(processor, messages, [each.grid for each in seen])
    assert ours.ids.tolist() == theirs["input_ids"][0].tolist()
    assert np.array_equal(np.concatenate([each.patches for each in seen]), theirs["pixel_values"])
    assert [list(each.grid) for each in seen] == theirs["image_grid_thw"].tolist()
    assert np.array_equal(ours.ids == processor.image_token_id, theirs["mm_token_type_ids"][0] == 1)


@pytest.mark.parametrize("style", [Style(), Style(screens=2), Style(screens=0), Style(screens=0, thoughts=False)])
def test_every_span_is_its_own_tokens(processor, style):
    messages = conversation("Write a note.", MOMENTS, SIZE, style)
    grids = [(1, 16, 20)] * sum(span.kind == "observe" for message in messages for span in message.spans)
    tokens = tokenize(processor, messages, grids)
    for message in messages:
        for span in message.spans:
            if span.kind == "words":
                continue
            mine = (tokens.kinds == KINDS.index(span.kind)) & (tokens.moments == span.moment)
            if span.kind == "observe":
                assert mine.sum() == 80
                assert set(tokens.ids[mine]) == {processor.image_token_id}
                continue
            end = "<|im_end|>" if span.kind == "act" else ""
            assert processor.tokenizer.decode(tokens.ids[mine]) == span.text + end
            (places,) = np.nonzero(mine)
            assert np.array_equal(places, np.arange(places[0], places[-1] + 1))


def test_nothing_else_is_marked(processor):
    tokens = tokenize(processor, conversation("Go.", MOMENTS, SIZE, Style(screens=0)), [(1, 16, 20)] * 4)
    rest = processor.tokenizer.decode(tokens.ids[tokens.kinds == KINDS.index("words")])
    assert "I open" not in rest
    assert "finish()" not in rest.rpartition("Goal")[2]
    assert rest.count("<|im_start|>assistant\n") == 4
    assert (tokens.moments[tokens.kinds == KINDS.index("words")] == -1).all()


def test_the_last_turn_has_no_answer_when_asked(processor):
    tokens = tokenize(processor, conversation("Go.", [Moment()], SIZE, Style()), [(1, 16, 20)])
    assert set(tokens.kinds.tolist()) == {KINDS.index("words"), KINDS.index("observe")}
    assert processor.tokenizer.decode(tokens.ids).endswith("assistant\n")


def test_what_was_asked_is_the_beginning_of_what_is_taught(processor):
    asked = tokenize(
        processor, conversation("Go.", [*MOMENTS[:1], Moment()], SIZE, Style(screens=0)), [(1, 16, 20)] * 2
    )
    taught = tokenize(processor, conversation("Go.", MOMENTS[:2], SIZE, Style(screens=0)), [(1, 16, 20)] * 2)
    assert np.array_equal(asked.ids, taught.ids[: len(asked)])


def test_a_template_that_rewrites_is_refused(processor):
    messages = conversation("Go.", MOMENTS[:1], SIZE, Style())
    kept = processor.chat_template
    try:
        processor.chat_template = kept.replace("part.text", "part.text | upper")
        with pytest.raises(DeskgymError, match="changes what was said in turn 2"):
            tokenize(processor, messages, [(1, 16, 20)])
        processor.chat_template = kept.replace("<|im_end|>", "<end>")
        with pytest.raises(DeskgymError, match="does not end a turn with"):
            tokenize(processor, messages, [(1, 16, 20)])
        processor.chat_template = kept.replace("<|image_pad|>", "")
        with pytest.raises(DeskgymError, match="1 screens has 0 places"):
            tokenize(processor, messages, [(1, 16, 20)])
    finally:
        processor.chat_template = kept


def test_a_token_across_two_spans_is_of_the_second(processor):
    word = "clicklick"
    spans = (Span("reason", word[:3], 0), Span("act", word[3:], 0))
    tokens = tokenize(processor, [Message("user", (Span("words", "x"),)), Message("assistant", spans)], [])
    (acts,) = np.nonzero(tokens.kinds == KINDS.index("act"))
    assert processor.tokenizer.decode(tokens.ids[acts]).endswith(word[3:] + "<|im_end|>")
