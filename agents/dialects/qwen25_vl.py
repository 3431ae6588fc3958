"""Qwen2.5-VL's `computer_use` function.

Wire format and vocabulary: see `qwen3_vl`. Coordinates: pixels of the image as the processor resizes it (factor 28).

Source: QwenLM/Qwen3-VL, `qwen-vl-utils` (`vision_process.py`); limits of size as in `preprocessor_config.json` of
Qwen2.5-VL: 56 x 56 to 14 x 14 x 4 x 16384 pixels.
"""

from __future__ import annotations

from .parts.space import Resized
from .qwen3_vl import Qwen

__all__ = ["DIALECT"]

DIALECT = Qwen("qwen25_vl", Resized(factor=28, least=56 * 56, most=16384 * 28 * 28))
