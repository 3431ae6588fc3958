"""Delete some names from a roster and sort the others."""

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_lines
from deskgym.verifiers.verdict import Verdict

from ._shared import lines, menu, place, save

NAMES = ["Adeyemi, Tola", "Bauer, Ines", "Cohen, Noa", "Diaz, Marta", "Evans, Rhys", "Farkas, Bela", "Gupta, Anil",
         "Hansen, Liv", "Ito, Kenji", "Jovanovic, Mila", "Kaya, Emre", "Lopez, Ana", "Mbeki, Thandi", "Nowak, Ewa",
         "Ortiz, Juan", "Popescu, Dan", "Ricci, Elena", "Silva, Rui"]  # fmt: skip
MARKS = ["left", "on leave", "retired"]


def setup(machine, params, rng):
    """Write names in disorder, three to five of them with the mark and others with other marks."""
    drop = rng.randint(3, 5)
    names = rng.sample(NAMES, rng.randint(12, 15))
    gone, stay = names[:drop], names[drop:]
    others = [mark for mark in MARKS if mark != params["mark"]]
    marked = [f"{name} ({params['mark']})" for name in gone]
    kept = [f"{name} ({rng.choice(others)})" if n < 2 else name for n, name in enumerate(stay)]
    everybody = [*marked, *kept]
    while everybody[drop:] == sorted(everybody[drop:]) or everybody[0] == min(everybody):
        rng.shuffle(everybody)
    title = f"ROSTER OF SHIFT {rng.choice('ABCD')}"
    text = "\n".join([title, *everybody]) + "\n"
    machine.write("roster.txt", text)
    return {"shown": text, "title": title, "kept": sorted(kept), "gone": marked}


def verify(evidence):
    """The heading first, nobody with the mark, everybody else, in order."""
    truth = evidence.truth
    found = [line.rstrip() for line in read_lines(evidence.read("roster.txt")) if line.strip()]
    names = [line for line in found if line != truth["title"]]
    return Verdict.of(
        equal(f"nobody is marked ({evidence.params['mark']})", [], [n for n in names if n in truth["gone"]], weight=3),
        equal("everybody else is there", truth["kept"], sorted(n for n in names if n not in truth["gone"])),
        equal("the names are in order", truth["kept"], names, weight=3),
        equal("the heading is on top", truth["title"], found[0] if found else ""),
    )


def solve(hands, params, truth):
    """Delete the marked lines one by one, then mark the rest and sort it."""
    yield from _drop(hands, params["mark"], truth["shown"])
    yield from _sort(hands, 1)
    yield from save(hands)
    yield hands.finish("The roster is clean, sorted and saved.")


def near_misses(hands, params, truth):
    """Not sorting; sorting the heading too; keeping one; sorting backwards; forgetting to save."""
    mark, shown = params["mark"], truth["shown"]

    def unsorted():
        yield from _drop(hands, mark, shown)
        yield from save(hands)
        yield hands.finish("Done.")

    def heading_too():
        yield from _drop(hands, mark, shown)
        yield from _sort(hands, 0)
        yield from save(hands)
        yield hands.finish("Done.")

    def only_sorted():
        yield from _sort(hands, 1)
        yield from save(hands)
        yield hands.finish("Done.")

    def backwards():
        yield from _drop(hands, mark, shown)
        yield from _sort(hands, 1, "Sort Lines Reversely")
        yield from save(hands)
        yield hands.finish("Done.")

    def unsaved():
        yield from _drop(hands, mark, shown)
        yield from _sort(hands, 1)
        yield hands.finish("Done.")

    return {"unsorted": unsorted(), "heading too": heading_too(), "only sorted": only_sorted(),
            "backwards": backwards(), "unsaved": unsaved()}  # fmt: skip


def _drop(hands, mark, shown):
    marked = [n for n, line in enumerate(lines(hands, shown)) if line.endswith(f"({mark})")]
    # From the bottom up, so that no line moves before its turn.
    for at in reversed(marked):
        yield hands.click(f"Line {at + 1} is marked ({mark}): I click at its start.", place(hands, at))
        yield hands.press("I mark the whole line.", "shift+down")
        yield hands.press("I delete it.", "delete")


def _sort(hands, first, command="Sort Lines"):
    yield hands.click("I click before the first line to be sorted.", place(hands, first))
    yield hands.press("I mark the names down to the end.", "ctrl+shift+end")
    yield hands.press("The empty line below is not to be sorted.", "shift+left")
    yield from menu(hands, "The Edit menu has a command for it.", "Edit", command)
