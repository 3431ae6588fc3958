"""AgentNet: JSONL as OpenCUA's, a line an episode, with its own code for actions.

    train.jsonl, validation.jsonl, ...    {task_id, instruction, task_completed, traj: [{index, image, value}]}
    images/KEY.png                        each screen once; `image` is the file's name

`value` holds `code` and `thought`; of a curated episode also `last_step_correct` (it was not refused) and
`last_step_redundant` (it passes without it), of the step they stand in: so OpenCUA's generator fills them. What only
its annotating models can say (`observation`, `action`, `reflection`, the scores of the trajectory) is left out.

Source: `data/cot-generate` (README.md, gen_cot.py, raw_example.jsonl) of xlang-ai/OpenCUA; the code is the dialect
`agentnet`, and an episode with an action that it cannot say is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...agents.dialects import View
from ...agents.dialects.agentnet import DIALECT
from ...envs.action import Decision, parse_action
from ...errors import ActionError
from .parts.format import Format
from .parts.lines import append_lines
from .parts.trajectory import EXPORT_PARTS, Part, Trajectory, Turn

__all__ = ["FORMAT", "AgentNet"]

COMPLETED = {"passed": True, "failed": False}


class AgentNet(Format):
    """JSONL for OpenCUA."""

    title = "AgentNet JSONL, as OpenCUA trains on"
    outcomes = True
    rows = "A row is an episode; `task_completed` says whether it was passed, null that nobody can tell."
    reading = """import json

with open("train.jsonl") as lines:
    episodes = [json.loads(line) for line in lines]
print(episodes[0]["instruction"], episodes[0]["traj"][0]["image"], episodes[0]["traj"][0]["value"]["code"])"""

    def __init__(self, into: Path, screens: int = 0):
        """See `Format`."""
        super().__init__(into, screens)
        self._there: set[Part] = set()

    def add(self, trajectory: Trajectory) -> int:
        """See `Format.add`."""
        codes = _codes(trajectory)
        curated = trajectory.weight is not None
        steps = [
            {
                "index": number,
                "image": self.write_picture(trajectory, turn.screen, self.into / "images"),
                "value": _value(turn, code, curated),
            }
            for number, (turn, code) in enumerate(zip(trajectory.turns, codes, strict=True))
        ]
        row = {
            "task_id": trajectory.name, "instruction": trajectory.header.goal,
            "task_completed": COMPLETED.get(trajectory.outcome), "traj": steps,
        }  # fmt: skip
        append_lines(self.into / f"{trajectory.part}.jsonl", row)
        self._there.add(trajectory.part)
        return 1

    def configs(self) -> list[dict[str, Any]]:
        """See `Format.configs`."""
        files = [{"split": part, "path": f"{part}.jsonl"} for part in EXPORT_PARTS if part in self._there]
        return [{"config_name": "default", "data_files": files}]


def _codes(trajectory: Trajectory) -> list[str]:
    view, codes = View(trajectory.screen_size), []
    for turn in trajectory.turns:
        try:
            action = parse_action(turn.action)
            codes.append(str(DIALECT.write(Decision("", action), view)))
        except ActionError as error:
            raise ActionError(f"step {turn.index}: {error}") from error
        view = view.after(action)
    return codes


def _value(turn: Turn, code: str, curated: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"code": code, "thought": turn.thought}
    if curated:
        value |= {"last_step_correct": not turn.error, "last_step_redundant": not turn.learnt and not turn.error}
    return value


FORMAT = AgentNet
