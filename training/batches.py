"""Batches: rows side by side, as long as the longest of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .pixels import Pixels

__all__ = ["IGNORED", "Collator"]

IGNORED = -100
"""The label of a token that is not learnt."""


class Collator:
    """Makes a batch of rows: a model's inputs, labels, and the rows' weights. Counts what it pads."""

    def __init__(self, processor: Any, pixels: Pixels):
        self._pixels = pixels
        self._image = processor.image_token_id
        self._pad = processor.tokenizer.pad_token_id or 0
        self.tokens = 0
        """Tokens handed out so far, padding left out."""
        self.places = 0
        """The same with padding."""

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Tensors: ids, mask, image marks and labels int64[rows, n]; weights; pixels float32[patches, values], if any
        row shows a screen."""
        import torch

        longest = max(len(row["input_ids"]) for row in rows)
        ids = np.full((len(rows), longest), self._pad, np.int64)
        mask, labels = np.zeros_like(ids), np.full_like(ids, IGNORED)
        for number, row in enumerate(rows):
            count = len(row["input_ids"])
            ids[number, :count], mask[number, :count] = row["input_ids"], 1
            labels[number, :count] = np.where(row["learnt"], row["input_ids"], IGNORED)
        self.tokens += int(mask.sum())
        self.places += mask.size
        screens = np.concatenate([row["screens"] for row in rows])
        batch = {
            "input_ids": ids,
            "attention_mask": mask,
            "labels": labels,
            "mm_token_type_ids": (ids == self._image) * mask,
            "weights": np.array([row["weight"] for row in rows], np.float32),
        }
        if len(screens):
            batch |= {"pixel_values": self._pixels.get(screens), "image_grid_thw": self._pixels.grids[screens]}
        return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in batch.items()}
