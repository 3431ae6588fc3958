"""Exports: what is written is read back by each format's own consumer, nothing is lost, and no truth gets out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from deskgym.agents.dialects import View, dialect
from deskgym.agents.naming import make_agent
from deskgym.agents.prompt import Style
from deskgym.benchmark.collect import judge_episode
from deskgym.benchmark.record import evidence_folder, record
from deskgym.envs.action import ACTIONS, parse_action
from deskgym.errors import DeskgymError, RecordError
from deskgym.recorder import EpisodeWriter, Header, Run, Usage
from deskgym.training.curate import Curation, curate
from deskgym.training.export import export
from deskgym.training.exports import export_format, format_names
from deskgym.training.rules import held_out
from deskgym.verifiers.judge import load_evidence
from deskgym.verifiers.verdict import Check, Verdict
from PIL import Image

datasets = pytest.importorskip("datasets", reason="the extra `train` is not installed: run `make train`")
datasets.disable_progress_bars()

SIZE = (96, 64)
PASSED, FAILED = Verdict.of(Check("a secret check", True)), Verdict.of(Check("a secret check", False))
ACTS = ("click(40, 30, count=2)", 'type("a <image> b")', 'press("ctrl+s")', "drag([(1, 2), (90, 60)])", "finish()")
CHATS = ("trl", "llama_factory")
PARTS = ("train", "validation", "test")


@pytest.fixture
def write(tmp_path):
    """Record an episode of these actions on random screens in a run; `wrong` names the numbers of refused ones."""

    def make(
        seed=1, acts=ACTS, wrong=(), verdict=PASSED, run="run", fault="", thought="I do {}.\nAnd so on.", **changes
    ):
        rng = np.random.default_rng(seed)
        header = Header(
            task="memo.append", seed=seed, agent="oracle", goal=f"Add <image> {seed}.", desktop="toy", screen_size=SIZE,
            max_steps=9, software={"split": "seen"}, image="", clock="off", deskgym="0.1",
            started="2026-11-22T10:00:00+00:00",
        )  # fmt: skip
        folder = tmp_path / run / "episodes" / f"memo.append__s{seed}__oracle"
        with EpisodeWriter(folder, replace(header, **changes)) as writer:
            writer.first(frame(rng))
            for number, act in enumerate(acts):
                writer.step(
                    thought=thought.format(number), action=act, frame=frame(rng), seconds={"act": 0.5},
                    error="no such verb" if number in wrong else "", terminated=number == len(acts) - 1,
                    usage=Usage(100, 20, 7, 0.01, 1.5) if number == 0 else None,
                )  # fmt: skip
            if verdict != "broken off":
                writer.close(verdict, fault)
        return folder

    make.run = tmp_path / "run"
    return make


def frame(rng) -> np.ndarray:
    return rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)


@pytest.fixture
def memo_run(memo_env, tmp_path, specs_on_path):
    """Twelve instances of the toy by the oracle, and the first also by one who does nothing."""
    env = memo_env()
    for seed in range(12):
        record(env, make_agent("oracle", env), seed=seed, into=tmp_path / "run", name="oracle")
    record(env, make_agent("idle", env), seed=0, into=tmp_path / "run", name="idle")
    return tmp_path / "run"


@pytest.fixture(scope="session")
def processor(tmp_path_factory):
    """Of the tiny Qwen3-VL."""
    pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")
    from deskgym.agents.checkpoint import load_processor
    from deskgym.training.base import build_base

    folder = tmp_path_factory.mktemp("base") / "tiny"
    build_base("tiny", folder)
    return load_processor(folder)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def pixels(picture) -> np.ndarray:
    return np.asarray(picture.convert("RGB"))


def recorded(run) -> dict:
    return {episode.folder.name: episode for episode in Run(run).episodes()}


def load(folder: Path):
    """As a user of the Hub loads it; the cache lies beside."""
    return datasets.load_dataset(str(folder), cache_dir=str(folder.parent / "cache"))


# Hugging Face Parquet, for TRL


def test_trl_rows_are_conversations_with_their_pixels(memo_run, tmp_path):
    made = export([memo_run], tmp_path / "out")
    data = load(tmp_path / "out")
    episodes = recorded(memo_run)
    assert set(data) == {"train", "validation"}
    assert (made.exported, len(data["train"]) + len(data["validation"])) == (12, 12)
    for row in (row for part in data.values() for row in part):
        episode = episodes[row["episode"]]
        assert [message["role"] for message in row["messages"]] == ["system"] + ["user", "assistant"] * 3
        said = [message["content"][0]["text"] for message in row["messages"] if message["role"] == "assistant"]
        assert [words.split("\n")[0] for words in said] == [step.thought for step in episode.steps]
        assert row["messages"][1]["content"][0]["text"] == f"Goal: {row['goal']}\n"
        assert (row["task"], row["agent"], row["split"], row["weight"]) == ("memo.append", "oracle", "seen", None)
        for picture, step in zip(row["images"], episode.steps, strict=True):
            assert np.array_equal(pixels(picture), episode.frame(step.screen))


def test_every_image_reaches_the_processor_through_trl(memo_run, tmp_path, processor):
    pytest.importorskip("trl", reason="no trl here: run `make train`")
    from trl.chat_template_utils import qwen3_vl_training_chat_template
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    export([memo_run], tmp_path / "out")
    rows = load(tmp_path / "out")["train"]
    for template in (None, qwen3_vl_training_chat_template):
        collate = DataCollatorForVisionLanguageModeling(processor, assistant_only_loss=True, chat_template=template)
        for row in rows.select(range(3)):
            batch = collate([dict(row)])
            ids, labels = batch["input_ids"][0], batch["labels"][0]
            pads = int((ids == processor.image_token_id).sum())
            assert len(batch["image_grid_thw"]) == len(row["images"]) == 3
            assert pads == int(batch["image_grid_thw"].prod(-1).sum()) // processor.image_processor.merge_size**2
            assert len(batch["pixel_values"]) == int(batch["image_grid_thw"].prod(-1).sum())
            learnt = processor.tokenizer.decode(ids[labels != -100])
            said = [message["content"][0]["text"] for message in row["messages"] if message["role"] == "assistant"]
            assert learnt.replace("\n", "") == "".join(f"{words}<|im_end|>" for words in said).replace("\n", "")


def test_trls_trainer_takes_it(memo_run, tmp_path, processor):
    trl = pytest.importorskip("trl", reason="no trl here: run `make train`")
    from deskgym.agents.checkpoint import load_model
    from deskgym.training.base import build_base

    export([memo_run], tmp_path / "out", screens=1)
    build_base("tiny", tmp_path / "tiny")
    config = trl.SFTConfig(
        str(tmp_path / "student"), assistant_only_loss=True, max_length=None, max_steps=1, use_cpu=True,
        per_device_train_batch_size=2, report_to=[], save_strategy="no", disable_tqdm=True, bf16=False,
        activation_checkpointing=False, dataloader_pin_memory=False,
    )  # fmt: skip
    trainer = trl.SFTTrainer(
        load_model(tmp_path / "tiny"), config, train_dataset=load(tmp_path / "out")["train"], processing_class=processor
    )
    assert 0 < trainer.train().training_loss < 20


def test_a_conversation_shows_as_many_screens_as_asked_for(memo_run, tmp_path):
    export([memo_run], tmp_path / "out", screens=2)
    rows = [row for part in load(tmp_path / "out").values() for row in part]
    assert len(rows) == 24
    assert {(row["first_step"], len(row["images"])) for row in rows} == {(0, 2), (2, 1)}
    (last, *_) = (row for row in rows if row["first_step"] == 2)
    assert "Done so far:\n1. type(" in last["messages"][1]["content"][0]["text"]
    assert Style.read(tmp_path / "out").screens == 2


def test_a_refused_action_is_never_said(write, tmp_path):
    write(acts=("click(1, 1)", "clikc(2)", *ACTS[2:]), wrong=[1])
    export([write.run], tmp_path / "out")
    first, second = (row for part in load(tmp_path / "out").values() for row in part)
    said = "".join(
        part["text"] or ""
        for row in (first, second)
        for each in row["messages"]
        if each["role"] == "assistant"
        for part in each["content"]
    )
    assert "clikc" not in said
    assert "2. clikc(2)" in second["messages"][1]["content"][0]["text"]
    assert (first["first_step"], len(first["images"]), second["first_step"], len(second["images"])) == (0, 1, 2, 3)


def test_rows_are_written_as_they_come(tmp_path):
    import pyarrow.parquet as pq
    from deskgym.training.exports.parts.shards import Shards

    features = datasets.Features({"n": datasets.Value("int64"), "images": datasets.List(datasets.Image())})
    shards = Shards(tmp_path / "data", "train", features, group=1_000, shard=3_000)
    png = BytesIO()
    Image.fromarray(frame(np.random.default_rng(0))).save(png, "png")
    for number in range(40):
        shards.put({"n": number, "images": [{"bytes": png.getvalue(), "path": "a.png"}]}, 250)
        assert len(shards._rows) < 4
    shards.close()
    files = sorted((tmp_path / "data").iterdir())
    assert [path.name for path in files] == [f"train-{number:05d}-of-00004.parquet" for number in range(4)]
    assert [pq.ParquetFile(path).num_row_groups for path in files] == [3, 3, 3, 1]
    data = datasets.load_dataset(str(tmp_path / "data"), cache_dir=str(tmp_path / "cache"))["train"]
    assert data["n"][:] == list(range(40))


# LLaMA-Factory


def test_llama_factory_turns_alternate_and_marks_are_as_many_as_images(write, tmp_path, processor):
    for seed in range(1, 7):
        write(seed)
    export([write.run], tmp_path / "out", "llama_factory")
    told = json.loads((tmp_path / "out" / "dataset_info.json").read_text())
    episodes, seen = recorded(write.run), 0
    for name, entry in told.items():
        assert entry["formatting"] == "sharegpt"
        rows = datasets.load_dataset(
            "json", data_files=str(tmp_path / "out" / entry["file_name"]), split="train", cache_dir=str(tmp_path / "c")
        )
        assert name == f"deskgym_{Path(entry['file_name']).stem}"
        for row in rows:
            seen += 1
            turns, images = row[entry["columns"]["messages"]], row[entry["columns"]["images"]]
            assert [turn["from"] for turn in turns] == ["human", "gpt"] * (len(turns) // 2)
            everything = row["system"] + "".join(turn["value"] for turn in turns)
            assert everything.count("<image>") == len(images) == len(ACTS)
            assert "Goal: Add < image>" in turns[0]["value"]
            assert 'type("a \\x3cimage> b")' in turns[3]["value"]
            pictures = [Image.open(tmp_path / "out" / path) for path in images]
            for picture, step in zip(pictures, episodes[row["episode"]].steps, strict=True):
                assert np.array_equal(pixels(picture), episodes[row["episode"]].frame(step.screen))
            marked = "".join(turn["value"] for turn in turns).replace("<image>", processor.image_token)
            batch = processor(text=[marked], images=pictures, return_tensors="pt")
            assert len(batch["image_grid_thw"]) == len(images)
    assert seen == 6


def test_an_action_with_a_mark_in_it_is_the_same_action():
    assert parse_action('type("a \\x3cimage> b")') == parse_action('type("a <image> b")')


# AgentNet


def test_agentnet_code_means_the_recorded_actions(write, tmp_path):
    write(acts=(*ACTS[:-1], "scroll(5, 6, dy=3)", "finish(success=False)"))
    export([write.run], tmp_path / "out", "agentnet")
    (episode,) = recorded(write.run).values()
    (row,) = [row for part in PARTS for path in (tmp_path / "out").glob(f"{part}.jsonl") for row in lines(path)]
    assert (row["task_id"], row["instruction"], row["task_completed"]) == (episode.folder.name, "Add <image> 1.", True)
    view, speech = View(SIZE), dialect("agentnet")
    for number, (step, told) in enumerate(zip(episode.steps, row["traj"], strict=True)):
        assert told["index"] == number
        assert told["value"]["thought"] == step.thought
        (action,) = speech.read(told["value"]["code"], view).actions
        assert action == parse_action(step.action)
        assert np.array_equal(pixels(Image.open(tmp_path / "out/images" / told["image"])), episode.frame(step.screen))


def test_what_a_format_cannot_say_is_passed_over_and_told(write, tmp_path, deskgym):
    write(1)
    write(2, acts=("wait(1234)", "finish()"))
    ran = deskgym("export", str(write.run), "--to", "agentnet", "--into", "out", "--json")
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["episodes"], told["passed_over"]) == (0, 1, {"unsayable": 1})
    assert "passed over: memo.append__s2__oracle: step 0: agentnet cannot say wait(ms=1234)" in ran.stderr
    (entry,) = [line for line in lines(tmp_path / "out" / "episodes.jsonl") if line["fate"] == "passed over"]
    assert (entry["episode"], entry["why"]) == ("memo.append__s2__oracle", "unsayable")


# ATIF


def test_atif_is_valid_and_whole(write, tmp_path):
    atif = pytest.importorskip("nat.atif", reason="needs the package nvidia-nat-atif")
    write(1, agent="teacher:claude-opus-5?screens=1")
    write(2, acts=("clikc(1)", "wait(1234)"), wrong=[0], verdict=FAILED)
    write(3, verdict=None, fault="DesktopError: the truth is 42")
    export([write.run], tmp_path / "out", "atif", all_outcomes=True)
    episodes, outcomes = recorded(write.run), {}
    for path in sorted((tmp_path / "out").glob("*/*/trajectory.json")):
        document = atif.Trajectory(**json.loads(path.read_text()))
        episode = episodes[document.session_id]
        outcomes[episode.header.seed] = document.extra["outcome"]
        assert document.schema_version == "ATIF-v1.7"
        opening, *steps = document.steps
        assert (opening.source, opening.message[0].text) == ("user", episode.header.goal)
        assert document.final_metrics.total_steps == len(document.steps)
        shown = [opening.message[1].source.path]
        for told, step in zip(steps, episode.steps, strict=True):
            (call,), (result,) = told.tool_calls, told.observation.results
            assert told.reasoning_content == step.thought
            if call.function_name == "unreadable":
                assert call.arguments == {"text": step.action}
                assert result.content[1].text == step.error
            else:
                assert ACTIONS[call.function_name](**call.arguments) == parse_action(step.action)
            shown.append(result.content[0].source.path)
        keys = [episode.steps[0].screen, *(step.next_screen for step in episode.steps)]
        for place, key in zip(shown, keys, strict=True):
            assert np.array_equal(pixels(Image.open(path.parent / place)), episode.frame(key))
    assert outcomes == {1: "passed", 2: "failed", 3: "fault"}
    (first,) = (tmp_path / "out").glob("*/memo.append__s1__oracle/trajectory.json")
    document = atif.Trajectory(**json.loads(first.read_text()))
    assert document.agent.model_name == "claude-opus-5"
    assert document.final_metrics.total_prompt_tokens == document.steps[1].metrics.prompt_tokens == 120
    assert document.final_metrics.total_cost_usd == 0.01
    assert document.steps[2].metrics is None


# OSWorld


def test_osworld_finds_steps_screens_and_scores(write, tmp_path):
    write(1)
    write(2, acts=("clikc(1)", 'click(5, 6, "back")', "finish()"), wrong=[0], verdict=FAILED)
    write(3, verdict=None, fault="DesktopError: gone")
    export([write.run], tmp_path / "out", "osworld", all_outcomes=True)
    home, speech, view = tmp_path / "out" / "pyautogui" / "screenshot" / "oracle" / "memo", None, View(SIZE)
    speech = dialect("osworld_pyautogui")
    results = {folder.name: (folder / "result.txt") for folder in home.iterdir()}
    scores = {name: float(path.read_text()) for name, path in results.items() if path.exists()}
    assert scores == {"memo.append__s1__oracle": 1.0, "memo.append__s2__oracle": 0.0}
    for name, episode in recorded(write.run).items():
        steps = lines(home / name / "traj.jsonl")
        assert [step["step_num"] for step in steps] == list(range(1, len(episode.steps) + 1))
        for told, step in zip(steps, episode.steps, strict=True):
            picture = Image.open(home / name / told["screenshot_file"])
            assert np.array_equal(pixels(picture), episode.frame(step.next_screen))
            assert told["info"]["outcome"] == episode.outcome
            if "unsayable" in told["info"]:
                assert told["action"] == step.action
            else:
                assert speech.read(told["action"], view).actions == (parse_action(step.action),)
        assert np.array_equal(pixels(Image.open(home / name / "step_0.png")), episode.frame(episode.first))
        assert steps[-1]["done"]
    steps = lines(home / "memo.append__s1__oracle" / "traj.jsonl")
    assert [step["action_timestamp"] for step in steps[:2]] == ["20261122@100000500000", "20261122@100001000000"]
    assert [step["action"] for step in steps][-1] == "DONE"


# curated data sets


def test_a_data_set_is_exported_as_it_was_curated(write, tmp_path):
    for seed in range(1, 11):
        write(seed, acts=("move(1, 1)", *ACTS), wrong=[2] if seed == 3 else ())
    curate([write.run], tmp_path / "data", Curation(length=0))
    export([tmp_path / "data"], tmp_path / "out")
    export([tmp_path / "data"], tmp_path / "net", "agentnet")
    data = load(tmp_path / "out")
    held = {seed for seed in range(1, 11) if held_out("memo.append", seed)}
    assert held
    assert {row["seed"] for row in data["validation"]} == held
    rows = [row for row in data["train"] if row["seed"] == 3] + [row for row in data["validation"] if row["seed"] == 3]
    assert [(row["first_step"], len(row["images"])) for row in rows] == [(0, 2), (3, 3)]
    assert 0 < rows[0]["weight"] < 1
    assert rows[0]["messages"][2]["content"][0]["text"].startswith("I do 0.\n")  # compressed, not "And so on."
    steps = {row["task_id"]: row["traj"] for path in (tmp_path / "net").glob("*.jsonl") if path.stem in PARTS
             for row in lines(path)}["memo.append__s3__oracle"]  # fmt: skip
    assert [step["value"]["last_step_correct"] for step in steps] == [True, True, False, True, True, True]


def test_parts_are_the_same_from_a_run_and_from_its_data_set(memo_run, tmp_path):
    curate([memo_run], tmp_path / "data", judge=judge_episode)
    for source in ("run", "data"):
        export([tmp_path / source], tmp_path / f"{source}_out")
    of_run, of_data = load(tmp_path / "run_out"), load(tmp_path / "data_out")
    for part in ("train", "validation"):
        assert sorted(of_run[part]["seed"]) == sorted(of_data[part]["seed"])


def test_seeds_of_benchmarks_are_not_for_training(write, tmp_path):
    write(1)
    write(10_000)
    for to in format_names():
        made = export([write.run], tmp_path / to, to)
        assert {part: count.episodes for part, count in made.parts.items() if count.episodes}["test"] == 1
    assert load(tmp_path / "trl")["test"]["seed"][:] == [10_000]


# truth


def everything(folder: Path) -> str:
    """All words of an export; Parquet, which is compressed, as its rows."""
    words = [path.read_text() for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".md", ".txt")]
    for path in folder.rglob("*.parquet"):
        rows = datasets.Dataset.from_parquet(str(path), cache_dir=str(folder.parent / "cache"))
        words += [json.dumps(row) for row in rows.remove_columns("images")]
    return "\n".join([*words, *(str(path.relative_to(folder)) for path in folder.rglob("*"))])


@pytest.mark.parametrize("to", format_names())
def test_no_export_holds_truth_or_checks(memo_run, tmp_path, to):
    outcomes = export_format(to).outcomes
    export([memo_run], tmp_path / "out", to, all_outcomes=outcomes)
    words = everything(tmp_path / "out")
    assert "I write the word." in words
    for episode in Run(memo_run).episodes():
        truth = load_evidence(evidence_folder(memo_run, episode.folder.name)).truth["text"]
        assert truth.startswith("note ")
        assert truth not in words
        assert episode.verdict is not None
        assert all(check.name not in words for check in episode.verdict.checks)
    for secret in ("near_misses", "same_text", "evidence", "wanted", str(tmp_path)):
        assert secret not in words


def test_what_a_fault_says_stays_behind(write, tmp_path):
    write(1, verdict=None, fault="VerifierError: the truth is violet")
    for to in ("atif", "osworld", "agentnet"):
        export([write.run], tmp_path / to, to, all_outcomes=True)
        assert "violet" not in "".join(path.read_text() for path in (tmp_path / to).rglob("*.json*"))


# what is passed over, and what is refused


@pytest.mark.parametrize("to", format_names())
def test_a_damaged_episode_is_passed_over_and_told(write, tmp_path, to):
    for seed in (1, 2, 3):
        write(seed)
    episodes = write.run / "episodes"
    with open(episodes / "memo.append__s1__oracle" / "frames.tiles", "r+b") as file:
        file.seek(80)
        file.write(b"\xff" * 20)
    (episodes / "memo.append__s2__oracle" / "steps.jsonl").write_text("{}\n")
    made = export([write.run], tmp_path / "out", to)
    assert (made.exported, dict(made.passed_over)) == (1, {"unreadable": 2})
    assert [trouble.episode for trouble in made.troubles] == ["memo.append__s1__oracle", "memo.append__s2__oracle"]
    assert "frames.tiles" in made.troubles[0].reason
    assert len(lines(tmp_path / "out" / "episodes.jsonl")) == 3
    assert "| unreadable | 2 |" in (tmp_path / "out" / "README.md").read_text()


def test_only_what_passed_is_learnt(write, tmp_path, deskgym):
    for seed, verdict in enumerate((PASSED, FAILED, None, "broken off")):
        write(seed, verdict=verdict)
    ran = deskgym("export", str(write.run), "--into", "out", "--json")
    told = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert told["episodes"] == 1
    assert told["passed_over"] == {"failed": 1, "unjudged": 1, "unfinished": 1}
    assert told["format"] == "trl"
    made = export([write.run], tmp_path / "all", "agentnet", all_outcomes=True)
    rows = [row for path in (tmp_path / "all").glob("*.jsonl") if path.stem in PARTS for row in lines(path)]
    assert made.exported == 4
    assert sorted(map(str, (row["task_completed"] for row in rows))) == ["False", "None", "None", "True"]


def test_what_is_refused_says_what_to_do(write, tmp_path):
    write(1, verdict=FAILED)
    with pytest.raises(DeskgymError, match="no export format 'agentnett'; did you mean 'agentnet'"):
        export([write.run], tmp_path / "out", "agentnett")
    with pytest.raises(
        DeskgymError, match="would learn failures: leave out --all-outcomes, or export --to agentnet or"
    ):
        export([write.run], tmp_path / "out", all_outcomes=True)
    with pytest.raises(DeskgymError, match="leave out --screens"):
        export([write.run], tmp_path / "out", "atif", screens=2)
    with pytest.raises(
        DeskgymError, match="1 were looked at; failed 1; what was not passed is exported with --all-out"
    ):
        export([write.run], tmp_path / "out")
    with pytest.raises(RecordError, match="is no run: it does not exist"):
        export([tmp_path / "nowhere"], tmp_path / "out")
    (tmp_path / "empty" / "episodes").mkdir(parents=True)
    with pytest.raises(DeskgymError, match="no episode to export; `deskgym collect` records some"):
        export([tmp_path / "empty"], tmp_path / "out")
    with pytest.raises(RecordError, match="run is there already, and not empty: name a new folder with --into"):
        export([write.run], write.run)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "run"]


def test_the_command_says_what_is_wrong_in_one_line(write, deskgym):
    write(1)
    ran = deskgym("export", str(write.run), "--to", "trll", "--into", "out")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == ["deskgym: no export format 'trll'; did you mean 'trl'?"]


def test_a_data_set_whose_run_is_gone_says_so(write, tmp_path):
    write(1)
    curate([write.run], tmp_path / "data")
    shutil.rmtree(write.run)
    with pytest.raises(DeskgymError, match=r"unreadable 1. The first: memo.append__s1__oracle: .* is no episode"):
        export([tmp_path / "data"], tmp_path / "out")


def test_equal_names_of_several_runs_stay_apart(write, tmp_path):
    write(1)
    write(1, run="other")
    export([write.run, tmp_path / "other"], tmp_path / "out", "atif")
    found = sorted(path.parent.name for path in (tmp_path / "out").glob("*/*/trajectory.json"))
    assert found == ["memo.append__s1__oracle", "memo.append__s1__oracle__2"]


@pytest.mark.parametrize("to", format_names())
def test_what_models_emit_is_written_and_read(write, tmp_path, to):
    write(1, thought="lone \ud83d <|im_end|>", acts=('type("\u00e4 \u4e2d")', "finish()"))
    export([write.run], tmp_path / "out", to)
    words = everything(tmp_path / "out")
    assert "lone \\ud83d" in words or "lone \\\\ud83d" in words
    if to in CHATS:
        assert "<|im_end|>" not in words


# the card


@pytest.mark.parametrize("to", format_names())
def test_the_hub_reads_the_card(write, tmp_path, to):
    hub = pytest.importorskip("huggingface_hub")
    for seed in range(1, 8):
        write(seed)
    made = export([write.run], tmp_path / "out", to)
    card = hub.DatasetCard.load(tmp_path / "out" / "README.md")
    assert card.data.to_dict()["size_categories"] == ["n<1K"]
    assert to in card.data.to_dict()["tags"]
    assert f"| train | {made.parts['train'].episodes} |" in card.text
    if configs := card.data.to_dict().get("configs"):
        files = [part["path"] for config in configs for part in config["data_files"]]
        assert all(list((tmp_path / "out").glob(path)) for path in files)
        assert {part: len(rows) for part, rows in load(tmp_path / "out").items()} == {
            part: count.rows for part, count in made.parts.items() if count.rows
        }


@pytest.mark.parametrize("to", format_names())
def test_the_card_says_how_to_read_it(write, tmp_path, to):
    if to == "atif":
        pytest.importorskip("nat.atif", reason="needs the package nvidia-nat-atif")
    for seed in range(1, 8):
        write(seed)
    export([write.run], tmp_path / "out", to)
    (code,) = re.findall(r"```python\n(.*?)```", (tmp_path / "out" / "README.md").read_text(), re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "out", env=os.environ | {"HF_HOME": str(tmp_path / "cache")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def test_every_format_has_its_line_in_the_docs():
    page = (Path(__file__).parent.parent / "docs" / "exports.md").read_text()
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == format_names()


# on a real desktop


@pytest.mark.desktop
def test_a_real_episode_in_every_format(tmp_path, processor):
    from deskgym.envs.desktop_env import DesktopEnv

    env = DesktopEnv("mousepad", "fix_setting", size=(640, 400), spares=0)
    try:
        episode = record(env, make_agent("oracle", env), seed=3, into=tmp_path / "run", name="oracle")
    finally:
        env.close()
    assert episode.outcome == "passed"
    truth = json.dumps(load_evidence(evidence_folder(tmp_path / "run", episode.folder.name)).truth)
    for to in format_names():
        made = export([tmp_path / "run"], tmp_path / to, to)
        assert (made.exported, made.troubles) == (1, [])
        assert truth not in everything(tmp_path / to)
    (row,) = (row for part in load(tmp_path / "trl").values() for row in part)
    chat = processor.apply_chat_template(row["messages"], tokenize=False)
    batch = processor(text=[chat], images=row["images"], return_tensors="pt")
    assert len(batch["image_grid_thw"]) == len(row["images"]) == len(episode.steps)
    pads = int((batch["input_ids"] == processor.image_token_id).sum())
    assert pads == int(batch["image_grid_thw"].prod(-1).sum()) // processor.image_processor.merge_size**2
