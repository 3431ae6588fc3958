"""The oracle's way around sao, Tryton's web client: where things are, and moves put into words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from deskgym.errors import SpecError

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["Client"]

Moves = Iterator[Any]
CONTENT = (792, 600)
"""A pixel over the main form, where the wheel scrolls the whole form."""

# Where an element stands, and whether a click on its middle would reach it.
_PLACE = """e => {
    const box = e.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    return {x, y, top: box.top, bottom: box.bottom, free: !!hit && (e.contains(hit) || hit.contains(e))};
}"""


class Client:
    """Looks at the page and makes decisions through `hands`; every move is a generator to `yield from`."""

    def __init__(self, hands: Any):
        self.hands = hands
        self.page = hands.page

    # looking

    @property
    def front(self) -> Locator:
        """The dialog in front, or the open tab."""
        dialogs = self.page.locator(".modal:visible")
        return dialogs.last if dialogs.count() else self.page.locator("#tabcontent > .tab-pane.active")

    def field(self, name: str, nth: int = 0) -> Locator:
        """The visible input of a field of the form in front."""
        return self.front.locator(f":is(input, textarea, select)[name='{name}']:visible").nth(nth)

    def button(self, label: str) -> Locator:
        """The visible button of that label in front."""
        return (
            self.front.locator("button:visible").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$", re.I)).first
        )

    def page_tab(self, label: str) -> Locator:
        """A page of the form in front, such as Accounting."""
        return (
            self.front.locator("a[role='tab']:visible")
            .filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$"))
            .first
        )

    def list_tab(self, label: str) -> Locator:
        """A tab over the list in front, such as Quotation, whatever it counts."""
        return (
            self.front.locator("a[role='tab']:visible").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\b")).first
        )

    def tool(self, name: str) -> Locator:
        """A button of the open tab's toolbar: new_, save, switch_..."""
        return self.page.locator(f"#tabcontent > .tab-pane.active button#{name}:visible").first

    def group_tool(self, group: str, title: str) -> Locator:
        """A button of the bar over a list inside the form, such as New over Lines."""
        bar = self.front.locator(".panel-heading:visible, .form-one2many-title:visible").filter(
            has=self.page.get_by_text(group, exact=True)
        )
        return bar.locator(f"button[title='{title}']:visible").last

    def row(self, *texts: str) -> Locator:
        """The first row of a list in front with a cell for each of the texts."""
        rows = self.front.locator("table.tree tbody tr:visible")
        for text in texts:
            cell = self.page.locator("td").filter(has_text=re.compile(rf"(^|[\s\]]){re.escape(text)}\s*$"))
            rows = rows.filter(has=cell)
        return rows.first

    def shows(self, element: Locator, seconds: float = 10.0) -> bool:
        """Whether an element becomes visible in time."""
        deadline = time.monotonic() + seconds
        while not (element.count() and element.first.is_visible()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _stays(self, element: Locator, seconds: float = 0.7) -> bool:
        """Whether an element is still there after a while."""
        deadline = time.monotonic() + seconds
        while element.count():
            if time.monotonic() > deadline:
                return True
            time.sleep(0.05)
        return False

    def in_sight(self, element: Locator) -> bool:
        """Whether a click on its middle would reach it.

        Raises:
            SpecError: it is not there at all.
        """
        if not self.shows(element):
            raise SpecError(f"the oracle finds no visible {element} in Tryton")
        return bool(element.evaluate(_PLACE)["free"])

    # moves

    def click(self, thought: str, element: Locator, count: int = 1) -> Moves:
        """Click an element, scrolling the form to it first if need be."""
        yield from self.reveal(element)
        yield self.hands.click(thought, self.hands.locate(element), count=count)

    def reveal(self, element: Locator) -> Moves:
        """Scroll until the element can be clicked."""
        for _ in range(8):
            if self.in_sight(element):
                return
            note = self.front.locator(".infobar .alert button.close:visible")
            if note.count():
                yield self.hands.click("A message is in the way, I close it.", self.hands.locate(note.first))
                continue
            down = element.evaluate(_PLACE)["y"] > 400
            way = "down" if down else "up"
            yield self.hands.scroll(f"What I need is further {way}, I scroll {way}.", CONTENT, dy=3 if down else -3)

    def open_menu(self, *path: str) -> Moves:
        """Open an entry of the menu on the left by its path."""
        for depth, label in enumerate(path):
            entry = self._menu_entry(path[: depth + 1])
            if depth == len(path) - 1:
                yield from self.click(f"I open {label}.", entry.locator(".column-char").first)
            elif not self._menu_entry(path[: depth + 2], required=False):
                yield from self.click(f"I look under {label} in the menu.", entry.locator(".expander"))

    def _menu_entry(self, path: tuple[str, ...], required: bool = True) -> Any:
        """The row of the menu at a path, by the indentation of the rows."""
        rows = self.page.locator("#menu tbody tr")
        if required:
            self.shows(rows)
        labels = [label.strip() for label in rows.all_inner_texts()]
        indents = rows.locator(".expander img").evaluate_all("l => l.map(e => parseFloat(e.style.marginLeft) || 0)")
        start, found = 0, None
        for wanted in path:
            floor = indents[found] if found is not None else -1.0
            found = None
            for i in range(start, len(labels)):
                if indents[i] <= floor:
                    break
                if labels[i] == wanted:
                    found = i
                    break
            if found is None:
                if required:
                    raise SpecError(f"the menu has no {' > '.join(path)}; it shows {labels}")
                return None
            start = found + 1
        return rows.nth(found)

    @property
    def _search_entry(self) -> Locator:
        return self.front.locator("input[placeholder='Search']:visible").first

    def show_list(self) -> Moves:
        """See the list of the open tab, going back to it from a record."""
        if not self.shows(self._search_entry, 2.0):
            yield from self.click("A record is open here, I switch back to the list.", self.tool("switch_"))

    def search(self, thought: str, text: str) -> Moves:
        """Filter the list of the open tab."""
        yield from self.show_list()
        entry = self._search_entry
        yield from self.click("I use the search field above the list.", entry)
        if entry.input_value():
            yield self.hands.press("An older search stands there, I select it to replace it.", "ctrl+a")
        yield self.hands.type(thought, text)
        yield self.hands.press("I start the search.", "enter")

    def open_row(self, thought: str, row: Locator) -> Moves:
        """Open a record of a list by a double click on its first text."""
        yield from self.click(thought, row.locator("td .widget > *:visible").first, count=2)
        if self._stays(self._search_entry):
            yield from self.click(
                "The row is only selected, so I switch from the list to its form.", self.tool("switch_")
            )

    def add_record(self, what: str, empty: str) -> Moves:
        """Open the form of a new record; its field `empty` shows whether it came."""
        if self.tool("new_").is_disabled():  # which it may stay after a save, until something is loaded
            yield from self.click("New is still grey after the save, so I reload the record.", self.tool("reload"))
        yield from self.click(f"I add {what}.", self.tool("new_"))
        if self.shows(self.field(empty)) and self.field(empty).input_value():
            yield from self.click("The saved record is still there, so I press New once more.", self.tool("new_"))

    def open_line(self, group: str, text: str) -> Moves:
        """Open a line of a list inside the form, in a dialog."""
        line = self.row(text)
        yield from self.click(f"I open the line of {text}.", line.locator("td .widget > *:visible").first, count=2)
        if not self.shows(self.page.locator(".modal:visible"), 0.7):
            yield from self.click("The line is only selected, so I open it.", self.group_tool(group, "Open"))

    def fill(self, what: str, element: Locator, text: str) -> Moves:
        """Put text into a field, replacing what stands there; `what` is what the field holds, in words."""
        if element.input_value() == text:
            return
        yield from self.click(f"I click the field for {what}.", element)
        if element.input_value():
            yield self.hands.press("Something stands there already, I select it to replace it.", "ctrl+a")
        yield self.hands.type(f"I type {what}: {text}.", text)

    def choose(self, what: str, element: Locator, text: str) -> Moves:
        """Put a link to another record into a field, by typing and picking the suggestion."""
        yield from self.fill(what, element, text)
        suggestion = self.page.locator(".dropdown-menu:visible li").filter(
            has_text=re.compile(rf"^\s*(\[[^\]]*\] )?{re.escape(text)}\s*$")
        )
        if not self.shows(suggestion, 3.0):
            yield self.hands.press("Nothing is suggested, so I type it once more.", "ctrl+a")
            yield self.hands.type(f"I type {what} again.", text)
        yield from self.click(f"{text} is suggested, I take it.", suggestion.first)

    def press_button(self, label: str) -> Moves:
        """Press a button of the form, and answer yes where the program asks whether one is sure."""
        yield from self.click(f"I press {label}.", self.button(label))
        if self.shows(self.page.locator(".modal:visible").filter(has_text="Are you sure"), 0.4):
            yield from self.click("It asks whether I am sure; I am.", self.button("OK"))

    def save(self) -> Moves:
        """Save the record of the open tab."""
        yield from self.click("I save the record with the button in the toolbar.", self.tool("save"))
