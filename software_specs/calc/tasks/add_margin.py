"""Add a column of margins, price minus cost, to a list of dishes."""

from deskgym.verifiers.checks import equal
from deskgym.verifiers.verdict import Check, Verdict

from ._shared import computes, contents, enter, ods_file, place, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "menu.ods", "Menu"
DISHES = ["Lentil soup", "Risotto", "Paella", "Goulash", "Lasagne", "Ratatouille", "Curry", "Tagine", "Dumplings",
          "Moussaka", "Gazpacho", "Pierogi", "Ramen", "Tacos", "Falafel", "Quiche", "Stew", "Gnocchi", "Pad thai",
          "Borscht", "Fish pie", "Schnitzel"]  # fmt: skip


def setup(machine, params, rng):
    """Write dishes with what they cost and what they are sold for."""
    rows = [["Dish", "Cost", "Price"]]
    for dish in rng.sample(DISHES, rng.randint(12, 20)):
        cost = rng.randint(120, 900)
        rows.append([dish, cost / 100, (cost + rng.randint(150, 1400)) / 100])
    machine.write(FILE, ods_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "last": len(rows)}


def verify(evidence):
    """Column D has its heading and in every row a formula that takes the cost from the price."""
    before, rows = evidence.truth["before"], range(2, evidence.truth["last"] + 1)
    book, by_calc = saved_book(evidence, FILE)
    sheet = book.sheets[SHEET]
    wanted = {
        f"D{row}": (before[f"{SHEET}!C{row}"] - before[f"{SHEET}!B{row}"], [f"B{row}", f"C{row}"]) for row in rows
    }
    filled = sum(sheet[cell].formula is not None for cell in wanted)
    return Verdict.of(
        by_calc,
        equal("the heading", evidence.params["header"], sheet["D1"].value),
        computes("the first margin", sheet, {"D2": wanted["D2"]}, weight=1),
        Check("every row has a formula", filled == len(wanted), len(wanted), filled),
        computes("all margins", sheet, wanted),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}" for cell in ("D1", *wanted)]),
    )


def solve(hands, params, truth):
    """Type heading and first formula, and fill the rest down."""
    yield from _start(hands, params, "=C2-B2")
    yield from _fill(hands, truth["last"])
    yield from save(hands, "Every dish has its margin; I save the file.")
    yield hands.finish(f"Column D holds the margin of every dish under the heading {params['header']}.")


def near_misses(hands, params, truth):
    """Not filled down, a row too few, cost minus price, a fixed cell, without a heading, or not saved."""
    last = truth["last"]

    def unsaved():
        yield from _start(hands, params, "=C2-B2")
        yield from _fill(hands, last)
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "first_row_only": then_save(hands, _start(hands, params, "=C2-B2")),
        "row_short": then_save(hands, _start(hands, params, "=C2-B2"), _fill(hands, last - 1)),
        "reversed": then_save(hands, _start(hands, params, "=B2-C2"), _fill(hands, last)),
        "fixed_cost": then_save(hands, _start(hands, params, "=C2-B$2"), _fill(hands, last)),
        "no_heading": then_save(hands, enter(hands, "D2", "=C2-B2", "The first margin."), _fill(hands, last)),
    }


def _start(hands, params, formula):
    yield from enter(
        hands, "D1", params["header"], "The new column comes right of the prices, so its heading goes into D1.",
        f"The heading is {params['header']}.",
    )  # fmt: skip
    yield from enter(
        hands, "D2", formula, "The first dish stands in row 2.", "Its margin is the price in C minus the cost in B."
    )


def _fill(hands, last):
    yield hands.drag(
        f"I select from the first formula to the last dish, in row {last}.",
        [place(hands, "D2"), place(hands, f"D{last}")],
    )
    yield hands.press("I fill the formula down.", "ctrl+d")
