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
    chosen = rng.sample(headings, rng.randint(3, 4)) + [params["section"]]
    rng.shuffle(chosen)
    news = [_section(name, rng) for name in chosen]
    old = [text.format(n=rng.randint(11, 29), h=rng.randint(6, 9)) for text in OLD]
    machine.write("newsletter.txt", "\n\n".join([f"News of week {rng.randint(10, 40)}", *news]) + "\n")
    machine.write("archive.txt", "\n\n".join([f"Archive {rng.randint(2019, 2024)}", *old]) + "\n\n")
    return {"section": news[chosen.index(params["section"])]}


def _section(name, rng):
    return "\n".join([name, *NEWS[name]]).format(n=rng.randint(11, 29), h=rng.randint(6, 9))
