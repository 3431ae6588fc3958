"""Correct one price among parts that look alike."""

from deskgym.verifiers.checks import equal
from deskgym.verifiers.verdict import Verdict

from ._shared import contents, enter, gnumeric_file, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "prices.gnumeric", "Prices"
PARTS, SIZES = ["BR-1047", "BR-1074", "BR-1407", "BR-4107"], ["small", "medium", "large"]


def setup(machine, params, rng):
    """Write a price list in which every part comes in three sizes, in no order."""
    kinds = [(part, size) for part in PARTS for size in SIZES]
    rng.shuffle(kinds)
    rows = [["Part", "Size", "Stock", "Price"]]
    # Always dearer than the prices of the goal, so that the old one is never right.
    rows += [[part, size, rng.randint(3, 240), rng.randint(1900, 3200) / 100] for part, size in kinds]
    machine.write(FILE, gnumeric_file({SHEET: rows}))
    row = kinds.index((params["part"], params["size"])) + 2
    return {
        "before": contents(SHEET, rows),
        "row": row,
        "rows": {f"{part} {size}": number for number, (part, size) in enumerate(kinds, 2)},
    }


def verify(evidence):
    """That one price is right, and nothing else has changed."""
    cell = f"D{evidence.truth['row']}"
    book, by_gnumeric = saved_book(evidence, FILE)
    return Verdict.of(
        by_gnumeric,
        equal("the price is corrected", evidence.params["price"], book.sheets[SHEET][cell].value, weight=2),
        rest_unchanged(evidence.truth["before"], book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Overwrite the price."""
    row = truth["row"]
    yield from enter(
        hands, f"D{row}", params["price"],
        f"{params['part']} in {params['size']} stands in row {row}; its price is in column D.",
        f"The right price is {params['price']}.",
    )  # fmt: skip
    yield from save(hands, "I save the price list.")
    yield hands.finish("The price is corrected and the file saved.")


def near_misses(hands, params, truth):
    """Another size, a part that looks alike, the stock, or not saved."""
    part, size, price = params["part"], params["size"], params["price"]
    other_size = SIZES[SIZES.index(size) - 1]
    other_part = PARTS[PARTS.index(part) - 1]

    def put(key, column="D"):
        return enter(hands, f"{column}{truth['rows'][key]}", price, f"{key} stands in row {truth['rows'][key]}.")

    def unsaved():
        yield from put(f"{part} {size}")
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "wrong_size": then_save(hands, put(f"{part} {other_size}")),
        "wrong_part": then_save(hands, put(f"{other_part} {size}")),
        "wrong_column": then_save(hands, put(f"{part} {size}", "C")),
    }
