"""Add a line at the end of a shopping list. This file stays on the host's side: it never enters the machine."""

from deskgym.verifiers.checks.text import read_text, same_text
from deskgym.verifiers.verdict import Verdict

GOODS = ["pens", "folders", "tape", "envelopes", "labels", "clips"]


def setup(machine, params, rng):
    """Prepare the machine from the seed's data, and return the truth that `verify` will hold against the evidence."""
    lines = rng.sample(GOODS, 4)
    machine.write("list.txt", "\n".join(lines) + "\n")
    return {"text": "\n".join([*lines, params["item"]])}


def verify(evidence):
    """Judge the files as they lay at the end: exactly the wanted text, so nothing else may have changed."""
    found = read_text(evidence.read("list.txt"))
    return Verdict.of(same_text("line added, the rest untouched", evidence.truth["text"], found))


def solve(hands, params, truth):
    """Play it as one who knows how: a thought in words and a pixel action each time."""
    yield hands.click("I click into the text.", hands.find("text"))
    yield hands.press("The new line belongs at the end.", "ctrl+end")
    yield hands.type("I write it on a line of its own.", params["item"] + "\n")
    yield hands.press("I save.", "ctrl+s")
    yield hands.finish("The line is added and saved.")


def near_misses(hands, params, truth):
    """Plausible mistakes; each must fail."""

    def unsaved():
        yield hands.press("To the end.", "ctrl+end")
        yield hands.type("The line.", params["item"] + "\n")
        yield hands.finish("Done.")

    def at_the_top():
        yield hands.press("To the start.", "ctrl+home")
        yield hands.type("The line.", params["item"] + "\n")
        yield hands.press("I save.", "ctrl+s")
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "at the top": at_the_top()}
