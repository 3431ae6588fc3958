"""What Mousepad's tasks share: where a place in the text is on the screen, menus, saving."""

import re

LINE_HEIGHT, CHARACTER_WIDTH, MARGIN = 18, 9, 2
"""Of the editor's monospaced font, in pixels."""


def editor(hands):
    """The text area of the open document: the largest text field there is."""
    hands.find("text")
    return max(hands.seek("text"), key=lambda widget: widget.box[2] * widget.box[3])


def lines(hands):
    """The lines of the open document, as they can be read on the screen."""
    return editor(hands).value.split("\n")


def place(hands, line, column=0.0):
    """The pixel of a line and a column (both from 0; a half column is the middle of a character)."""
    x, y, _, _ = editor(hands).box
    return x + MARGIN + round(column * CHARACTER_WIDTH), y + line * LINE_HEIGHT + LINE_HEIGHT // 2


def menu(hands, thought, *path):
    """Open a menu and click through to an item, by the mouse."""
    yield hands.click(thought, hands.find("menu", path[0]))
    for name in path[1:]:
        # Mousepad's labels end in spaces.
        item = hands.find(name=re.compile(rf"^{re.escape(name)}\s*$"), role=None, nth=-1)
        yield hands.click(f"Here is {name.rstrip('.')}.", item)


def save(hands):
    """Save the open document."""
    yield hands.press("I save the file.", "ctrl+s")


def select_tab(hands, name):
    """Bring the document of that name to the front, if it is not there already."""
    tab = hands.find("page tab", re.compile(re.escape(name)))
    if "selected" not in tab.states:
        yield hands.click(f"I switch to {name}.", tab)
