"""OpenAI's first computer tool, `computer_use_preview`: one action in one call, and nothing that takes two.

Wire format, coordinates and vocabulary: see `openai_computer`; a computer_call has `action` in place of `actions`.

Source: `ComputerUsePreviewTool` and `ResponseComputerToolCall` of the `openai` package (`openai/types/responses`).
"""

from __future__ import annotations

from typing import Any

from ...errors import ActionError
from .openai_computer import OpenAIComputer
from .parts.closing import HOW_TO_CLOSE
from .parts.space import Sent
from .parts.view import Briefing, View

__all__ = ["DIALECT", "OpenAIPreview"]


class OpenAIPreview(OpenAIComputer):
    """`computer_use_preview`."""

    def brief(self, view: View) -> Briefing:
        """See `Dialect.brief`."""
        width, height = view.image
        size = {"display_width": width, "display_height": height}
        return Briefing(HOW_TO_CLOSE, ({"type": "computer_use_preview", "environment": "linux", **size},))

    def wrap_calls(self, actions: list[dict[str, Any]]) -> dict[str, Any]:
        """The part of a computer_call that says its one action.

        Raises:
            ActionError: it takes more than one.
        """
        if len(actions) > 1:
            raise ActionError(f"{self.name} says one action at a time, and this takes {len(actions)}")
        return {"action": actions[0]}


DIALECT = OpenAIPreview("openai_preview", Sent())
