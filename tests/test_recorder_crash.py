"""What is left when the recorder's process is killed, or its disk is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
from deskgym.recorder import Episode, Run

PLAY = """
import sys
import numpy as np
from deskgym.recorder import EpisodeWriter, Header, Run

run = Run(sys.argv[1])
header = Header("toy.task", 0, "oracle", "goal", "toy", (160, 100), 10, {}, "", "off", "0", "2026-01-01T00:00:00Z")

def screen(number):
    return np.random.default_rng(number).integers(0, 256, (100, 160, 3), dtype=np.uint8)

with EpisodeWriter(run.episode_folder("toy.task", 0, "oracle"), header) as writer:
    writer.first(screen(0))
    thought = "x" * (100_000 if "long" in sys.argv else 500)
    for number in range(2_000):
        writer.step(thought=thought, action=f"click({number}, 1)", frame=screen(number + 1))
        print(number + 1, flush=True)
"""

FULL = """
import resource
from deskgym.errors import RecordError
limit = sys.argv[2:]
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit[0]), int(limit[0])))
try:
    play()
except RecordError as error:
    print("RecordError", error)
"""


def play_until_it_fails(folder, *arguments: object) -> tuple[int, str]:
    """Play in another process until a RecordError; return the steps it acknowledged and the message."""
    head, body = PLAY.split("with EpisodeWriter", 1)
    body = "\n".join("    " + line for line in ("with EpisodeWriter" + body).splitlines())
    command = [sys.executable, "-c", head + "def play():\n" + body + FULL, folder, *map(str, arguments)]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    *steps, message = child.stdout.splitlines()
    assert message.startswith("RecordError")
    return len(steps), message


def check_readable(folder) -> Episode:
    """Every step that is there points at frames that are whole."""
    (episode,) = Run(folder).episodes()
    for step in episode.steps:
        episode.frame(step.screen)
        episode.frame(step.next_screen)
    assert [step.action for step in episode.steps] == [f"click({n}, 1)" for n in range(len(episode.steps))]
    return episode


@pytest.mark.parametrize("attempt", range(8))
def test_a_killed_process_loses_at_most_the_step_it_was_writing(tmp_path, attempt):
    command = [sys.executable, "-c", PLAY, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(Random(attempt).uniform(0, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        acknowledged = 1 + len([line for line in child.stdout.read().split("\n") if line])
    episode = check_readable(tmp_path)
    assert episode.outcome == "unfinished"
    assert not Run(tmp_path).finished("toy.task", 0, "oracle")
    assert len(episode.steps) >= acknowledged - 1
    for entry in episode.frames.entries():
        episode.frame(entry.key)


def test_two_readers_see_whole_steps_while_a_writer_writes(tmp_path):
    def screen(number: int) -> np.ndarray:
        return np.random.default_rng(number).integers(0, 256, (100, 160, 3), dtype=np.uint8)

    def read(seed: int) -> int:
        random, folder = Random(seed), Run(tmp_path).episode_folder("toy.task", 0, "oracle")
        for _ in range(60):
            episode = Episode.read(folder)
            for step in random.sample(episode.steps, min(3, len(episode.steps))):
                # One reader knows the file from the start, the other opens it anew each time.
                frames = kept if seed else episode.frames
                assert np.array_equal(frames.get(step.screen), screen(step.index))
                assert np.array_equal(frames.get(step.next_screen), screen(step.index + 1))
        return len(episode.steps)

    with subprocess.Popen([sys.executable, "-c", PLAY, tmp_path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        kept = next(Run(tmp_path).episodes()).frames
        with ThreadPoolExecutor(2) as pool:
            assert min(pool.map(read, range(2))) > 1
        child.kill()


def test_a_file_that_may_not_grow_is_named_and_earlier_steps_are_kept(tmp_path):
    # A frame of noise takes 48 kB; the line of a step with a long thought takes more, and meets the limit first.
    acknowledged, message = play_until_it_fails(tmp_path, 600_000, "long")
    assert "steps.jsonl cannot be written: File too large" in message
    assert acknowledged - 1 <= len(check_readable(tmp_path).steps) <= acknowledged
    assert acknowledged > 5


@pytest.mark.parametrize("limit", [10_000, 600_000])
def test_a_frame_that_does_not_fit_is_named_and_leaves_no_half_frame(tmp_path, limit):
    acknowledged, message = play_until_it_fails(tmp_path, limit)
    assert "frames.tiles cannot be written: File too large" in message
    episode = check_readable(tmp_path)
    whole = episode.frames.entries()
    assert acknowledged - 1 <= len(episode.steps) <= acknowledged
    assert len(whole) == limit // 48_100
    assert (episode.folder / "frames.tiles").stat().st_size == (whole[-1].end if whole else 0)


def test_a_full_disk_is_named_and_earlier_steps_are_kept(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        acknowledged, message = play_until_it_fails(tmp_path)
        assert "cannot be written: No space left on device" in message
        assert acknowledged - 1 <= len(check_readable(tmp_path).steps) <= acknowledged
        assert acknowledged > 10
    finally:
        subprocess.run(["umount", tmp_path], check=True)
