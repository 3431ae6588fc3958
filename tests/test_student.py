"""The student as an agent: what it remembers, what it never says, and that it does what it was taught."""

from __future__ import annotations

import numpy as np
import pytest
from deskgym.agents.naming import make_agent
from deskgym.agents.prompt import Moment, Style, as_chat, conversation
from deskgym.agents.tokens import see, tokenize
from deskgym.benchmark.record import record
from deskgym.envs.action import Decision, Press
from deskgym.errors import DeskgymError
from deskgym.training.curate import Curation, curate

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")

SIZE = (128, 96)
MOMENTS = [Moment("I look.", "click(3, 4)"), Moment("I go on.", Press("tab")), Moment("I wait.", "wait()"), Moment()]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    from deskgym.training.base import build_base

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("base") / "tiny"
    build_base("tiny", folder)
    return folder


@pytest.fixture(scope="module")
def processor(base):
    from deskgym.agents.checkpoint import load_processor

    return load_processor(base)


@pytest.fixture(scope="module")
def model(base):
    from deskgym.agents.checkpoint import load_model

    torch.manual_seed(1)
    model = load_model(base).eval()
    # An untaught model says the same whatever it is shown; a shaken one has opinions.
    for weight in model.parameters():
        weight.data += 0.1 * torch.randn_like(weight)
    return model


@pytest.fixture(scope="module")
def seen(processor):
    rng = np.random.default_rng(0)
    return [see(processor, rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)) for _ in MOMENTS]


def asked(processor, seen, count, style):
    """The conversation at step `count`, as ids, and the screens it shows."""
    messages = conversation("Go.", [*MOMENTS[: count - 1], Moment()], SIZE, style)
    shown = [seen[span.moment] for message in messages for span in message.spans if span.kind == "observe"]
    return tokenize(processor, messages, [each.grid for each in shown]).ids, shown, messages


@pytest.mark.parametrize("style", [Style(system="", screens=0), Style(system="Sys"), Style(screens=2)])
def test_memory_changes_no_answer(processor, model, seen, style):
    from deskgym.agents.mind import Mind

    mind, read = Mind(model, processor), []
    for count in range(1, 5):
        ids, shown, messages = asked(processor, seen, count, style)
        said = mind.answer(ids, shown, longest=12)
        read.append(mind.read / len(ids))
        assert said == Mind(model, processor).answer(ids, shown, longest=12)
        text = processor.apply_chat_template(as_chat(messages), tokenize=False, add_generation_prompt=True)
        inputs = processor.tokenizer(text, return_tensors="pt")
        assert inputs["input_ids"].shape[1] < len(ids)
        whole = {
            "input_ids": torch.from_numpy(ids)[None],
            "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
            "mm_token_type_ids": torch.from_numpy((ids == processor.image_token_id).astype(np.int64))[None],
            "pixel_values": torch.from_numpy(np.concatenate([each.patches for each in shown])),
            "image_grid_thw": torch.tensor([each.grid for each in shown]),
        }
        unsayable = [
            token for token in processor.tokenizer.all_special_ids if token != processor.tokenizer.eos_token_id
        ]
        theirs = model.generate(**whole, max_new_tokens=12, do_sample=False, suppress_tokens=unsayable)[0, len(ids) :]
        assert said == [token for token in theirs.tolist() if token != processor.tokenizer.eos_token_id]
    if style.screens == 0:
        assert max(read[1:]) < 0.7  # only the new turn was read


def test_another_screen_is_looked_at_anew(processor, model, seen):
    from deskgym.agents.mind import Mind

    ids, shown, _ = asked(processor, seen, 1, Style(system=""))
    mind = Mind(model, processor)
    mind.answer(ids, shown, longest=4)
    said = mind.answer(ids, [seen[3]], longest=12)
    assert said == Mind(model, processor).answer(ids, [seen[3]], longest=12)


def test_marks_are_never_said(processor, model, seen):
    from deskgym.agents.mind import Mind

    ids, shown, _ = asked(processor, seen, 1, Style())
    mind = Mind(model, processor, temperature=50.0)  # as good as dice
    said = [token for seed in range(4) for token in (mind.forget(seed), mind.answer(ids, shown, longest=200))[1]]
    assert len(set(said)) > 100
    assert not set(said) & set(processor.tokenizer.all_special_ids)


def test_what_is_drawn_follows_from_the_seed(processor, model, seen):
    from deskgym.agents.mind import Mind

    ids, shown, _ = asked(processor, seen, 1, Style())
    mind, said = Mind(model, processor, temperature=2.0), []
    for seed in (1, 1, 2):
        mind.forget(seed)
        said.append(mind.answer(ids, shown, longest=20))
    assert said[0] == said[1] != said[2]


def test_what_is_no_action_costs_a_step(base, memo_env, tmp_path):
    env = memo_env()
    episode = record(env, make_agent(f"student:{base}", env), seed=1, into=tmp_path / "run", name="student")
    assert episode.outcome == "failed"
    assert len(episode.steps) == 6
    assert all(step.error for step in episode.steps)
    assert all("not an action" in step.error or "unknown action" in step.error for step in episode.steps)
    assert all(step.seconds["think"] > 0 for step in episode.steps)


def test_steps_decided_before_are_remembered(base):
    agent = make_agent(f"student:{base}", None)
    screen = np.zeros((96, 128, 3), np.uint8)
    agent.follow({"goal": "Go.", "screen": screen}, Decision("I look.", "click(3, 4)"))
    agent.act({"goal": "Go.", "screen": screen})
    assert str(agent._past[0].action) == "click(3, 4)"
    assert len(agent._past) == 2
    agent.reset(0)
    assert agent._past == []


def test_there_must_be_a_student(tmp_path):
    with pytest.raises(DeskgymError, match="there is no student in /nowhere"):
        make_agent("student:/nowhere", None)
    with pytest.raises(DeskgymError, match="holds no processor"):
        make_agent(f"student:{tmp_path}", None)


def test_it_does_what_it_was_taught(base, memo_env, tmp_path):
    """Collected, curated, taught, and played by pixels with other seeds: the whole path on the toy."""
    from deskgym.training.sft import Training, train

    env = memo_env(size=(160, 96))
    for seed in range(24):
        record(env, make_agent("oracle", env), seed=seed, into=tmp_path / "run", name="oracle")
    curate([tmp_path / "run"], tmp_path / "data", Curation(length=0))
    config = Training(str(tmp_path / "data"), str(base), steps=120, every=60, batch=8, rate=3e-3, patience=0)
    train(config, tmp_path / "student")
    student = make_agent(f"student:{tmp_path / 'student'}", env)
    outcomes = [record(env, student, seed=seed, into=tmp_path / "played", name="student") for seed in range(100, 110)]
    passed = [episode.outcome == "passed" for episode in outcomes]
    assert sum(passed) >= 8
