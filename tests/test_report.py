"""The report: intervals, tries, pairs and recovery against values computed by hand, and what counts for whom."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from deskgym.agents.lineage import Lineage
from deskgym.benchmark.bench import PLAN
from deskgym.benchmark.report import Report, as_text, report, tables, write_page
from deskgym.benchmark.report.comparisons import exact_mcnemar
from deskgym.benchmark.report.costs import front
from deskgym.benchmark.report.growth import per_doubling, recovery
from deskgym.benchmark.report.intervals import bootstrap, difference, wilson
from deskgym.benchmark.report.tries import pass_at, pass_hat
from deskgym.errors import DeskgymError, RecordError
from deskgym.recorder import EpisodeWriter, Header, Run
from deskgym.verifiers.verdict import Check, Verdict

SCREEN = np.zeros((4, 4, 3), np.uint8)
SPLITS = {"mousepad": "seen", "gnumeric": "seen", "featherpad": "unseen"}
TASKS = ("mousepad.fix_setting", "gnumeric.sum_column", "featherpad.set_option")


def play(run: Path, agent: str, task: str, seed: int, passed: bool | None, attempt=0, think=0.1, spec="s1") -> None:
    """Write one episode of two steps; `passed` None is a fault of the machine. A failure scores a half."""
    header = header_of(agent, task, seed, attempt, spec)
    with EpisodeWriter(Run(run).episode_folder(task, seed, agent, attempt), header) as writer:
        writer.first(SCREEN)
        for _ in range(2):
            writer.step(thought="", action="wait()", frame=SCREEN, seconds={"think": think, "act": 0.01})
        if passed is None:
            writer.close(None, "DesktopError: the X server died")
        else:
            writer.close(Verdict.of(Check("half", True), Check("other", passed)))


def header_of(agent: str, task: str, seed: int, attempt=0, spec="s1") -> Header:
    software = {"name": task.split(".")[0], "split": SPLITS[task.split(".")[0]], "spec": spec}
    return Header(task, seed, agent, "Do it.", "toy", (4, 4), 9, software, "", "off", "0", "", attempt)


def play_all(run: Path, agent: str, task: str, passes: str, **options) -> None:
    """One letter a seed from 10000 on: + passed, - failed, ! a fault, blank not played."""
    for number, letter in enumerate(passes):
        if letter != " ":
            play(run, agent, task, 10_000 + number, {"+": True, "-": False, "!": None}[letter], **options)


def write_plan(run: Path, students: dict[str, Lineage], **plan) -> None:
    run.mkdir(parents=True, exist_ok=True)
    plans = [{"suite": {"tasks": [], "seeds": []}, "agents": list(students), "tries": 1, "desktop": "toy",
              "screen": None, "probe": True} | plan]  # fmt: skip
    told = {"plans": plans, "students": {name: lineage.as_json() for name, lineage in students.items()}}
    (run / PLAN).write_text(json.dumps(told))


def group(told: Report, agent: str, by: str, name: str):
    (found,) = [each for each in told.by(by) if (each.agent, each.name) == (agent, name)]
    return found


# the numbers


def test_wilsons_interval():
    found = wilson([1] * 8 + [0] * 2)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.490162, 0.943318), abs=1e-5)
    found = wilson([1] * 129 + [0] * 31)
    assert (found.low, found.high) == pytest.approx((0.7381, 0.8602), abs=1e-3)
    assert wilson([0] * 8).high == pytest.approx(3.841459 / (8 + 3.841459), abs=1e-6)  # z^2 / (n + z^2)
    assert wilson([]).value is None


def test_the_bootstrap_draws_within_tasks():
    found = bootstrap([[0, 1] * 200])
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.451, 0.549), abs=0.006)  # 1.96 x 0.025
    assert bootstrap([[0, 1] * 200]) == found
    apart = bootstrap([[0.0] * 10, [1.0] * 10])  # between tasks nothing is left to chance
    assert (apart.value, apart.low, apart.high) == (0.5, 0.5, 0.5)
    assert bootstrap([]).value is None


def test_the_interval_of_a_paired_difference():
    found = difference([1] * 8, [0] * 8)  # 1 - sqrt(2) x 3.841459 / 11.841459
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 0.541217, 1.0), abs=1e-5)
    assert difference([1, 0, 1, 0], [1, 0, 1, 0]) == difference([1, 1, 0, 0], [1, 1, 0, 0])
    loose = difference([1, 0, 1, 0], [0, 1, 0, 1])
    tight = difference([1, 1, 1, 0], [1, 1, 0, 0])
    assert loose.value == 0
    assert loose.high - loose.low > tight.high - tight.low  # pairs that go together tell more
    assert difference([], []).value is None


def test_mcnemars_test():
    assert exact_mcnemar(9, 1) == pytest.approx(2 * 11 / 1024)
    assert exact_mcnemar(1, 9) == exact_mcnemar(9, 1)
    assert exact_mcnemar(0, 0) == 1
    assert exact_mcnemar(3, 3) == 1


def test_k_tries():
    assert pass_at(2, 4, 2) == pytest.approx(5 / 6)
    assert pass_hat(2, 4, 2) == pytest.approx(1 / 6)
    assert [pass_at(1, 5, 3), pass_hat(1, 5, 3)] == pytest.approx([0.6, 0.6])
    assert [pass_at(3, 3, 1), pass_hat(3, 3, 1), pass_at(3, 3, 0), pass_hat(3, 3, 3)] == [1, 0, 0, 1]
    with pytest.raises(ValueError, match="says nothing of 3 tries"):
        pass_at(3, 2, 1)


def test_recovery_and_the_slope():
    assert recovery(0.5, 0.1, 0.9) == pytest.approx(0.5)
    assert recovery(0.05, 0.1, 0.9) == pytest.approx(-0.0625)
    assert recovery(0.5, 0.5, 0.5) is None
    assert per_doubling([10, 20, 40], [0.2, 0.3, 0.4]) == pytest.approx(0.1)
    assert per_doubling([10, 10], [0.2, 0.3]) is None


def test_the_front():
    assert front([(1, 0.5), (2, 0.9), (3, 0.9), (2, 0.4), (0.5, 0.1)]) == [True, True, False, False, True]


# what counts


def test_the_rows(tmp_path):
    play_all(tmp_path / "run", "oracle", TASKS[0], "++++++++++")
    play_all(tmp_path / "run", "random", TASKS[0], "--!-+-----")
    told = report(tmp_path / "run")
    oracle, random = told.as_json()["rows"]
    assert list(random) == ["agent", "split", "software", "task", "n", "success", "low", "high", "faults"]
    assert (random["agent"], random["split"], random["software"], random["task"]) == (
        "random", "seen", "mousepad", TASKS[0],
    )  # fmt: skip
    assert (random["n"], random["faults"], oracle["n"], oracle["faults"]) == (9, 1, 10, 0)
    assert random["success"] == pytest.approx(1 / 9)  # a fault is no zero
    assert group(told, "random", "all", "all").score.value == pytest.approx(5 / 9)
    assert group(told, "random", "horizon", "short").n == 9
    (pair,) = [each for each in told.comparisons if each.split == "all"]
    assert (pair.agent, pair.other, pair.n, pair.ahead, pair.level, pair.behind) == ("oracle", "random", 9, 8, 1, 0)
    assert pair.p == pytest.approx(2 / 2**8)
    json.dumps(told.as_json(), allow_nan=False)
    assert "which count for nobody: 1;" in as_text(told)


def test_what_is_fulfilled_at_the_start_counts_for_nobody(tmp_path):
    play_all(tmp_path / "run", "finish", TASKS[0], "-+---")
    play_all(tmp_path / "run", "oracle", TASKS[0], "+++++")
    told = report(tmp_path / "run")
    assert group(told, "oracle", "all", "all").n == 4
    assert group(told, "finish", "all", "all").success.value == 0
    assert told.as_json()["fulfilled"] == [{"task": TASKS[0], "seed": 10_001}]
    assert "instances that are fulfilled at the start, and left out: 1" in told.notes


def test_collecting_seeds_are_left_out(tmp_path):
    play(tmp_path / "run", "oracle", TASKS[0], 7, True)
    with pytest.raises(DeskgymError, match="no episode counts \\(1 have seeds for collecting"):
        report(tmp_path / "run")
    play(tmp_path / "run", "oracle", TASKS[0], 10_007, True)
    told = report(tmp_path / "run")
    assert group(told, "oracle", "all", "all").n == 1
    assert any(words.startswith("episodes left out") for words in told.notes)


def test_only_like_instances_are_compared(tmp_path):
    play_all(tmp_path / "one", "oracle", TASKS[0], "+++", spec="s1")
    play_all(tmp_path / "two", "random", TASKS[0], "-", spec="s1")
    play_all(tmp_path / "three", "idle", TASKS[0], "---", spec="s2")
    told = report(tmp_path / "one", tmp_path / "two", tmp_path / "three")
    assert {(each.agent, each.other, each.n) for each in told.comparisons} == {("oracle", "random", 1)}
    play_all(tmp_path / "two", "oracle", TASKS[0], "--", spec="s1")
    later = report(tmp_path / "one", tmp_path / "two")
    assert group(later, "oracle", "all", "all").success.value == pytest.approx(1 / 3)
    assert "episodes that are in two runs, of which the later one's count: 2" in later.notes
    assert any("2 versions of its spec" in words for words in told.notes)


def test_several_tries_are_one_instance(tmp_path):
    play_all(tmp_path / "run", "oracle", TASKS[0], "++-")
    play_all(tmp_path / "run", "oracle", TASKS[0], "+--", attempt=1)
    told = report(tmp_path / "run")
    everything = group(told, "oracle", "all", "all")
    assert (everything.n, everything.success.value) == (3, pytest.approx(0.5))
    assert everything.success == wilson([1, 0.5, 0])
    assert [(each.k, each.n, each.any.value, each.all.value) for each in told.tries] == [
        (1, 3, pytest.approx(0.5), pytest.approx(0.5)),
        (2, 3, pytest.approx(2 / 3), pytest.approx(1 / 3)),
    ]


# students


@pytest.fixture
def family(tmp_path) -> Path:
    """A base, a student of Mousepad, and one of Mousepad, Gnumeric and FeatherPad, on ten seeds of each."""
    run = tmp_path / "run"
    small = Lineage("runs/small", "bases/tiny", (TASKS[0],), (1, 2), 100, (), "a")
    # The same base, named from elsewhere.
    large = Lineage(
        "runs/large", str(Path("bases/tiny").absolute()), TASKS, (1, 10_003), 400, ("its cat is not known",), "b"
    )
    write_plan(run, {"student:bases/tiny": Lineage("bases/tiny"), "student:runs/small": small,
                     "student:runs/large": large})  # fmt: skip
    for task, (tiny, some, all_) in zip(TASKS, [(0, 6, 10), (1, 3, 9), (0, 2, 8)], strict=True):
        for agent, count in (("bases/tiny", tiny), ("runs/small", some), ("runs/large", all_)):
            play_all(run, f"student:{agent}", task, "+" * count + "-" * (10 - count), think=0.2)
        play_all(run, "idle", task, "-" * 10, think=0.001)
    return run


def test_what_a_student_was_taught_decides_what_it_has_seen(family):
    told = report(family)
    splits = {(row["agent"], row["software"]): row["split"] for row in told.rows}
    assert [splits["student:runs/small", each] for each in SPLITS] == ["seen", "unseen", "unseen"]
    assert [splits["student:runs/large", each] for each in SPLITS] == ["seen", "seen", "seen"]
    assert [splits["idle", each] for each in SPLITS] == ["seen", "seen", "unseen"]
    assert [splits["student:bases/tiny", each] for each in SPLITS] == ["seen", "seen", "unseen"]
    assert group(told, "student:runs/small", "split", "unseen").success.value == pytest.approx(5 / 20)
    assert [words for words in told.notes if "spec" in words] == [
        "student:runs/large: the spec of featherpad says unseen, but its data contained it: it counts as seen",
        "student:runs/small: the spec of gnumeric says seen, but its data did not contain it: it counts as unseen",
    ]
    assert any("its data contained benchmark seeds (10003 and others)" in words for words in told.notes)
    assert "student:runs/large: its cat is not known" in told.notes


def test_a_base_that_has_not_played_is_missed(tmp_path):
    small = Lineage("runs/small", "bases/tiny", (TASKS[0],), (), 9, (), "a")
    write_plan(tmp_path / "run", {"student:runs/small": small})
    play(tmp_path / "run", "student:runs/small", TASKS[0], 10_000, True)
    told = report(tmp_path / "run")
    assert any("its base bases/tiny has not played" in words for words in told.notes)
    assert told.recoveries == ()


def test_a_name_means_one_student(family, tmp_path):
    other = Lineage("runs/small", "bases/tiny", TASKS, (), 9, (), "trained anew")
    write_plan(tmp_path / "later", {"student:runs/small": other})
    play(tmp_path / "later", "student:runs/small", TASKS[0], 10_000, True)
    with pytest.raises(DeskgymError, match=r"student:runs/small is another student in .*later than"):
        report(family, tmp_path / "later")


def test_students_are_compared_with_their_base_and_with_those_who_cannot_play(family):
    told = report(family)
    pairs = {(each.agent, each.other, each.split): each for each in told.comparisons}
    small = pairs["student:runs/small", "student:bases/tiny", "seen"]
    assert (small.n, small.ahead, small.behind) == (10, 6, 0)
    assert small.difference.value == pytest.approx(0.6)
    assert small.p == pytest.approx(2 / 2**6)
    assert ("student:runs/small", "idle", "unseen") in pairs
    assert not [each for each in pairs if each[0] in ("idle", "student:bases/tiny")]


def test_recovery_seen_and_unseen(family):
    told = report(family)
    seen, unseen = told.recoveries
    assert (seen.agent, seen.base, seen.whole) == ("student:runs/small", "student:bases/tiny", "student:runs/large")
    assert (seen.split, seen.n, seen.recovery.value) == ("seen", 10, pytest.approx(6 / 10))
    assert (unseen.split, unseen.n, unseen.recovery.value) == ("unseen", 20, pytest.approx((5 - 1) / (17 - 1)))
    assert unseen.recovery.low < unseen.recovery.value < unseen.recovery.high
    named = report(family, base="idle", whole="student:runs/large").recoveries
    assert [each.recovery.value for each in named] == pytest.approx([6 / 10, 5 / 17])
    with pytest.raises(DeskgymError, match="no agent 'idel' in these runs; did you mean 'idle'"):
        report(family, base="idel")


def test_success_over_the_size_of_the_data(family):
    told = report(family)
    small, large = told.points
    assert (small.episodes, small.tasks, small.software, small.split, small.n) == (100, 1, 1, "seen", 30)
    assert (large.episodes, large.tasks, large.software, large.success.value) == (400, 3, 3, pytest.approx(27 / 30))
    slopes = {each["size"]: each["per_doubling"] for each in told.slopes()}
    assert slopes["episodes"] == pytest.approx((27 - 11) / 30 / 2)  # two doublings


def test_costs(family):
    costs = {each.agent: each for each in report(family).costs}
    assert costs["idle"].seconds == pytest.approx(0.002)
    assert costs["student:runs/large"].think == pytest.approx((0.2, 0.2))
    assert costs["student:runs/large"].tokens is None
    assert {agent for agent, each in costs.items() if each.best} == {"idle", "student:runs/large"}


def test_what_was_planned_and_is_not_there_is_said(tmp_path):
    run = tmp_path / "run"
    write_plan(run, {}, suite={"tasks": [TASKS[0]], "seeds": [10_000, 10_001, 10_002]}, agents=["oracle"], probe=False)
    play(run, "oracle", TASKS[0], 10_000, True)
    error = {"task": TASKS[0], "seed": 10_001, "agent": "oracle", "attempt": 0, "error": "SpecError: no launch.sh"}
    (run / "faults.jsonl").write_text(json.dumps(error) + "\n" + '{"torn')
    told = report(run)
    everything = group(told, "oracle", "all", "all")
    assert (everything.n, everything.faults, everything.missing) == (1, 1, 1)
    folder = Run(run).episode_folder(TASKS[0], 10_002, "oracle")
    with suppress(KeyboardInterrupt), EpisodeWriter(folder, header_of("oracle", TASKS[0], 10_002)) as writer:
        writer.first(SCREEN)
        raise KeyboardInterrupt  # broken off
    assert [(each.faults, each.missing) for each in report(run).by("all")] == [(1, 1)]
    assert told.as_json()["faults"][0]["error"] == "SpecError: no launch.sh"
    (run / PLAN).write_text("{")
    with pytest.raises(RecordError, match=r"bench.json cannot be read"):
        report(run)
    with pytest.raises(RecordError, match="is no run"):
        report(tmp_path / "nowhere")


# for people


def test_the_page_holds_everything_and_needs_nothing(family, tmp_path):
    play_all(family, "<b>evil</b>", TASKS[0], "+-!       ")
    play_all(family, "student:runs/small", TASKS[0], "++++++++--", attempt=1)
    told = report(family)
    write_page(told, tmp_path / "page" / "report.html")
    page = (tmp_path / "page" / "report.html").read_text()
    assert "<b>evil" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "src=" not in page
    for words in ("Recovery", "pass^k", "Over episodes", "Cost and quality", "the X server died"):
        assert words in page
    titles = [title for title, _ in tables(told)]
    assert titles[:2] == ["All together", "By split"]
    assert all(len({tuple(row) for row in rows}) == 1 for _, rows in tables(told))


def test_the_page_fits_a_desk_and_a_hand(page, family, tmp_path):
    name = "student:runs/a-student-with-a-rather-long-name_and_more_of_it"
    play_all(family, name, TASKS[0], "+-!       ")
    play_all(family, name, TASKS[0], "++-       ", attempt=1)
    play_all(family, "random", TASKS[1], "+--" * 50)
    told = report(family)
    write_page(told, tmp_path / "report.html")
    page.goto((tmp_path / "report.html").as_uri())
    assert page.locator(".task").count() == 3
    assert page.locator(".task", has_text=TASKS[1]).locator(".cell").count() == 3 * 10 + 10 + 150
    assert page.locator(".strip .cell.partly").count() == 1
    assert page.locator("figure .point").count() == 4 + 6 + 6  # tries, scaling, costs
    assert any(words.startswith("no instance was played by all") for words in told.notes)
    assert not page.locator("table").is_visible()
    page.click("summary")
    assert page.locator("tbody tr:visible").count() == len(told.rows)
