"""The tiny base: the real family's architecture, tokenizer, template and processor, only small."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from deskgym.agents.prompt import Moment, Style, as_chat, conversation
from deskgym.errors import DeskgymError, RecordError
from hypothesis import given, settings
from hypothesis import strategies as st

WITHOUT = "import sys; sys.modules['{}'] = None\n"

torch = pytest.importorskip("torch", reason="the extra `train` is not installed: run `make train`")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    from deskgym.training.base import build_base

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("base") / "tiny"
    assert 1e6 < build_base("tiny", folder) < 2e6
    return folder


@pytest.fixture(scope="module")
def processor(base):
    from deskgym.agents.checkpoint import load_processor

    return load_processor(base)


@pytest.fixture(scope="module")
def model(base):
    from deskgym.agents.checkpoint import load_model

    return load_model(base).eval()


def test_it_is_of_the_real_family(base, model, processor):
    from transformers import AutoConfig

    assert AutoConfig.from_pretrained(base).model_type == "qwen3_vl"
    assert type(model).__name__ == "Qwen3VLForConditionalGeneration"
    assert type(processor).__name__ == "Qwen3VLProcessor"
    assert Style.read(base) == Style(system="")
    assert (base / "chat_template.jinja").exists()
    assert "video_processor" in json.loads((base / "processor_config.json").read_text())


def test_it_sees_and_speaks(model, processor):
    chat = as_chat(conversation("Save it.", [Moment()], (320, 256), Style(system="")))
    text = processor.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    inputs = processor(text=[text], images=[np.zeros((256, 320, 3), np.uint8)], return_tensors="pt")
    assert (inputs["input_ids"] == processor.image_token_id).sum() == 80
    with torch.no_grad():
        assert model(**inputs).logits.shape == (1, inputs["input_ids"].shape[1], len(processor.tokenizer))
        said = model.generate(**inputs, max_new_tokens=3, do_sample=False)
    assert said.shape[1] == inputs["input_ids"].shape[1] + 3


def test_its_conversations_look_like_the_familys(processor):
    moments = [Moment("I save.", 'press("ctrl+s")')]
    chat = as_chat(conversation("Save it.", moments, (320, 256), Style(system="Look.")))
    assert processor.apply_chat_template(chat, tokenize=False) == (
        "<|im_start|>system\nLook.<|im_end|>\n"
        "<|im_start|>user\nGoal: Save it.\n<|vision_start|><|image_pad|><|vision_end|><|im_end|>\n"
        '<|im_start|>assistant\nI save.\npress("ctrl+s")<|im_end|>\n'
    )


def test_the_template_marks_what_the_assistant_says(processor):
    chat = as_chat(conversation("Go.", [Moment("I wait.", "wait()")], (320, 256), Style()))
    made = processor.tokenizer.apply_chat_template(
        chat, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    said = [token for token, mine in zip(made["input_ids"], made["assistant_masks"], strict=True) if mine]
    assert processor.tokenizer.decode(said) == "I wait.\nwait()<|im_end|>"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_every_text_comes_back(processor, text):
    import unicodedata

    tokens = processor.tokenizer(text, split_special_tokens=True)["input_ids"]
    assert processor.tokenizer.decode(tokens) == unicodedata.normalize("NFC", text)


def test_numbers_that_no_data_repeats_are_spelt_and_marks_are_one_token(processor):
    assert processor.tokenizer.tokenize("512, 30") == ["5", "1", "2", ",", "Ġ", "3", "0"]
    assert len(processor.tokenizer("<|im_start|><|image_pad|>")["input_ids"]) == 2


def test_a_seed_is_a_student(tmp_path):
    from deskgym.training.base import build_base

    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        build_base("tiny", tmp_path / name, seed)
    first, same, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in "abc")
    assert first == same != other
    with pytest.raises(RecordError, match="there already"):
        build_base("tiny", tmp_path / "a")
    with pytest.raises(DeskgymError, match="no base 'tyni'; known: tiny"):
        build_base("tyni", tmp_path / "d")


def test_a_word_after_a_blank_begins_as_the_word(tmp_path):
    from deskgym.agents.checkpoint import load_model, load_processor
    from deskgym.training.base import build_base

    tmp_path /= "tiny"
    build_base("tiny", tmp_path, corpus=['Write Kimura or Brandt. ("Kimura", "Brandt")'] * 9)
    vectors, tokens = load_model(tmp_path).get_input_embeddings().weight.detach(), load_processor(tmp_path).tokenizer
    place = tokens.convert_tokens_to_ids
    shifts = [vectors[place("Ġ" + word)] - vectors[place(word)] for word in ("Kimura", "Brandt")]
    assert torch.allclose(*shifts, atol=1e-6)
    assert shifts[0].norm() > 0.1
    assert not torch.allclose(vectors[place("Kimura")], vectors[place("Brandt")], atol=1e-2)


def test_quicker_patches_are_the_same(base, model):
    from transformers import AutoModelForImageTextToText

    stock = AutoModelForImageTextToText.from_pretrained(base).model.visual.patch_embed
    pixels = torch.randn(40, 3 * 2 * 16 * 16)
    with torch.no_grad():
        assert torch.allclose(model.model.visual.patch_embed(pixels), stock(pixels), atol=1e-5)
    assert stock.forward.__qualname__ != model.model.visual.patch_embed.forward.__qualname__


def test_a_base_without_a_chat_template_is_refused(base, tmp_path):
    from deskgym.agents.checkpoint import load_processor

    shutil.copytree(base, tmp_path / "plain")
    (tmp_path / "plain" / "chat_template.jinja").unlink()
    with pytest.raises(DeskgymError, match="plain has no chat template: a student needs an instruction-tuned base"):
        load_processor(tmp_path / "plain")


def test_what_is_no_checkpoint(tmp_path):
    from deskgym.agents.checkpoint import load_model, load_processor

    with pytest.raises(DeskgymError, match="holds no processor"):
        load_processor(tmp_path)
    with pytest.raises(DeskgymError, match="holds no image-text model"):
        load_model(tmp_path)


def test_a_torchvision_that_does_not_fit_is_named(base, python, tmp_path):
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms is missing')")
    ran = python(f"from deskgym.agents.checkpoint import load_processor\nload_processor({str(base)!r})")
    assert "torchvision does not fit torch (operator torchvision::nms is missing); run: pip uninstall" in ran.stderr


def test_the_command_builds_one(python, tmp_path):
    ran = python("-m", "deskgym", "base", "tiny", "student", timeout=120)
    assert (ran.returncode, ran.stdout.strip()) == (0, "student: 1.59 million parameters"), ran.stderr
    assert (tmp_path / "student" / "model.safetensors").exists()


@pytest.mark.parametrize("missing", ["torch", "transformers"])
def test_without_the_extra_the_remedy_is_told(python, missing):
    code = "from deskgym.training.base import build_base\nbuild_base('tiny', 'x')"
    assert (
        f"{missing} is not installed; run: pip install 'deskgym[train]'"
        in python(WITHOUT.format(missing) + code).stderr
    )
