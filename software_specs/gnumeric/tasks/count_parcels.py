"""Count with a formula how many parcels have a status."""

from deskgym.verifiers.verdict import Verdict

from ._shared import contents, enter, follows, gnumeric_file, is_formula, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "parcels.gnumeric", "Parcels"
STATUSES = ["delivered", "delayed", "returned", "lost"]
REGIONS = ["North", "East", "South", "West"]


def setup(machine, params, rng):
    """Write a list of parcels; the last one has the status, so that a range too short is wrong."""
    rows = [["Parcel", "Region", "Status", "Weight"]]
    for number in range(rng.randint(19, 26)):
        parcel = f"{rng.choice('KLMP')}{rng.randint(10, 99)}-{number + 101}"
        rows.append([parcel, rng.choice(REGIONS), rng.choice(STATUSES), rng.randint(4, 290) / 10])
    rows[-1][2] = params["status"]
    machine.write(FILE, gnumeric_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "last": len(rows)}


def verify(evidence):
    """The cell counts the status, also when statuses change, and nothing else has changed."""
    cell, before, last = evidence.params["cell"], evidence.truth["before"], evidence.truth["last"]
    other = dict(before)
    for row in range(2, last + 1, 2):
        now = STATUSES.index(before[f"{SHEET}!C{row}"])
        other[f"{SHEET}!C{row}"] = STATUSES[(now + 1 + row % 3) % len(STATUSES)]
    rows = [f"{SHEET}!C{row}" for row in range(2, last + 1)]
    cases = [
        (data, {cell: sum(data[key] == evidence.params["status"] for key in rows)})
        for data in (before, other, other | dict.fromkeys(rows, evidence.params["status"]))
    ]
    book, by_gnumeric = saved_book(evidence, FILE)
    return Verdict.of(
        by_gnumeric,
        is_formula(cell, book, SHEET),
        follows("it counts the status", SHEET, {cell: book.sheets[SHEET][cell].formula}, cases),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Type a COUNTIF."""
    last = truth["last"]
    yield from enter(
        hands, params["cell"], f'=COUNTIF(C2:C{last},"{params["status"]}")', f"The count goes into {params['cell']}.",
        f"The statuses stand in C2 to C{last}; COUNTIF counts those that are {params['status']}.",
    )  # fmt: skip
    yield from save(hands, "I save the list.")
    yield hands.finish("The count is there, and the file is saved.")


def near_misses(hands, params, truth):
    """A counted number, a range that ends early, another status, another cell, or not saved."""
    cell, status, last = params["cell"], params["status"], truth["last"]
    count = list(truth["before"].values()).count(status)
    other = STATUSES[STATUSES.index(status) - 1]

    def put(where, what):
        return enter(hands, where, what, f"The count goes into {where}.")

    def unsaved():
        yield from put(cell, f'=COUNTIF(C2:C{last},"{status}")')
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "number": then_save(hands, put(cell, count)),
        "row_short": then_save(hands, put(cell, f'=COUNTIF(C2:C{last - 1},"{status}")')),
        "wrong_status": then_save(hands, put(cell, f'=COUNTIF(C2:C{last},"{other}")')),
        "wrong_cell": then_save(hands, put("H9", f'=COUNTIF(C2:C{last},"{status}")')),
    }
