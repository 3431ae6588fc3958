"""Base: a tiny student of the Qwen3-VL architecture, built from nothing, for machines that reach no model hub.

Configuration, tokenizer, chat template and processor are those of the real family, only small: whatever trains and
plays this one trains and plays `Qwen/Qwen3-VL-2B-Instruct`. It knows nothing: all it will know is what it is taught.
"""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..agents.checkpoint import transformers_here, without_videos
from ..agents.prompt import SYSTEM, Style
from ..errors import DeskgymError, RecordError, did_you_mean

__all__ = ["SIZES", "build_base"]

SIZES = {"tiny": {"text": 128, "layers": 3, "vision": 96, "depth": 1}}
"""Name -> width and layers of the language model, width and depth of the eyes. tiny: 1.6 million parameters."""

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>",
           "<|video_pad|>"]  # fmt: skip

SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,4}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
"""Qwen2's: words with the blank before them; but numbers stay whole, where its are digits. A number that the data set
says often is one token: a place on the screen is one choice, and a year is copied at once, not digit by digit."""

BLANK = "Ġ"
"""How byte-level tokens write the blank before a word."""
MOST_TOKENS = 2048
PATCH, MERGE, HEADS = 16, 2, 4
MOST_PIXELS = 640 * 480
"""A larger screen is scaled down to this area, which a model of this size cannot read: use small screens."""

STYLE = Style(system="")
"""A student that is taught from nothing needs no instructions, and every token costs it."""

TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' %}
{%- generation %}{{ said(message) }}{{- '<|im_end|>' }}{% endgeneration %}
{%- else %}
{{- said(message) }}{{- '<|im_end|>' }}
{%- endif %}
{{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}"""

SAID = """\
{%- macro said(message) %}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type == 'image' %}
{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- else %}
{{- part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}
{%- endmacro %}
"""
"""ChatML as the Qwen-VL family writes it; `generation` tells TRL what the assistant said."""


def build_base(
    size: str,
    into: str | Path,
    seed: int = 0,
    *,
    corpus: Sequence[str] = (),
    thoughts: bool = True,
) -> int:
    """Write a base into a new folder and return its number of parameters. The same seed gives the same weights.

    Args:
        size: one of `SIZES`.
        into: the folder; must not exist.
        seed: of the weights.
        corpus: texts whose words become tokens, besides the prompt's own.
        thoughts: whether it says why before it acts.

    Raises:
        MissingExtra: torch or transformers is not installed.
        DeskgymError: there is no such size.
        RecordError: the folder exists, or the disk would not take it.
    """
    into = Path(into)
    if into.exists():
        raise RecordError(f"{into} is there already: a base is built into a new folder")
    if size not in SIZES:
        raise DeskgymError(f"no base {size!r}{did_you_mean(size, SIZES)}")
    transformers = transformers_here()
    import torch

    processor = _processor(_tokenizer((SYSTEM, WORDS, *corpus)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = transformers.Qwen3VLForConditionalGeneration(_config(processor.tokenizer, **SIZES[size]))
        _begin_alike(model.get_input_embeddings().weight, processor.tokenizer.get_vocab())
    try:
        model.save_pretrained(into)
        processor.save_pretrained(into)
        _name_video_processor(into / "processor_config.json")
        replace(STYLE, thoughts=thoughts).write(into)
    except OSError as error:
        raise RecordError(f"{into} cannot be written: {error.strerror or error}") from error
    return model.num_parameters()


def _begin_alike(vectors: Any, tokens: dict[str, int]) -> None:
    """Let a word after a blank begin as it does without one, but for what all words after a blank have in common.

    A goal names a word after a blank, and it is typed after a quotation mark: that these are the same word is the
    first thing that copying has to find out, for each word anew.
    """
    import torch

    after = [(tokens[BLANK + word], number) for word, number in tokens.items() if BLANK + word in tokens]
    with torch.no_grad():
        blank = torch.randn_like(vectors[0]) * vectors.std()
        for number, without in after:
            vectors[number] = vectors[without] + blank


def _name_video_processor(path: Path) -> None:
    """Name what the stock processor asks for where torchvision is installed; nobody here has videos."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["video_processor"] = {"video_processor_type": "Qwen3VLVideoProcessor", "patch_size": PATCH,
                                   "merge_size": MERGE, "temporal_patch_size": 2}  # fmt: skip
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


WORDS = """
I click the menu. I open the dialog. I type the text. I save the file. I press the key. It is done. It is there.
Save. Open. Close. Find. Replace. Select. Delete. Everything that was asked for is done.
click(500, 500) click(250, 750, count=2) press("ctrl+s") press("ctrl+shift+s") press("enter") press("escape")
press("tab") press("backspace") press("delete") press("down", repeat=5) press("ctrl+home") press("shift+end")
type("the") scroll(500, 500, dy=3) finish() wait(1000) Goal: Done so far: 1. 2. 3. 4. 5. 6. 7. 8. 9.
user
user
assistant
assistant
Goal:
Done so far:
type("
type("
press("
finish()
"""


def _tokenizer(corpus: Sequence[str]) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=MOST_TOKENS, min_frequency=2, show_progress=False,
        special_tokens=[AddedToken(word, special=True, normalized=False) for word in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=[word for word in SPECIAL if word not in ("<|im_end|>", "<|endoftext|>")],
        model_max_length=32_768, clean_up_tokenization_spaces=False, padding_side="right",
    )  # fmt: skip


def _processor(tokenizer: Any) -> Any:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    from transformers.models.qwen3_vl import Qwen3VLProcessor

    images = Qwen2VLImageProcessorPil(
        patch_size=PATCH, merge_size=MERGE, temporal_patch_size=2, image_mean=[0.5] * 3, image_std=[0.5] * 3,
        size={"shortest_edge": (PATCH * MERGE) ** 2, "longest_edge": MOST_PIXELS},
    )  # fmt: skip
    return without_videos(Qwen3VLProcessor)(images, tokenizer, chat_template=SAID + TEMPLATE)


def _config(tokenizer: Any, text: int, layers: int, vision: int, depth: int) -> Any:
    from transformers import Qwen3VLConfig

    number = tokenizer.convert_tokens_to_ids
    per_head = text // HEADS
    return Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": text, "intermediate_size": 4 * text,
            "num_hidden_layers": layers, "num_attention_heads": HEADS, "num_key_value_heads": HEADS,
            "head_dim": per_head, "max_position_embeddings": 32_768, "tie_word_embeddings": True,
            "pad_token_id": tokenizer.pad_token_id,
            # How a head's pairs of numbers are shared among time, height and width: 24, 20, 20 of 64 in the family.
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 10_000.0, "mrope_interleaved": True,
                "mrope_section": [per_head // 2 - 2 * (per_head // 6), per_head // 6, per_head // 6],
            },
        },
        vision_config={
            "hidden_size": vision, "depth": depth, "num_heads": HEADS, "intermediate_size": 4 * vision,
            "patch_size": PATCH, "spatial_merge_size": MERGE, "temporal_patch_size": 2, "out_hidden_size": text,
            "num_position_embeddings": 1024, "deepstack_visual_indexes": [depth - 1],
        },
        image_token_id=number("<|image_pad|>"), video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"), vision_end_token_id=number("<|vision_end|>"),
        tie_word_embeddings=True,
    )  # fmt: skip
