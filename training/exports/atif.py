"""ATIF: the Agent Trajectory Interchange Format of Harbor, version 1.7, a document an episode.

    train/EPISODE/trajectory.json, images/KEY.png    likewise validation/, test/; paths are relative to the document

The first step is the user's: the goal and the first screen. Every other is the agent's: the thought as
`reasoning_content`, the action as one tool call (its verb, its arguments in screen pixels), and what the screen shows
afterwards as the call's result. An action that is no action is the call `unreadable`. `extra` tells of task, seed,
part, outcome and score.

Source: the models of the packages `nvidia-nat-atif` (1.9) and `atif` (1.8), which follow Harbor's RFC 0001.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ...envs.action import parse_action
from ...errors import ActionError
from ...recorder.disk import write_whole
from ...recorder.episode import Usage
from ..lessons import plain
from .parts.format import Format
from .parts.trajectory import Trajectory, Turn

__all__ = ["FORMAT", "Atif"]

VERSION = "ATIF-v1.7"


class Atif(Format):
    """ATIF documents."""

    title = "ATIF 1.7, the Agent Trajectory Interchange Format of Harbor and NeMo"
    outcomes = True
    rows = "A row is a document; `extra` says how its episode ended."
    reading = """import json
from pathlib import Path

from nat.atif import Trajectory  # pip install nvidia-nat-atif

for path in Path("train").glob("*/trajectory.json"):
    print(Trajectory(**json.loads(path.read_text())).extra)"""

    def add(self, trajectory: Trajectory) -> int:
        """See `Format.add`."""
        folder = self.into / trajectory.part / trajectory.name
        document = plain(_document(trajectory))
        for key in dict.fromkeys(_screens(trajectory)):
            self.write_picture(trajectory, key, folder / "images")
        write_whole(folder / "trajectory.json", json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
        return 1


def _screens(trajectory: Trajectory) -> Iterable[str]:
    yield trajectory.turns[0].screen
    yield from (turn.next_screen for turn in trajectory.turns)


def _document(trajectory: Trajectory) -> dict[str, Any]:
    header, first = trajectory.header, trajectory.turns[0]
    opening = {"source": "user", "message": [_text(header.goal), _image(first.screen)]}
    steps = [opening | _when(header.started), *(_step(turn) for turn in trajectory.turns)]
    extra = {
        "task": header.task, "seed": header.seed, "attempt": header.attempt, "part": trajectory.part,
        "software_split": trajectory.split, "outcome": trajectory.outcome, "score": trajectory.score,
        "screen_size": list(trajectory.screen_size), "weight": trajectory.weight,
    }  # fmt: skip
    steps = [{"step_id": number} | step for number, step in enumerate(steps, 1)]
    return {
        "schema_version": VERSION, "session_id": trajectory.name, "trajectory_id": trajectory.name,
        "agent": {"name": header.agent, "version": f"deskgym {header.deskgym}"} | _model(header.agent),
        "steps": steps, "final_metrics": _metrics(trajectory.turns, len(steps)), "extra": extra,
    }  # fmt: skip


def _step(turn: Turn) -> dict[str, Any]:
    call = f"step_{turn.index}"
    shown = [_image(turn.next_screen), *([_text(turn.error)] if turn.error else [])]
    step: dict[str, Any] = {
        "source": "agent", "message": "",
        "tool_calls": [{"tool_call_id": call} | _call(turn.action)],
        "observation": {"results": [{"source_call_id": call, "content": shown}]},
        "extra": {
            "index": turn.index, "reward": turn.reward, "done": turn.done, "seconds": turn.seconds,
            "learnt": turn.learnt, "reply": turn.reply,
        },
    }  # fmt: skip
    if turn.thought:
        step["reasoning_content"] = turn.thought
    if turn.usage:
        step |= {"metrics": _usage(turn.usage), "llm_call_count": 1}
    return step


def _call(text: str) -> dict[str, Any]:
    try:
        action = parse_action(text)
    except ActionError:
        return {"function_name": "unreadable", "arguments": {"text": text}}
    return {"function_name": action.verb, "arguments": asdict(action)}  # type: ignore[call-overload]


def _usage(usage: Usage) -> dict[str, Any]:
    """ATIF counts what was read from a cache among the prompt's tokens."""
    return {
        "prompt_tokens": usage.input + usage.cached, "completion_tokens": usage.output,
        "cached_tokens": usage.cached, "cost_usd": usage.usd,
    }  # fmt: skip


def _metrics(turns: Iterable[Turn], steps: int) -> dict[str, Any]:
    total: Usage | None = None
    for turn in turns:
        total = turn.usage.plus(total) if turn.usage else total
    return {"total_steps": steps} | ({f"total_{name}": value for name, value in _usage(total).items()} if total else {})


def _model(agent: str) -> dict[str, str]:
    """The model behind a teacher: `teacher:MODEL@ADDRESS?OPTIONS`."""
    kind, _, name = agent.partition(":")
    return {"model_name": name.partition("?")[0].partition("@")[0]} if kind == "teacher" else {}


def _when(started: str) -> dict[str, str]:
    try:
        return {"timestamp": datetime.fromisoformat(started).isoformat()}
    except ValueError:
        return {}


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def _image(key: str) -> dict[str, Any]:
    return {"type": "image", "source": {"media_type": "image/png", "path": f"images/{key}.png"}}


FORMAT = Atif
