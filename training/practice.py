"""Practice: a base learns to copy made-up words, before it is taught anything.

What a goal quotes must be typed letter by letter. A model that is taught from nothing finds every menu before it can
do that; on made-up words alone, of which it never sees one twice, it learns to copy in minutes (induction heads:
Olsson et al. 2022, arXiv 2209.11895). No task, screen or goal takes part.
"""

# pyright: reportMissingImports=false
# This module needs the extra `train`; it is imported when a base is built.

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from .batches import IGNORED
from .muon import MuonAdamW

__all__ = ["practise"]

ROWS, RATE = 32, 0.02
GIVEN = 1
"""Tokens of a word that are not asked for: until it is said, nobody can know which word is meant."""
EASY = 0.4
"""Part of the steps whose words are of any tokens, of which hardly one comes twice in a row: there copying begins.
Later every other row has words of single characters, where what came before must be told apart by more than one."""


def practise(
    model: Any, tokenizer: Any, steps: int, seed: int = 0, report: Callable[[str], None] = lambda words: None
) -> float:
    """Teach a model to copy, and return which share of the characters of new words it then copies right, 0..1.

    Args:
        model: of the Qwen-VL family; changed in place.
        tokenizer: its tokenizer.
        steps: of 32 rows each.
        seed: of the words.
        report: is told how it goes.
    """
    rng = random.Random(f"practice:{seed}")
    words = _Words(tokenizer)
    optimizer = MuonAdamW(model, RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 20) * (1 - step / steps))
    model.train()
    for step in range(steps):
        batch, labels = words.batch(rng, spelt=0.5 if step >= EASY * steps else 0.0)
        logits = model(**batch).logits[:, :-1]
        loss = cross_entropy(logits.flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=IGNORED)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 20 == 0:
            report(f"practising to copy: step {step} of {steps}, loss {loss.item():.2f}")
    model.eval()
    with torch.inference_mode():
        batch, labels = words.batch(rng, spelt=1.0)
        said, wanted = model(**batch).logits[:, :-1].argmax(-1), labels[:, 1:]
    asked = wanted != IGNORED
    return float((said == wanted)[asked].float().mean())


class _Words:
    """Rows of made-up words, all of which are typed afterwards, in another order."""

    def __init__(self, tokenizer: Any):
        self._tokenizer = tokenizer
        special = set(tokenizer.all_special_ids)
        self._all = [token for token in range(len(tokenizer)) if token not in special]
        characters = tokenizer.convert_tokens_to_ids([*string.ascii_letters, *string.digits, "_", "-"])
        self._spelling = [token for token in characters if token is not None]
        self._opening, self._blank, self._turn, self._type, self._end = (
            tokenizer(text)["input_ids"]
            for text in ("<|im_start|>user\nGoal:", " ", "\n<|im_end|>\n<|im_start|>assistant\n", 'type("', '")\n')
        )

    def batch(self, rng: random.Random, spelt: float) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The model's input, and labels int64[rows, n]; `spelt` is the part of the rows with single characters."""
        rows = [self.row(rng, self._spelling if number < spelt * ROWS else self._all) for number in range(ROWS)]
        longest = max(len(ids) for ids, _ in rows)
        ids = np.full((ROWS, longest), self._tokenizer.pad_token_id, np.int64)
        mask, labels = np.zeros_like(ids), np.full_like(ids, IGNORED)
        for number, (row, asked) in enumerate(rows):
            ids[number, : len(row)], mask[number, : len(row)] = row, 1
            labels[number, : len(row)] = np.where(asked, row, IGNORED)
        batch = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        return batch, torch.from_numpy(labels)

    def row(self, rng: random.Random, alphabet: list[int]) -> tuple[list[int], list[bool]]:
        """Token ids, and which of them are asked for."""
        words = [rng.choices(alphabet, k=rng.randint(4, 14)) for _ in range(rng.randint(2, 5))]
        ids = [*self._opening]
        for word in words:
            ids += [*self._blank, *word]
        ids += self._turn
        asked = [False] * len(ids)
        for word in rng.sample(words, len(words)):
            ids += [*self._type, *word, *self._end]
            known = len(self._type) + GIVEN
            asked += [False] * known + [True] * (len(word) - GIVEN) + [False] * len(self._end)
        return ids, asked
