"""Sign off work at the end of a log, in exact words."""

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_lines, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import editor, save

WORK = ["Filter of line {n} changed", "Compressor {n} – noise checked", "Lamp {n} replaced",
        "Drain of hall {n} cleared", "Belt {n} tightened"]  # fmt: skip
WHO = ["Inès Faure", "Tomáš Dvořák", "Åsa Lund", "Paul Reid"]


def setup(machine, params, rng):
    """Write a log of four to seven entries, whose last line may or may not be ended."""
    days = sorted(rng.sample(range(10, 29), rng.randint(4, 7)))
    entries = [
        f"2025-03-{day} {rng.randint(6, 18):02}:{rng.randint(10, 59)} | "
        f"{rng.choice(WORK).format(n=rng.randint(1, 9))} | {rng.choice(WHO)}"
        for day in days
    ]
    ended = rng.random() < 0.5
    machine.write("maintenance.log", "\n".join(entries) + ("\n" if ended else ""))
    return {"entries": entries, "ended": ended, "entry": _entry(params)}


def verify(evidence):
    """The entry is the last line, in exact words, and the older entries are as they were."""
    truth = evidence.truth
    found = read_lines(evidence.read("maintenance.log"))
    while found and not found[-1]:
        found.pop()
    return Verdict.of(
        equal("the last line is the entry", truth["entry"], found[-1] if found else "", weight=3),
        same_text("the older entries", "\n".join(truth["entries"]), "\n".join(found[:-1]), weight=2),
    )


def solve(hands, params, truth):
    """Go to the end, start a line if need be, type the entry."""
    yield from _to_the_end(hands, truth)
    yield hands.type("I type the entry as it was given to me.", _entry(params))
    yield from save(hands)
    yield hands.finish("The entry is signed and saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; a hyphen for the dash; writing on top; no accents."""

    def written(entry):
        yield from _to_the_end(hands, truth)
        yield hands.type("I type the entry.", entry)
        yield from save(hands)
        yield hands.finish("Done.")

    def unsaved():
        yield from _to_the_end(hands, truth)
        yield hands.type("I type the entry.", _entry(params))
        yield hands.finish("Done.")

    def on_top():
        yield hands.click("I click into the log.", editor(hands))
        yield hands.press("I go to the top.", "ctrl+home")
        yield hands.type("I type the entry.", _entry(params) + "\n")
        yield from save(hands)
        yield hands.finish("Done.")

    plain = _entry(params).encode("ascii", "ignore").decode()
    hyphen = _entry(params).replace("–", "-")
    return {"unsaved": unsaved(), "hyphen": written(hyphen), "no accents": written(plain), "on top": on_top()}


def _entry(params):
    return f"{params['date']} | {params['what']} | {params['who']}"


def _to_the_end(hands, truth):
    yield hands.click("I click into the log.", editor(hands))
    yield hands.press("New entries come last: I go to the end.", "ctrl+end")
    if not truth["ended"]:
        yield hands.press("The caret stands behind the last entry, so I start a new line.", "enter")
