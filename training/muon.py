"""Muon: the optimizer with which a small student learns to look in minutes; AdamW keeps what is no matrix.

Muon (Keller Jordan, https://kellerjordan.github.io/posts/muon; Moonlight, arXiv 2502.16982) is torch's own. It takes
the weights of hidden layers only: embeddings, norms, biases and the layer that cuts a screen into patches stay with
AdamW, as its author has it.
"""

# pyright: reportMissingImports=false
# This module needs the extra `train`; it is imported when training begins.

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

__all__ = ["MuonAdamW", "muon_for"]

ADAMW_SHARE = 0.1
"""AdamW's learning rate as a share of Muon's."""


class MuonAdamW(torch.optim.Optimizer):
    """Two optimizers that a scheduler and a checkpoint see as one.

    Args:
        model: its parameters, in the order in which a checkpoint keeps them.
        rate: Muon's learning rate.
        decay: weight decay of matrices; the others have none.
    """

    def __init__(self, model: torch.nn.Module, rate: float, decay: float = 0.01):
        matrices, others = [], []
        for name, weights in model.named_parameters():
            if weights.requires_grad:
                hidden = weights.ndim == 2 and "embed" not in name and "lm_head" not in name
                (matrices if hidden else others).append(weights)
        self._both = (
            torch.optim.Muon(matrices, lr=rate, weight_decay=decay),
            torch.optim.AdamW(others, lr=rate * ADAMW_SHARE, weight_decay=0.0),
        )
        super().__init__([{"params": matrices}, {"params": others}], {})
        # The groups of this one are theirs: a scheduler that changes a rate here changes it there.
        self.param_groups = [group for each in self._both for group in each.param_groups]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step of both."""
        loss = closure() if closure else None
        for each in self._both:
            each.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Of both, as a checkpoint keeps it."""
        return {"both": [each.state_dict() for each in self._both]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on as `state_dict` was."""
        for each, state in zip(self._both, state_dict["both"], strict=True):
            each.load_state_dict(state)
        self.param_groups = [group for each in self._both for group in each.param_groups]


def muon_for(rate: float) -> tuple[Callable[[], Callable[[torch.nn.Module], MuonAdamW]], dict[str, Any]]:
    """What `transformers.Trainer` takes as `optimizer_cls_and_kwargs`."""
    return (lambda: lambda model: MuonAdamW(model, rate)), {}
