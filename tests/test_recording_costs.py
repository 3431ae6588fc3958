"""What recording costs: a copy for the player, few bytes on the disk."""

from __future__ import annotations

import numpy as np
from deskgym.agents.naming import make_agent
from deskgym.benchmark.record import record
from deskgym.benchmark.recording import measure_recording, screens_of


def test_the_costs_of_an_episode_are_measured(memo_env, tmp_path):
    env = memo_env()
    screens = screens_of(record(env, make_agent("oracle", env), seed=3, into=tmp_path / "run", name="oracle"))
    assert len(screens) == 4
    costs = measure_recording(screens, repeats=2, pause=0)
    assert [len(costs.step_ms), len(costs.encode_ms), len(costs.decode_ms), len(costs.seek_ms)] == [6, 8, 8, 8]
    assert len(set(costs.bytes)) == 1
    assert min(costs.step_ms + costs.encode_ms + costs.png_encode_ms + costs.png_decode_ms) > 0


def test_a_changed_cell_costs_no_screen():
    noise = np.random.default_rng(0)
    screens = [noise.integers(0, 256, (800, 1280, 3), dtype=np.uint8)]
    for number in range(1, 9):
        screens.append(screens[-1].copy())
        screens[-1][number * 32 : number * 32 + 20, 100:200] = number
    costs = measure_recording(screens)
    assert costs.bytes[0] * 8 < screens[0].size * 1.01 < costs.png_bytes[0] * 8 / 8
    assert np.median(costs.step_ms) < 5  # the promise is 1 ms; a crowded machine may take longer
