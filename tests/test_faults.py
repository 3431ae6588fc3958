"""When the ground gives way: full disks, killed workers, faults of machines; and going on afterwards."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from deskgym.benchmark.collect import collect, judge_again, pending
from deskgym.benchmark.suite import Suite, Trial
from deskgym.benchmark.tables import outcomes
from deskgym.benchmark.workers import WorkerDied, in_workers
from deskgym.errors import DesktopError, SpecError
from deskgym.recorder.store import Run

# workers


def job(words: str) -> str:
    """A job of a worker: "kill" kills it, "fail" raises, "once PATH" kills it the first time, others echo."""
    verb, _, rest = words.partition(" ")
    if verb == "kill" or (verb == "once" and not Path(rest).exists()):
        if verb == "once":
            Path(rest).touch()
        time.sleep(0.3)  # so that its neighbours are at work
        os.kill(os.getpid(), signal.SIGKILL)
    if verb == "fail":
        raise SpecError(words)
    if verb == "slow":
        time.sleep(1)
    return words.upper()


@pytest.fixture
def importable(monkeypatch):
    """Let worker processes import this file."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    import test_faults

    return test_faults.job


@pytest.mark.parametrize("workers", [1, 2])
def test_results_and_errors_come_back(importable, workers):
    came = dict(in_workers(importable, ["a", "fail b", "c"], workers))
    assert (came["a"], came["c"]) == ("A", "C")
    assert isinstance(came["fail b"], SpecError)


def test_a_killed_worker_costs_one_job_only(importable):
    jobs = ["kill", "slow 1", "slow 2", "slow 3", "a", "b"]
    came = dict(in_workers(importable, jobs, 2))
    assert isinstance(came.pop("kill"), WorkerDied)
    assert came == {words: words.upper() for words in jobs[1:]}


def test_a_worker_killed_once_is_tried_again(importable, tmp_path):
    words = f"once {tmp_path / 'mark'}"
    assert dict(in_workers(importable, [words, "a"], 2)) == {words: words.upper(), "a": "A"}


# runs


@pytest.fixture
def memo(write_memo, specs_on_path):
    """The toy spec `memo`, findable by name; `memo.breaks(...)` replaces a part of its task."""
    folder = write_memo()

    def breaks(old: str, new: str) -> None:
        path = folder / "tasks" / "append.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return breaks


def trials(seeds=range(3), agent="oracle") -> list[Trial]:
    return list(Suite.of("memo", seeds=seeds).trials(agent, "toy"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_suite_is_collected(memo, tmp_path, workers):
    played = list(collect(trials(), tmp_path / "run", workers=workers))
    assert {trial.seed for trial, _ in played} == {0, 1, 2}
    assert [episode.outcome for _, episode in played] == ["passed"] * 3
    (row,) = outcomes(tmp_path / "run")
    assert (row["episodes"], row["passed"], row["score"], row["faults"]) == (3, 3, 1.0, 0)


def test_an_interrupted_run_is_resumed(memo, tmp_path):
    run = tmp_path / "run"
    assert pending(trials(), run) == trials()
    list(collect(trials(range(2)), run))
    assert pending(trials(), run) == trials([2])
    assert pending(trials(agent="idle"), run) == trials(agent="idle")
    list(collect(pending(trials(), run), run))
    assert pending(trials(), run) == []
    assert len(list(Run(run).episodes())) == 3


def test_a_broken_verifier_leaves_no_verdict_and_is_judged_when_repaired(memo, tmp_path):
    run = tmp_path / "run"
    memo("def verify(evidence):\n", "def verify(evidence):\n    1 / 0\n")
    played = [episode for _, episode in collect(trials(), run)]
    assert all("VerifierError" in episode.fault for episode in played)
    assert all(episode.verdict is None for episode in played)
    (row,) = outcomes(run)
    assert (row["episodes"], row["score"], row["faults"]) == (0, None, 3)
    assert pending(trials(), run) == trials()
    memo("def verify(evidence):\n    1 / 0\n", "def verify(evidence):\n")
    again = list(judge_again(run))
    assert [each.verdict.passed for each in again] == [True] * 3
    assert all(each.changed for each in again)
    for each in again:
        each.episode.amend(each.verdict)
    assert pending(trials(), run) == []
    assert not any(each.changed for each in judge_again(run))


def test_one_fault_does_not_end_a_collection(memo, tmp_path):
    memo(
        "def setup(machine, params, rng):\n",
        "def setup(machine, params, rng):\n    from deskgym.errors import DesktopError\n"
        "    if params['word'] == 'ink': raise DesktopError('the machine burns')\n",
    )
    came = dict(collect(trials(range(12)), tmp_path / "run"))
    lost = [result for result in came.values() if isinstance(result, DesktopError)]
    kept = [result for result in came.values() if not isinstance(result, Exception)]
    assert lost
    assert kept
    assert len(lost) + len(kept) == 12
    assert all(episode.outcome == "passed" for episode in kept)


def test_an_agent_that_only_talks_nonsense_is_judged_like_any_other(memo, tmp_path):
    played = [episode for _, episode in collect(trials([1], agent="idle"), tmp_path / "run")]
    assert [(episode.outcome, len(episode.steps)) for episode in played] == [("failed", 6)]


FULL = """
import resource, sys
from deskgym.benchmark.collect import collect
from deskgym.benchmark.suite import Suite
from deskgym.errors import RecordError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
for trial, result in collect(Suite.of("memo", seeds=range(2)).trials("oracle", "toy"), sys.argv[1]):
    print(type(result).__name__, "cannot be" in str(result))
"""


@pytest.mark.parametrize("limit", [100, 600, 1000, 1900])
def test_a_full_disk_is_a_record_error_and_no_verdict(memo, tmp_path, python, limit):
    run = tmp_path / "run"
    ran = python(FULL, str(run), str(limit))
    assert ran.stdout == "RecordError True\n" * 2, ran.stderr
    assert pending(trials(range(2)), run) == trials(range(2))
    list(collect(trials(range(2)), run))  # there is room again
    assert pending(trials(range(2)), run) == []


def test_with_room_enough_the_same_run_succeeds(memo, tmp_path, python):
    assert python(FULL, str(tmp_path / "run"), "1000000").stdout == "Episode False\n" * 2
