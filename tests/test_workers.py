"""Workers: they end with whoever started them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LONG = """
import sys, time
from pathlib import Path
from deskgym.benchmark.workers import in_workers

def job(path):
    Path(path).write_text(str(__import__("os").getpid()))
    time.sleep(60)

if __name__ == "__main__":
    list(in_workers(job, sys.argv[1:], 2))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    (tmp_path / "long.py").write_text(LONG)
    marks = [tmp_path / "one", tmp_path / "two"]
    parent = subprocess.Popen([sys.executable, tmp_path / "long.py", *marks])
    _until(lambda: all(mark.exists() and mark.read_text() for mark in marks), "the workers to start")
    workers = [int(mark.read_text()) for mark in marks]
    assert all(_runs(worker) for worker in workers)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    _until(lambda: not any(_runs(worker) for worker in workers), "the workers to end")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _until(condition, what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)
