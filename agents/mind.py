"""Mind: a model that is asked again and again, and reads only what is new each time.

What it has read stays in its key-value cache. The next conversation is compared with it, token by token and screen by
screen, and read on from where they part: the answers are those of a model that reads everything anew.
"""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from .tokens import Seen

__all__ = ["Mind"]


class Mind:
    """Answers conversations, with a memory of the last one.

    Args:
        model: an image-text model of the Qwen-VL family.
        processor: its processor.
        temperature: 0 takes the likeliest token.
    """

    def __init__(self, model: Any, processor: Any, temperature: float = 0.0):
        self._model, self._temperature = model, temperature
        self._image = processor.image_token_id
        self._merge = processor.image_processor.merge_size**2
        self._end = processor.tokenizer.eos_token_id
        # A screen that was said and not seen would have no pixels, and other marks would end what is not over.
        self._unsayable = [token for token in processor.tokenizer.all_special_ids if token != self._end]
        self.forget()

    def forget(self, seed: int = 0) -> None:
        """Begin anew; what is drawn, if at all, follows from the seed."""
        import torch

        self._cache: Any = None
        self._ids = np.zeros(0, np.int64)
        self._screens: list[Seen] = []
        self._dice = torch.Generator().manual_seed(seed)
        self.read = 0
        """Tokens read for the last answer."""

    def answer(self, ids: np.ndarray, screens: Sequence[Seen], longest: int = 256) -> list[int]:
        """What it says next: token ids, without the mark that ends a turn.

        Args:
            ids: int64[n], the conversation up to where it is asked.
            screens: those it shows, in order; one that was shown before is the very same object.
            longest: tokens of an answer; one that is longer is broken off.
        """
        import torch

        known = self._known(ids, screens)
        with torch.inference_mode():
            positions, shift = self._positions(ids, screens)
            logits = self._read_on(ids, screens, known, positions)
            said: list[int] = []
            while len(said) < longest and (token := self._pick(logits)) != self._end:
                said.append(token)
                at = torch.full((3, 1, 1), len(ids) + len(said) - 1 + shift)
                logits = self._forward(input_ids=torch.tensor([[token]]), position_ids=at)
        self._ids = np.concatenate([ids, np.array(said, np.int64)])
        self._screens = list(screens)
        return said

    def _known(self, ids: np.ndarray, screens: Sequence[Seen]) -> int:
        """How many tokens from the beginning are in the memory already; at least one is left to read."""
        count = min(len(ids) - 1, len(self._ids))
        differs = np.nonzero(ids[:count] != self._ids[:count])[0]
        known = int(differs[0]) if len(differs) else count
        for number, (start, end) in enumerate(self._places(ids, screens)):
            same = number < len(self._screens) and screens[number] is self._screens[number]
            if start < known and (end > known or not same):
                return start
        return known

    def _places(self, ids: np.ndarray, screens: Sequence[Seen]) -> list[tuple[int, int]]:
        """Where each screen stands: its first token, and the one after its last."""
        (shown,) = np.nonzero(ids == self._image)
        counts = np.cumsum([0, *(int(np.prod(seen.grid)) // self._merge for seen in screens)])
        return [(int(shown[first]), int(shown[last - 1]) + 1) for first, last in pairwise(counts)]

    def _positions(self, ids: np.ndarray, screens: Sequence[Seen]) -> tuple[Any, int]:
        """int64[3, 1, n], and what a later token's place differs from its position by."""
        import torch

        tokens = torch.from_numpy(ids)[None]
        grids = torch.tensor([seen.grid for seen in screens])
        positions, shift = self._model.model.get_rope_index(
            tokens, mm_token_type_ids=(tokens == self._image).int(), image_grid_thw=grids
        )
        return positions, int(shift)

    def _read_on(self, ids: np.ndarray, screens: Sequence[Seen], known: int, positions: Any) -> Any:
        import torch
        from transformers import DynamicCache

        if known == 0 or self._cache is None:
            self._cache, known = DynamicCache(config=self._model.config), 0
        if (beyond := self._cache.get_seq_length() - known) > 0:
            self._cache.crop(-beyond)
        self.read = len(ids) - known
        places = self._places(ids, screens)
        new = [seen for seen, (start, _) in zip(screens, places, strict=True) if start >= known]
        pixels = {}
        if new:
            pixels = {
                "pixel_values": torch.from_numpy(np.concatenate([seen.patches for seen in new])),
                "image_grid_thw": torch.tensor([seen.grid for seen in new]),
            }
        return self._forward(
            input_ids=torch.from_numpy(ids[known:])[None], position_ids=positions[:, :, known:], **pixels
        )

    def _forward(self, **inputs: Any) -> Any:
        there = {name: values.to(self._model.device) for name, values in inputs.items()}
        made = self._model(**there, cache=self._cache, use_cache=True, logits_to_keep=1)
        return made.logits[0, -1].float().cpu()

    def _pick(self, logits: Any) -> int:
        import torch

        logits[self._unsayable] = -torch.inf
        if self._temperature == 0:
            return int(logits.argmax())
        chances = torch.softmax(logits / self._temperature, -1)
        return int(torch.multinomial(chances, 1, generator=self._dice))
