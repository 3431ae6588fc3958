"""What a dishonest player could try from inside the machine, and whether anything secret lies within its reach."""

from __future__ import annotations

import json
import posixpath
import secrets
from collections.abc import Iterator
from typing import Any

from ..errors import DesktopError
from ..software_specs.spec import Task
from ..verifiers.privileged import HOME, Machine

__all__ = ["find_leaks", "tamper"]

CONTROL = "/tmp/.deskgym-control"
SHORTEST_NEEDLE = 24
SHORTEST_TEXT = 40
PRIVATE = ("/home", "/tmp", "/var/tmp", "/srv", "/dev/shm", "/run")
"""Where a machine is not its image."""

_SEARCH = r"""
task=$1 && shift
needles=$(mktemp) && cat >"$needles"
{
    grep --recursive --files-with-matches --fixed-strings --file="$needles" --devices=skip --no-messages \
        --binary-files=text --exclude="${needles##*/}" --exclude-dir=proc --exclude-dir=sys "$@"
    for process in /proc/[0-9]*; do
        cat "$process/environ" "$process/cmdline" 2>/dev/null | tr '\0' '\n' |
            grep --quiet --fixed-strings --file="$needles" && echo "$process"
    done
    find "$@" -path /proc -prune -o -path /sys -prune -o \
        \( -name "$task.py" -o -name "$task.setup.sh" -o -name truth.json \) -print 2>/dev/null
}
rm -f "$needles"
"""

# Whole texts of the truth, as they are: what was to be written must not lie about to be copied. The files that the
# task opens are left out, since they may well hold what has to stay as it is.
_SEARCH_RAW = """
import json, os, sys
given = json.load(sys.stdin)
for place in given["places"]:
    for folder, _, names in os.walk(place):
        for path in (os.path.join(folder, name) for name in names):
            if path in given["open"] or not os.path.isfile(path) or os.path.getsize(path) > 1 << 26:
                continue
            try:
                with open(path, "rb") as file:
                    data = file.read()
            except OSError:
                continue
            if any(text.encode() in data for text in given["texts"]):
                print(path)
"""

_TAMPER = r"""
cd "$HOME"
# Programs of the player's own under the names that a judge might call.
for place in "$HOME/bin" "$HOME/.local/bin" /tmp/bin; do
    mkdir -p "$place"
    for tool in cat tar sh find sqlite3 python3 env nsenter; do
        printf '#!/bin/sh\necho passed; exit 0\n' >"$place/$tool" && chmod +x "$place/$tool"
    done
done
echo 'export PATH=$HOME/bin:$PATH LD_PRELOAD=/tmp/evil.so' >>.profile
echo 'export PATH=$HOME/bin:$PATH' >>.bashrc
# Claims and truths of its own making.
for place in "$HOME" /tmp /var/tmp /srv /dev/shm "$XDG_RUNTIME_DIR"; do
    for name in truth.json verdict.json evidence.json reward.txt passed verify.py conftest.py sitecustomize.py; do
        echo '{"passed": true, "score": 1.0}' >"$place/$name"
    done
done
# Links and odd names that a careless reader would follow or choke on.
ln -sf /etc/passwd link-out; ln -sf . loop; mkdir -p "a
b"; : >"$(printf 'name\nwith newline')"; : >'--help'; : >'-rf'
# The tree, the lease and the spec are not its own to change.
for path in /usr/bin/cat /run/deskgym/lease /run/deskgym/spec/launch.sh /etc/passwd; do
    { chmod 777 "$path"; echo tampered >"$path"; rm -f "$path"; } 2>/dev/null </dev/null
done
exit 0
"""


def find_leaks(machine: Machine, task: Task, truth: dict[str, Any], *, whole_tree: bool = True) -> str:
    """Search the machine, as the player's user, for the task's source and for the truth.

    Args:
        machine: of an instance that has just been launched.
        task: whose files must not be found.
        truth: what must not be found either.
        whole_tree: also search the read-only image, which is the same for every seed.

    Returns:
        The places where something was found, or an empty string.
    """
    spread = machine.run(["python3", "-I", "-c", _SEARCH_RAW], stdin=_raw_needles(task, truth), timeout=60)
    # A search that fails finds nothing either: it counts only if it finds what was hidden for it.
    control = secrets.token_hex(16)
    machine.write(CONTROL, control)
    needles = [control, *_needles(task, truth)]
    ran = machine.run(
        ["/bin/sh", "-c", _SEARCH, "sh", task.name, *(["/"] if whole_tree else PRIVATE)],
        stdin="\n".join(needles).encode(),
        timeout=120,
        check=False,
    )
    machine.run(["rm", "-f", CONTROL])
    places = ran.text.splitlines()
    if CONTROL not in places:
        raise DesktopError(f"the machine could not be searched: {ran.err.decode(errors='replace')[-300:]}")
    places.remove(CONTROL)
    return ", ".join((spread.text.splitlines() + places)[:5])


def tamper(machine: Machine) -> None:
    """Do, as the player's user, what might fool a careless judge, without doing the task."""
    machine.run(["/bin/sh", "-s"], stdin=_TAMPER.encode(), timeout=60)


def _raw_needles(task: Task, truth: dict[str, Any]) -> bytes:
    texts = sorted({text for text in _strings(truth) if len(text) >= SHORTEST_TEXT})
    opened = [posixpath.join(HOME, name) for name in task.open]
    return json.dumps({"texts": texts, "open": opened, "places": PRIVATE}).encode()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _needles(task: Task, truth: dict[str, Any]) -> list[str]:
    """Lines that stand nowhere but in the task's files or in its truth."""
    sources = [path.read_text() for path in (task.python, task.setup_script) if path.is_file()]
    lines = {line.strip() for source in sources for line in source.splitlines()}
    code = {
        line for line in lines if line.startswith(("def ", "return ", "yield ", '"""')) and len(line) >= SHORTEST_NEEDLE
    }
    pairs = [json.dumps({key: value})[1:-1] for key, value in truth.items()]
    return sorted(code) + [pair for pair in pairs if len(pair) >= SHORTEST_NEEDLE // 2] + [json.dumps(truth)]
