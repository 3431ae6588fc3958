"""Curation: every rule with an episode it must drop and one it must keep, and what a data set holds."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from deskgym.agents.naming import make_agent
from deskgym.benchmark.collect import judge_episode
from deskgym.benchmark.record import evidence_folder, record
from deskgym.benchmark.shorten import Shortened, play_shortened
from deskgym.benchmark.suite import Suite
from deskgym.envs.action import Decision
from deskgym.errors import DeskgymError, RecordError, VerifierError
from deskgym.recorder import EpisodeWriter, Header, Run
from deskgym.training import rules
from deskgym.training.candidates import Candidate, Unreadable, candidates, recorded_verdict
from deskgym.training.contamination import likeness, shared_goals, words
from deskgym.training.curate import Curation, curate
from deskgym.training.detours import refused, shortened, suspects
from deskgym.training.insight import chat_model, first_sentence
from deskgym.verifiers.judge import load_evidence
from deskgym.verifiers.verdict import Check, Verdict

PASSED, FAILED = Verdict.of(Check("it", True)), Verdict.of(Check("it", False))


def screen(name: str) -> np.ndarray:
    return np.full((24, 32, 3), ord(name), np.uint8)


@pytest.fixture
def write(tmp_path):
    """Record an episode that goes through screens named by letters, one step between two; a `!` is a refused action."""

    def make(path="abc", task="memo.append", seed=1, agent="oracle", verdict=PASSED, fault="", actions=(), **changes):
        header = Header(
            task=task, seed=seed, agent=agent, goal=f"Go {seed}.", desktop="toy", screen_size=(32, 24), max_steps=9,
            software={"split": "seen"}, image="", clock="off", deskgym="0", started="",
        )  # fmt: skip
        names = path.replace("!", "")
        with EpisodeWriter(
            tmp_path / "run" / "episodes" / f"{task}__s{seed}__{agent}", replace(header, **changes)
        ) as w:
            w.first(screen(names[0]))
            for number, name in enumerate(names[1:]):
                action = actions[number] if actions else f"click({number}, 1)"
                wrong = "no such verb" if path[path.index(name) - 1] == "!" else ""
                w.step(thought=f"I do {number}. And so on.", action=action, frame=screen(name), error=wrong,
                       terminated=number == len(names) - 2)  # fmt: skip
            if verdict != "broken off":
                w.close(verdict, fault)
        return read(tmp_path)[-1]

    def read(folder):
        return list(candidates([folder / "run"], recorded_verdict))

    make.all = lambda: read(tmp_path)
    make.run = tmp_path / "run"
    return make


# rules


def test_machine_faults_are_nobodys_episodes(write):
    write(seed=1)
    write(seed=2, verdict=None, fault="DesktopError: gone")
    write(seed=3, verdict="broken off")
    assert rules.machine_fault(write.all()) == {1: "DesktopError", 2: "it is unfinished"}


def test_only_what_passes_today_is_kept(write):
    for seed, verdict in enumerate((PASSED, FAILED, None)):
        write(seed=seed, verdict=verdict)
    passed, failed, unjudged = found = write.all()
    assert rules.not_passed([passed, failed]) == {1: "it failed"}
    assert rules.no_verdict(found) == {2: "it was never judged"}
    (again, *_) = candidates([write.run], lambda episode: FAILED)
    assert rules.not_passed([again]) == {0: "the verifier of today fails what was passed"}

    def broken(episode):
        raise VerifierError("the truth is 42")

    (again, *_) = candidates([write.run], broken)
    assert rules.no_verdict([again]) == {0: "VerifierError; `deskgym judge` says more"}
    assert (passed.passed, failed.passed, unjudged.passed) == (True, False, None)


def test_benchmark_seeds_are_not_learnt(write):
    write(seed=9_999)
    write(seed=10_000)
    assert list(rules.benchmark_seed(write.all())) == [1]


def test_the_most_efficient_of_an_instance_is_kept(write):
    write("abcde", agent="a")
    write("abcd", agent="b")
    write("abcd", agent="c")
    write("abcdefg", agent="d", seed=2)
    dropped = rules.less_efficient(write.all())
    assert sorted(dropped) == [0, 2]
    assert dropped[0] == "memo.append__s1__b takes 3 steps, this one 4"


def test_long_episodes_are_dropped_by_task(write):
    for seed, path in enumerate(("abc", "abcd", "abcde")):
        write(path, seed=seed)
    write("abcdefgh", seed=1, task="memo.other")
    assert list(rules.needless_length(1.0)(write.all())) == [2]
    assert rules.needless_length(4 / 3)(write.all()) == {}


def test_what_was_not_asked_for_is_left_out(write):
    for task in ("memo.append", "memo.other", "pad.append"):
        write("abc", task=task)
    assert rules.chosen(["memo.other", "pad"], 1)(write.all()) == {0: "memo.append was not asked for"}
    assert rules.chosen([], 1)(write.all()) == {}


def test_a_smaller_share_of_the_instances_lies_within_a_larger_one(write):
    for seed in range(60):
        write("abc", seed=seed)
        write("abcd", seed=seed, agent="other")
    found = write.all()
    left = {0.0: set[int]()}
    for share in (0.25, 0.5, 1.0):
        dropped = rules.chosen([], share)(found)
        left[share] = {each.episode.header.seed for at, each in enumerate(found) if at not in dropped}
        assert len(found) - len(dropped) == 2 * len(left[share]), "an instance was torn apart"
        assert abs(len(left[share]) - 60 * share) < 10
    assert left[0.25] < left[0.5] < left[1.0]
    # A share holds out as many as the whole: the two draws know nothing of each other.
    held = [seed for seed in left[0.5] if rules.held_out("memo.append", seed)]
    assert 0.1 < len(held) / len(left[0.5]) < 0.4


def test_a_part_that_the_runs_do_not_have_is_told(write, tmp_path):
    write()
    with pytest.raises(DeskgymError, match="no episode of 'memmo'; did you mean 'memo'"):
        curate([write.run], tmp_path / "data", Curation(only=("memmo",)))


def test_an_episode_without_loss_teaches_nothing(write):
    one = write("ab")
    assert rules.nothing_to_learn([one, replace(one, silent={0: "refused"})]) == {1: "no step of it gets any loss"}


def test_a_fifth_of_the_instances_is_held_out_whatever_else_there_is():
    out = [seed for seed in range(2_000) if rules.held_out("memo.append", seed)]
    assert 340 < len(out) < 460
    assert out == [seed for seed in range(2_000) if rules.held_out("memo.append", seed)]
    assert out != [seed for seed in range(2_000) if rules.held_out("memo.other", seed)]


def test_quality_is_directness_and_what_is_learnt(write):
    one = write("abcde")
    assert rules.quality(one, fewest=4) == 1.0
    assert rules.quality(one, fewest=2) == 0.5
    assert rules.quality(replace(one, silent={0: "refused"}), fewest=4) == 0.75


def test_a_damaged_episode_stops_nothing(write):
    write(seed=1)
    write(seed=2)
    write(seed=3)
    episodes = write.run / "episodes"
    with open(episodes / "memo.append__s1__oracle" / "frames.tiles", "r+b") as file:
        file.seek(80)
        file.write(b"\xff" * 20)
    (episodes / "memo.append__s2__oracle" / "steps.jsonl").write_text("{}\n")
    first, second, third = write.all()
    assert isinstance(first, Unreadable)
    assert "frames.tiles" in first.why
    assert isinstance(second, Unreadable)
    assert isinstance(third, Candidate)


# contamination


def test_goals_are_compared_by_their_words():
    assert words('Put "Ink" in, then SAVE.') == ["put", "ink", "in", "then", "save"]
    assert likeness(words("a b c d"), words("D c b a!")) == 1.0
    assert likeness(["a"] * 3, ["a"]) == pytest.approx(1 / 3)
    assert likeness([], []) == 0.0


def test_goals_of_the_benchmark_are_not_learnt(write):
    write(seed=1, goal="Set the timeout of the web server to 17, and then save the file.")
    write(seed=2, goal="Set the timeout of the web server to 45, and then save the file.")
    write(seed=3, goal="Save the file, and then set the timeout of the web server to 17")
    rule = shared_goals(["set the timeout of the web server to 17 and then save the file"], near=0.95)
    dropped = rule(write.all())
    assert sorted(dropped) == [0, 2]
    assert dropped[0].startswith("exactly the goal of a benchmark instance: set the")
    assert dropped[2].startswith("nearly (1.00)")


# steps


def test_refused_actions_get_no_loss(write):
    mended = refused(write("ab!cd"))
    assert mended.silent == {1: "refused: no such verb"}
    assert len(mended.steps) == 3


def test_suspects_are_stretches_between_equal_screens(write):
    assert list(suspects(write("abcbbd").steps)) == [(1, 3), (1, 2), (3, 3)]
    assert list(suspects(write("abb", seed=2).steps)) == []  # what ends an episode is never suspected


class Player:
    """Plays steps as told: passes if every needed step is there, and is exact if none of `shows` is missing."""

    def __init__(self, needed=(), shows=()):
        self.needed, self.shows, self.played = set(needed), set(shows), []

    def __call__(self, episode, steps):
        left = {step.index for step in steps}
        self.played.append(left)
        return Shortened(self.needed <= left, self.shows <= left)


def test_a_detour_is_cut_if_the_rest_verifies(write):
    mended = shortened(write("abcbd"), Player(needed=[0, 3]))
    assert [step.index for step in mended.steps] == [0, 3]
    assert mended.cut == {1: "steps 1 to 2 lead nowhere", 2: "steps 1 to 2 lead nowhere"}
    assert mended.silent == {}


def test_a_detour_that_was_needed_stays(write):
    mended = shortened(write("abcbd"), Player(needed=[2]))  # it copied something
    assert len(mended.steps) == 4
    assert mended.cut == mended.silent == {}


def test_a_detour_whose_absence_shows_stays_without_loss(write):
    mended = shortened(write("abcbd"), Player(needed=[0, 3], shows=[1]))
    assert len(mended.steps) == 4
    assert set(mended.silent) == {1, 2}


def test_a_single_step_that_changed_nothing_stays_without_loss(write):
    mended = shortened(write("abbc"), Player(needed=[0, 2]))
    assert len(mended.steps) == 3
    assert mended.silent == {1: "it passes without this step"}


def test_of_two_equal_saves_one_is_learnt(write):
    class Saved(Player):
        def __call__(self, episode, steps):
            left = {step.index for step in steps}
            return Shortened(bool(left & {1, 2}), True)

    mended = shortened(write("abbbc"), Saved())
    assert len(mended.silent) == 1


def test_without_a_desktop_only_what_cannot_matter_loses_its_loss(write):
    mended = shortened(write("aaaac", actions=["wait()", 'press("ctrl+c")', "move(1, 1)", "finish()"]), None)
    assert set(mended.silent) == {0, 2}
    assert mended.cut == {}


# insight


def test_the_first_sentence_is_the_insight():
    assert first_sentence("", "I see\nthe menu.  It is long. So I click!", "") == "I see the menu."
    assert first_sentence("", "Really? Yes.", "") == "Really?"
    assert first_sentence("", "version 1.2 is there", "") == "version 1.2 is there"
    assert len(first_sentence("", "word " * 200, "")) == 200


def test_a_chat_model_compresses_what_is_long():
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"choices": [{"message": {"content": "I save.\nDone."}}]}).encode())

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        compress = chat_model(f"http://127.0.0.1:{server.server_port}/v1", "small")
        assert compress("Go.", "One sentence.", "wait()") == "One sentence."
        assert asked == []
        assert compress("Go.", "First. Second.", 'press("ctrl+s")') == "I save."
        server.shutdown()
    ((path, body),) = asked
    assert (path, body["model"]) == ("/v1/chat/completions", "small")
    assert 'press("ctrl+s")' in body["messages"][0]["content"]
    with pytest.raises(DeskgymError, match="no answer by small"):
        compress("Go.", "First. Second.", "wait()")


# the data set


def lessons(data, part):
    from deskgym.training.lessons import read_lessons

    return read_lessons(data, part)


@pytest.fixture
def run(memo_env, tmp_path, specs_on_path):
    """Twelve instances by the oracle, the first also by one who makes a detour and one who does nothing."""
    pytest.importorskip("datasets", reason="the extra `train` is not installed")
    env = memo_env()
    for seed in range(12):
        record(env, make_agent("oracle", env), seed=seed, into=tmp_path / "run", name="oracle")
    record(env, make_agent("idle", env), seed=0, into=tmp_path / "run", name="idle")
    return tmp_path / "run"


class Wanderer:
    """The oracle, who first writes something and takes it back, and whose words are many."""

    def __init__(self, env):
        self._oracle = make_agent("oracle", env)

    def reset(self, seed):
        self._oracle.reset(seed)
        self._first = [Decision("I try a key. It may help.", 'press( "tab" )'), Decision("Hm.", "clikc(1)")]

    def act(self, observation):
        return self._first.pop(0) if self._first else self._oracle.act(observation)


def test_a_run_becomes_a_data_set(run, tmp_path):
    card = curate([run], tmp_path / "data", Curation(every=4), judge=judge_episode, replays=play_shortened)
    taught, held = lessons(tmp_path / "data", "train"), lessons(tmp_path / "data", "validation")
    assert len(taught) + len(held) == 12
    assert {lesson.seed for lesson in held} == {seed for seed in range(12) if rules.held_out("memo.append", seed, 4)}
    lesson = taught[0]
    assert (lesson.task, lesson.agent, lesson.split, lesson.screen_size) == (
        "memo.append",
        "oracle",
        "seen",
        (320, 240),
    )
    (episode,) = [each for each in Run(run).episodes() if str(each.folder) == lesson.episode]
    assert [step.observe for step in lesson.steps] == [step.screen for step in episode.steps]
    assert [step.reason for step in lesson.steps] == ["I write the word.", "I save.", "It is there."]
    assert [step.act for step in lesson.steps] == [step.action for step in episode.steps]
    assert all(step.loss for step in lesson.steps)
    assert lesson.weight == 1.0
    told = card.as_json()
    assert {row["rule"]: row["dropped"] for row in told["rules"] if row["dropped"]} == {"not_passed": 1}
    entries = [json.loads(line) for line in (tmp_path / "data" / "reasons.jsonl").read_text().splitlines()]
    assert len(entries) == 13
    (dropped,) = [entry for entry in entries if entry["fate"] == "dropped"]
    assert (dropped["agent"], dropped["rule"], dropped["reason"]) == ("idle", "not_passed", "it failed")
    assert "| not_passed | The verifier does not pass it. | 13 | 1 | 12 |" in (tmp_path / "data/README.md").read_text()


def test_a_data_set_holds_no_truth(run, tmp_path):
    curate([run], tmp_path / "data", judge=judge_episode)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert len(everything) > 1000
    for episode in Run(run).episodes():
        truth = load_evidence(evidence_folder(run, episode.folder.name)).truth["text"]
        assert truth.startswith("note ")
        assert truth.encode() not in everything
    for secret in (b"word appended", b"near_misses", b"same_text", b"evidence"):
        assert secret not in everything


def test_wrong_steps_stay_as_context_in_standard_form(run, memo_env, tmp_path):
    env = memo_env()
    record(env, Wanderer(env), seed=50, into=tmp_path / "other", name="wanderer")
    curate([tmp_path / "other"], tmp_path / "data", Curation(length=0))
    (lesson,) = lessons(tmp_path / "data", "train") + lessons(tmp_path / "data", "validation")
    first, second, *rest = lesson.steps
    assert (first.reason, first.original) == ("I try a key.", "I try a key. It may help.")
    assert (second.act, second.loss) == ("clikc(1)", False)
    assert second.note.startswith("refused: unknown action 'clikc'")
    assert first.act == 'press("tab")'
    assert [step.loss for step in rest] == [True] * 3
    assert 0 < lesson.weight < 1


def test_steps_that_led_nowhere_are_gone(run, memo_env, tmp_path):
    env = memo_env()
    record(env, Wanderer(env), seed=50, into=tmp_path / "other", name="wanderer")
    card = curate([tmp_path / "other"], tmp_path / "data", replays=play_shortened)
    (lesson,) = lessons(tmp_path / "data", "train") + lessons(tmp_path / "data", "validation")
    assert [step.index for step in lesson.steps] == [2, 3, 4]
    assert (card.cut, card.silent, card.replays, lesson.weight) == (2, 0, 1, 1.0)


def test_shared_goals_are_dropped_or_reported(run, tmp_path):
    goals = list(Suite(("memo.append",), tuple(range(10_000, 10_002))).goals())
    card = curate([run], tmp_path / "data", benchmark=goals)
    shared = card.as_json()["shared_goals"]
    assert 0 < shared < 12
    kept = lessons(tmp_path / "data", "train") + lessons(tmp_path / "data", "validation")
    assert len(kept) == 12 - shared
    # In no wording: who can append ink shows nothing new when asked to save the note with ink at its end.
    words = {word for word in ("ink", "paper", "stamps", "glue") if any(word in goal for goal in goals)}
    assert 0 < len(words) < 4
    assert len(goals) == 4
    assert not any(word in lesson.goal for lesson in kept for word in words)
    card = curate([run], tmp_path / "all", Curation(keep_shared=True), benchmark=goals)
    assert (card.as_json()["shared_goals"], card.parts["train"][0] + card.parts["validation"][0]) == (shared, 12)
    assert f"{shared} episodes had one of them word by word, 0 nearly; all were kept" in card.page()


def test_the_data_set_moves_with_its_runs(run, tmp_path):
    curate([run], tmp_path / "data")
    (tmp_path / "elsewhere").mkdir()
    for name in ("run", "data"):
        shutil.move(tmp_path / name, tmp_path / "elsewhere" / name)
    lesson = lessons(tmp_path / "elsewhere" / "data", "train")[0]
    assert Path(lesson.episode).is_dir()


def test_nothing_left_is_an_error_that_says_why(write, tmp_path):
    write(verdict=FAILED)
    write(seed=2, verdict=None)
    with pytest.raises(DeskgymError, match="2 were looked at; dropped: no_verdict 1, not_passed 1"):
        curate([write.run], tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_what_is_no_run_and_what_is_there_already(write, tmp_path):
    write()
    with pytest.raises(RecordError, match="is no run"):
        curate([tmp_path / "nowhere"], tmp_path / "data")
    with pytest.raises(RecordError, match="is there already"):
        curate([write.run], write.run)


def test_what_is_no_data_set(tmp_path):
    pytest.importorskip("datasets", reason="the extra `train` is not installed")
    with pytest.raises(DeskgymError, match="is no data set"):
        lessons(tmp_path, "train")


# on a real desktop


class Hesitant(Wanderer):
    """The oracle, who first opens a menu and closes it again."""

    def reset(self, seed):
        self._oracle.reset(seed)
        self._first = [Decision("I look.", 'press("alt+f")'), Decision("I close it.", 'press("escape")')]


@pytest.mark.desktop
def test_a_menu_opened_in_vain_is_cut(tmp_path):
    from deskgym.envs.desktop_env import DesktopEnv

    env = DesktopEnv("mousepad", "fix_setting", size=(640, 400), max_steps=20, spares=0)
    try:
        episode = record(env, Hesitant(env), seed=3, into=tmp_path / "run", name="hesitant")
    finally:
        env.close()
    assert episode.outcome == "passed"
    (candidate,) = candidates([tmp_path / "run"], judge_episode)
    mended = shortened(candidate, play_shortened)
    assert set(mended.cut) == {0, 1}
    assert len(mended.steps) == len(episode.steps) - 2
    assert play_shortened(episode, mended.steps) == Shortened(True, True)
    # Leaving out the save as well does not verify.
    wrong = play_shortened(episode, [step for step in mended.steps if "ctrl+s" not in step.action])
    assert not wrong.passed
