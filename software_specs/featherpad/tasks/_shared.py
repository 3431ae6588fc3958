"""What FeatherPad's tasks share: where a place in the text is on the screen, menus, saving."""

import re

LINE_HEIGHT, CHARACTER_WIDTH, MARGIN = 18, 9, 4
"""Of the editor's monospaced font (`files/.config/featherpad/fp.conf`), in pixels."""


def editor(hands):
    """The text area of the open document: the largest text field there is."""
    hands.find("text")
    return max(hands.seek("text"), key=lambda widget: widget.box[2] * widget.box[3])


def lines(hands, shown):
    """The lines of the open document.

    FeatherPad does not always tell its text; then it is what setup wrote, which anybody sees on the screen.
    """
    return (editor(hands).value or shown).split("\n")


def place(hands, line, column=0.0):
    """The pixel of a line and a column (both from 0; a half column is the middle of a character)."""
    x, y, _, _ = editor(hands).box
    return x + MARGIN + round(column * CHARACTER_WIDTH), y + MARGIN + line * LINE_HEIGHT + LINE_HEIGHT // 2


def menu(hands, thought, *path):
    """Open a menu and click through to an item, by the mouse."""
    yield hands.click(thought, hands.find("menu item", path[0]))
    for name in path[1:]:
        yield hands.click(f"Here is {name}.", hands.find("menu item", name))


def save(hands):
    """Save the open document by the tool bar, whose button is grey when there is nothing to save."""
    yield hands.click("I save the file.", hands.find("push button", "Save"))


def select_tab(hands, name):
    """Bring the document of that name to the front, if it is not there already."""
    tab = hands.find("page tab", re.compile(re.escape(name)))
    if "selected" not in tab.states:
        x, y, _, height = tab.box
        yield hands.click(f"I switch to {name}.", (x + 24, y + height // 2))
