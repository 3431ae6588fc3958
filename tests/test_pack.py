"""Packing: the same frames in fewer bytes, whatever interrupts it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from deskgym.errors import RecordError
from deskgym.recorder import Episode, EpisodeWriter, Header, Run
from deskgym.recorder.pack import ARCHIVE_LEVEL, Packed, pack, unpacked
from deskgym.verifiers.verdict import Check, Verdict

PASSED = Verdict.of(Check("total", True))


def screen(number: int) -> np.ndarray:
    """A grey screen with lines of noise, of which each number changes one."""
    frame = np.full((200, 300, 3), 230, np.uint8)
    for line in range(12):
        random = np.random.default_rng((line, number if line == number % 12 else 0))
        frame[line * 16 : line * 16 + 9, 20:260] = random.integers(0, 4, (9, 240, 1)) * 60
    return frame


def record(run: Run, seed: int = 0, screens: list[np.ndarray] | None = None, closed: bool = True) -> Path:
    screens = [screen(number) for number in (0, 1, 2, 0, 3, 3, 4)] if screens is None else screens
    header = Header(
        "toy.lines", seed, "oracle", "goal", "toy", (300, 200), 10, {}, "", "off", "0", "2026-01-01T00:00:00Z"
    )
    with EpisodeWriter(run.episode_folder("toy.lines", seed, "oracle"), header) as writer:
        for number, frame in enumerate(screens):
            if number:
                writer.step(thought="", action="wait()", frame=frame)
            else:
                writer.first(frame)
        if closed:
            writer.close(PASSED)
    return writer.folder


def seen(folder: Path) -> list[np.ndarray]:
    episode = Episode.read(folder)
    return [episode.frame(episode.first), *(episode.frame(step.next_screen) for step in episode.steps)]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_packed_episode_shows_the_same_screens_in_fewer_bytes(tmp_path):
    folder = record(Run(tmp_path))
    before, length = seen(folder), (folder / "frames.tiles").stat().st_size
    text = (folder / "episode.json").read_bytes(), (folder / "steps.jsonl").read_bytes()
    done = pack(folder)
    assert done == Packed(folder.name, length, (folder / "frames.tiles").stat().st_size)
    assert done.after < done.before
    assert same(seen(folder), before)
    assert text == ((folder / "episode.json").read_bytes(), (folder / "steps.jsonl").read_bytes())
    entries = Episode.read(folder).frames.entries()
    assert {entry.level for entry in entries} == {ARCHIVE_LEVEL}
    assert len(entries) == 5
    assert sorted(path.name for path in folder.iterdir()) == ["episode.json", "frames.tiles", "steps.jsonl"]


def test_what_is_packed_or_never_closed_is_left_alone(tmp_path):
    run = Run(tmp_path)
    folders = [record(run, seed) for seed in range(3)]
    record(run, 3, closed=False)
    record(run, 4, screens=[])
    assert unpacked(tmp_path) == folders
    pack(folders[1])
    assert unpacked(tmp_path) == [folders[0], folders[2]]
    with pytest.raises(RecordError, match="is no run"):
        unpacked(tmp_path / "nowhere")


def test_whoever_reads_meanwhile_reads_on(tmp_path):
    folder = record(Run(tmp_path))
    episode, before = Episode.read(folder), seen(folder)
    keys = [episode.first, *(step.next_screen for step in episode.steps)]
    half = [episode.frame(key) for key in keys[:3]]
    pack(folder)
    assert same([*half, *(episode.frame(key) for key in keys[3:])], before)


def test_a_damaged_episode_is_not_packed(tmp_path):
    folder = record(Run(tmp_path))
    path = folder / "frames.tiles"
    whole = bytearray(path.read_bytes())
    whole[-5] ^= 1
    path.write_bytes(whole)
    with pytest.raises(RecordError, match="fails its checksum"):
        pack(folder)
    assert path.read_bytes() == whole
    assert len(list(folder.iterdir())) == 3


PACK = """
import sys
from deskgym.recorder.pack import pack, unpacked
for folder in unpacked(sys.argv[1]):
    pack(folder)
    print("packed", flush=True)
"""


@pytest.mark.parametrize("attempt", range(4))
def test_packing_that_was_killed_has_lost_nothing_and_is_taken_up_again(tmp_path, attempt):
    run = Run(tmp_path)
    folders = [record(run, seed, [screen(number) for number in range(30)]) for seed in range(5)]
    before = seen(folders[0])
    with subprocess.Popen([sys.executable, "-c", PACK, tmp_path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(attempt * 0.03)
        os.kill(child.pid, signal.SIGKILL)
    left = unpacked(tmp_path)
    assert len(left) < 5
    assert all(same(seen(folder), before) for folder in folders)
    for folder in left:
        pack(folder)
    assert unpacked(tmp_path) == []
    assert all(same(seen(folder), before) for folder in folders)


FULL = """
import resource, sys
from deskgym.errors import RecordError
from deskgym.recorder.pack import pack
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    pack(sys.argv[1])
except RecordError as error:
    print(error)
"""


def test_a_full_disk_leaves_the_episode_as_it_was(tmp_path, python):
    folder = record(Run(tmp_path))
    before = (folder / "frames.tiles").read_bytes()
    assert "cannot be written: File too large" in python(FULL, str(folder)).stdout
    assert (folder / "frames.tiles").read_bytes() == before
    assert len(list(folder.iterdir())) == 3


def test_an_episode_that_is_recorded_anew_meanwhile_is_not_replaced(tmp_path):
    noise = np.random.default_rng(0)
    folder = record(Run(tmp_path), 0, [noise.integers(0, 256, (600, 600, 3), dtype=np.uint8) for _ in range(8)])
    path, errors = folder / "frames.tiles", []

    def packing() -> None:
        try:
            pack(folder)
        except RecordError as error:
            errors.append(str(error))

    shutil.copy(path, tmp_path / "anew")
    thread = threading.Thread(target=packing)
    thread.start()
    while not list(folder.glob(".frames.tiles.*.tmp")):
        assert thread.is_alive()
    os.replace(tmp_path / "anew", path)
    anew = path.stat()
    thread.join()
    assert [error.partition(" ")[0] for error in errors] == [str(path)]
    assert "changed while it was packed" in errors[0]
    assert path.stat().st_ino == anew.st_ino
    assert len(list(folder.iterdir())) == 3
