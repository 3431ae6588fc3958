"""A bounded stress test: desktops are killed at random while 16 of them work, and every verdict is right in the end."""

from __future__ import annotations

import os

import pytest
from deskgym.benchmark.soak import soak

SECONDS = float(os.environ.get("DESKGYM_STRESS_SECONDS", "180"))


@pytest.mark.desktop
@pytest.mark.timeout(1200)
def test_random_kills_cost_no_verdict(tmp_path):
    report = soak(
        "mousepad", "featherpad", into=tmp_path / "run", episodes=10**4, workers=16, kill_every=1.0, seconds=SECONDS
    )
    assert report.wrong == []
    assert report.lost == []
    assert report.left == []
    assert report.clean
    assert report.episodes >= 16
    assert sum(report.kills.values()) >= SECONDS / 10
    assert report.faults > 0  # or the kills have hit nothing
