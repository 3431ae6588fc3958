"""Throughput: useful tokens a second of our trainer and of TRL's, on the same model, episodes and settings, in turns.

A row is a whole episode, one conversation with all its screens; useful tokens are those of the rows, padding left out.
An epoch over the same rows is timed from its first step to its last, loading included. Ours has encoded rows and
screens once before, as it does in every run, which is told beside; TRL's collator does so in every step. That both
teach the same is seen from the loss of the first rows before any step, which must be the same.
"""

# pyright: reportMissingImports=false, reportPrivateImportUsage=false
# TRL is needed to compare with, and nowhere else.

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from ..agents.checkpoint import load_model, load_processor, transformers_here
from ..agents.prompt import Style
from ..errors import DeskgymError, MissingExtra
from .batches import Collator
from .examples import encode
from .export import export
from .lessons import read_lessons, write_lessons

__all__ = ["Throughput", "compare"]

ALIKE = 1e-3
"""How far the first losses may differ, in nats, for the comparison to count."""


@dataclass(frozen=True)
class Throughput:
    """What was measured."""

    ours: tuple[float, ...]
    """Useful tokens a second, an epoch each."""
    trl: tuple[float, ...]
    ratios: tuple[float, ...]
    """Ours over TRL's, of epochs that followed each other."""
    encoding: float
    """Seconds that ours took to encode the rows, once."""
    losses: tuple[float, float]
    """Of the first rows before any step, in nats: ours, TRL's."""

    def as_json(self) -> dict[str, Any]:
        """As `deskgym throughput --json` prints it."""
        return {
            "ours": median(self.ours), "trl": median(self.trl), "ratio": median(self.ratios),
            "ratios": sorted(self.ratios), "encoding_seconds": self.encoding, "first_losses": list(self.losses),
            "rounds": len(self.ratios),
        }  # fmt: skip


def compare(
    data: str | Path,
    base: str | Path,
    *,
    rows: int = 16,
    batch: int = 2,
    rounds: int = 5,
    report: Callable[[str], None] = lambda words: None,
) -> Throughput:
    """Train a base for an epoch over the same episodes with either trainer, in turns.

    Args:
        data: a data set, as `deskgym curate` makes it.
        base: the folder of a model, or its name on the hub.
        rows: episodes of an epoch.
        batch: episodes of a step.
        rounds: epochs of either, after one of each that does not count.
        report: is told what is being done.

    Raises:
        MissingExtra: TRL, or something else that training needs, is not installed.
        DeskgymError: there are fewer episodes, or the two disagree about the loss.
    """
    theirs = _theirs(base, batch)
    processor, style = load_processor(base), Style(screens=0)  # as exports are written
    lessons = read_lessons(data, "train")
    if len(lessons) < rows:
        raise DeskgymError(f"{data} has {len(lessons)} episodes to train on, not {rows}: ask for fewer --rows")
    with TemporaryDirectory() as place:
        chosen = Path(place, "data")
        write_lessons({"train": lessons[:rows], "validation": []}, chosen)
        report("encoding")
        begun = time.perf_counter()
        mine, _, pixels = encode(chosen, processor, style, "trajectory", Path(place, "encoded"), 32_768)
        encoding = time.perf_counter() - begun
        export([chosen], Path(place, "trl"), "trl")
        given = _load(Path(place, "trl"))
        ours = _ours(base, batch, Collator(processor, pixels))
        tokens = sum(len(row.ids) for row in mine.rows)
        losses = _first_loss(ours(mine, place), batch), _first_loss(theirs(given, place), batch)
        if abs(losses[0] - losses[1]) > ALIKE:
            raise DeskgymError(f"the first losses differ, so nothing is compared: ours {losses[0]}, TRL's {losses[1]}")
        speeds: dict[str, list[float]] = {"ours": [], "trl": []}
        for number in range(rounds + 1):
            for name, make, what in (("ours", ours, mine), ("trl", theirs, given)):
                report(f"round {number} of {rounds}: {name}")
                seconds = _epoch(make(what, place))
                speeds[name] += [tokens / seconds] if number else []
    ratios = tuple(one / other for one, other in zip(speeds["ours"], speeds["trl"], strict=True))
    return Throughput(tuple(speeds["ours"]), tuple(speeds["trl"]), ratios, encoding, losses)


Make = Callable[[Any, str], Any]
"""Rows and a folder -> a trainer of a fresh copy of the base."""


def _settings(place: str, batch: int) -> dict[str, Any]:
    import torch

    graphics = torch.cuda.is_available()
    return {
        "output_dir": place, "num_train_epochs": 1, "per_device_train_batch_size": batch, "learning_rate": 2e-5,
        "bf16": graphics, "use_cpu": not graphics, "dataloader_pin_memory": graphics, "save_strategy": "no",
        "report_to": [], "disable_tqdm": True, "remove_unused_columns": False, "logging_steps": 10_000,
    }  # fmt: skip


def _ours(base: str | Path, batch: int, collator: Collator) -> Make:
    from transformers import PrinterCallback, TrainingArguments

    from .span_trainer import SpanTrainer

    def make(rows: Any, place: str) -> Any:
        trainer = SpanTrainer(model=load_model(base), args=TrainingArguments(**_settings(place, batch)),
                              data_collator=collator, train_dataset=rows)  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        return trainer

    return make


def _theirs(base: str | Path, batch: int) -> Make:
    transformers = transformers_here()
    try:
        import trl
    except ImportError:
        raise MissingExtra("trl", "train") from None

    def make(rows: Any, place: str) -> Any:
        # As a user of TRL loads it, without what `load_model` does to be quick.
        model = transformers.AutoModelForImageTextToText.from_pretrained(str(base), dtype="float32")
        config = trl.SFTConfig(**_settings(place, batch), assistant_only_loss=True, max_length=None,
                               activation_checkpointing=False)  # fmt: skip
        trainer = trl.SFTTrainer(model, config, train_dataset=rows, processing_class=load_processor(base))
        trainer.remove_callback(transformers.PrinterCallback)
        return trainer

    return make


def _load(folder: Path) -> Any:
    from datasets import load_dataset

    return load_dataset(str(folder), cache_dir=str(folder / "cache"))["train"]


def _first_loss(trainer: Any, batch: int) -> float:
    import torch

    inputs = trainer.data_collator([trainer.train_dataset[number] for number in range(batch)])
    with torch.no_grad():
        return float(trainer.compute_loss(trainer.model.eval(), trainer._prepare_inputs(inputs)))


def _epoch(trainer: Any) -> float:
    """Seconds from the first step to the last."""
    from transformers import TrainerCallback

    class Clock(TrainerCallback):
        begun = ended = 0.0

        def on_train_begin(self, *args: Any, **others: Any) -> None:
            self.begun = time.perf_counter()

        def on_step_end(self, *args: Any, **others: Any) -> None:
            self.ended = time.perf_counter()

    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    return clock.ended - clock.begun
