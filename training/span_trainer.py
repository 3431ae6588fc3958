"""The trainer: transformers' own, with a loss on what the student says, each row by its weight, and rows of like length
in one batch."""

# pyright: reportMissingImports=false
# This module needs the extra `train`; it is imported when training begins.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import Sampler
from transformers import Trainer

from .batches import IGNORED

__all__ = ["Buckets", "SpanTrainer", "spoken_loss"]

POOL = 50
"""Batches whose rows are sorted by length together."""


class Buckets(Sampler[int]):
    """Rows of like length one after another, as batches of little padding, and the batches in any order.

    transformers' `group_by_length` goes from the longest rows to the shortest. The length of a row tells how far its
    episode has come, so a student would be taught all last steps, then all first ones, and forget.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int):
        self._lengths = torch.tensor(lengths)
        self._batch = batch
        self._seed = seed
        self._epoch = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        draw = torch.Generator().manual_seed(self._seed + self._epoch)
        order = torch.randperm(len(self), generator=draw)
        pools = [pool[self._lengths[pool].argsort(stable=True)] for pool in order.split(POOL * self._batch)]
        batches = torch.cat(pools).split(self._batch)
        # A last batch that is not full stays the last: the batches are cut anew from what is handed out here.
        whole = len(self) // self._batch
        for number in [*torch.randperm(whole, generator=draw).tolist(), *range(whole, len(batches))]:
            yield from batches[number].tolist()

    def set_epoch(self, epoch: int) -> None:
        """Each pass over the data has an order of its own, which a run that goes on finds again."""
        self._epoch = epoch


class SpanTrainer(Trainer):
    """Behavioural cloning: cross entropy of the tokens that are learnt, weighted by rows (Agent Distillation,
    arXiv 2505.17612, eq. 1: observations get none)."""  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # The loss below is a mean over its own batch; without this it would be taken for a sum.
        self.model_accepts_loss_kwargs = False

    def _get_train_sampler(self, train_dataset: Any = None) -> Buckets:
        taught: Any = train_dataset or self.train_dataset
        return Buckets([len(row.ids) for row in taught.rows], self.args.per_device_train_batch_size, self.args.seed)

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """See `transformers.Trainer.compute_loss`."""
        loss, outputs = spoken_loss(model, inputs)
        return (loss, outputs) if return_outputs else loss


def spoken_loss(model: Any, batch: dict[str, Any]) -> tuple[torch.Tensor, Any]:
    """Mean cross entropy in nats of a batch's labels, each weighted by its row; 0 for a batch without any.

    Only where something is learnt are logits computed: a vocabulary is large, and most of a row is screens.
    """
    inputs = {name: values for name, values in batch.items() if name not in ("labels", "weights")}
    labels = batch["labels"]
    wanted = torch.zeros_like(labels, dtype=torch.bool)
    wanted[:, :-1] = labels[:, 1:] != IGNORED
    outputs = model(**inputs, logits_to_keep=wanted)
    logits = outputs.logits.reshape(-1, outputs.logits.shape[-1]).float()
    targets = labels[:, 1:][wanted[:, :-1]]
    weights = batch["weights"][:, None].expand_as(labels)[wanted]
    losses = cross_entropy(logits, targets, reduction="none")
    return (losses * weights).sum() / weights.sum().clamp(min=1e-8), outputs
