"""The bench: who plays what, resumed, with faults apart; and what is fulfilled at the start left out."""

from __future__ import annotations

import json

import pytest
from deskgym.agents.lineage import Lineage
from deskgym.benchmark.bench import PLAN, Plan, bench, fulfilled, read_plan
from deskgym.benchmark.report import report
from deskgym.benchmark.suite import Suite, parse_screen
from deskgym.errors import DeskgymError, DesktopError, RecordError, TeacherUnavailable
from deskgym.recorder.store import Run

FIRST = 10_000
# of the instances from 10000 on, these ask for ink, paper, stamps or glue
ALREADY = """    machine.write("note.txt", start)
    return {"text": start + params["word"]}
"""
FULFILLED = """    text = start + params["word"]
    machine.write("note.txt", text if params["word"] == "ink" else start)
    return {"text": text}
"""
BURNS = """    from deskgym.errors import DesktopError
    if params["word"] == "ink": raise DesktopError("the machine burns")
"""


@pytest.fixture
def memo(write_memo, specs_on_path):
    """The toy spec `memo`, findable by name; `memo(old, new)` changes its task."""
    folder = write_memo()

    def change(old: str, new: str) -> None:
        path = folder / "tasks" / "append.py"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


def plan(agents=("oracle",), count=4, **options) -> Plan:
    return Plan(Suite.of("memo", seeds=range(FIRST, FIRST + count)), tuple(agents), desktop="toy", **options)


def words(count=4) -> list[str]:
    from deskgym.software_specs.catalog import find_task

    _, task = find_task("memo.append")
    return [str(task.instance(seed).params["word"]) for seed in range(FIRST, FIRST + count)]


def played(plan, run) -> list[tuple[int, str, int]]:
    return [(trial.seed, trial.agent, trial.attempt) for trial, _ in bench(plan, run)]


def test_agents_play_the_same_instances(memo, tmp_path):
    came = []
    for trial, episode in bench(plan(["oracle", "random", "idle"]), tmp_path / "run", coming=came.append):
        assert not isinstance(episode, Exception), trial
    assert came == [4, 12]  # the probes, then the agents
    told = report(tmp_path / "run")
    rows = {row["agent"]: row for row in told.as_json()["rows"]}
    assert list(rows) == ["oracle", "random", "idle"]  # the probe by itself is nobody's result
    assert [rows[agent]["success"] for agent in rows] == [1.0, 0.0, 0.0]
    assert all((row["n"], row["faults"]) == (4, 0) for row in rows.values())
    assert told.notes == ()


def test_it_is_resumed_and_may_grow(memo, tmp_path):
    run = tmp_path / "run"
    started = bench(plan(["oracle", "idle"]), run)
    for _ in range(6):  # four probes and two episodes; then the process is gone
        next(started)
    started.close()
    assert [(agent, seed) for seed, agent, _ in played(plan(["oracle", "idle"]), run)] == [
        ("oracle", FIRST + 2), ("oracle", FIRST + 3), *(("idle", FIRST + number) for number in range(4)),
    ]  # fmt: skip
    assert played(plan(["oracle", "idle"]), run) == []
    assert len(json.loads((run / PLAN).read_text())["plans"]) == 1
    assert played(plan(["finish"], count=5), run) == [(FIRST + 4, "finish", 0)]
    told = report(run)
    assert told.results.missing == []
    assert {row["agent"]: row["n"] for row in told.rows} == {"oracle": 4, "idle": 4, "finish": 5}


def test_what_is_fulfilled_at_the_start_is_left_out(memo, tmp_path):
    memo(ALREADY, FULFILLED)
    seeds = [FIRST + number for number, word in enumerate(words(12)) if word == "ink"]
    assert 0 < len(seeds) < 12
    run = tmp_path / "run"
    agents = [(seed, agent) for seed, agent, _ in played(plan(count=12), run)]
    assert {seed for seed, agent in agents if agent == "finish"} == set(range(FIRST, FIRST + 12))
    assert {seed for seed, agent in agents if agent == "oracle"} == set(range(FIRST, FIRST + 12)) - set(seeds)
    assert fulfilled(run) == {("memo.append", seed) for seed in seeds}
    told = report(run)
    assert [each["seed"] for each in told.as_json()["fulfilled"]] == seeds
    assert told.rows[0]["n"] == 12 - len(seeds)
    assert told.results.missing == []
    assert {agent for _, agent, _ in played(plan(count=12, probe=False), tmp_path / "all")} == {"oracle"}
    assert "of which it is not known" in report(tmp_path / "all").notes[0]


def test_a_fault_is_apart_and_played_again(memo, tmp_path):
    memo("    start = f", BURNS + "    start = f")
    burning, run = words().count("ink"), tmp_path / "run"
    assert burning
    came = list(bench(plan(), run))
    assert sum(isinstance(result, DesktopError) for _, result in came) == 2 * burning  # the probe's, the oracle's
    (row,) = report(run).rows
    assert (row["n"], row["success"], row["faults"]) == (4 - burning, 1.0, burning)
    assert {each.error for each in read_plan(run).faults} == {"DesktopError: the machine burns"}
    memo(BURNS, "")
    assert len(played(plan(), run)) == 2 * burning
    (row,) = [row for row in report(run).rows if row["n"]]
    assert row["faults"] == 0


def test_tries_draw_anew_on_the_same_instance(memo, tmp_path):
    run = tmp_path / "run"
    assert played(plan(["random"], count=1, tries=3, probe=False), run) == [
        (FIRST, "random", number) for number in range(3)
    ]
    episodes = list(Run(run).episodes())
    assert [each.header.attempt for each in episodes] == [0, 1, 2]
    assert len({each.first for each in episodes}) == 1
    assert len({tuple(step.action for step in each.steps) for each in episodes}) == 3
    assert [each.k for each in report(run).tries] == [1, 2, 3]
    assert report(run).rows[0]["n"] == 1


def test_a_small_screen(memo, tmp_path):
    assert parse_screen("160x96") == (160, 96)
    assert parse_screen("") is None
    with pytest.raises(DeskgymError, match="a screen is written 480x352, not '160'"):
        parse_screen("160")
    list(bench(plan(count=1, screen=(160, 96)), tmp_path / "run"))
    assert {each.header.screen_size for each in Run(tmp_path / "run").episodes()} == {(160, 96)}
    assert played(plan(count=1, screen=(160, 96)), tmp_path / "run") == []
    with pytest.raises(RecordError, match=r"begun on the desktop toy with the screen \(160, 96\)"):
        list(bench(plan(count=1), tmp_path / "run"))


def test_seeds_for_collecting_are_refused(memo, tmp_path):
    with pytest.raises(DeskgymError, match="seed 9999 is for collecting"):
        list(bench(Plan(Suite.of("memo", seeds=[9999]), ("oracle",), desktop="toy"), tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_another_student_in_the_same_folder_is_refused(memo, tmp_path):
    student = tmp_path / "student"
    student.mkdir()
    part = {"episodes": 3, "tasks": ["memo.append"], "seeds": [1]}
    record = {"training": {"base": "tiny"}, "data": {"train": part}, "before": Lineage("tiny").as_json()}
    (student / "training.json").write_text(json.dumps(record))
    agents, run = [f"student:{student}"], tmp_path / "run"
    came = list(bench(plan(agents, count=1), run))
    assert isinstance(came[-1][1], DeskgymError)  # nothing in there can play
    ((name, lineage),) = read_plan(run).lineages
    assert (name, lineage.softwares, lineage.episodes) == (agents[0], ("memo",), 3)
    told = report(run)
    assert told.by("all")[0].faults == 1
    assert "holds no" in told.results.faults[0][3]
    (student / "model.safetensors").write_bytes(b"newly trained")
    with pytest.raises(RecordError, match="was begun with another student"):
        list(bench(plan(agents, count=1), run))


def test_what_ends_a_run_is_nobodys_fault(memo, tmp_path, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    run, teacher = tmp_path / "run", "teacher:claude-opus-5"
    *_, (trial, end) = bench(plan(["oracle", teacher], count=2), run)
    assert trial.agent == teacher
    assert isinstance(end, TeacherUnavailable)
    told = report(run)
    assert told.results.faults == []
    assert [agent for agent, *_ in told.results.missing] == [teacher] * 2
    assert {each.agent: (each.n, each.missing) for each in told.by("all")} == {"oracle": (2, 0), teacher: (0, 2)}


# the command


def test_the_whole_on_a_toy(deskgym, memo, tmp_path):
    run, page = str(tmp_path / "run"), tmp_path / "page.html"
    agents = [word for agent in ("oracle", "random", "idle") for word in ("--agent", agent)]
    asked = ["bench", "memo", "--desktop", "toy", *agents, "--seeds", "10000:10003", "--into", run, "--workers", "2"]
    ran = deskgym(*asked)
    assert ran.returncode == 0, ran.stderr
    for title in ("All together", "By split", "By task", "On the same instances", "What it takes"):
        assert title in ran.stdout
    told = json.loads(deskgym(*asked, "--json").stdout)
    assert [list(row.values())[:6] for row in told["rows"]] == [
        ["oracle", "seen", "memo", "memo.append", 3, 1.0],
        ["random", "seen", "memo", "memo.append", 3, 0.0],
        ["idle", "seen", "memo", "memo.append", 3, 0.0],
    ]
    again = deskgym("report", run, "--page", str(page), "--json")
    assert json.loads(again.stdout) == told
    assert "memo.append" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["bench", "memo", "--desktop", "toy", "--seeds", "0:3"], 1, "seed 0 is for collecting"),
        (["bench", "memo", "--desktop", "toy", "--agent", "student:nowhere"], 1, "there is no student in nowhere"),
        (["bench", "memo", "--screen", "big"], 2, "a screen is written 480x352"),
        (["bench", "memo", "--tries", "0"], 2, "--tries"),
        (["report", "nowhere"], 1, "nowhere is no run"),
        (["report"], 2, "Missing argument"),
    ],
)  # fmt: skip
def test_wrong_use_is_said(deskgym, memo, arguments, status, says):
    ran = deskgym(*arguments)
    assert ran.returncode == status
    assert says in ran.stderr


@pytest.mark.desktop
def test_those_who_can_and_those_who_cannot_on_mousepad(deskgym, tmp_path):
    agents = [word for agent in ("oracle", "idle", "finish") for word in ("--agent", agent)]
    ran = deskgym("bench", "mousepad.fix_setting", *agents, "--seeds", "10000:10002", "--into", str(tmp_path / "run"),
                  "--screen", "640x480", "--json", timeout=200)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert [(row["agent"], row["n"], row["success"], row["faults"]) for row in told["rows"]] == [
        ("oracle", 2, 1.0, 0), ("idle", 2, 0.0, 0), ("finish", 2, 0.0, 0),
    ]  # fmt: skip
    costs = {each["agent"]: each for each in told["costs"]}
    assert 0 < costs["oracle"]["act"][0] < 60
