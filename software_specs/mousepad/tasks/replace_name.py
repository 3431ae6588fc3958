"""Correct a client's name throughout a letter."""

from deskgym.verifiers.checks.text import read_text, same_text
from deskgym.verifiers.verdict import Verdict

TEMPLATE = """Dear Ms {name},

thank you for your order of {day} {month}. We have booked {count} crates for {name} Trading
and will deliver them to the {street} depot. The invoice is addressed to {name} Trading, as always.

Please confirm that the driver may ask for {name} at the gate.

Kind regards
Warehouse {letter}
"""


def setup(machine, params, rng):
    """Write a letter that names the client five times, once as a part of another word."""
    filled = TEMPLATE.format(
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
    """The letter on disk is the corrected one, and nothing else in it has changed."""
    return Verdict.of(same_text("letter corrected", evidence.truth["text"], read_text(evidence.read("letter.txt"))))


def solve(hands, params, truth):
    """Use the replace dialog."""
    yield from _replace(hands, params["old"], params["new"])
    yield hands.press("All names are replaced; I save the letter.", "ctrl+s")
    yield hands.finish("The corrected letter is saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; replacing with the wrong name; deleting the name."""

    def unsaved():
        yield from _replace(hands, params["old"], params["new"])
        yield hands.finish("Done.")

    def misspelt():
        yield from _replace(hands, params["old"], params["new"][:-1])
        yield hands.press("I save the letter.", "ctrl+s")
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "misspelt": misspelt()}


def _replace(hands, old, new):
    yield hands.press("I open Find and Replace, since the name stands in several places.", "ctrl+r")
    dialog = hands.find("dialog", "Find and Replace")
    search, replacement = hands.seek("text", within=dialog)
    yield hands.click("The search field comes first.", search, count=3)
    yield hands.type(f"I look for {old}.", old)
    yield hands.click("Next is what to put instead.", replacement, count=3)
    yield hands.type(f"It becomes {new}.", new)
    everywhere = hands.find("check box", "Replace all in:", within=dialog)
    if "checked" not in everywhere.states:
        yield hands.click("Every occurrence in the document is to change.", everywhere)
    yield hands.click("I replace all of them at once.", hands.find("button", "Replace", within=dialog))
    yield hands.press("I close the dialog.", "escape")
