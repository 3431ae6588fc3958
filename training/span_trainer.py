"""The trainer: transformers' own, with a loss on what the student says, each row by its weight."""

# pyright: reportMissingImports=false
# This module needs the extra `train`; it is imported when training begins.

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer

from .batches import IGNORED

__all__ = ["SpanTrainer", "spoken_loss"]


class SpanTrainer(Trainer):
    """Behavioural cloning: cross entropy of the tokens that are learnt, weighted by rows (Agent Distillation,
    arXiv 2505.17612, eq. 1: observations get none)."""  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # The loss below is a mean over its own batch; without this it would be taken for a sum.
        self.model_accepts_loss_kwargs = False

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
