"""OSWorld: `traj.jsonl` and screenshots, in the folders in which OSWorld's runner leaves them and its tools look.

    pyautogui/screenshot/AGENT/SOFTWARE/EPISODE/
      traj.jsonl          a line a step: step_num, action_timestamp, action, response, reward, done, info,
                          screenshot_file
      step_0.png          the screen before the first step
      step_N_TIME.png     the screen after step N
      result.txt          the score; not there where nobody judged
      instruction.txt     the goal

`action` is a program of pyautogui (the dialect `osworld_pyautogui`); where that has no words, deskgym's own text, and
`info.unsayable` says why. `action_timestamp` is computed: the start plus what the steps took. `step_0.png` and
`instruction.txt` are habits of some of OSWorld's forks.

Source: `run_single_example` (`lib_run_single.py`) and `show_result.py` of xlang-ai/OSWorld, as its forks hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ...agents.dialects import View
from ...agents.dialects.osworld_pyautogui import DIALECT
from ...envs.action import Decision, parse_action
from ...errors import ActionError
from ...recorder.disk import write_whole
from ...recorder.store import slug
from ..lessons import plain
from .parts.format import Format
from .parts.lines import append_lines
from .parts.trajectory import Trajectory, Turn

__all__ = ["FORMAT", "OSWorld"]


class OSWorld(Format):
    """Results as OSWorld keeps them."""

    title = "OSWorld's results (`traj.jsonl`, screenshots, `result.txt`)"
    outcomes = True
    rows = "A row is an episode's folder; `info` in its lines says which part it belongs to and how it ended."
    reading = """import json
from pathlib import Path

for path in Path("pyautogui/screenshot").glob("*/*/*/traj.jsonl"):
    steps = [json.loads(line) for line in path.read_text().splitlines()]
    print(path.parent.name, len(steps), steps[0]["action"])"""

    def add(self, trajectory: Trajectory) -> int:
        """See `Format.add`."""
        header = trajectory.header
        software = header.task.partition(".")[0]
        folder = self.into / "pyautogui" / "screenshot" / slug(header.agent) / slug(software) / trajectory.name
        write_whole(folder / "step_0.png", trajectory.picture(trajectory.turns[0].screen))
        lines = list(_lines(trajectory))
        for turn, line in zip(trajectory.turns, lines, strict=True):
            write_whole(folder / line["screenshot_file"], trajectory.picture(turn.next_screen))
        append_lines(folder / "traj.jsonl", *lines)
        write_whole(folder / "instruction.txt", plain(header.goal).encode())
        if trajectory.score is not None:
            write_whole(folder / "result.txt", f"{trajectory.score}\n".encode())
        return 1


def _lines(trajectory: Trajectory) -> Iterator[dict[str, Any]]:
    view, clock = View(trajectory.screen_size), _start(trajectory)
    for number, turn in enumerate(trajectory.turns, 1):
        code, why, view = _said(turn, view)
        clock = clock and clock + timedelta(seconds=turn.seconds)
        time = f"{clock:%Y%m%d@%H%M%S%f}" if clock else ""
        info = {
            "error": turn.error, "deskgym_action": turn.action, "part": trajectory.part,
            "outcome": trajectory.outcome,
        } | ({"unsayable": why} if why else {})  # fmt: skip
        yield {
            "step_num": number, "action_timestamp": time, "action": code,
            "response": turn.thought if turn.reply is None else turn.reply, "reward": turn.reward, "done": turn.done,
            "info": info, "screenshot_file": f"step_{number}_{time}.png" if time else f"step_{number}.png",
        }  # fmt: skip


def _said(turn: Turn, view: View) -> tuple[str, str, View]:
    """The action's program, why there is none, and what was shown afterwards."""
    try:
        action = parse_action(turn.action)
        _, code = DIALECT.split(DIALECT.write(Decision("", action), view))
    except ActionError as error:
        return turn.action, str(error), view
    return code, "", view.after(action)


def _start(trajectory: Trajectory) -> datetime | None:
    try:
        return datetime.fromisoformat(trajectory.header.started)
    except ValueError:
        return None


FORMAT = OSWorld
