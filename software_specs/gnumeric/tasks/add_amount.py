"""Add a column of amounts, quantity times price, to a list of orders."""

from deskgym.verifiers.checks import equal
from deskgym.verifiers.verdict import Check, Verdict

from ._shared import contents, enter, follows, gnumeric_file, place, rest_unchanged, save, saved_book, select, then_save

FILE, SHEET = "orders.gnumeric", "Orders"
ITEMS = ["Hinge", "Hook", "Bracket", "Caster", "Latch", "Handle", "Bolt", "Spacer", "Clamp", "Washer", "Rivet", "Dowel"]


def setup(machine, params, rng):
    """Write orders with quantities and unit prices."""
    number = rng.randint(310, 890)
    rows = [["Order", "Item", "Quantity", "Unit price"]]
    for _ in range(rng.randint(11, 18)):
        number += rng.randint(1, 6)
        rows.append([f"N-{number}", rng.choice(ITEMS), rng.randint(2, 60), rng.randint(15, 1900) / 100])
    machine.write(FILE, gnumeric_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "last": len(rows)}


def verify(evidence):
    """Column E has its heading and in every row a formula that follows quantity and price."""
    before, cells = evidence.truth["before"], [f"E{row}" for row in range(2, evidence.truth["last"] + 1)]
    book, by_gnumeric = saved_book(evidence, FILE)
    sheet = book.sheets[SHEET]
    found = {cell: sheet[cell].formula for cell in cells}
    filled = sum(formula is not None for formula in found.values())
    return Verdict.of(
        by_gnumeric,
        equal("the heading", evidence.params["header"], sheet["E1"].value),
        follows("the first amount", SHEET, {"E2": found["E2"]}, _cases(before, ["E2"]), weight=1),
        Check("every row has a formula", filled == len(cells), len(cells), filled),
        follows("all amounts", SHEET, found, _cases(before, cells)),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}" for cell in ("E1", *cells)]),
    )


def _cases(before, cells):
    other = {key: value if isinstance(value, str) else 3 * value + 1 for key, value in before.items()}
    return [
        (data, {cell: data[f"{SHEET}!C{cell[1:]}"] * data[f"{SHEET}!D{cell[1:]}"] for cell in cells})
        for data in (before, other)
    ]


def solve(hands, params, truth):
    """Type heading and first formula, and fill the rest down."""
    yield from _start(hands, params, "=C2*D2")
    yield from _fill(hands, truth["last"])
    yield from save(hands, "Every order has its amount; I save the file.")
    yield hands.finish(f"Column E holds a formula for every order under the heading {params['header']}.")


def near_misses(hands, params, truth):
    """Not filled down, a row too few, a sum for a product, without a heading, or not saved."""
    last = truth["last"]

    def unsaved():
        yield from _start(hands, params, "=C2*D2")
        yield from _fill(hands, last)
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "first_row_only": then_save(hands, _start(hands, params, "=C2*D2")),
        "row_short": then_save(hands, _start(hands, params, "=C2*D2"), _fill(hands, last - 1)),
        "fixed_price": then_save(hands, _start(hands, params, "=C2*D$2"), _fill(hands, last)),
        "no_heading": then_save(hands, enter(hands, "E2", "=C2*D2", "The first amount."), _fill(hands, last)),
    }


def _start(hands, params, formula):
    yield from enter(
        hands, "E1", params["header"], "The new column comes right of the prices, so its heading goes into E1.",
        f"The heading is {params['header']}.",
    )  # fmt: skip
    yield from enter(
        hands,
        "E2",
        formula,
        "The first order stands in row 2.",
        "Its amount is the quantity in C times the price in D.",
    )


def _fill(hands, last):
    yield from select(hands, "I go back to the first formula.", "E2")
    yield hands.drag(
        f"I select the cells down to the last order, in row {last}.", [place(hands, "E2"), place(hands, f"E{last}")]
    )
    yield hands.press("I fill the formula down.", "ctrl+d")
