"""Telling: what a run says of itself while it goes on: a line, a log, and a picture of its losses."""

# pyright: reportMissingImports=false
# This module needs the extra `train`; it is imported when training begins.

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from ..recorder.disk import write_whole
from .curve import draw_losses

__all__ = ["Teller"]


class Teller(TrainerCallback):
    """Keeps `log.jsonl` and `losses.png` of a run up to date, and reports each step that is logged."""

    def __init__(self, folder: Path, report: Callable[[str], None]):
        self._folder, self._report = folder, report

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **others: Any) -> None:
        """See `transformers.TrainerCallback`."""
        logs = logs or {}
        names = {"loss": "loss", "eval_loss": "validation loss"}
        losses = [f"{words} {logs[name]:.4f}" for name, words in names.items() if name in logs]
        if losses:
            self._report(f"step {state.global_step} of {state.max_steps}: {', '.join(losses)}")
        if not state.is_world_process_zero:
            return
        # The trainer's state is kept in its checkpoints, so after a resumption the log is whole again.
        lines = "".join(json.dumps(entry) + "\n" for entry in state.log_history)
        write_whole(self._folder / "log.jsonl", lines.encode())
        if "eval_loss" in logs or "train_runtime" in logs:
            draw_losses({"train": _curve(state, "loss"), "validation": _curve(state, "eval_loss")}, self._picture)

    @property
    def _picture(self) -> Path:
        return self._folder / "losses.png"


def _curve(state: Any, name: str) -> list[tuple[int, float]]:
    return [(entry["step"], entry[name]) for entry in state.log_history if name in entry]
