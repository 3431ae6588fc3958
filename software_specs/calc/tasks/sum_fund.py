"""Add up with a formula what was given to one fund."""

from deskgym.verifiers.verdict import Verdict

from ._shared import computes, contents, enter, ods_file, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "donations.ods", "Donations"
FUNDS = ["Library", "Garden", "School", "Clinic"]
DONORS = ["Abbott", "Baker", "Chen", "Diaz", "Evans", "Fofana", "Gupta", "Hill", "Ivanova", "Jung", "Kaya", "Lindgren"]


def setup(machine, params, rng):
    """Write donations; the first and the last go to the fund, so that a range too short is wrong."""
    rows = [["Donor", "Fund", "Amount"]]
    rows += [[rng.choice(DONORS), rng.choice(FUNDS), 5 * rng.randint(2, 160)] for _ in range(rng.randint(18, 27))]
    rows[1][1] = rows[-1][1] = params["fund"]
    machine.write(FILE, ods_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "last": len(rows)}


def _total(before, last, fund):
    rows = [row for row in range(2, last + 1) if before[f"{SHEET}!B{row}"] == fund]
    return sum(before[f"{SHEET}!C{row}"] for row in rows)


def verify(evidence):
    """The cell adds up the fund's amounts by a formula over the whole list, and nothing else has changed."""
    cell, before, last = evidence.params["cell"], evidence.truth["before"], evidence.truth["last"]
    total = _total(before, last, evidence.params["fund"])
    book, by_calc = saved_book(evidence, FILE)
    return Verdict.of(
        by_calc,
        computes("the fund's total", book.sheets[SHEET], {cell: (total, [f"B2:B{last}", f"C2:C{last}"])}),
        rest_unchanged(before, book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Type a SUMIF."""
    cell, last = params["cell"], truth["last"]
    yield from enter(
        hands, cell, f'=SUMIF(B2:B{last},"{params["fund"]}",C2:C{last})', f"The sum goes into {cell}.",
        f"The funds stand in B2 to B{last}, the amounts beside them; SUMIF adds up those of {params['fund']}.",
    )  # fmt: skip
    yield from save(hands, "I save the list.")
    yield hands.finish(f"The donations to {params['fund']} are added up, and the file is saved.")


def near_misses(hands, params, truth):
    """A number, a range that ends early, another fund, all funds, another cell, or not saved."""
    cell, fund, last = params["cell"], params["fund"], truth["last"]
    formula = f'=SUMIF(B2:B{last},"{fund}",C2:C{last})'
    other = FUNDS[FUNDS.index(fund) - 1]

    def put(what, where=cell):
        return enter(hands, where, what, f"The sum goes into {where}.")

    def unsaved():
        yield from put(formula)
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "number": then_save(hands, put(_total(truth["before"], last, fund))),
        "formula_of_a_number": then_save(hands, put(f"=SUM({_total(truth['before'], last, fund)})")),
        "row_short": then_save(hands, put(formula.replace(str(last), str(last - 1)))),
        "wrong_fund": then_save(hands, put(formula.replace(fund, other))),
        "all_funds": then_save(hands, put(f"=SUM(C2:C{last})")),
        "wrong_cell": then_save(hands, put(formula, "H8")),
    }
