"""Publish a draft under a new name with its heading in capitals."""

from deskgym.verifiers.checks.basic import equal, fingerprint
from deskgym.verifiers.checks.text import read_lines
from deskgym.verifiers.verdict import Verdict

from ._shared import lines, menu, place, save

HEADINGS = ["The café is closed until {n} June", "New gate hours from {n} June", "Fire drill in hall {n}",
            "Résumé of the safety meeting, item {n}", "Forklift licences: {n} still missing"]  # fmt: skip
BODY = """
To all {who},

please note that {street} gate opens at {n}:15 from now on. Badges are issued
at desk {n}; bring a photograph. Questions go to the office, extension {m}.

Signed for the {who}'s council
"""


def setup(machine, params, rng):
    """Write a draft whose heading is in ordinary letters."""
    heading = rng.choice(HEADINGS).format(n=rng.randint(11, 28))
    body = BODY.format(who=rng.choice(["drivers", "packers", "fitters"]), street=rng.choice(["Mill", "North", "Quay"]),
                       n=rng.randint(6, 9), m=rng.randint(200, 499))  # fmt: skip
    text = heading + "\n" + body
    machine.write("draft.txt", text)
    return {"heading": heading.upper(), "body": body.rstrip("\n").split("\n"), "draft": fingerprint(text.encode())}


def verify(evidence):
    """The new file has the heading in capitals and the draft's text; the draft is untouched."""
    name, truth = _name(evidence.params), evidence.truth
    found = read_lines(evidence.read(name)) if evidence.exists(name) else []
    return Verdict.of(
        equal(f"{name} exists", True, evidence.exists(name)),
        equal("its first line is in capitals", truth["heading"], found[0] if found else "", weight=2),
        equal("its text is the draft's", truth["body"], found[1:]),
        equal("draft.txt is as it was", truth["draft"], fingerprint(evidence.read("draft.txt"))),
    )


def solve(hands, params, truth):
    """Mark the heading, convert it by the menu, and use Save As."""
    yield from _capitals(hands)
    yield from _save_as(hands, _name(params))
    yield hands.finish(f"The notice is saved as {_name(params)}.")


def near_misses(hands, params, truth):
    """Saving over the draft; saving under a misspelt name; leaving the heading; converting the whole text."""
    name = _name(params)

    def over_the_draft():
        yield from _capitals(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def wrong_name():
        yield from _capitals(hands)
        yield from _save_as(hands, name.replace("notice_", "notice-"))
        yield hands.finish("Done.")

    def heading_left():
        yield from _save_as(hands, name)
        yield hands.finish("Done.")

    def everything():
        yield hands.press("I mark the text.", "ctrl+a")
        yield from menu(hands, "I convert it.", "Edit", "Convert", "To Uppercase")
        yield from _save_as(hands, name)
        yield hands.finish("Done.")

    return {"over the draft": over_the_draft(), "wrong name": wrong_name(), "heading left": heading_left(),
            "everything": everything()}  # fmt: skip


def _name(params):
    return f"notice_{params['place']}_{params['year']}.txt"


def _capitals(hands):
    heading = lines(hands)[0]
    if not heading.isupper():
        yield hands.click("A triple click marks the first line.", place(hands, 0, len(heading) / 2), count=3)
        yield from menu(hands, "A command may change its letters.", "Edit", "Convert", "To Uppercase")


def _save_as(hands, name):
    if not hands.seek("file chooser", "Save As"):
        yield from menu(hands, "The draft must stay as it is, so I save under a new name.", "File", "Save As...")
    dialog = hands.find("file chooser", "Save As")
    field = hands.find("text", within=dialog)
    yield hands.click("The name is to be another: I mark the old one.", field, count=3)
    yield hands.type("I type the new name.", name)
    button = hands.find("button", "Save", within=dialog)
    if button.center[1] < hands.size[1]:
        yield hands.click("I save.", button)
    else:
        yield hands.press("The dialog is larger than the screen; Enter saves.", "enter")
    if hands.seek("file chooser", "Save As"):
        yield hands.wait("The dialog has not closed yet; I wait for it.", 1000)
