"""Tree text: the visible widgets in words, for agents that read the accessibility tree (or the DOM) too."""

from __future__ import annotations

from collections.abc import Iterable

from ..software_specs.spec import GOAL_CHARACTERS
from ..verifiers.privileged import Widget

__all__ = ["LONGEST_TREE", "tree_text"]

LONGEST_TREE = 40_000
"""Characters of a tree; what is beyond is left out, and the last line says so."""
LONGEST_VALUE = 200
"""Characters of what one widget holds."""
TOLD = ("focused", "selected", "checked", "expanded", "pressed", "editable")
"""The states worth a word; that a widget is shown is why it is here."""
LEFT_OUT = "..."


def tree_text(widgets: Iterable[Widget], size: tuple[int, int]) -> str:
    """One line a widget that tells something and reaches the screen: role, name, centre and size, states, value.

        push button "Save" at (40, 12), 64x24
          text "Name" at (200, 80), 300x28 [focused, editable] = "draft.txt"

    Characters outside of `GOAL_CHARACTERS` become "?".

    Args:
        widgets: in document order.
        size: width and height of the screen in pixels.
    """
    shown = [widget for widget in widgets if _reaches(widget, size)]
    top = min((widget.depth for widget in shown), default=0)
    lines, left = [], LONGEST_TREE - len(LEFT_OUT)
    for widget in shown:
        line = _line(widget, top)
        left -= len(line) + 1
        if left < 0:
            lines.append(LEFT_OUT)
            break
        lines.append(line)
    return "\n".join(lines)


def _reaches(widget: Widget, size: tuple[int, int]) -> bool:
    if widget.role == "filler" and not widget.name:
        return False  # it only keeps others in their places
    x, y, width, height = widget.box
    return width > 0 and height > 0 and x < size[0] and y < size[1] and x + width > 0 and y + height > 0


def _line(widget: Widget, top: int) -> str:
    x, y = widget.center
    words = f"{'  ' * (widget.depth - top)}{widget.role} {_quoted(widget.name)} at ({x}, {y}), "
    words += f"{widget.box[2]}x{widget.box[3]}"
    states = [state for state in TOLD if state in widget.states]
    if states:
        words += f" [{', '.join(states)}]"
    if widget.value:
        words += f" = {_quoted(widget.value)}"
    return words


def _quoted(text: str) -> str:
    text = text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
    known = "".join(each if each in GOAL_CHARACTERS else "?" for each in text)
    return '"' + known.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
