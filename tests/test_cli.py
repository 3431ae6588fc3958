"""The command: results on stdout, a sentence on stderr, exit 0 done, 1 the thing failed, 2 wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deskgym.recorder.store import Run


@pytest.fixture
def memo(write_memo, specs_on_path):
    return write_memo()


# looking around


def test_the_list_holds_every_task(deskgym, memo):
    ran = deskgym("list", "--json")
    tasks = {row["task"]: row for row in json.loads(ran.stdout)["tasks"]}
    assert {"memo.append", "mousepad.replace_name"} <= set(tasks)
    assert set(tasks["memo.append"]) == {"task", "split", "horizon", "max_steps", "tags", "goal"}
    assert tasks["memo.append"]["goal"] == "Add the word {word} to the note and save it."
    assert ran.returncode == 0
    assert ran.stderr == ""


def test_the_list_for_people(deskgym, memo):
    ran = deskgym("list", "memo")
    assert ran.returncode == 0
    assert "memo.append" in ran.stdout
    assert "mousepad" not in ran.stdout


def test_the_doctor_says_what_is_there(deskgym):
    ran = deskgym("doctor", "--json")
    findings = {each["name"]: each for each in json.loads(ran.stdout)["findings"]}
    assert {"bwrap", "user namespaces", "images", "docker"} <= set(findings)
    assert all(set(each) == {"name", "well", "detail", "needed"} for each in findings.values())
    assert ran.returncode == (0 if all(each["well"] or not each["needed"] for each in findings.values()) else 1)


# wrong use


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "memmo"], "no software 'memmo'; did you mean 'memo'?"),
        (["play", "memo.apend", "--desktop", "toy"], "did you mean 'append'?"),
        (["play", "memo.append", "--desktop", "toi"], "no desktop kind 'toi'; did you mean 'toy'?"),
        (["play", "memo.append", "--desktop", "toy", "--agent", "orakle"], "did you mean 'oracle'?"),
        (["collect", "memo", "--split", "unseen"], "no task of memo is unseen"),
        (["new", "Bad-Name"], "no name for a software"),
        (["judge", "nowhere"], "nowhere is no run: it does not exist"),
    ],
)
def test_what_does_not_work_is_one_sentence(deskgym, memo, arguments, words):
    ran = deskgym(*arguments)
    assert ran.returncode == 1
    assert ran.stderr.startswith("deskgym: ")
    assert words in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert ran.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["chek"],
        ["list", "--nope"],
        ["play"],
        ["play", "memo.append", "--seed", "-1"],
        ["collect", "--workers", "0"],
        ["collect", "--seeds", "x"],
    ],
)
def test_wrong_options_are_status_two(deskgym, memo, arguments):
    ran = deskgym(*arguments)
    assert ran.returncode == 2
    assert "Error" in ran.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("step: 100", "no option 'step'; did you mean 'steps'?"),
        ("{data: d, base: b, into: i, steps: many}", "Invalid value for '--steps'"),
        ("data: [", "is no YAML"),
        ("- steps", "must have a line `option: value`"),
        ("steps: 100", "Missing argument 'data'"),
    ],
)
def test_settings_in_a_file_are_checked_as_on_the_command_line(deskgym, tmp_path, settings, words):
    (tmp_path / "settings.yaml").write_text(settings)
    ran = deskgym("train", "--config", str(tmp_path / "settings.yaml"))
    assert ran.returncode == 2
    assert words in " ".join(ran.stderr.split())


def test_a_broken_spec_names_its_file(deskgym, memo):
    (memo / "software.yaml").write_text("name: [")
    ran = deskgym("list", "memo")
    assert ran.returncode == 1
    assert str(memo / "software.yaml") in ran.stderr


# playing


def test_playing_prints_every_decision_and_the_verdict(deskgym, write_memo):
    write_memo(changes={"tasks.append.goal": ["Write {word} [/b] now."]})
    ran = deskgym("play", "memo.append", "--desktop", "toy", "--seed", "3")
    assert ran.returncode == 0
    assert ran.stdout.startswith("goal: Write ")
    assert "[/b] now." in ran.stdout
    assert 'press("ctrl+s")' in ran.stdout
    assert "passed, score 1.00" in ran.stdout


@pytest.mark.parametrize("agent", ["idle", "finish", "random"])
def test_a_failed_episode_is_status_one(deskgym, memo, agent):
    ran = deskgym("play", "memo.append", "--desktop", "toy", "--agent", agent)
    assert ran.returncode == 1
    assert "failed, score 0.00" in ran.stdout
    assert ran.stderr == ""


def test_an_agent_of_ones_own(deskgym, memo, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from deskgym import Decision\n"
        "class Agent:\n"
        "    def reset(self, seed): self.seed = seed\n"
        "    def act(self, observation): return Decision(f'seed {self.seed}', 'finsh()')\n"
    )
    ran = deskgym("play", "memo.append", "--desktop", "toy", "--agent", "mine:Agent", "--seed", "8")
    assert ran.returncode == 1
    assert "seed 8" in ran.stdout
    assert "did you mean 'finish'?" in ran.stdout


# a run


def test_a_run_is_collected_resumed_judged_and_looked_at(deskgym, memo, tmp_path):
    run = tmp_path / "run"
    collect = ["collect", "memo", "--desktop", "toy", "--into", str(run), "--json"]
    ran = deskgym(*collect, "--seeds", "0:2")
    told = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert told["failures"] == 0
    assert told["rows"][0] | {"seconds": 0} == {
        "task": "memo.append", "agent": "oracle", "episodes": 2, "passed": 2, "score": 1.0, "steps": 3,
        "seconds": 0, "faults": 0,
    }  # fmt: skip
    started = {episode.header.seed: episode.header.started for episode in Run(run).episodes()}

    ran = deskgym(*collect, "--seeds", "0:3", "--workers", "2")
    assert "2 of 3 episodes are there already" in ran.stderr
    assert json.loads(ran.stdout)["rows"][0]["episodes"] == 3
    now = {episode.header.seed: episode.header.started for episode in Run(run).episodes()}
    assert now | started == now

    ran = deskgym("judge", str(run), "--json")
    assert ran.returncode == 0
    assert [row["changed"] for row in json.loads(ran.stdout)["episodes"]] == [False] * 3

    ran = deskgym("view", str(run), "--into", str(run / "view"))
    assert ran.returncode == 0
    assert Path(ran.stdout.strip()) == run / "view" / "index.html"
    assert "memo.append" in Path(ran.stdout.strip()).read_text()


def test_a_run_is_packed_once(deskgym, memo, tmp_path):
    run = str(tmp_path / "run")
    deskgym("collect", "memo", "--desktop", "toy", "--into", run, "--seeds", "0:2")
    told = deskgym("pack", run)
    assert told.returncode == 0
    assert "memo.append__s0__oracle" in told.stdout
    assert "2 episodes packed: 4." in told.stdout
    assert json.loads(deskgym("pack", run, "--json").stdout) == {"run": run, "episodes": [], "before": 0, "after": 0}
    ran = deskgym("pack", str(tmp_path / "nowhere"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "is no run: it does not exist" in ran.stderr


def test_a_stricter_verifier_judges_anew(deskgym, memo, tmp_path):
    run = str(tmp_path / "run")
    deskgym("collect", "memo", "--desktop", "toy", "--into", run, "--seeds", "0")
    task = memo / "tasks" / "append.py"
    task.write_text(task.read_text().replace('evidence.truth["text"], read', 'evidence.truth["text"] + "!", read'))
    ran = deskgym("judge", run, "--json")
    assert ran.returncode == 1
    (row,) = json.loads(ran.stdout)["episodes"]
    assert (row["was"], row["now"], row["changed"]) == ("passed", "failed", True)
    assert deskgym("judge", run).returncode == 1  # nothing was written
    assert deskgym("judge", run, "--write").returncode == 0
    assert deskgym("judge", run).returncode == 0
    assert [episode.outcome for episode in Run(run).episodes()] == ["failed"]


def test_a_collection_with_faults_is_status_one(deskgym, memo, tmp_path):
    task = memo / "tasks" / "append.py"
    task.write_text(task.read_text().replace("def verify(evidence):\n", "def verify(evidence):\n    1 / 0\n"))
    ran = deskgym("collect", "memo", "--desktop", "toy", "--into", str(tmp_path / "run"), "--seeds", "0:2")
    assert ran.returncode == 1
    assert ran.stderr.count("ZeroDivisionError") == 2


# new software


def test_a_new_spec_is_written_once(deskgym, tmp_path):
    ran = deskgym("new", "my_app", "--into", str(tmp_path / "specs"))
    assert ran.returncode == 0
    assert ran.stdout.strip() == str(tmp_path / "specs" / "my_app")
    assert f"DESKGYM_SPECS={tmp_path / 'specs'}" in ran.stderr
    again = deskgym("new", "my_app", "--into", str(tmp_path / "specs"))
    assert again.returncode == 1
    assert "exists already" in again.stderr


@pytest.mark.desktop
def test_a_new_spec_is_proven_as_it_stands(deskgym, tmp_path):
    deskgym("new", "my_app", "--into", str(tmp_path / "specs"))
    ran = deskgym("check", "my_app", "--seeds", "1", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (task,) = json.loads(ran.stdout)["tasks"]
    assert set(task) == {"task", "desktop", "proven", "proofs"}
    assert (task["task"], task["desktop"], task["proven"]) == ("my_app.add_line", "local", True)
    assert all(set(proof) == {"passed", "detail"} and proof["passed"] for proof in task["proofs"].values())


def test_an_unproven_task_is_status_one(deskgym, memo):
    ran = deskgym("check", "memo.append", "--desktop", "toy", "--seeds", "0:1")
    assert ran.returncode == 1
    assert "NO" in ran.stdout
    assert "the toy desktop cannot run" in ran.stdout


# a data set


def test_a_run_is_curated(deskgym, memo, tmp_path):
    pytest.importorskip("datasets", reason="the extra `train` is not installed")
    run, data = str(tmp_path / "run"), str(tmp_path / "data")
    deskgym("collect", "memo", "--desktop", "toy", "--into", run, "--seeds", "0:6")
    ran = deskgym("curate", run, "--into", data, "--keep-shared", "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["rules"][0] | {"says": ""} == {"rule": "unreadable", "shown": 6, "dropped": 0, "kept": 6, "says": ""}
    assert sum(part["episodes"] for part in told["parts"].values()) == 6
    assert told["config"]["benchmark_goals"] == 40  # 20 instances in two wordings
    again = deskgym("curate", run, "--into", data)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    half = deskgym(
        "curate", run, "--into", data + "half", "--keep-shared", "--only", "memo", "--share", "0.5", "--json"
    )
    chosen = json.loads(half.stdout)["rules"][1]
    assert chosen["rule"] == "not_chosen"
    assert 0 < chosen["dropped"] < 6
    all_shared = deskgym("curate", run, "--into", data + "2", "--benchmark", "10000:10200")
    assert all_shared.returncode == 1
    assert "no episode is left to learn from" in all_shared.stderr
