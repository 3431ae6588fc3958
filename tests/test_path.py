"""The whole path in miniature, on a real desktop: collect, curate, base, train, bench, report."""

from __future__ import annotations

import json

import pytest
from deskgym.benchmark.bench import Plan, bench
from deskgym.benchmark.collect import collect, judge_episode
from deskgym.benchmark.report import report, write_page
from deskgym.benchmark.shorten import play_shortened
from deskgym.benchmark.suite import Suite
from deskgym.training.curate import Curation, curate

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")

SCREEN = (480, 352)


@pytest.mark.desktop
def test_from_nothing_to_a_report(tmp_path):
    from deskgym.training.base import build_base
    from deskgym.training.sft import Training, train

    torch.set_num_threads(1)
    run, data, base, student = (tmp_path / name for name in ("run", "data", "tiny", "student"))
    lessons = Suite.of("mousepad.fix_setting", seeds=range(6))
    passed = [episode.outcome == "passed" for _, episode in collect(lessons.trials("oracle", screen=SCREEN), run)]
    assert sum(passed) >= 3
    examination = Suite.of("mousepad.fix_setting", seeds=[10_000])
    card = curate([run], data, Curation(length=0, keep_shared=True), judge=judge_episode, replays=play_shortened,
                  benchmark=examination.goals())  # fmt: skip
    assert sum(count for count, _ in card.parts.values()) == sum(passed)
    build_base("tiny", base)
    train(Training(str(data), str(base), steps=3, every=3, batch=2, rate=2e-3), student)

    agents = (f"student:{student}", f"student:{base}", "oracle", "idle")
    plan = Plan(examination, agents, screen=SCREEN)
    assert [trial for trial, result in bench(plan, tmp_path / "bench") if isinstance(result, Exception)] == []
    told = report(tmp_path / "bench")
    rows = {row["agent"]: row for row in told.as_json()["rows"]}
    assert list(rows) == list(agents)
    assert all((row["split"], row["n"], row["faults"]) == ("seen", 1, 0) for row in rows.values())
    assert (rows["oracle"]["success"], rows["idle"]["success"]) == (1.0, 0.0)
    lineage = told.results.lineages[agents[0]]
    assert (lineage.base, lineage.tasks) == (str(base), ("mousepad.fix_setting",))
    assert {(each.agent, each.other) for each in told.comparisons} == {(agents[0], other) for other in agents[1:]}
    write_page(told, tmp_path / "report.html")
    assert "mousepad.fix_setting" in (tmp_path / "report.html").read_text()
    json.dumps(told.as_json(), allow_nan=False)
