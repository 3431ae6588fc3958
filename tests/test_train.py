"""Training: what is learnt, what a batch is, and that a killed run goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from deskgym.agents.lineage import lineage_of
from deskgym.agents.prompt import Style
from deskgym.agents.tokens import see
from deskgym.errors import DeskgymError, RecordError
from deskgym.recorder import EpisodeWriter, Header, Run
from deskgym.training.curate import Curation, curate
from deskgym.verifiers.verdict import Check, Verdict

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")

from deskgym.training.batches import IGNORED, Collator  # noqa: E402
from deskgym.training.curve import draw_losses  # noqa: E402
from deskgym.training.examples import Examples, encode  # noqa: E402
from deskgym.training.lessons import read_lessons  # noqa: E402
from deskgym.training.sft import ADAPTED, FSDP2, Training, last_checkpoint, train  # noqa: E402
from deskgym.training.span_trainer import SpanTrainer  # noqa: E402

SIZE = (96, 64)
WORDS = ["ink", "paper", "stamps", "glue"]


def write_run(folder: Path, seeds=range(10)) -> Path:
    """Episodes of one to four clicks on random screens; the second action of seed 3 was refused."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        header = Header(
            task="memo.append", seed=seed, agent="oracle", goal=f"Add {WORDS[seed % 4]} {seed} to the note.",
            desktop="toy", screen_size=SIZE, max_steps=9, software={"split": "seen"}, image="", clock="off",
            deskgym="0", started="",
        )  # fmt: skip
        with EpisodeWriter(folder / "episodes" / f"memo.append__s{seed}__oracle", header) as writer:
            writer.first(rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8))
            for number in range(2 + seed % 3):
                writer.step(
                    thought=f"I click on {WORDS[number]}.", action=f"click({rng.integers(96)}, {rng.integers(64)})",
                    frame=rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8),
                    error="outside" if (seed, number) == (3, 1) else "",
                )  # fmt: skip
            writer.close(Verdict.of(Check("it", True)))
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with `run`, `data` and the base `tiny`."""
    from deskgym.training.base import build_base

    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("place")
    curate([write_run(place / "run")], place / "data", Curation(length=0))
    build_base("tiny", place / "tiny")
    return place


@pytest.fixture(scope="module")
def processor(place):
    from deskgym.agents.checkpoint import load_processor

    return load_processor(place / "tiny")


@pytest.fixture
def model(place):
    from deskgym.agents.checkpoint import load_model

    return load_model(place / "tiny").eval()


STYLE = Style(system="")


def encoded(place, processor, folder, style=STYLE, method="bc", longest=4096):
    return encode(place / "data", processor, style, method, folder, longest)


def lessons(place, part="train"):
    return read_lessons(place / "data", part)


# rows


def test_every_step_with_loss_is_a_row(place, processor, tmp_path):
    train_rows, held, _ = encoded(place, processor, tmp_path)
    for part, made in (("train", train_rows), ("validation", held)):
        assert len(made) == sum(step.loss for lesson in lessons(place, part) for step in lesson.steps)
    assert len(held) > 0
    every = [step for part in ("train", "validation") for lesson in lessons(place, part) for step in lesson.steps]
    assert [step.note for step in every if not step.loss] == ["refused: outside"]


def test_only_what_the_student_says_is_learnt(place, processor, tmp_path):
    made, _, _ = encoded(place, processor, tmp_path)
    wanted = [step for lesson in lessons(place) for step in lesson.steps if step.loss]
    for row, step in zip(made.rows, wanted, strict=True):
        said = processor.tokenizer.decode(row.ids[row.learnt])
        thought, _, action = said.partition("\n")
        assert thought == step.reason
        assert action.startswith("click(")
        assert action.endswith(")<|im_end|>")
        assert len(row.screens) == 1


def test_a_trajectory_is_one_row_without_what_has_no_loss(place, processor, tmp_path):
    made, held, pixels = encoded(place, processor, tmp_path, replace(STYLE, screens=0), "trajectory")
    for part, rows in (("train", made), ("validation", held)):
        for row, lesson in zip(rows.rows, lessons(place, part), strict=True):
            assert len(row.screens) == len(lesson.steps)
            said = processor.tokenizer.decode(row.ids[row.learnt])
            assert said.count("<|im_end|>") == sum(step.loss for step in lesson.steps)
            whole = processor.tokenizer.decode(row.ids)
            assert all(step.reason in whole for step in lesson.steps)
            assert all((step.reason in said) == step.loss for step in lesson.steps)
            assert [pixels.numbers[step.observe] for step in lesson.steps] == row.screens.tolist()


def test_weights_are_for_the_filtered_method(place, processor, tmp_path):
    plain, _, _ = encoded(place, processor, tmp_path / "a")
    filtered, _, _ = encoded(place, processor, tmp_path / "b", method="filtered")
    assert {row.weight for row in plain.rows} == {1.0}
    assert [row.weight for row in filtered.rows] == [
        lesson.weight for lesson in lessons(place) for step in lesson.steps if step.loss
    ]
    assert len({row.weight for row in filtered.rows}) > 1


def test_what_was_encoded_is_taken_again_only_if_nothing_changed(place, processor, tmp_path):
    first, _, _ = encoded(place, processor, tmp_path)
    stamp = (tmp_path / "pixels.bin").stat().st_mtime_ns
    again, _, _ = encoded(place, processor, tmp_path)
    assert (tmp_path / "pixels.bin").stat().st_mtime_ns == stamp
    assert all(np.array_equal(one.ids, two.ids) for one, two in zip(first.rows, again.rows, strict=True))
    assert all(np.array_equal(one.learnt, two.learnt) for one, two in zip(first.rows, again.rows, strict=True))
    other, _, _ = encoded(place, processor, tmp_path, replace(STYLE, thoughts=False))
    assert len(other.rows[0].ids) < len(first.rows[0].ids)


def test_drills_that_are_drawn_otherwise_are_encoded_anew(place, processor, tmp_path, monkeypatch):
    def rows_with(drills):
        monkeypatch.setattr("deskgym.training.examples.draw_drills", lambda lessons, count: drills)
        return len(encode(place / "data", processor, STYLE, "bc", tmp_path, 4096, drills=2)[0])

    one, other, *_ = lessons(place)
    assert rows_with([one, other]) == rows_with([other]) + 1 == rows_with([]) + 2


def test_no_rows_are_kept_and_read_too(tmp_path):
    Examples([]).write(tmp_path / "none.npz")
    assert len(Examples.read(tmp_path / "none.npz")) == 0


# pixels


def test_pixels_are_the_processors_very_floats(place, processor, tmp_path):
    _, _, pixels = encoded(place, processor, tmp_path)
    for episode in Run(place / "run").episodes():
        for step in episode.steps:
            seen = see(processor, episode.frame(step.screen))
            assert np.array_equal(pixels.get([pixels.numbers[step.screen]]), seen.patches)
            assert pixels.grid(step.screen) == seen.grid
    # One byte a pixel of the 96 x 64 screen, for each of them once.
    assert (tmp_path / "pixels.bin").stat().st_size == len(pixels) * 96 * 64 * 3


def test_a_processor_whose_floats_are_no_pixels_is_refused(place, processor, tmp_path):
    images = processor.image_processor
    try:
        images.image_mean = [0.7, 0.6, 0.5]  # another mean is no trouble
        encoded(place, processor, tmp_path)
        images.do_rescale = False
        with pytest.raises(DeskgymError, match="does more than to resize"):
            encoded(place, processor, tmp_path)
    finally:
        images.image_mean, images.do_rescale = [0.5, 0.5, 0.5], True


def test_an_episode_that_is_gone_is_named(place, processor, tmp_path):
    for name in ("run", "data"):
        shutil.copytree(place / name, tmp_path / name)
    shutil.rmtree(tmp_path / "run" / "episodes" / "memo.append__s1__oracle")
    with pytest.raises(RecordError, match=r"memo.append__s1__oracle.frames.tiles: No such file"):
        encode(tmp_path / "data", processor, STYLE, "bc", tmp_path / "encoded", 4096)


# batches and loss


def test_a_batch_is_its_rows_side_by_side(place, processor, model, tmp_path):
    """Padding changes nothing: the loss of a batch is that of its rows, each by itself."""
    from deskgym.training.span_trainer import spoken_loss

    made, _, pixels = encoded(place, processor, tmp_path, method="filtered")
    collator = Collator(processor, pixels)
    picked = sorted((made[number] for number in (0, 1, 5)), key=lambda row: len(row["input_ids"]))
    with torch.no_grad():
        together, _ = spoken_loss(model, collator(picked))
        apart = [(spoken_loss(model, collator([row]))[0], row["learnt"].sum() * row["weight"]) for row in picked]
    wanted = sum(loss * count for loss, count in apart) / sum(count for _, count in apart)
    assert torch.isclose(together, wanted, atol=1e-5)
    assert collator.tokens < collator.places


def test_the_loss_is_that_of_transformers(place, processor, model, tmp_path):
    from deskgym.training.span_trainer import spoken_loss

    made, _, pixels = encoded(place, processor, tmp_path)
    batch = Collator(processor, pixels)([made[0], made[3]])
    with torch.no_grad():
        ours, outputs = spoken_loss(model, batch)
        theirs = model(**{name: values for name, values in batch.items() if name != "weights"}).loss
    assert torch.isclose(ours, theirs, atol=1e-5)
    assert outputs.logits.shape[0] == (batch["labels"] != IGNORED).sum()


# whole runs


def config(place, **changes) -> Training:
    values = {
        "data": str(place / "data"),
        "base": str(place / "tiny"),
        "steps": 6,
        "every": 2,
        "batch": 4,
        "rate": 2e-3,
    }
    return Training(**({"data": str(place / "data")} | values | changes))


def test_a_student_learns_and_its_run_tells(place, tmp_path):
    from deskgym.agents.checkpoint import load_model, load_processor

    told = []
    result = train(config(place, steps=30, every=10), tmp_path / "run", told.append)
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert len(losses) == 30
    assert losses[-1] < losses[0] - 1
    assert result["steps"] == 30
    assert result["tokens_per_second"] > 0
    assert 0 <= result["padding"] < 0.5
    assert any(words.startswith("step 30 of 30: loss") for words in told)
    assert (tmp_path / "run" / "losses.png").read_bytes().startswith(b"\x89PNG")
    begun = json.loads((tmp_path / "run" / "training.json").read_text())
    assert begun["data"]["train"]["tasks"] == ["memo.append"]
    lineage = lineage_of(tmp_path / "run")
    assert (lineage.base, lineage.tasks, lineage.softwares) == (str(place / "tiny"), ("memo.append",), ("memo",))
    assert (lineage.episodes, lineage.gaps, lineage.taught) == (begun["data"]["train"]["episodes"], (), True)
    assert lineage.seeds == tuple(range(10))  # those held out as well
    assert not set(begun["data"]["train"]["seeds"]) & set(begun["data"]["validation"]["seeds"])
    load_model(tmp_path / "run")
    load_processor(tmp_path / "run")
    assert Style.read(tmp_path / "run") == STYLE
    assert train(config(place, steps=30, every=10), tmp_path / "run") == result  # finished is finished
    with pytest.raises(RecordError, match="begun with other settings \\(batch was 4\\)"):
        train(config(place, steps=30, every=10, batch=3), tmp_path / "run")


def weights(folder):
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")


def test_a_killed_run_goes_on_as_if_nothing_had_happened(place, tmp_path):
    """The losses after a resumption, and the student, equal those of the run that was not interrupted."""
    train(config(place, steps=8), tmp_path / "whole")
    command = [
        sys.executable, "-m", "deskgym", "train", str(place / "data"), "--base", str(place / "tiny"), "--into",
        str(tmp_path / "killed"), "--steps", "8", "--every", "2", "--batch", "4", "--rate", "2e-3",
    ]  # fmt: skip
    running = subprocess.Popen(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    mark = tmp_path / "killed" / "checkpoints" / "checkpoint-2" / "trainer_state.json"
    deadline = time.monotonic() + 120
    while not mark.exists() and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert mark.exists()
    assert not (tmp_path / "killed" / "result.json").exists()
    # The next checkpoint was cut short.
    torn = tmp_path / "killed" / "checkpoints" / "checkpoint-7"
    torn.mkdir()
    (torn / "model.safetensors").write_bytes(b"half")
    told = []
    train(config(place, steps=8), tmp_path / "killed", told.append)
    assert any(words.startswith("going on at checkpoint-") for words in told)
    assert not torn.exists()
    first, second = weights(tmp_path / "whole"), weights(tmp_path / "killed")
    assert all(np.array_equal(first[name], second[name]) for name in first)
    logs = [
        [
            (entry["step"], entry.get("loss"), entry.get("eval_loss"))
            for entry in map(json.loads, path.read_text().splitlines())
        ][:-1]
        for path in (tmp_path / "whole" / "log.jsonl", tmp_path / "killed" / "log.jsonl")
    ]
    assert logs[0] == logs[1]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 30 megabytes that takes one checkpoint, and a way to make it larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "none", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield disk, lambda: subprocess.run(["mount", "-o", "remount,size=300m", disk], check=True)
    subprocess.run(["umount", "--lazy", disk], check=True)  # the screens are mapped into memory


@pytest.mark.parametrize("settings", [{}, {"optimizer": "muon", "rate": 0.0, "drills": 2}], ids=["adamw", "muon"])
def test_a_disk_that_fills_loses_nothing(place, small_disk, tmp_path, settings):
    disk, enlarge = small_disk
    with pytest.raises(RecordError, match="is full: what was saved stays; make room"):
        train(config(place, **settings), disk / "run")
    kept = last_checkpoint(disk / "run" / "checkpoints")
    enlarge()
    told = []
    train(config(place, **settings), disk / "run", told.append)
    assert f"going on at {kept.name}" in told
    train(config(place, **settings), tmp_path / "whole")
    first, second = weights(tmp_path / "whole"), weights(disk / "run")
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_the_last_whole_checkpoint_is_found(tmp_path):
    assert last_checkpoint(tmp_path) is None
    for step, state in ((2, "{}"), (9, '{"global_step": 9}'), (10, '{"global_'), (100, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-9"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-9"]


def test_it_stops_when_it_gets_no_better(place, tmp_path):
    result = train(config(place, steps=40, every=1, patience=2, rate=1.0), tmp_path / "run")
    assert result["steps"] < 40


# Of peft's own doing.
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_adapters_leave_the_eyes_alone(place, tmp_path):
    from deskgym.agents.checkpoint import load_model

    result = train(config(place, steps=2, lora=True), tmp_path / "run")
    assert 0 < result["trained_parameters"] < result["parameters"] / 2
    before, after = load_model(place / "tiny").state_dict(), load_model(tmp_path / "run").state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("language_model" in name for name in changed)


def family(layers: int, depth: int, sees_deep: list[int], **text):
    """The configuration of Qwen3-VL-2B-Instruct in its published widths, with so many layers."""
    from transformers import Qwen3VLConfig

    return Qwen3VLConfig(
        text_config={
            "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": layers, "num_attention_heads": 16,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936, "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 5_000_000.0, "mrope_section": [24, 20, 20],
                "mrope_interleaved": True,
            },
        } | text,
        vision_config={
            "depth": depth, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16, "out_hidden_size": 2048,
            "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2, "num_position_embeddings": 2304,
            "deepstack_visual_indexes": sees_deep,
        },
        tie_word_embeddings=True,
    )  # fmt: skip


def test_adapters_fit_the_layers_of_the_real_model():
    from transformers import Qwen3VLForConditionalGeneration

    with torch.device("meta"):  # its shapes, without its eight gigabytes
        model = Qwen3VLForConditionalGeneration(family(28, 24, [5, 11, 17]))
    assert 2.0e9 < model.num_parameters() < 2.3e9
    adapted = [name for name, _ in model.named_modules() if re.fullmatch(ADAPTED, name)]
    assert len(adapted) == 28 * 7
    assert not any("visual" in name for name in adapted)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_a_model_in_the_widths_of_the_real_one_takes_a_step(place, tmp_path):
    from deskgym.agents.checkpoint import load_processor
    from transformers import Qwen3VLForConditionalGeneration

    processor = load_processor(place / "tiny")
    number = processor.tokenizer.convert_tokens_to_ids
    config = family(2, 2, [0, 1], vocab_size=len(processor.tokenizer), pad_token_id=processor.tokenizer.pad_token_id)
    config.image_token_id, config.video_token_id = number("<|image_pad|>"), number("<|video_pad|>")
    config.vision_start_token_id, config.vision_end_token_id = number("<|vision_start|>"), number("<|vision_end|>")
    base = tmp_path / "wide"
    Qwen3VLForConditionalGeneration(config).save_pretrained(base)
    processor.save_pretrained(base)
    result = train(Training(str(place / "data"), str(base), lora=True, steps=1, batch=2, every=1), tmp_path / "run")
    assert result["steps"] == 1
    assert result["parameters"] > 1e8
    assert 0 < result["trained_parameters"] < result["parameters"] / 5


def test_a_trajectory_is_learnt_and_kept_in_the_prompt(place, tmp_path):
    train(config(place, steps=1, method="trajectory", batch=2), tmp_path / "run")
    assert Style.read(tmp_path / "run").screens == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "sft"}, "no method 'sft'; known: bc, filtered, trajectory"),
        ({"screens": 0}, "at least one screen"),
        ({"longest": 20}, "tokens, and 20 are allowed: show fewer --screens"),
        ({"method": "trajectory", "longest": 60}, "use --method bc"),
        ({"data": "nowhere"}, "nowhere is no data set"),
        ({"base": "/nowhere/at/all"}, "holds no processor"),
    ],
)
def test_what_cannot_be_done_is_said(place, tmp_path, changes, words):
    with pytest.raises(DeskgymError, match=words):
        train(config(place, **changes), tmp_path / "run")


def test_a_curve_is_drawn_without_points(tmp_path):
    draw_losses({"train": [], "validation": [(1, 2.0)]}, tmp_path / "losses.png")
    assert (tmp_path / "losses.png").stat().st_size > 500


def test_the_shipped_configuration_shards_the_layers_of_the_real_family(model):
    from accelerate.commands.config.config_args import load_config_from_file
    from accelerate.utils import FullyShardedDataParallelPlugin

    config = load_config_from_file(str(FSDP2))
    assert (config.distributed_type.value, config.mixed_precision) == ("FSDP", "bf16")
    assert config.fsdp_config["fsdp_version"] == 2
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2, auto_wrap_policy=config.fsdp_config["fsdp_auto_wrap_policy"]
    )
    plugin.set_auto_wrap_policy(model)
    kinds = {kind.__name__ for kind in plugin.auto_wrap_policy.keywords["transformer_layer_cls"]}
    assert kinds == {"Qwen3VLTextDecoderLayer", "Qwen3VLVisionBlock"}


def test_a_model_in_shards_has_the_loss_and_gradients_of_the_whole(place):
    program = Path(__file__).parent / "train_programs" / "shards.py"
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(program)]
    ran = subprocess.run(
        [*launch, str(place), "Qwen3VLTextDecoderLayer,Qwen3VLVisionBlock"], env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "equal in 2 processes\n"


@pytest.mark.parametrize("option", [{"optimizer": "muon"}, {"drills": 2}])
def test_what_cannot_be_sharded_is_told_at_once(place, tmp_path, monkeypatch, option):
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(DeskgymError, match="FSDP"):
        train(Training(str(place / "data"), str(place / "tiny"), **option), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_two_processes_train_together(place, tmp_path):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"data: {place / 'data'}\nbase: {place / 'tiny'}\nsteps: 9\nevery: 2\nbatch: 2\n")
    told = ["--config", str(settings), "--into", str(tmp_path / "run"), "--steps", "2"]
    command = [*launch, "-m", "deskgym", "train", *told]
    ran = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=200, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads((tmp_path / "run" / "result.json").read_text())["steps"] == 2, "the command line wins"
    assert json.loads((tmp_path / "run" / "training.json").read_text())["training"]["batch"] == 2
    assert not (tmp_path / "run" / "encoded").exists(), "a finished run keeps gigabytes"
    assert len(ran.stdout.splitlines()) == 2, "more than one process told the result"


def test_rows_of_like_length_share_a_batch_and_the_batches_come_in_any_order():
    from deskgym.training.span_trainer import Buckets

    draw = np.random.default_rng(0)
    lengths = draw.integers(50, 400, 1003).tolist()
    rows = Buckets(lengths, 8, seed=3)
    order = list(rows)
    assert sorted(order) == list(range(1003)), "a row is missing, or comes twice"
    assert order == list(Buckets(lengths, 8, seed=3))

    def batches(order):
        return [[lengths[row] for row in order[start : start + 8]] for start in range(0, len(order), 8)]

    def padding(order):
        return sum(8 * max(batch) for batch in batches(order)) / sum(lengths) - 1

    assert padding(order) < 0.04 < 0.4 < padding(draw.permutation(1003).tolist())
    longest = [max(batch) for batch in batches(order)]
    # No tendency: neither from long to short nor the other way, in any third of the pass.
    thirds = np.array_split(np.array(longest[:-1]), 3)
    assert all(abs(np.corrcoef(np.arange(len(third)), third)[0, 1]) < 0.4 for third in thirds)
    rows.set_epoch(1)
    assert list(rows) != order
    assert sorted(rows) == sorted(order)


def test_a_run_takes_its_rows_in_buckets(place, tmp_path, monkeypatch):
    from deskgym.training import span_trainer

    taken: list[int] = []
    each = span_trainer.Buckets.__iter__

    def noted(self):
        for row in each(self):
            taken.append(row)
            yield row

    monkeypatch.setattr(span_trainer.Buckets, "__iter__", noted)
    result = train(Training(str(place / "data"), str(place / "tiny"), epochs=2, batch=2, every=100), tmp_path / "run")
    count = result["rows"]["train"]
    first, second = taken[:count], taken[count : 2 * count]
    assert sorted(first) == sorted(second) == list(range(count))
    assert first != second


def test_throughput_beside_trls_trainer_counts_when_both_teach_the_same(place, monkeypatch):
    pytest.importorskip("trl", reason="no trl here: run `make train`")
    from deskgym.training import throughput

    told = throughput.compare(place / "data", place / "tiny", rows=4, batch=2, rounds=1)
    assert abs(told.losses[0] - told.losses[1]) < 1e-3
    assert told.ratios == (told.ours[0] / told.trl[0],)
    assert min(*told.ours, *told.trl, told.encoding) > 0
    with pytest.raises(DeskgymError, match="ask for fewer --rows"):
        throughput.compare(place / "data", place / "tiny", rows=999)
    # Another weighting of the same rows is another lesson.
    loss = SpanTrainer.compute_loss
    monkeypatch.setattr(SpanTrainer, "compute_loss", lambda *args, **others: 1.01 * loss(*args, **others))
    with pytest.raises(DeskgymError, match="first losses differ"):
        throughput.compare(place / "data", place / "tiny", rows=4, batch=2, rounds=1)
