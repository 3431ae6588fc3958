"""Rename a sheet and add another one that holds its total."""

import math

from deskgym.verifiers.checks import equal, unchanged
from deskgym.verifiers.verdict import Verdict

from ._shared import contents, enter, follows, gnumeric_file, save, saved_book, then_save

FILE, SUMMARY = "expenses.gnumeric", "Summary"
PURPOSES = ["Hotel", "Train", "Taxi", "Lunch", "Parking", "Dinner", "Conference fee", "Flight", "Rental car", "Tolls"]
PEOPLE = ["Abe", "Chiara", "Dagny", "Emeka", "Farah", "Goran"]


def setup(machine, params, rng):
    """Write a list of expenses into a sheet called Sheet1."""
    rows = [["Purpose", "Paid by", "Amount"]]
    rows += [
        [rng.choice(PURPOSES), rng.choice(PEOPLE), rng.randint(250, 48000) / 100] for _ in range(rng.randint(9, 17))
    ]
    machine.write(FILE, gnumeric_file({"Sheet1": rows}))
    return {"before": contents("", rows), "last": len(rows)}


def verify(evidence):
    """The sheets have their names, and the total follows the amounts of the other sheet."""
    name, before = evidence.params["name"], evidence.truth["before"]
    book, by_gnumeric = saved_book(evidence, FILE)
    first = next((sheet for sheet in book.sheets if sheet != SUMMARY), "")
    found = {cell.partition("!")[2]: value for cell, value in book.contents().items() if cell.startswith(f"{first}!")}
    summary = book.sheets.get(SUMMARY)
    cell = summary["B1"] if summary else None
    return Verdict.of(
        by_gnumeric,
        equal("the sheets", sorted([name, SUMMARY]), sorted(book.sheets), weight=2),
        equal("the label", "Total", summary["A1"].value if summary else None),
        follows(
            "the total follows the amounts", SUMMARY, {"B1": cell.formula if cell else None},
            _cases(before, first, evidence.truth["last"]),
        ),
        unchanged("no expense changed", {key[1:]: value for key, value in before.items()}, found),
    )  # fmt: skip


def _cases(before, sheet, last):
    cells = {f"{sheet}{key}": value for key, value in before.items()}
    amounts = [f"{sheet}!C{row}" for row in range(2, last + 1)]
    other = cells | {key: 2 * cells[key] + number for number, key in enumerate(amounts)}
    return [(data, {"B1": math.fsum(data[key] for key in amounts)}) for data in (cells, other)]


def solve(hands, params, truth):
    """Rename by the tab's menu, append a sheet, write the total there."""
    name, last = params["name"], truth["last"]
    yield from _rename(hands, "Sheet1", name)
    yield from _add_summary(hands, name)
    yield from _total(hands, name, last)
    yield from save(hands, "Both sheets are as they should be; I save the file.")
    yield hands.finish(f"The sheet is called {name}, and Summary holds its total.")


def near_misses(hands, params, truth):
    """The first sheet keeps its name, a number, a row too few, no second sheet, or not saved."""
    name, last = params["name"], truth["last"]
    total = math.fsum(value for key, value in truth["before"].items() if key.startswith("!C") and key != "!C1")

    def unsaved():
        yield from _rename(hands, "Sheet1", name)
        yield from _add_summary(hands, name)
        yield from _total(hands, name, last)
        yield hands.finish("Done.")

    def start():
        yield from _rename(hands, "Sheet1", name)
        yield from _add_summary(hands, name)

    return {
        "unsaved": unsaved(),
        "not_renamed": then_save(hands, _add_summary(hands, "Sheet1"), _total(hands, "Sheet1", last)),
        "number": then_save(hands, start(), _total(hands, name, last, f"{total:.2f}")),
        "row_short": then_save(hands, start(), _total(hands, name, last - 1)),
        "no_summary": then_save(
            hands, _rename(hands, "Sheet1", name), enter(hands, "E1", f"=SUM(C2:C{last})", "Here.")
        ),
    }


def _rename(hands, old, new):
    tab = hands.find("page tab", old)
    yield hands.click(f"The menu of the tab {old} can rename the sheet.", tab, button="right")
    yield hands.click("I choose Rename.", hands.find("menu item", "Rename"))
    dialog = hands.find("dialog", "Rename Sheet")
    # The field of the new name comes below the old one, which cannot be edited.
    field = max(hands.seek("text", within=dialog), key=lambda text: text.box[1])
    yield hands.click("I select the name in the field.", field, count=3)
    yield hands.type(f"The sheet is to be called {new}.", new)
    yield hands.click("I confirm the name.", hands.find("button", "OK", within=dialog))


def _add_summary(hands, first):
    tab = hands.find("page tab", first)
    yield hands.click("A second sheet is needed: the menu of the tab can append one.", tab, button="right")
    yield hands.click("I choose Append.", hands.find("menu item", "Append"))
    # It is called Sheet1 or Sheet2, whichever is free, and the first sheet stays in front.
    added = hands.find("page tab", nth=1)
    yield hands.click("The new sheet is there; I go to it.", added)
    yield from _rename(hands, added.name, SUMMARY)


def _total(hands, name, last, what=""):
    yield from enter(hands, "A1", "Total", "The label comes into A1.")
    quoted = f"'{name}'" if " " in name else name
    yield from enter(
        hands, "B1", what or f"=SUM({quoted}!C2:C{last})", "The total comes beside it.",
        f"The amounts of {name} stood in C2 to C{last}.",
    )  # fmt: skip
