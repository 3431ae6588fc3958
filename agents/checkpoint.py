"""Checkpoint: a Hugging Face image-text model and its processor from one folder, here or from the hub.

Nothing is imported before it is asked for: torch and transformers take seconds.
"""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from ..errors import DeskgymError, MissingExtra

__all__ = ["check_processor", "load_model", "load_processor", "transformers_here", "without_videos"]


def load_processor(folder: str | Path) -> Any:
    """The processor of a checkpoint, with what encoding needs of it.

    Raises:
        MissingExtra: transformers is not installed.
        DeskgymError: the folder holds no processor, or one that cannot be used here.
    """
    transformers = transformers_here()
    try:
        processor = (transformers.AutoProcessor if _torchvision() else _stock_class(folder)).from_pretrained(
            str(folder)
        )
    except (OSError, ValueError, ImportError, KeyError, AttributeError, TypeError) as error:
        raise DeskgymError(f"{folder} holds no processor that works here: {_first_line(error)}") from error
    check_processor(processor, folder)
    return processor


def load_model(folder: str | Path, dtype: str = "float32") -> Any:
    """The model of a checkpoint, with its adapter where it is one of peft's.

    Raises:
        MissingExtra: transformers (or peft) is not installed.
        DeskgymError: the folder holds no image-text model.
    """
    transformers = transformers_here()
    base = _base_of_adapter(Path(folder))
    try:
        model = transformers.AutoModelForImageTextToText.from_pretrained(str(base or folder), dtype=dtype)
    except (OSError, ValueError, ImportError, KeyError) as error:
        raise DeskgymError(f"{base or folder} holds no image-text model: {_first_line(error)}") from error
    if base:
        try:
            from peft import PeftModel
        except ImportError:
            raise MissingExtra("peft", "train") from None
        model = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
    quicken(model)
    return model


def without_videos(stock: type) -> type:
    """A processor class like a stock one that needs no video processor, which would need torchvision.

    A processor reads from its own signature what it is made of, so leaving the parameter out is enough. The name
    stays, so that what is saved is read by the stock class where torchvision is installed.
    """

    def __init__(self: Any, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None) -> None:  # noqa: N807
        stock.__init__(self, image_processor, tokenizer, chat_template=chat_template)

    return type(stock.__name__, (stock,), {"__init__": __init__, "__module__": stock.__module__})


def check_processor(processor: Any, folder: str | Path) -> None:
    """Refuse a processor that conversations cannot be encoded with.

    Raises:
        DeskgymError: it has no chat template, or its images are not those of the Qwen-VL family.
    """
    template = getattr(processor, "chat_template", None) or getattr(processor.tokenizer, "chat_template", None)
    if not template:
        raise DeskgymError(f"{folder} has no chat template: a student needs an instruction-tuned base")
    if not hasattr(processor, "image_token_id") or not hasattr(processor.image_processor, "merge_size"):
        raise DeskgymError(
            f"{folder}: {type(processor).__name__} is not of the Qwen-VL family, which is what is taught"
        )
    if not processor.tokenizer.is_fast:
        raise DeskgymError(f"{folder} has no fast tokenizer, which tells where in the text a token stands")


def quicken(model: Any) -> None:
    """Compute patch embeddings by one matrix product: a convolution that never overlaps is nothing else.

    On a CPU without it, half the time of a small student goes into a Conv3d.
    """
    from torch.nn.functional import linear

    for module in model.modules():
        if type(module).__name__.endswith("VLVisionPatchEmbed"):

            def embed(pixels: Any, proj: Any = module.proj) -> Any:
                return linear(pixels.to(proj.weight.dtype), proj.weight.flatten(1), proj.bias)

            module.forward = embed


def transformers_here() -> Any:
    """The library, without its progress bars.

    Raises:
        MissingExtra: it or torch is not installed.
    """
    try:
        import torch  # noqa: F401
        import transformers
    except ImportError as error:
        raise MissingExtra(error.name or "transformers", "train") from None
    transformers.logging.disable_progress_bar()
    return transformers


def _torchvision() -> bool:
    """Whether torchvision is there and works: one that does not fit its torch breaks transformers later, obscurely."""
    if importlib.util.find_spec("torchvision") is None:
        return False
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError) as error:
        raise DeskgymError(
            f"torchvision does not fit torch ({_first_line(error)}); run: pip uninstall torchvision"
        ) from error
    return True


def _stock_class(folder: str | Path) -> type:
    from transformers import AutoConfig
    from transformers.models.auto.processing_auto import PROCESSOR_MAPPING

    stock: Any = PROCESSOR_MAPPING.get(type(AutoConfig.from_pretrained(str(folder))), None)
    if not isinstance(stock, type):
        raise DeskgymError(f"{folder}: no processor is known for this kind of model")
    return without_videos(stock)


def _base_of_adapter(folder: Path) -> str | None:
    if not (folder / "adapter_config.json").exists():
        return None
    return json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
