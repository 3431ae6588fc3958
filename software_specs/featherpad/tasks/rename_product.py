"""Rename a product throughout a text, but not the products whose names contain it."""

import re

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_text, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import menu, save

QUESTIONS = [
    "Which system does {old} run on?\nOn version {n} and later; {old}Base is needed only for the archive.",
    "Can I use {old} without a licence?\nFor {n} days. After that {old} asks for its key at every start.",
    "What is {old}Base?\nThe data store of {n} services. It is sold apart from {old}.",
    "Where are the files of {old} kept?\nIn the folder work{n}; those of {old}Base lie beside it.",
    "Who answers questions about {old}?\nThe help desk, extension {n}, Mondays to Fridays.",
]


def setup(machine, params, rng):
    """Write four questions that name the product and its look-alike."""
    old = params["old"]
    asked = ["Questions about {old}", QUESTIONS[2], *rng.sample([*QUESTIONS[:2], *QUESTIONS[3:]], 3)]
    text = "\n\n".join(asked).replace("{n}", str(rng.randint(11, 89))).replace("{old}", old) + "\n"
    machine.write("faq.txt", text)
    return {"text": re.sub(rf"\b{old}\b", params["new"], text)}


def verify(evidence):
    """The word is replaced everywhere, the longer names are left, and so is the rest."""
    old, wanted = evidence.params["old"], evidence.truth["text"]
    found = read_text(evidence.read("faq.txt"))
    word = re.compile(rf"\b{old}\b")
    return Verdict.of(
        equal("the old name is gone", 0, len(word.findall(found)), weight=3),
        equal("longer names are left alone", wanted.count(f"{old}Base"), found.count(f"{old}Base")),
        same_text("the whole text", wanted, found, weight=3),
    )


def solve(hands, params, truth):
    """Use the replace bar, with whole words only."""
    yield from _fill_in(hands, params["old"], params["new"])
    yield from _whole_words(hands)
    yield from _replace_all(hands)
    yield from save(hands)
    yield hands.finish(f"{params['new']} stands in the place of {params['old']}; the file is saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; replacing parts of words; replacing the first place only."""

    def unsaved():
        yield from _fill_in(hands, params["old"], params["new"])
        yield from _whole_words(hands)
        yield from _replace_all(hands)
        yield hands.finish("Done.")

    def parts_of_words():
        yield from _fill_in(hands, params["old"], params["new"])
        yield from _replace_all(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def first_only():
        yield from _fill_in(hands, params["old"], params["new"])
        yield hands.click("I look for the first one.", _buttons(hands)[0])
        yield hands.click("I replace it.", _buttons(hands)[0])
        yield from save(hands)
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "parts of words": parts_of_words(), "first only": first_only()}


def _buttons(hands):
    """Next, previous and replace all; they have pictures for names."""
    bar = hands.find("frame", "Replacement")
    return [button for button in hands.seek("push button", "", within=bar) if button.box[2] == button.box[3] + 1]


def _fill_in(hands, old, new):
    if not hands.seek("frame", "Replacement"):
        yield from menu(hands, "The name stands in many places: I look for a replace command.", "Search", "Replace")
    search, replacement = hands.seek("text", within=hands.find("frame", "Replacement"))
    yield hands.click("The field for what to find comes first.", search)
    yield hands.type(f"I look for {old}.", old)
    yield hands.click("Next is what to put instead.", replacement)
    yield hands.type(f"It becomes {new}.", new)


def _whole_words(hands):
    whole = hands.find("check box", nth=1)
    if "checked" not in whole.states:
        yield hands.click("Longer words must stay, so I ask for whole words, the middle one of the three.", whole)


def _replace_all(hands):
    yield hands.click("The double arrow replaces them all.", _buttons(hands)[-1])
