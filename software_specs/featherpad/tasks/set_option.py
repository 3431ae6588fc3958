"""Change one option of one backup job among look-alikes."""

import re

from deskgym.verifiers.checks.basic import equal
from deskgym.verifiers.checks.text import read_lines, same_text
from deskgym.verifiers.verdict import Verdict

from ._shared import lines, menu, place, save

JOBS = ["payroll", "archive", "webshop", "mailboxes"]
KEYS = ["keep", "hour", "level"]


def setup(machine, params, rng):
    """Write four jobs with the same options, similar ones, and remarks."""
    written, line = ["; Jobs of the backup server. A job's name stands in brackets.", ""], 0
    for job in rng.sample(JOBS, len(JOBS)):
        written += [f"[{job}]", f"folder=/srv/{job}"]
        for key in rng.sample(KEYS, len(KEYS)):
            if rng.random() < 0.6:
                written.append(f"{rng.choice(['min', 'full'])}_{key}={rng.randint(50, 99)}")
            if (job, key) == (params["job"], params["key"]):
                line = len(written)
            # From a range that holds none of the values a goal asks for.
            written.append(f"{key}={rng.randint(50, 99)}")
        written += [f"; {params['key']}={rng.randint(50, 99)} until March", ""]
    text = "\n".join(written)
    machine.write("backup.ini", text)
    return {"shown": text, "line": line, "wanted": f"{params['key']}={params['value']}"}


def verify(evidence):
    """The one line holds the new value; all others are as they were."""
    truth = evidence.truth
    wanted, at = truth["shown"].rstrip("\n").split("\n"), truth["line"]
    found = read_lines(evidence.read("backup.ini"))
    setting = found[at] if at < len(found) else ""
    others = [*found[:at], *found[at + 1 :]]
    return Verdict.of(
        equal("the option", re.split(r"\s*=\s*", truth["wanted"]), re.split(r"\s*=\s*", setting.strip()), weight=3),
        same_text("all other lines", "\n".join([*wanted[:at], *wanted[at + 1 :]]), "\n".join(others)),
    )


def solve(hands, params, truth):
    """Search for the job's heading, go down to the line, and write it anew."""
    job, key = params["job"], params["key"]
    yield from _search(hands, f"[{job}]")
    shown = lines(hands, truth["shown"])
    start = shown.index(f"[{job}]")
    at = next(n for n in range(start, len(shown)) if shown[n].startswith(f"{key}="))
    yield from _rewrite(hands, f"The job is found; {key} stands {at - start} lines below.", at - start, params)
    yield from save(hands)
    yield hands.finish(f"{key} of [{job}] is {params['value']} and saved.")


def near_misses(hands, params, truth):
    """Forgetting to save; another job; the first line that holds the word; an option too many."""
    job, key = params["job"], params["key"]
    shown = truth["shown"].split("\n")

    def below(name):
        start = shown.index(f"[{name}]")
        return next(n for n in range(start, len(shown)) if shown[n].startswith(f"{key}=")) - start

    def unsaved():
        yield from _search(hands, f"[{job}]")
        yield from _rewrite(hands, "Here it is.", below(job), params)
        yield hands.finish("Done.")

    def other_job():
        other = next(name for name in JOBS if name != job)
        yield from _search(hands, f"[{other}]")
        yield from _rewrite(hands, "Here it is.", below(other), params)
        yield from save(hands)
        yield hands.finish("Done.")

    def added():
        at = shown.index(f"[{job}]")
        yield hands.click("I click at the job.", place(hands, at, 3))
        yield hands.press("I go to the end of its line.", "end")
        yield hands.type("I write the option below.", f"\n{key}={params['value']}")
        yield from save(hands)
        yield hands.finish("Done.")

    return {"unsaved": unsaved(), "other job": other_job(), "added": added()}


def _search(hands, words):
    yield from menu(hands, f"Many lines look alike, so I search for {words}.", "Search", "Find")
    yield hands.type("I type the heading of the job.", words)
    yield hands.press("I find it.", "enter")
    yield hands.press("It is marked; I return to the text.", "escape")


def _rewrite(hands, thought, down, params):
    yield hands.press(thought, "down", down)
    yield hands.press("I go to the start of the line.", "home")
    yield hands.press("I mark it to its end.", "shift+end")
    yield hands.type("I write the option with its new value.", f"{params['key']}={params['value']}")
