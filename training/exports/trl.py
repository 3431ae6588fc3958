"""TRL: Hugging Face Parquet with the pictures inside, a row a conversation: `messages` and `images`.

    data/train-00000-of-00001.parquet, data/validation-...    shards of row groups; the card names them as splits
    prompt.json                                               how the student was asked: keep it with what you train

A row is what TRL's `SFTTrainer` takes for a vision-language model: messages whose content is a list of
`{"type": "image"}` and `{"type": "text", "text": ...}`, and the images in the order of their marks. Other columns say
where it comes from; TRL leaves them out.

Source: `prepare_multimodal_messages` and `DataCollatorForVisionLanguageModeling` of the package `trl`, 1.16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...agents.prompt import Style, as_chat
from ..lessons import plain
from .parts.conversations import Conversation, conversations
from .parts.format import Format
from .parts.shards import Shards, datasets_here
from .parts.trajectory import EXPORT_PARTS, Trajectory

__all__ = ["FORMAT", "Trl"]


class Trl(Format):
    """Parquet for TRL, `datasets` and the Hub's viewer."""

    title = "Hugging Face Parquet for TRL (vision-language SFT: `messages` and `images`)"
    outcomes = False
    chats = True
    rows = "A row is a conversation: an episode, or a stretch of it between steps that are not to be learnt."
    reading = """import os
from datasets import load_dataset

data = load_dataset(os.getcwd())
print(data)
print([message["role"] for message in data["train"][0]["messages"]], data["train"][0]["images"])"""

    def __init__(self, into: Path, screens: int = 0):
        """See `Format`.

        Raises:
            MissingExtra: `datasets` is not installed.
        """
        super().__init__(into, screens)
        features = _features()
        self._parts = {part: Shards(into / "data", part, features) for part in EXPORT_PARTS}
        self._there: set[str] = set()
        Style(screens=screens).write(into)

    def add(self, trajectory: Trajectory) -> int:
        """See `Format.add`."""
        made = list(conversations(trajectory, self.screens))
        for each in made:
            pictures = [trajectory.picture(key) for key in each.screens]
            row = _row(trajectory, each, pictures)
            self._parts[trajectory.part].put(row, sum(map(len, pictures)))
        self._there |= {trajectory.part} if made else set()
        return len(made)

    def close(self) -> None:
        """See `Format.close`."""
        for shards in self._parts.values():
            shards.close()

    def configs(self) -> list[dict[str, Any]]:
        """See `Format.configs`."""
        files = [{"split": part, "path": f"data/{part}-*"} for part in EXPORT_PARTS if part in self._there]
        return [{"config_name": "default", "data_files": files}]


def _features() -> Any:
    datasets = datasets_here()
    word, number = datasets.Value("string"), datasets.Value("int64")
    message = {"role": word, "content": datasets.List({"type": word, "text": word})}
    return datasets.Features(
        {
            "messages": datasets.List(message), "images": datasets.List(datasets.Image()),
            "episode": word, "first_step": number, "task": word, "seed": number, "agent": word, "goal": word,
            "split": word, "weight": datasets.Value("float64"),
        }
    )  # fmt: skip


def _row(trajectory: Trajectory, made: Conversation, pictures: list[bytes]) -> dict[str, Any]:
    header = trajectory.header
    names = (f"{key}.png" for key in made.screens)
    return plain({"messages": as_chat(made.messages), "episode": trajectory.name, "first_step": made.first,
                  "task": header.task, "seed": header.seed, "agent": header.agent, "goal": header.goal,
                  "split": trajectory.split, "weight": trajectory.weight}) | {
        "images": [{"bytes": png, "path": name} for png, name in zip(pictures, names, strict=True)]
    }  # fmt: skip


FORMAT = Trl
