"""The recorder through its public face: what is written is read back, bit for bit, whatever was written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from deskgym.errors import RecordError
from deskgym.recorder import Episode, EpisodeWriter, Header, Label, Run
from deskgym.verifiers.verdict import Check, Verdict
from hypothesis import given, settings
from hypothesis import strategies as st

PASSED = Verdict.of(Check("total", True, wanted=42, found=42))
FAILED = Verdict.of(Check("total", False, wanted=42, found=None), Check("saved", True))


def header(**changes) -> Header:
    values = {
        "task": "gnumeric.sum_column",
        "seed": 7,
        "agent": "oracle",
        "goal": "Put the total of column B into cell F1 and save.",
        "desktop": "toy",
        "screen_size": (64, 40),
        "max_steps": 15,
        "software": {"name": "gnumeric", "version": 0, "packages": {"gnumeric": "1.12.55"}},
        "image": "",
        "clock": "off",
        "deskgym": "0.1.0",
        "started": "2026-01-02T03:04:05+00:00",
    }
    return Header(**(values | changes))


def screen(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (40, 64, 3), dtype=np.uint8)


def writer(run: Run, **changes) -> EpisodeWriter:
    head = header(**changes)
    return EpisodeWriter(run.episode_folder(head.task, head.seed, head.agent), head)


def record(run: Run, steps: int = 3, verdict: Verdict | None = PASSED, fault: str = "", **changes) -> Path:
    with writer(run, **changes) as diary:
        diary.first(screen(0))
        for number in range(steps):
            diary.step(thought=f"thought {number}", action=f"click({number}, 2)", frame=screen(number + 1))
        diary.close(verdict, fault)
    return diary.folder


# --- episodes

texts = st.text(st.characters(exclude_categories=()))
"""Any text, with the lone surrogates that models emit and the newlines that could tear a line."""
labels = st.builds(Label, role=texts, name=texts, box=st.tuples(*[st.integers(-10, 5000)] * 4))
moves = st.fixed_dictionaries(
    {"thought": texts, "action": texts, "error": texts},
    optional={
        "seconds": st.dictionaries(texts, st.floats(0, 1e6), max_size=3),
        "reward": st.floats(0, 1),
        "terminated": st.booleans(),
        "truncated": st.booleans(),
        "labels": st.lists(labels, max_size=2).map(tuple),
        "target": labels,
    },
)


@settings(max_examples=40, deadline=None)
@given(st.lists(moves, max_size=3), texts)
def test_every_word_comes_back(tmp_path_factory, moves, goal):
    run = Run(tmp_path_factory.mktemp("run"))
    with writer(run, goal=goal) as diary:
        diary.first(screen(0))
        for number, move in enumerate(moves):
            diary.step(**move, frame=screen(number + 1))
        diary.close(FAILED)
    episode = Episode.read(diary.folder)
    assert episode.header == header(goal=goal)
    assert episode.verdict == FAILED.bare()
    assert "42" not in (episode.folder / "episode.json").read_text().split('"verdict"')[1]
    assert len(episode.steps) == len(moves)
    for number, (step, move) in enumerate(zip(episode.steps, moves, strict=True)):
        assert step.index == number
        assert {name: getattr(step, name) for name in move} == move
        assert np.array_equal(episode.frame(step.screen), screen(number))
        assert np.array_equal(episode.frame(step.next_screen), screen(number + 1))
    assert np.array_equal(episode.frame(episode.final_screen), screen(len(moves)))


def test_steps_can_be_counted_by_a_shell(tmp_path):
    folder = record(Run(tmp_path), steps=4)
    lines = (folder / "steps.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in lines] == [f"click({n}, 2)" for n in range(4)]


@pytest.mark.parametrize(
    ("verdict", "fault", "outcome"),
    [
        (PASSED, "", "passed"),
        (FAILED, "", "failed"),
        (None, "", "unjudged"),
        (None, "the X server died", "fault"),
        (PASSED, "the X server died", "fault"),
    ],
)
def test_an_episode_says_what_became_of_it(tmp_path, verdict, fault, outcome):
    episode = Episode.read(record(Run(tmp_path), verdict=verdict, fault=fault))
    assert (episode.outcome, episode.verdict, episode.fault) == (outcome, verdict and verdict.bare(), fault)


def test_the_header_is_readable_at_once(tmp_path):
    with writer(Run(tmp_path)) as diary:
        episode = Episode.read(diary.folder)
        assert (episode.header, episode.outcome, episode.steps) == (header(), "unfinished", ())
        assert episode.final_screen == ""


def test_an_exception_in_the_block_loses_no_step(tmp_path):
    def play() -> None:
        with writer(Run(tmp_path)) as diary:
            diary.first(screen(0))
            diary.step(thought="", action="click(1, 1)", frame=screen(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play()
    (episode,) = Run(tmp_path).episodes()
    assert (len(episode.steps), episode.outcome) == (1, "unfinished")


def test_the_callers_buffer_may_be_reused(tmp_path):
    buffer = screen(0)
    with writer(Run(tmp_path)) as diary:
        diary.first(buffer)
        for number in range(1, 6):
            buffer[:] = screen(number)
            diary.step(thought="", action="wait()", frame=buffer)
            buffer[:] = 0
        diary.close(PASSED)
    episode = Episode.read(diary.folder)
    for number, step in enumerate(episode.steps):
        assert np.array_equal(episode.frame(step.next_screen), screen(number + 1))


def test_numbers_of_numpy_are_numbers(tmp_path):
    with writer(Run(tmp_path), seed=np.int64(7), screen_size=tuple(np.array([64, 40]))) as diary:
        diary.first(screen(0))
        box = tuple(np.array([1, 2, 3, 4]))
        diary.step(thought="", action="wait()", frame=screen(1), reward=np.float32(0.5), target=Label("", "", box))
        diary.close(PASSED)
    episode = Episode.read(diary.folder)
    assert (episode.header.seed, episode.steps[0].reward) == (7, 0.5)
    assert episode.steps[0].target == Label("", "", (1, 2, 3, 4))


def test_a_torn_last_line_is_dropped(tmp_path):
    with writer(Run(tmp_path)) as diary:
        diary.first(screen(0))
        for number in range(3):
            diary.step(thought="é", action="wait()", frame=screen(number))
    lines = diary.folder / "steps.jsonl"
    whole = lines.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    for cut in range(last, len(whole)):
        lines.write_bytes(whole[:cut])
        assert len(Episode.read(diary.folder).steps) == 2


def test_a_key_is_a_key(tmp_path):
    folder = record(Run(tmp_path))
    lines = folder / "steps.jsonl"
    whole, key = lines.read_text(), Episode.read(folder).final_screen
    for other in ("", "../../etc/passwd", key.upper() + "A", key[1:], key + "\n"):
        lines.write_text(whole.replace(json.dumps(key), json.dumps(other)))
        with pytest.raises(RecordError, match=r"line 3 is no step(.|\n)*next_screen"):
            Episode.read(folder)


def test_a_frame_that_is_lost_is_named(tmp_path):
    folder = record(Run(tmp_path))
    episode = Episode.read(folder)
    (folder / "frames.tiles").unlink()
    with pytest.raises(RecordError, match=r"frames\.tiles: No such file .*record it again"):
        episode.frame(episode.final_screen)


def test_a_damaged_episode_is_named_not_guessed(tmp_path):
    folder = record(Run(tmp_path))
    steps, whole = folder / "steps.jsonl", (folder / "steps.jsonl").read_bytes()
    first, second, third, _ = whole.split(b"\n")
    damages = {
        "line 1 is no step": b"{\n" + second + b"\n" + third + b"\n",
        "line 2 holds step 2": first + b"\n" + third + b"\n",
        "has 2 steps; 3 were written": first + b"\n" + second + b"\n" + third,
        "line 1 is no step: 1 validation error": whole.replace(b'"index": 0', b'"index": "none"'),
    }
    for message, damage in damages.items():
        steps.write_bytes(damage)
        with pytest.raises(RecordError, match=message):
            Episode.read(folder)
    steps.write_bytes(whole)
    record_file = folder / "episode.json"
    document = json.loads(record_file.read_text())
    for message, change in {
        "format 99": {"format": 99},
        "validation error": {"header": {}},
        "holds no verdict": {"verdict": {"checks": [{"colour": "red"}]}},
    }.items():
        record_file.write_text(json.dumps(document | change))
        with pytest.raises(RecordError, match=message):
            Episode.read(folder)
    with pytest.raises(RecordError, match="is no episode"):
        Episode.read(tmp_path / "nowhere")


def test_calls_out_of_order_are_refused(tmp_path):
    with writer(Run(tmp_path)) as diary:
        with pytest.raises(RecordError, match="first screen"):
            diary.step(thought="", action="wait()", frame=screen(0))
        diary.first(screen(0))
        with pytest.raises(RecordError, match="recorded once"):
            diary.first(screen(0))
        with pytest.raises(RecordError, match="uint8"):
            diary.step(thought="", action="wait()", frame=np.zeros((2, 2)))
        diary.close(PASSED)
        with pytest.raises(RecordError, match="closed"):
            diary.step(thought="", action="wait()", frame=screen(0))
    assert Episode.read(diary.folder).outcome == "passed"


# --- runs


def test_a_judged_episode_is_never_overwritten_and_any_other_is_replaced(tmp_path):
    run = Run(tmp_path)
    record(run, steps=5, verdict=None, fault="the X server died")
    folder = record(run, steps=2, verdict=FAILED)
    assert len(Episode.read(folder).steps) == 2
    with pytest.raises(RecordError, match="already holds a judged episode"):
        record(run)
    assert Episode.read(folder).outcome == "failed"


def test_only_judged_episodes_are_finished(tmp_path):
    run = Run(tmp_path)
    record(run, seed=1, verdict=PASSED)
    record(run, seed=2, verdict=FAILED)
    record(run, seed=3, verdict=None)
    record(run, seed=4, verdict=None, fault="died")
    with writer(run, seed=5) as diary:
        diary.first(screen(0))
    finished = [seed for seed in range(1, 7) if run.finished("gnumeric.sum_column", seed, "oracle")]
    assert finished == [1, 2]
    assert not run.finished("gnumeric.sum_column", 1, "idle")
    assert [row.outcome for row in run.summary()] == ["passed", "failed", "unjudged", "fault", "unfinished"]


def test_episodes_are_sorted_with_seeds_as_numbers(tmp_path):
    run = Run(tmp_path)
    for seed in (10, 2, 1):
        record(run, seed=seed)
    record(run, seed=5, task="gimp.crop")
    assert [(e.header.task, e.header.seed) for e in run.episodes()] == [
        ("gimp.crop", 5),
        ("gnumeric.sum_column", 1),
        ("gnumeric.sum_column", 2),
        ("gnumeric.sum_column", 10),
    ]
    row = run.summary()[0]
    assert (row.software, row.steps, row.score) == ("gimp", 3, 1.0)


def test_an_episode_is_complete_in_its_folder(tmp_path):
    folder = record(Run(tmp_path / "run"))
    assert sorted(path.name for path in folder.iterdir()) == ["episode.json", "frames.tiles", "steps.jsonl"]
    folder.rename(tmp_path / "elsewhere")
    episode = Episode.read(tmp_path / "elsewhere")
    assert np.array_equal(episode.frame(episode.final_screen), screen(3))


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_every_agent_has_a_folder_of_its_own(first, second):
    run = Run("runs/x")
    one, two = (run.episode_folder("a.b", 1, agent) for agent in (first, second))
    assert one.parent == two.parent == Path("runs/x/episodes")
    assert one.name.isascii()
    assert len(one.name) < 100
    assert (one == two) == (first == second)


def test_a_plain_name_is_its_own_folder():
    assert Run("r").episode_folder("gnumeric.sum_column", 7, "oracle").name == "gnumeric.sum_column__s7__oracle"


def test_a_folder_that_is_no_run_says_so(tmp_path):
    with pytest.raises(RecordError, match=r"is no run: it has no folder episodes/"):
        list(Run(tmp_path).episodes())
    with pytest.raises(RecordError, match=r"is no run: it does not exist"):
        Run(tmp_path / "nowhere").summary()
    assert not Run(tmp_path / "nowhere").finished("a.b", 1, "oracle")


def test_a_run_can_be_moved(tmp_path):
    record(Run(tmp_path / "here"))
    (tmp_path / "here").rename(tmp_path / "there")
    (episode,) = Run(tmp_path / "there").episodes()
    assert np.array_equal(episode.frame(episode.final_screen), screen(3))
