"""Put the total of a weekday's hours below them."""

from deskgym.verifiers.verdict import Verdict

from ._shared import computes, contents, enter, ods_file, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "hours.ods", "Hours"
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
CREW = ["Adeyemi", "Brandt", "Castillo", "Dubois", "Eriksen", "Farouk", "Greco", "Hansen", "Ito", "Jansen", "Kowalski",
        "Lopez", "Moreau", "Nowak", "Okoye", "Petrov", "Quinn", "Rossi"]  # fmt: skip


def setup(machine, params, rng):
    """Write the hours of a crew from Monday to Friday."""
    crew = sorted(rng.sample(CREW, rng.randint(7, 15)))
    rows = [["Name", *DAYS], *([name, *(rng.randint(8, 38) / 4 for _ in DAYS)] for name in crew)]
    machine.write(FILE, ods_file({SHEET: rows}))
    column = "BCDEF"[DAYS.index(params["day"])]
    return {"before": contents(SHEET, rows), "column": column, "last": len(rows)}


def verify(evidence):
    """The cell below the day's hours adds them up, and nothing else has changed."""
    column, last = evidence.truth["column"], evidence.truth["last"]
    before, cell, area = evidence.truth["before"], f"{column}{last + 1}", f"{column}2:{column}{last}"
    total = sum(before[f"{SHEET}!{column}{row}"] for row in range(2, last + 1))
    book, by_calc = saved_book(evidence, FILE)
    return Verdict.of(
        by_calc,
        computes("the total below the hours", book.sheets[SHEET], {cell: (total, [area])}),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Type a SUM below the last hours."""
    column, last = truth["column"], truth["last"]
    yield from enter(
        hands, f"{column}{last + 1}", f"=SUM({column}2:{column}{last})",
        f"{params['day']} is column {column}; the first free cell below its hours is in row {last + 1}.",
        f"The hours stand in rows 2 to {last}.",
    )  # fmt: skip
    yield from save(hands, "The total is there; I save the file.")
    yield hands.finish(f"The hours of {params['day']} are added up below them.")


def near_misses(hands, params, truth):
    """A number, a row too few, the next day's hours, below another column, or not saved."""
    column, last = truth["column"], truth["last"]
    other = "BCDEFB"["BCDEF".index(column) + 1]
    total = sum(truth["before"][f"{SHEET}!{column}{row}"] for row in range(2, last + 1))

    def put(what, where=column):
        return enter(hands, f"{where}{last + 1}", what, "The total goes below the hours.")

    def unsaved():
        yield from put(f"=SUM({column}2:{column}{last})")
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "number": then_save(hands, put(total)),
        "row_short": then_save(hands, put(f"=SUM({column}3:{column}{last})")),
        "wrong_day": then_save(hands, put(f"=SUM({other}2:{other}{last})")),
        "wrong_cell": then_save(hands, put(f"=SUM({column}2:{column}{last})", other)),
    }
