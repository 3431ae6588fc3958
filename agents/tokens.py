"""Tokens: a conversation as a model reads it, and of every token who says it and what it is about.

What a token is comes from the spans of the prompt, by their places in the text; never from looking for patterns in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from ..errors import DeskgymError
from .prompt import Kind, Message, as_chat

__all__ = ["KINDS", "Seen", "Tokens", "see", "tokenize"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a token can be; its number is the place in here."""

WORDS, OBSERVE, REASON, ACT = range(4)


@dataclass(frozen=True)
class Seen:
    """A screen as a model reads it."""

    patches: np.ndarray
    """float32[patches, values]."""
    grid: tuple[int, int, int]
    """How many patches in time, height and width."""


@dataclass(frozen=True)
class Tokens:
    """A conversation in tokens."""

    ids: np.ndarray
    """int64[n]."""
    kinds: np.ndarray
    """uint8[n]: places in `KINDS`."""
    moments: np.ndarray
    """int32[n]: the moment each belongs to; -1: to none."""

    def __len__(self) -> int:
        return len(self.ids)


def see(processor: Any, screen: np.ndarray) -> Seen:
    """What a model sees of a screen, by its processor's own image processor.

    Args:
        processor: of a model of the Qwen-VL family.
        screen: uint8[H, W, 3].
    """
    made = processor.image_processor(images=[screen], return_tensors="np")
    time, height, width = (int(count) for count in made["image_grid_thw"][0])
    return Seen(np.asarray(made["pixel_values"], np.float32), (time, height, width))


def tokenize(processor: Any, messages: Sequence[Message], grids: Sequence[tuple[int, int, int]]) -> Tokens:
    """Put a conversation into tokens; the student is asked, if it ends with the user.

    The ids are those of the processor, which would look at every screen again.

    Args:
        processor: of a model of the Qwen-VL family.
        messages: the conversation.
        grids: of each screen it shows, in order, how many patches it has in time, height and width.

    Raises:
        DeskgymError: the chat template changes what was said, or does not keep the order of turns.
    """
    text, kinds, moments = _marked(processor, messages)
    made = processor.tokenizer(text, return_offsets_mapping=True)
    ids, places = np.array(made["input_ids"], np.int64), made["offset_mapping"]
    # A token that straddles two spans is of the second: what was decided with the first cannot depend on it.
    last = np.array([max(start, end - 1) for start, end in places], np.int64)
    counts = np.ones(len(ids), np.int64)
    (shown,) = np.nonzero(ids == processor.image_token_id)
    screens = [span.moment for message in messages for span in message.spans if span.kind == "observe"]
    if not len(shown) == len(screens) == len(grids):
        raise DeskgymError(f"a conversation with {len(screens)} screens has {len(shown)} places for them")
    kind, moment = kinds[last], moments[last]
    kind[shown], moment[shown] = OBSERVE, screens
    counts[shown] = [time * height * width // processor.image_processor.merge_size**2 for time, height, width in grids]
    return Tokens(np.repeat(ids, counts), np.repeat(kind, counts), np.repeat(moment, counts))


def _marked(processor: Any, messages: Sequence[Message]) -> tuple[str, np.ndarray, np.ndarray]:
    """The conversation's text, and of each of its characters the kind and the moment."""
    chat = as_chat(messages)
    text = _render(processor, chat, asked=messages[-1].role != "assistant")
    kinds, moments = np.full(len(text), WORDS, np.uint8), np.full(len(text), -1, np.int32)
    for number, message in enumerate(messages):
        if message.role != "assistant":
            continue
        before = _render(processor, chat[:number], asked=True)
        at = len(before)
        if not text.startswith(before + message.text):
            raise DeskgymError(f"the chat template changes what was said in turn {number}: {message.text[:60]!r}")
        for span in message.spans:
            kinds[at : at + len(span.text)] = KINDS.index(span.kind)
            moments[at : at + len(span.text)] = span.moment
            at += len(span.text)
        # To end its turn is the last thing the student has to learn to say; the newline after it is the template's.
        end = processor.tokenizer.eos_token
        if not text.startswith(end, at):
            raise DeskgymError(f"the chat template does not end a turn with {end!r}: {text[at : at + 20]!r}")
        kinds[at : at + len(end)], moments[at : at + len(end)] = ACT, message.spans[-1].moment
    return text, kinds, moments


def _render(processor: Any, chat: list[dict[str, Any]], asked: bool) -> str:
    return processor.apply_chat_template(chat, tokenize=False, add_generation_prompt=asked)
