"""Change one setting in a configuration file full of look-alikes."""

import re

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_lines, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import lines, place, save

SECTIONS = ["web", "database", "mail"]
KEYS = ["timeout", "retries", "port"]


def setup(machine, params, rng):
    """Write a configuration in which every key stands in every section, beside keys of similar names."""
    written, line = [f"# Settings of host srv-{rng.randint(10, 99)}; one section for each service", ""], 0
    for section in rng.sample(SECTIONS, len(SECTIONS)):
        written += [f"[{section}]", f"host = 10.{rng.randint(1, 9)}.0.{rng.randint(2, 250)}"]
        for key in rng.sample(KEYS, len(KEYS)):
            if (section, key) == (params["section"], params["key"]):
                line = len(written)
            # From a range that holds none of the values a goal asks for.
            written.append(f"{key} = {rng.randint(50, 99)}")
            if rng.random() < 0.6:
                written.append(f"{rng.choice([key + '_max', 'backup_' + key])} = {rng.randint(50, 99)}")
        written += [f"# {params['key']} = {rng.randint(50, 99)}  (as it was last year)", ""]
    machine.write("server.conf", "\n".join(written))
    return {"before": written, "line": line, "wanted": f"{params['key']} = {params['value']}"}


def verify(evidence):
    """The one line holds the new value; all others are as they were."""
    truth = evidence.truth
    wanted, at = list(truth["before"]), truth["line"]
    wanted[at] = truth["wanted"]
    found = read_lines(evidence.read("server.conf"))
    setting = found[at] if at < len(found) else ""
    others = [*found[:at], *found[at + 1 :]]
    return Verdict.of(
        equal("the setting", re.split(r"\s*=\s*", truth["wanted"]), re.split(r"\s*=\s*", setting.strip()), weight=3),
        same_text("all other lines", "\n".join([*wanted[:at], *wanted[at + 1 :]]), "\n".join(others)),
    )


def solve(hands, params, truth):
    """Find the line on the screen, double-click its number, and type the new one."""
    section, key = params["section"], params["key"]
    at = _line_of(hands, section, key)
    yield from _set(hands, f"I see [{section}]; its line {key} is the one to change, so I mark the number.", at, params)
    if lines(hands)[at] != f"{key} = {params['value']}":
        yield hands.press("That was not the whole line; I mark it from its start.", "home")
        yield hands.press("I mark the line.", "shift+end")
        yield hands.type("I write it anew.", f"{key} = {params['value']}")
    yield from save(hands)
    yield hands.finish(f"{key} in [{section}] is {params['value']} and saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; the same key of another section; the line that is only a comment."""
    section, key = params["section"], params["key"]

    def unsaved():
        yield from _set(hands, "I change the setting.", _line_of(hands, section, key), params)
        yield hands.finish("Done.")

    def other_section():
        other = next(name for name in SECTIONS if name != section)
        yield from _set(hands, f"I take the first {key} I see.", _line_of(hands, other, key), params)
        yield from save(hands)
        yield hands.finish("Done.")

    def comment():
        at = next(n for n, line in enumerate(lines(hands)) if line.startswith(f"# {key} = "))
        yield from _set(hands, f"Here is {key}.", at, params)
        yield from save(hands)
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "other section": other_section(), "comment": comment()}


def _line_of(hands, section, key):
    """Where the section's line of that key stands on the screen."""
    shown = lines(hands)
    start = shown.index(f"[{section}]")
    return next(n for n in range(start, len(shown)) if re.match(rf"{key}\s*=", shown[n]))


def _set(hands, thought, at, params):
    column = lines(hands)[at].index("=") + 2.5
    yield hands.click(thought, place(hands, at, column), count=2)
    yield hands.type("I type the new value over it.", str(params["value"]))
