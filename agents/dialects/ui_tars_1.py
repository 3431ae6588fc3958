"""UI-TARS 1.0: "Thought: ... Action: click(start_box='<|box_start|>(x,y)<|box_end|>')" on a grid of 1000 x 1000.

Wire format and vocabulary: see `ui_tars`.

Source: the prompt of OSWorld's `mm_agents/uitars_agent.py`, and `README_v1.md` of bytedance/UI-TARS.
"""

from __future__ import annotations

from .parts.space import Grid
from .ui_tars import UiTars

__all__ = ["DIALECT", "UiTars1"]


class UiTars1(UiTars):
    """UI-TARS 1.0."""

    places = ("start_box", "start_box", "end_box")

    def write_point(self, x: object, y: object) -> str:
        """A point as this version writes it."""
        return f"<|box_start|>({x},{y})<|box_end|>"


DIALECT = UiTars1("ui_tars_1", Grid())
