"""LLaMA-Factory: its sharegpt format, a line a conversation, with the screens as files beside.

    train.jsonl, validation.jsonl, ...    {"conversations": [{"from", "value"}], "system": ..., "images": [...]}
    dataset_info.json                     tells LLaMA-Factory of them: `dataset_dir` is this folder
    images/KEY.png                        each screen once
    prompt.json                           how the student was asked: keep it with what you train

A screen is `<image>` in a value; their number must be that of `images`, so text that looks like such a mark is
spelled otherwise. LLaMA-Factory learns every turn of `gpt`, whose turns and those of `human` must alternate.

Source: `data/README.md` and `SharegptDatasetConverter` (`src/llamafactory/data/converter.py`) of hiyouga/LLaMA-Factory.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ...agents.prompt import Message, Span, Style
from ...recorder.disk import write_whole
from .parts.conversations import Conversation, conversations
from .parts.format import Format
from .parts.lines import append_lines
from .parts.trajectory import EXPORT_PARTS, Part, Trajectory

__all__ = ["FORMAT", "LlamaFactory"]

SIDES = {"user": "human", "assistant": "gpt"}
MARK = "<image>"
_MARKS = re.compile(r"<(?=(?:image|video|audio)>)")


class LlamaFactory(Format):
    """sharegpt for LLaMA-Factory."""

    title = "LLaMA-Factory's sharegpt format"
    outcomes = False
    chats = True
    rows = "A row is a conversation: an episode, or a stretch of it between steps that are not to be learnt."
    reading = """from datasets import load_dataset

data = load_dataset("json", data_files="train.jsonl", split="train")
print(data[0]["conversations"][0], data[0]["images"])
# llamafactory-cli train ... --dataset_dir . --dataset deskgym_train --eval_dataset deskgym_validation"""

    def __init__(self, into: Path, screens: int = 0):
        """See `Format`."""
        super().__init__(into, screens)
        self._there: set[Part] = set()
        Style(screens=screens).write(into)

    def add(self, trajectory: Trajectory) -> int:
        """See `Format.add`."""
        made = list(conversations(trajectory, self.screens))
        for each in made:
            for key in each.screens:
                self.write_picture(trajectory, key, self.into / "images")
        append_lines(self.into / f"{trajectory.part}.jsonl", *(_row(trajectory, each) for each in made))
        self._there |= {trajectory.part} if made else set()
        return len(made)

    def close(self) -> None:
        """See `Format.close`."""
        columns = {"messages": "conversations", "system": "system", "images": "images"}
        told = {
            f"deskgym_{part}": {"file_name": f"{part}.jsonl", "formatting": "sharegpt", "columns": columns}
            for part in EXPORT_PARTS
            if part in self._there
        }
        write_whole(self.into / "dataset_info.json", json.dumps(told, indent=1).encode() + b"\n")

    def configs(self) -> list[dict[str, Any]]:
        """See `Format.configs`."""
        files = [{"split": part, "path": f"{part}.jsonl"} for part in EXPORT_PARTS if part in self._there]
        return [{"config_name": "default", "data_files": files}]


def _row(trajectory: Trajectory, made: Conversation) -> dict[str, Any]:
    header = trajectory.header
    system, turns = ([each for each in made.messages if (each.role in SIDES) == mine] for mine in (False, True))
    return {
        "conversations": [{"from": SIDES[each.role], "value": _value(each)} for each in turns],
        "system": "".join(map(_value, system)),
        "images": [f"images/{key}.png" for key in made.screens],
        "episode": trajectory.name, "first_step": made.first, "task": header.task, "seed": header.seed,
        "agent": header.agent, "split": trajectory.split, "weight": trajectory.weight,
    }  # fmt: skip


def _value(message: Message) -> str:
    return "".join(MARK if span.kind == "observe" else _unmarked(span) for span in message.spans)


def _unmarked(span: Span) -> str:
    """Text without what LLaMA-Factory takes for its own marks; in an action such can only stand in a literal."""
    return _MARKS.sub(r"\\x3c" if span.kind == "act" else "< ", span.text)


FORMAT = LlamaFactory
