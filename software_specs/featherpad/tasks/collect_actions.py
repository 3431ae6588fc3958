"""Collect the action items of one file below those of another, under a new name."""

import re

from deskgym.verifiers.checks.basic import equal, fingerprint
from deskgym.verifiers.checks.text import read_lines
from deskgym.verifiers.verdict import Verdict

from ._shared import editor, lines, menu, place, save, select_tab

ITEMS = ["order {n} badges", "repair the door of room {n}", "ask {who} about the budget", "book hall {n} for the audit",
         "send {who} the key list", "count the chairs in room {n}", "call the printer's, extension {n}",
         "draw up {who}'s contract"]  # fmt: skip
TALK = ["Present: {who} and nine others.", "The lease was discussed; nothing was decided.", "Next meeting in room {n}."]
OPEN = "Open file..."
WHO = ["Ms Lindgren", "Mr Osei", "Ms Tanaka", "Mr Weber"]


def setup(machine, params, rng):
    """Write a list of open actions, and minutes with numbered items between other lines."""
    drawn = [item.format(n=rng.randint(101, 399), who=rng.choice(WHO)) for item in rng.sample(ITEMS, 7)]
    new = [f"{number}. {item}" for number, item in enumerate(drawn[: rng.randint(3, 4)], 1)]
    actions = ["OPEN ACTIONS", *(f"- {item}" for item in drawn[4:])]
    talk = [line.format(n=rng.randint(101, 399), who=rng.choice(WHO)) for line in TALK]
    minutes = [f"MINUTES of {rng.randint(2, 27)} May", talk[0], talk[1], "", "Action items", *new, "", talk[2]]
    files = {"actions": "\n".join(actions) + "\n", "minutes": "\n".join(minutes) + "\n"}
    for name, text in files.items():
        machine.write(f"{name}.txt", text)
    before = {name: fingerprint(text.encode()) for name, text in files.items()}
    return {"minutes": files["minutes"], "actions": actions, "items": new, "before": before}


def verify(evidence):
    """The new file has the old list and the items; both sources are untouched."""
    name, truth = evidence.params["name"], evidence.truth
    there = evidence.exists(name)
    found = [line.rstrip() for line in read_lines(evidence.read(name)) if line.strip()] if there else []
    after = {source: fingerprint(evidence.read(f"{source}.txt")) for source in truth["before"]}
    old = len(truth["actions"])
    return Verdict.of(
        equal(f"{name} exists", True, there, weight=2),
        equal("it begins with the list", truth["actions"], found[:old], weight=2),
        equal("the action items follow", truth["items"], found[old:], weight=4),
        equal("actions.txt is as it was", truth["before"]["actions"], after["actions"]),
        equal("minutes.txt is as it was", truth["before"]["minutes"], after["minutes"]),
    )


def solve(hands, params, truth):
    """Drag over the items, copy, open the list, paste, and save under the new name."""
    yield from _copy(hands, truth)
    yield from _paste(hands)
    yield from _save_as(hands, params["name"])
    yield hands.finish(f"The list is saved as {params['name']}.")


def near_misses(hands, params, truth):
    """Saving over actions.txt; another name; one item too few; items of the talk too; nothing saved."""
    name = params["name"]

    def over_the_list():
        yield from _copy(hands, truth)
        yield from _paste(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def wrong_name():
        yield from _copy(hands, truth)
        yield from _paste(hands)
        yield from _save_as(hands, name.replace("_", "-").replace("-new", "_new"))
        yield hands.finish("Done.")

    def one_too_few():
        yield from _copy(hands, truth, less=1)
        yield from _paste(hands)
        yield from _save_as(hands, name)
        yield hands.finish("Done.")

    def not_pasted():
        yield from _open_list(hands)
        yield from _save_as(hands, name)
        yield hands.finish("Done.")

    return {"over the list": over_the_list(), "wrong name": wrong_name(), "one too few": one_too_few(),
            "not pasted": not_pasted()}  # fmt: skip


def _copy(hands, truth, less=0):
    yield from select_tab(hands, "minutes.txt")
    numbered = [n for n, line in enumerate(lines(hands, truth["minutes"])) if line[:1].isdigit()]
    path = [place(hands, numbered[0]), place(hands, numbered[-1] + 1 - less)]
    yield hands.drag("The action items are numbered: I drag from the first to the line after the last.", path)
    yield hands.press("I copy them.", "ctrl+c")


def _paste(hands):
    yield from _open_list(hands)
    yield hands.click("I click into the list.", editor(hands))
    yield hands.press("They belong at the end.", "ctrl+end")
    yield hands.press("I paste them.", "ctrl+v")


def _open_list(hands):
    """Bring actions.txt to the front, opening it first if need be."""
    if hands.seek("page tab", re.compile(r"actions\.txt")):
        yield from select_tab(hands, "actions.txt")
        return
    if not hands.seek("dialog", OPEN):
        yield from menu(hands, "The list is in another file, which I open.", "File", "Open")
    dialog = hands.find("dialog", OPEN)
    yield hands.click("I mark the name in the field.", hands.find("text", "File name:", within=dialog), count=3)
    yield hands.type("I type the name of the list.", "actions.txt\n")


def _save_as(hands, name):
    if not hands.seek("dialog", "Save as..."):
        yield from menu(hands, "The files must stay as they are: I save under a new name.", "File", "Save As")
    dialog = hands.find("dialog", "Save as...")
    yield hands.click("I mark the old name.", hands.find("text", "File name:", within=dialog), count=3)
    yield hands.type("I type the new name.", name)
    yield hands.click("I save.", hands.find("push button", "Save", within=dialog))
