"""Drills: rows in which a made-up word of the goal is copied, and a base whose tokens are its data's phrases."""

from __future__ import annotations

import random
import types
from dataclasses import replace

import numpy as np
import pytest
from deskgym.agents.prompt import Style, write_action
from deskgym.training.drills import copied_from_goal, copied_words, drilled
from deskgym.training.lessons import Lesson, Taught
from deskgym.training.words import words_of_lessons

GOAL = "Turn Brandt into Nuñez-7 wherever it stands, then save."


def step(index, act, reason="", loss=True):
    return Taught(index=index, observe=f"frame{index}", reason=reason, original=reason, act=act, loss=loss)


LESSON = Lesson(
    task="memo.replace", seed=1, agent="oracle", goal=GOAL, split="seen", episode="nowhere", screen_size=(96, 64),
    weight=1.0,
    steps=(
        step(0, "click(5, 5)", "The field comes first."),
        step(1, 'type("Brandt")', "I look for Brandt."),
        step(2, 'type("Nuñez-7")', "It becomes Nuñez-7."),
        step(3, 'press("ctrl+s")', "I save the file."),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("act", "copied"),
    [
        ('type("Brandt")', "Brandt"),
        ('type("brandt")', ""),
        ('type("B")', ""),
        ('press("ctrl+s")', ""),
        ("nonsense", ""),
    ],
)
def test_what_is_copied_is_typed_and_stands_in_the_goal(act, copied):
    assert copied_from_goal(GOAL, act) == copied


def test_a_drill_ends_in_a_copying_step_with_another_word_everywhere():
    words = {"memo.replace": ["Brandt", "Nuñez-7", "Haddad", "Rossi"]}
    drills = list(drilled(LESSON, 5, words, random.Random(0)))
    assert [len(drill.steps) for drill in drills] == [2, 3, 2, 3, 2]  # the copying steps take turns
    for drill in drills[::2]:
        word = copied_from_goal(drill.goal, drill.steps[-1].act)
        assert word in ("Haddad", "Rossi")  # never the other word of the same goal
        assert drill.steps[-1].reason == f"I look for {word}."
        assert drill.goal == GOAL.replace("Brandt", word)
    for drill in drills[1::2]:
        word = copied_from_goal(drill.goal, drill.steps[-1].act)
        # What was typed before stands as it was: only one word is exchanged.
        assert word in ("Haddad", "Rossi")
        assert "Brandt" in drill.goal
        assert drill.steps[1] == LESSON.steps[1]


def test_words_of_all_tasks_take_turns():
    typed = step(0, 'type("plan_2031.txt")')
    other = replace(LESSON, task="memo.save", goal="Save it as plan_2031.txt.", steps=(typed,))
    words = copied_words([LESSON, other])
    assert words == {"memo.replace": ["Brandt", "Nuñez-7"], "memo.save": ["plan_2031.txt"]}
    goals = [drill.goal for drill in drilled(other, 9, words, random.Random(0))]
    assert set(goals) == {"Save it as Brandt.", "Save it as Nuñez-7."}  # its own task has no other word
    goals = [drill.goal for drill in drilled(LESSON, 8, words | {"memo.replace": ["Rossi"]}, random.Random(0))]
    assert sum("plan_2031.txt" in goal for goal in goals) == sum("Rossi" in goal for goal in goals) == 4


def test_what_is_not_learnt_is_not_drilled_nor_what_has_no_other_word():
    unlearnt = tuple(step(each.index, each.act, each.reason, loss=False) for each in LESSON.steps)
    words = copied_words([LESSON])
    assert words == {"memo.replace": ["Brandt", "Nuñez-7"]}
    rossi = {"memo.replace": ["Rossi"]}
    assert not list(drilled(replace(LESSON, steps=unlearnt), 3, rossi, random.Random(0)))
    assert not list(drilled(LESSON, 3, words, random.Random(0)))


def test_the_words_of_lessons_are_all_that_is_said_in_them():
    opening, *rest = words_of_lessons([LESSON], Style(system=""))
    assert opening == f"Goal: {GOAL}\n"
    said = [text for text in rest if text]
    assert said == [f"{each.reason}\n{write_action(each.act, (96, 64), Style())}" for each in LESSON.steps]
    mute = words_of_lessons([LESSON], Style(system="", thoughts=False))
    assert 'type("Brandt")' in mute
    assert not any("I look for" in text for text in mute)


def test_a_base_says_the_phrases_of_its_data_in_few_tokens(tmp_path):
    pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")
    from deskgym.agents.checkpoint import load_processor
    from deskgym.training.base import build_base

    words = words_of_lessons([LESSON] * 9, Style(system=""))
    build_base("tiny", tmp_path / "plain")
    build_base("tiny", tmp_path / "fitted", corpus=words, thoughts=False)
    plain, fitted = (load_processor(tmp_path / name).tokenizer for name in ("plain", "fitted"))
    # Words and numbers of the data are tokens, with the blank before them or without; others are spelt.
    assert fitted.tokenize('I look for Brandt.\ntype("Brandt")') == [
        "I", "Ġlook", "Ġfor", "ĠBrandt", ".Ċ", "type", '("', "Brandt", '")'
    ]  # fmt: skip
    assert len(fitted.tokenize("click(52, 78)")) == len(fitted.tokenize("click(5, 7)"))
    assert len(plain.tokenize("Brandt")) > 3 < len(fitted.tokenize("Unheard"))
    assert not Style.read(tmp_path / "fitted").thoughts


def test_drills_are_rows_without_a_screen(tmp_path):
    pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")
    from deskgym.agents.checkpoint import load_processor
    from deskgym.training.base import build_base
    from deskgym.training.batches import Collator
    from deskgym.training.examples import drill_row

    class NoPixels:
        numbers = types.MappingProxyType({})

    build_base("tiny", tmp_path / "tiny")
    processor = load_processor(tmp_path / "tiny")
    words = {"memo.replace": ["Rossi", "Abbott"]}
    drills = list(drilled(LESSON, 4, words, random.Random(0)))
    made = [drill_row(drill, processor, NoPixels(), Style(system="")) for drill in drills]
    for row in made:
        assert not len(row.screens)
        assert processor.image_token_id not in row.ids
        whole, said = processor.tokenizer.decode(row.ids), processor.tokenizer.decode(row.ids[row.learnt])
        assert said.count("type(") == 1
        assert said.endswith("<|im_end|>")
        assert copied_from_goal(whole.splitlines()[1], said.splitlines()[1].removesuffix("<|im_end|>"))
    batch = Collator(processor, NoPixels())(
        [{"input_ids": row.ids, "learnt": row.learnt, "screens": row.screens, "weight": 1.0} for row in made]
    )
    assert "pixel_values" not in batch
    assert np.all(batch["mm_token_type_ids"].numpy() == 0)


def test_muon_takes_the_matrices_of_hidden_layers():
    torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")
    from deskgym.training.muon import ADAMW_SHARE, MuonAdamW

    model = torch.nn.ModuleDict(
        {"embed": torch.nn.Embedding(9, 4), "hidden": torch.nn.Linear(4, 6), "lm_head": torch.nn.Linear(6, 9)}
    )
    optimizer = MuonAdamW(model, 0.02)
    matrices, others = optimizer.param_groups
    assert [id(each) for each in matrices["params"]] == [id(model["hidden"].weight)]
    assert len(others["params"]) == 4
    assert (matrices["lr"], others["lr"]) == (0.02, 0.02 * ADAMW_SHARE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5)
    assert [group["lr"] for each in optimizer._both for group in each.param_groups] == [0.01, 0.01 * ADAMW_SHARE]
    before = model["hidden"].weight.detach().clone()
    model["lm_head"](model["hidden"](model["embed"](torch.tensor([1, 2])))).sum().backward()
    optimizer.step()
    schedule.step()
    assert not torch.equal(before, model["hidden"].weight)
