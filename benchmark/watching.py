"""What watching a run costs: reading it, looking again, and sending its list to a browser."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
import time
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from ..recorder.episode import Header, Record
from ..recorder.store import Run
from ..recorder.viewer.listing import Listing
from ..recorder.viewer.server import Watch
from ..recorder.writer import EpisodeWriter
from ..verifiers.verdict import Check, Verdict

__all__ = ["WatchingCosts", "make_run", "measure_watching"]

AGENTS = ("oracle", "random", "student:runs/student", "teacher:big-model-1")
TASKS = 25


@dataclass(frozen=True)
class WatchingCosts:
    """Milliseconds, and bytes."""

    episodes: int
    first_ms: float
    """Reading a run for the first time."""
    again_ms: float
    """Reading it when it was read before: `deskgym view` started anew."""
    look_ms: float
    """Looking whether something has changed, while somebody watches."""
    list_ms: float
    """From asking for the whole list to having it."""
    list_bytes: int
    """The list as it is sent."""


def make_run(folder: str | Path, episodes: int = 10_000, steps: int = 15) -> Run:
    """Write a synthetic run: one recorded episode, and copies of it under other headers."""
    run = Run(folder)
    header = Header(
        "made.task_0", 0, "oracle", "", "toy", (320, 200), 20, {}, "", "off", "0", "2026-01-02T03:04:05+00:00"
    )
    screens = np.random.default_rng(0).integers(0, 256, (steps + 1, 20, 32, 3), dtype=np.uint8)
    with EpisodeWriter(Path(folder) / "pattern", header) as writer:
        writer.first(screens[0].repeat(10, 0).repeat(10, 1))
        for number, screen in enumerate(screens[1:]):
            frame = screen.repeat(10, 0).repeat(10, 1)
            writer.step(thought="I go on.", action=f"click({number}, 9)", frame=frame, seconds={"think": 1, "act": 0.2})
        writer.close(Verdict.of(Check("the total", True), Check("the rest", True)))
    record = Record.read(writer.folder)
    bad = Verdict.of(Check("the total", False), Check("the rest", True))
    failed = replace(record, outcome="failed", verdict=bad.as_json())
    for number in range(episodes):
        place, agent = divmod(number, len(AGENTS))
        seed, task = divmod(place, TASKS)
        goal = f"Put the total of column {task} into cell F{seed} and save the file under its own name."
        one = replace(header, task=f"made{task % 5}.task_{task}", seed=seed, agent=AGENTS[agent], goal=goal)
        target = run.episode_folder(one.task, one.seed, one.agent)
        target.mkdir(parents=True)
        made = replace(record, header=one) if number % 3 else replace(failed, header=one)
        (target / "episode.json").write_bytes(made.as_json())
        for name in ("steps.jsonl", "frames.tiles"):
            shutil.copyfile(writer.folder / name, target / name)
    shutil.rmtree(writer.folder)
    return run


def measure_watching(run: str | Path) -> WatchingCosts:
    """Measure with a run as it lies on the disk; what was kept of an earlier look is removed first."""
    shutil.rmtree(Path(run) / "view", ignore_errors=True)
    began = time.perf_counter()
    listing = Listing([run])
    listing.refresh(wait=True)
    first = time.perf_counter() - began
    listing.keep()
    began = time.perf_counter()
    listing = Listing([run])
    listing.refresh(wait=True)
    again = time.perf_counter() - began
    began = time.perf_counter()
    listing.refresh(wait=True)
    look = time.perf_counter() - began
    with Watch([run]) as watch:
        threading.Thread(target=watch.serve_forever, daemon=True).start()
        connection = HTTPConnection("127.0.0.1", watch.server_port, timeout=60)
        began = time.perf_counter()
        connection.request("GET", "/rows.json", headers={"Accept-Encoding": "gzip"})
        data = connection.getresponse().read()
        took = time.perf_counter() - began
        connection.close()
        watch.shutdown()
    count = len(json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)["rows"])
    return WatchingCosts(count, first * 1e3, again * 1e3, look * 1e3, took * 1e3, len(data))
