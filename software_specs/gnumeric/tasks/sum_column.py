"""Add up a column of sales with a formula in a given cell."""

import math

from deskgym.verifiers.verdict import Verdict

from ._shared import contents, enter, follows, gnumeric_file, is_formula, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "sales.gnumeric", "Sales"
TOWNS = ["Aarhus", "Bergen", "Cork", "Delft", "Exeter", "Faro", "Ghent", "Halle", "Ivrea", "Jaén", "Kaunas", "Lille",
         "Malmö", "Narvik", "Oslo", "Porto", "Rouen", "Siena", "Turku", "Vigo"]  # fmt: skip
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]


def setup(machine, params, rng):
    """Write the sales of some towns in three months."""
    towns = sorted(rng.sample(TOWNS, rng.randint(8, 16)))
    first = rng.randrange(len(MONTHS) - 2)
    rows = [["Town", *MONTHS[first : first + 3]]]
    rows += [[town, *(rng.randint(1200, 98000) / 10 for _ in range(3))] for town in towns]
    machine.write(FILE, gnumeric_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "last": len(rows)}


def verify(evidence):
    """The cell adds up the whole column, whatever stands in it, and nothing else has changed."""
    cell, before = evidence.params["cell"], evidence.truth["before"]
    column = [f"{SHEET}!{evidence.params['column']}{row}" for row in range(2, evidence.truth["last"] + 1)]
    other = before | {key: 10 * before[key] + number for number, key in enumerate(column)}
    cases = [(cells, {cell: math.fsum(cells[key] for key in column)}) for cells in (before, other)]
    book, by_gnumeric = saved_book(evidence, FILE)
    return Verdict.of(
        by_gnumeric,
        is_formula(cell, book, SHEET),
        follows("it adds up the column", SHEET, {cell: book.sheets[SHEET][cell].formula}, cases),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Type the formula into the cell."""
    column, cell, last = params["column"], params["cell"], truth["last"]
    yield from enter(
        hands, cell, f"=SUM({column}2:{column}{last})", f"The total goes into {cell}.",
        f"The figures of column {column} stand in rows 2 to {last}, below the heading.",
    )  # fmt: skip
    yield from save(hands, "The total is there; I save the file.")
    yield hands.finish(f"{cell} holds the total of column {column}, and the file is saved.")


def near_misses(hands, params, truth):
    """A number, a row too few, the neighbouring column, another cell, or not saved."""
    column, cell, last = params["column"], params["cell"], truth["last"]
    other = {"B": "C", "C": "D", "D": "B"}[column]
    total = math.fsum(
        value for key, value in truth["before"].items() if key[6] == column and not isinstance(value, str)
    )
    formula = f"=SUM({column}2:{column}{last})"

    def put(where, what):
        return enter(hands, where, what, f"The total goes into {where}.")

    def unsaved():
        yield from put(cell, formula)
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "number": then_save(hands, put(cell, f"{total:.1f}")),
        "row_short": then_save(hands, put(cell, f"=SUM({column}2:{column}{last - 1})")),
        "wrong_column": then_save(hands, put(cell, formula.replace(column, other))),
        "wrong_cell": then_save(hands, put("H5", formula)),
    }
