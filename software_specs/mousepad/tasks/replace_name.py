"""Correct a client's name throughout a letter."""

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_text, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import menu, save

TEMPLATE = """Dear Ms {name},

thank you for your order of {day} {month}. We have booked {count} crates for {name} Trading
and will deliver them to the {street} depot. The invoice is addressed to {name} Trading, as always.

{extra}Please confirm that the driver may ask for {name} at the gate.

Kind regards
Warehouse {letter}
"""
EXTRAS = ["", "Two pallets carry the label {name}-B and come a day later.\n\n", "Ms {name} need not be there.\n\n"]


def setup(machine, params, rng):
    """Write a letter that names the client five or six times."""
    filled = TEMPLATE.replace("{extra}", rng.choice(EXTRAS)).format(
        name="{name}",
        day=rng.randint(2, 27),
        month=rng.choice(["March", "May", "September"]),
        count=rng.randint(11, 98),
        street=rng.choice(["Harbour", "Mill", "Station"]),
        letter=rng.choice("ABCDE"),
    )
    machine.write("letter.txt", filled.replace("{name}", params["old"]))
    return {"text": filled.replace("{name}", params["new"])}


def verify(evidence):
    """The old name is gone, the new one stands in its places, and nothing else has changed."""
    old, new, wanted = evidence.params["old"], evidence.params["new"], evidence.truth["text"]
    found = read_text(evidence.read("letter.txt"))
    return Verdict.of(
        equal("the old name is gone", 0, found.count(old), weight=2),
        equal("the new name is everywhere", wanted.count(new), found.count(new), weight=2),
        same_text("the rest is as it was", wanted.replace(new, old), found.replace(new, old)),
    )


def solve(hands, params, truth):
    """Use Find and Replace."""
    yield from _fill_in(hands, params["old"], params["new"])
    yield from _replace_all(hands)
    yield from save(hands)
    yield hands.finish("The corrected letter is saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; a misspelt name; replacing the first place only."""

    def unsaved():
        yield from _fill_in(hands, params["old"], params["new"])
        yield from _replace_all(hands)
        yield hands.finish("Done.")

    def misspelt():
        yield from _fill_in(hands, params["old"], params["new"][:-1])
        yield from _replace_all(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def first_only():
        yield from _fill_in(hands, params["old"], params["new"])
        dialog = hands.find("dialog", "Find and Replace")
        yield hands.click("I find the name.", hands.find("button", "Find", within=dialog))
        yield hands.click("I replace it.", hands.find("button", "Replace", within=dialog))
        yield hands.click("I close the dialog.", hands.find("button", "Close", within=dialog))
        yield from save(hands)
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "misspelt": misspelt(), "first only": first_only()}


def _fill_in(hands, old, new):
    if not hands.seek("dialog", "Find and Replace"):
        yield from menu(
            hands,
            "The name stands in several places: is there a replace command?",
            "Search",
            "Find and Replace...",
        )
    dialog = hands.find("dialog", "Find and Replace")
    search, replacement = hands.seek("text", within=dialog)
    yield hands.click("The search field comes first.", search)
    yield hands.type(f"I look for {old}.", old)
    yield hands.click("Next is what to put instead.", replacement)
    yield hands.type(f"It becomes {new}.", new)


def _replace_all(hands):
    dialog = hands.find("dialog", "Find and Replace")
    everywhere = hands.find("check box", "Replace all in:", within=dialog)
    if "checked" not in everywhere.states:
        x, y, _, height = everywhere.box
        yield hands.click("Every occurrence in the document is to change.", (x + 12, y + height // 2))
    yield hands.click("I replace all of them at once.", hands.find("button", "Replace All", within=dialog))
    yield hands.click("The new name is there; I close the dialog.", hands.find("button", "Close", within=dialog))
