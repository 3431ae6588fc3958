"""Train: a student learns by imitation from a data set; a run that was killed goes on at its last checkpoint.

RUN/
  training.json          what was asked for, what the data contained, and what the base had been taught
  encoded/               rows and screens, encoded once; gone when the run is finished
  checkpoints/           the last ones, whole or not at all
  log.jsonl, losses.png  what became of the loss
  result.json            the figures; its presence says that the run is finished
  model.safetensors...   the student, with its processor and its prompt
"""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

import gc
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from ..agents.checkpoint import load_model, load_processor, transformers_here
from ..agents.lineage import lineage_of
from ..agents.prompt import Style
from ..errors import DeskgymError, MissingExtra, RecordError, did_you_mean
from ..recorder.disk import write_whole
from .batches import Collator
from .examples import Method, encode
from .lessons import PARTS, read_lessons

__all__ = ["ADAPTED", "FSDP2", "OPTIMIZERS", "Optimizer", "Training", "last_checkpoint", "leave_the_others", "train"]

FSDP2 = Path(__file__).parent / "fsdp2.yaml"
"""For `accelerate launch --config_file`: one model in shards on several GPUs."""
ADAPTED = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
"""The layers that get an adapter. The eyes are left as they are: what a screen looks like, the base knows."""
Optimizer = Literal["adamw", "muon"]
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)


@dataclass(frozen=True)
class Training:
    """How a student is taught."""

    data: str
    base: str
    """The folder of a model, or its name on the hub."""
    method: Method = "bc"
    screens: int | None = None
    """Screenshots in a row; None: as the base's prompt says. A trajectory shows all."""
    lora: bool = False
    epochs: float = 3.0
    steps: int = 0
    """Optimizer steps; 0: by epochs."""
    batch: int = 8
    """Rows of a step, on each process."""
    accumulate: int = 1
    optimizer: Optimizer = "adamw"
    """muon: for a student that is taught from nothing, see `training/muon.py`."""
    rate: float = 0.0
    """Learning rate; 0: 2e-5 (OpenCUA, arXiv 2508.09123), with LoRA 2e-4 (Agent Distillation, arXiv 2505.17612), with
    Muon 0.02."""
    drills: int = 0
    """Rows without a screen that are added for each episode that copies from its goal, see `training/drills.py`."""
    warmup: float = 0.03
    """Part of the steps."""
    every: int = 100
    """Steps between validations, each with a checkpoint."""
    patience: int = 5
    """Validations without a better loss until it stops; 0: never."""
    longest: int = 16_384
    """Tokens that a row may have."""
    seed: int = 0
    tensorboard: bool = False


def train(config: Training, into: str | Path, report: Callable[[str], None] = lambda words: None) -> dict[str, Any]:
    """Train a student into a folder, or go on where it was interrupted, and return the figures of `result.json`.

    Raises:
        MissingExtra: torch, transformers, peft or datasets is not installed.
        DeskgymError: the base or the data cannot be used, or the run was begun with other settings.
        RecordError: the disk is full; what was saved stays, and the same command goes on.
    """
    into = Path(into)
    if config.optimizer not in OPTIMIZERS:
        raise DeskgymError(f"no optimizer {config.optimizer!r}{did_you_mean(config.optimizer, OPTIMIZERS)}")
    if os.environ.get("ACCELERATE_USE_FSDP") == "true" and (config.drills or config.optimizer == "muon"):
        raise DeskgymError(
            "FSDP needs every layer in every step, and drills show the eyes nothing; Muon needs whole matrices: leave "
            "out --drills and --optimizer muon, which are for students that are taught from nothing"
        )
    transformers_here().set_seed(config.seed)
    processor = load_processor(config.base)
    style = _style(config)
    with _first_process_first():
        _begin(config, style, into)
        if (into / "result.json").exists():
            return json.loads((into / "result.json").read_text())
        encoded = encode(
            config.data, processor, style, config.method, into / "encoded", config.longest, config.drills, report
        )
    taught, held, pixels = encoded
    collator = Collator(processor, pixels)
    trainer = _trainer(config, into, _model(config), taught, held, collator, report)
    begun = time.perf_counter()
    _train_on(trainer, into / "checkpoints", report)
    seconds = time.perf_counter() - begun
    result = _result(trainer, collator, seconds) | {"rows": {"train": len(taught), "validation": len(held)}}
    with _full_disk(into):
        trainer.save_model(str(into))  # the first process writes; of a model in shards each has a part to give
        if trainer.is_world_process_zero():
            processor.save_pretrained(into)
            style.write(into)
    if trainer.is_world_process_zero():
        shutil.rmtree(into / "encoded", ignore_errors=True)  # gigabytes, and nobody asks for them again
        write_whole(into / "result.json", (json.dumps(result, indent=1) + "\n").encode())
    return result


def _first_process_first() -> Any:
    """What one process writes, the others find written."""
    import torch
    from accelerate import PartialState

    return PartialState(cpu=not torch.cuda.is_available()).main_process_first()


def leave_the_others() -> None:
    """End what this process shares with others of its training, when all is done.

    At the interpreter's end gloo aborts a process that has not ended it (pytorch/pytorch issue 190489), and its
    launcher would tell of a failure.
    """
    from accelerate import PartialState

    gc.collect()  # a trainer, which holds the group, is a circle of objects
    PartialState().destroy_process_group()


def last_checkpoint(folder: Path) -> Path | None:
    """The last whole checkpoint: its state is written last, so one that was cut short has none and is removed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    for path in [path for path in found if not _whole(path)]:
        shutil.rmtree(path, ignore_errors=True)
    whole = [path for path in found if path.exists()]
    return whole[-1] if whole else None


def _whole(checkpoint: Path) -> bool:
    try:
        return bool(json.loads((checkpoint / "trainer_state.json").read_bytes()))
    except (OSError, ValueError):
        return False


def _style(config: Training) -> Style:
    style = Style.read(Path(config.base))
    if config.method == "trajectory":
        return replace(style, screens=0)
    style = style if config.screens is None else replace(style, screens=config.screens)
    if style.screens == 0:
        raise DeskgymError("a row for each step shows at least one screen; --method trajectory shows all")
    return style


def _begin(config: Training, style: Style, into: Path) -> None:
    """Write down what was asked for and what the data contained, or see that it is the same as before."""
    path, asked = into / "training.json", asdict(config)
    if path.exists():
        before = json.loads(path.read_text())["training"]
        other = [f"{name} was {before.get(name)!r}" for name in asked if before.get(name) != asked[name]]
        if other:
            raise RecordError(f"{into} was begun with other settings ({', '.join(other)}): choose another folder")
        return
    lessons = {part: read_lessons(config.data, part) for part in PARTS}
    contained = {
        part: {
            "episodes": len(given), "steps": sum(len(lesson.steps) for lesson in given),
            "tasks": sorted({lesson.task for lesson in given}), "splits": sorted({lesson.split for lesson in given}),
            "seeds": sorted({lesson.seed for lesson in given}), "agents": sorted({lesson.agent for lesson in given}),
        }
        for part, given in lessons.items()
    }  # fmt: skip
    before = lineage_of(config.base).as_json()
    document = {"training": asked, "style": asdict(style), "data": contained, "before": before}
    write_whole(path, (json.dumps(document, indent=1) + "\n").encode())


def _model(config: Training) -> Any:
    model = load_model(config.base)
    model.config.use_cache = False
    if not config.lora:
        return model
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise MissingExtra("peft", "train") from None
    return get_peft_model(model, LoraConfig(r=64, lora_alpha=128, lora_dropout=0.05, target_modules=ADAPTED))


def _trainer(
    config: Training, into: Path, model: Any, taught: Any, held: Any, collator: Collator, report: Callable[[str], None]
) -> Any:
    import torch
    from transformers import EarlyStoppingCallback, PrinterCallback, TrainingArguments

    from .muon import muon_for
    from .span_trainer import SpanTrainer
    from .telling import Teller

    muon = config.optimizer == "muon"
    rate = config.rate or (0.02 if muon else 2e-4 if config.lora else 2e-5)
    judged = len(held) > 0
    arguments = TrainingArguments(
        output_dir=str(into / "checkpoints"), num_train_epochs=config.epochs, max_steps=config.steps or -1,
        per_device_train_batch_size=config.batch, per_device_eval_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulate, learning_rate=rate,
        lr_scheduler_type="cosine", warmup_steps=config.warmup, weight_decay=0.1, max_grad_norm=1.0,
        seed=config.seed, bf16=torch.cuda.is_available(), use_cpu=not torch.cuda.is_available(),
        remove_unused_columns=False, prediction_loss_only=True,
        label_names=["labels"], save_strategy="steps", save_steps=config.every, save_total_limit=2,
        eval_strategy="steps" if judged else "no", eval_steps=config.every, load_best_model_at_end=judged,
        metric_for_best_model="eval_loss", greater_is_better=False, logging_steps=max(1, config.every // 10),
        report_to=["tensorboard"] if config.tensorboard else [], disable_tqdm=True,
        # A batch of drills shows nothing to the eyes.
        ddp_find_unused_parameters=config.drills > 0, dataloader_pin_memory=torch.cuda.is_available(),
    )  # fmt: skip
    callbacks: list[Any] = [Teller(into, report)]
    if judged and config.patience:
        callbacks.append(EarlyStoppingCallback(config.patience))
    trainer = SpanTrainer(
        model=model, args=arguments, data_collator=collator, train_dataset=taught,
        eval_dataset=held if judged else None, callbacks=callbacks,
        optimizer_cls_and_kwargs=muon_for(rate) if muon else None,
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)  # it prints to stdout, where results go
    return trainer


def _train_on(trainer: Any, checkpoints: Path, report: Callable[[str], None]) -> None:
    with _first_process_first():
        found = last_checkpoint(checkpoints)
    if found:
        report(f"going on at {found.name}")
    with _full_disk(checkpoints):
        trainer.train(resume_from_checkpoint=str(found) if found else None)


class _full_disk:  # noqa: N801 - a context manager reads as a verb
    """Say plainly that the disk is full: torch and safetensors each have another way to complain of it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, DeskgymError):
            return
        free = shutil.disk_usage(self._folder if self._folder.exists() else self._folder.parent).free
        # Some of them only say that a file is not as long as it should be.
        if "No space left" in str(error) or (free < 1_000_000 and isinstance(error, Exception)):
            raise RecordError(
                f"{self._folder} is full: what was saved stays; make room, and the same command goes on"
            ) from error


def _result(trainer: Any, collator: Collator, seconds: float) -> dict[str, Any]:
    log = trainer.state.log_history
    validation = [entry["eval_loss"] for entry in log if "eval_loss" in entry]
    return {
        "steps": trainer.state.global_step,
        "best_validation_loss": min(validation, default=None),
        "last_train_loss": next((entry["loss"] for entry in reversed(log) if "loss" in entry), None),
        "parameters": trainer.model.num_parameters(),
        "trained_parameters": trainer.model.num_parameters(only_trainable=True),
        "seconds": round(seconds, 2),
        "tokens_per_second": round(collator.tokens / max(seconds, 1e-9), 1),
        "padding": round(1 - collator.tokens / max(collator.places, 1), 4),
    }
