"""Delete the bookings of one status from a list."""

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_lines, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import lines, menu, place, save

WHO = ["Ahlgren", "Baptiste", "Castillo", "Dubois", "Eriksen", "Fontaine", "Greco", "Hussain", "Ivanova", "Jansen",
       "Kowalski", "Laurent", "Moretti", "Nakata", "Olsen", "Petrov", "Quinn", "Rossi"]  # fmt: skip
TALK = {"CANCELLED": "was cancelled, rebooked", "REFUSED": "refused once, now fine", "EXPIRED": "offer not expired"}
HEADER = "DATE        ROOM   NAME        STATUS      NOTE"


def setup(machine, params, rng):
    """Write a list in which four to six bookings have the status, and some notes speak of it."""
    status = params["status"]
    count, drop = rng.randint(14, 18), rng.randint(4, 6)
    statuses = [status] * drop + [rng.choice(["CONFIRMED", "OPEN", "PAID"]) for _ in range(count - drop)]
    rng.shuffle(statuses)
    misleading = statuses.index(next(state for state in statuses if state != status))
    bookings = []
    for day, (name, state) in enumerate(zip(rng.sample(WHO, count), statuses, strict=True)):
        note = TALK[status] if day == misleading else rng.choice(["", "", "projector", "told by phone"])
        bookings.append(f"2025-06-{day + 3:02}  R{rng.randint(100, 399)}   {name:<12}{state:<12}{note}".rstrip())
    kept = [line for line, state in zip(bookings, statuses, strict=True) if state != status]
    machine.write("bookings.txt", "\n".join([HEADER, *bookings]) + "\n")
    return {"header": HEADER, "kept": kept, "dropped": [line for line in bookings if line not in kept]}


def verify(evidence):
    """The bookings of that status are gone with their lines; header and the others stand in their order."""
    truth = evidence.truth
    found = read_lines(evidence.read("bookings.txt"))
    written = [line for line in found if line.strip()]
    left = [line for line in truth["dropped"] if any(line.split("  ")[0] in other for other in written)]
    wanted = [truth["header"], *truth["kept"]]
    return Verdict.of(
        equal(f"{evidence.params['status']} is gone", [], left, weight=4),
        same_text("all others are kept", "\n".join(wanted), "\n".join(w for w in written if w not in truth["dropped"])),
        equal("no empty lines are left", 0, len(found) - len(written)),
    )


def solve(hands, params, truth):
    """Go down the list and delete line by line."""
    yield from _drop(hands, params["status"], _marked(hands, params["status"]))
    yield from save(hands)
    yield hands.finish(f"No booking is {params['status']} any more; the list is saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; missing the last one; going by the note; leaving empty lines."""
    status = params["status"]

    def unsaved():
        yield from _drop(hands, status, _marked(hands, status))
        yield hands.finish("Done.")

    def one_left():
        yield from _drop(hands, status, _marked(hands, status)[:-1])
        yield from save(hands)
        yield hands.finish("Done.")

    def by_note():
        word = status.lower()
        yield from _drop(hands, status, [n for n, line in enumerate(lines(hands)) if word in line.lower()])
        yield from save(hands)
        yield hands.finish("Done.")

    def emptied():
        for at in _marked(hands, status):
            yield hands.click(f"Line {at + 1} is {status}.", place(hands, at, 3))
            yield hands.press("I go to its start.", "home")
            yield hands.press("I mark the line.", "shift+end")
            yield hands.press("I delete what it says.", "delete")
        yield from save(hands)
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "one left": one_left(), "by note": by_note(), "emptied": emptied()}


def _marked(hands, status):
    """Lines whose status column shows it."""
    start = HEADER.index("STATUS")
    return [n for n, line in enumerate(lines(hands)) if line[start : start + 12].strip() == status]


def _drop(hands, status, marked):
    for done, at in enumerate(marked):
        # What stood below a deleted line has moved up.
        now = at - done
        name = lines(hands)[now].split()[2]
        yield hands.click(f"{name}'s booking is {status}: I click into its line.", place(hands, now, 20.5))
        if done == 0:
            yield from menu(hands, "The Edit menu may have a command for whole lines.", "Edit", "Delete Line")
        else:
            yield hands.press("I delete this line too, now by its shortcut.", "ctrl+shift+delete")
