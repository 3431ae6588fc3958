"""Move a section from one open file to the end of another."""

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_text
from deskgym.verifiers.verdict import Verdict

from ._shared import editor, lines, place, save, select_tab

NEWS = {
    "CANTEEN": ["The canteen opens at {h}:30 and serves a second", "soup. Guests pay {n} euros."],
    "PARKING": ["Row {n} of the car park is closed for painting.", "Please use the yard behind hall {h}."],
    "TRAINING": ["The first-aid course takes place in room {n}.", "Sign up with Ms Keller by {h} o'clock."],
    "LIFTS": ["Lift {h} is checked on the {n}th.", "Deliveries go through the ramp, as before."],
    "HOLIDAYS": ["Requests for August are due on the {n}th;", "the office closes at {h} on Fridays."],
}
OLD = ["KEYS\nOld keys are to be returned to desk {n}.", "HEATING\nHall {n} is heated from {h} o'clock on."]


def setup(machine, params, rng):
    """Write a newsletter of four or five sections and an archive of two."""
    headings = [name for name in NEWS if name != params["section"]]
    chosen = [*rng.sample(headings, rng.randint(3, 4)), params["section"]]
    rng.shuffle(chosen)
    news = [_section(name, rng) for name in chosen]
    old = [text.format(n=rng.randint(11, 29), h=rng.randint(6, 9)) for text in OLD]
    title, archive = f"News of week {rng.randint(10, 40)}", f"Archive {rng.randint(2019, 2024)}"
    machine.write("newsletter.txt", "\n\n".join([title, *news]) + "\n")
    machine.write("archive.txt", "\n\n".join([archive, *old]) + "\n\n")
    section = news[chosen.index(params["section"])]
    return {"news": [title, *(text for text in news if text != section)], "archive": [archive, *old, section]}


def verify(evidence):
    """The section is gone from the newsletter and stands last in the archive; all else is in its place."""
    news, archive = (_paragraphs(read_text(evidence.read(f"{name}.txt"))) for name in ("newsletter", "archive"))
    wanted = evidence.truth["archive"]
    heading = evidence.params["section"]
    return Verdict.of(
        equal("the section has left the newsletter", False, any(heading in text for text in news), weight=2),
        equal("the other news are as they were", evidence.truth["news"], [t for t in news if heading not in t]),
        equal("the section is last in the archive", wanted[-1], archive[-1] if archive else "", weight=2),
        equal("the older archive is as it was", wanted[:-1], [t for t in archive if heading not in t]),
        equal("it is there once", 1, sum(heading in text for text in archive), weight=2),
    )


def solve(hands, params, truth):
    """Drag over the section, cut, switch the tab, paste, and save both."""
    name = params["section"]
    yield from _mark(hands, name)
    yield hands.press("The section is marked; I cut it.", "ctrl+x")
    yield from save(hands)
    yield from _paste(hands)
    yield from save(hands)
    yield hands.finish(f"{name} is in the archive now, and both files are saved.")


def near_misses(hands, params, truth):
    """Copying it; leaving one file unsaved; taking the wrong section; putting it first."""
    name = params["section"]

    def copied():
        yield from _mark(hands, name)
        yield hands.press("I copy it.", "ctrl+c")
        yield from _paste(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def one_unsaved():
        yield from _mark(hands, name)
        yield hands.press("I cut it.", "ctrl+x")
        yield from _paste(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def wrong_section():
        yield from select_tab(hands, "newsletter.txt")
        other = next(line for line in lines(hands) if line.isupper() and line != name)
        yield from _mark(hands, other)
        yield hands.press("I cut it.", "ctrl+x")
        yield from save(hands)
        yield from _paste(hands)
        yield from save(hands)
        yield hands.finish("Done.")

    def on_top():
        yield from _mark(hands, name)
        yield hands.press("I cut it.", "ctrl+x")
        yield from save(hands)
        yield from select_tab(hands, "archive.txt")
        yield hands.press("I go to the top.", "ctrl+home")
        yield hands.press("I paste it here.", "ctrl+v")
        yield from save(hands)
        yield hands.finish("Done.")

    return {"copied": copied(), "one unsaved": one_unsaved(), "wrong section": wrong_section(), "on top": on_top()}


def _paragraphs(text):
    """What stands between empty lines, without spaces at line ends."""
    plain = "\n".join(line.rstrip() for line in text.split("\n"))
    return [part.strip("\n") for part in plain.split("\n\n") if part.strip("\n")]


def _mark(hands, name):
    yield from select_tab(hands, "newsletter.txt")
    shown = lines(hands)
    start = shown.index(name)
    end = next((n for n in range(start, len(shown)) if not shown[n]), len(shown))
    if end + 1 < len(shown):
        path, to = [place(hands, start), place(hands, end + 1)], "the next heading"
    else:
        path, to = [place(hands, start), place(hands, end - 1, len(shown[end - 1]) + 2)], "the end of its text"
    yield hands.drag(f"I drag from the heading {name} to {to}.", path)


def _paste(hands):
    yield from select_tab(hands, "archive.txt")
    yield hands.click("I click into the archive's text.", editor(hands))
    yield hands.press("New sections come last: I go to the end.", "ctrl+end")
    if lines(hands)[-1]:
        yield hands.press("The last line is not empty, so I leave one free.", "enter", 2)
    yield hands.press("I paste the section.", "ctrl+v")


def _section(name, rng):
    return "\n".join([name, *NEWS[name]]).format(n=rng.randint(11, 29), h=rng.randint(6, 9))
