"""Delete the rows of a list of guests that stand there twice."""

from deskgym.verifiers.checks import equal
from deskgym.verifiers.verdict import Check, Verdict

from ._shared import contents, ods_file, row_header, save, saved_book, then_save

FILE, SHEET = "guests.ods", "Guests"
NAMES = ["Amara Diallo", "Bela Horvath", "Carla Mendes", "Derek Olsen", "Elif Aydin", "Finn Byrne", "Gita Rao",
         "Hugo Laurent", "Iris Bakker", "Jonas Weber", "Keiko Mori", "Luca Conti"]  # fmt: skip
TABLES = ["Oak", "Elm", "Ash", "Fir"]


def setup(machine, params, rng):
    """Write guests; some rows come twice, and others only share the name, which is no duplicate."""
    guests = [[name, rng.choice(TABLES), rng.randint(1, 6)] for name in rng.sample(NAMES, rng.randint(9, 12))]
    namesakes = [[name, table, seats % 6 + 1] for name, table, seats in rng.sample(guests, 2)]
    for namesake in namesakes:
        guests.insert(rng.randint(1, len(guests)), namesake)
    rows = list(guests)
    for guest in rng.sample(guests, params["count"]):
        rows.insert(rng.randint(rows.index(guest) + 1, len(rows)), guest)
    doubles = [number for number, row in enumerate(rows, 2) if row in rows[: number - 2]]
    rows = [["Guest", "Table", "Seats"], *rows]
    machine.write(FILE, ods_file({SHEET: rows}))
    return {
        "before": contents(SHEET, rows),
        "kept": [row for number, row in enumerate(rows, 1) if number not in doubles],
        "doubles": doubles,
        "namesakes": [number for number, row in enumerate(rows, 1) if row in namesakes and number not in doubles],
    }


def verify(evidence):
    """Every guest stands there once, in the old order, without gaps, and the file holds nothing else."""
    kept = evidence.truth["kept"]
    book, by_calc = saved_book(evidence, FILE)
    rows = book.sheets[SHEET].rows()
    lost = [row for row in kept if row not in rows]
    doubled = [row for number, row in enumerate(rows) if row in rows[:number]]
    shorter = len(rows) < len(kept) + len(evidence.truth["doubles"])
    return Verdict.of(
        by_calc,
        # Nothing is lost from a list that was left as it was: that alone earns nothing.
        Check("no guest lost", shorter and not lost, "all guests once", lost[:3] or f"{len(rows)} rows"),
        Check("no duplicate left", not doubled, "none", doubled[:3]),
        equal("the list is right and has no gaps", kept, rows, weight=2),
        equal("no other sheet", [SHEET], list(book.sheets)),
    )


def solve(hands, params, truth):
    """Delete the later row of each pair, from the bottom up, so that no row moves before its turn."""
    yield from _delete(hands, truth["doubles"])
    yield from save(hands, "Each guest stands there once; I save the list.")
    yield hands.finish("The duplicates are deleted and the file is saved.")


def near_misses(hands, params, truth):
    """One duplicate left, namesakes deleted too, cells emptied instead of rows deleted, or not saved."""
    doubles = truth["doubles"]

    def unsaved():
        yield from _delete(hands, doubles)
        yield hands.finish("Done.")

    def emptied():
        for row in doubles:
            yield hands.click(f"Row {row} is a duplicate.", row_header(hands, row))
            yield hands.press("I empty it.", "delete")

    return {
        "unsaved": unsaved(),
        "one_left": then_save(hands, _delete(hands, doubles[1:])),
        "namesake_deleted": then_save(hands, _delete(hands, sorted([*doubles, truth["namesakes"][0]]))),
        "emptied": then_save(hands, emptied()),
    }


def _delete(hands, rows):
    for row in sorted(rows, reverse=True):
        yield hands.click(f"Row {row} repeats an earlier row word for word.", row_header(hands, row), button="right")
        yield hands.click("I delete the whole row.", hands.find("menu item", "Delete Rows"))
