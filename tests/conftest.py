"""Fixtures: spec folders written for a test, loaded or found by name; and honest skips where a machine is missing."""

from __future__ import annotations

import copy
import gc
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.envs.docker_cell import engine_version
from deskgym.envs.doctor import examine
from deskgym.envs.images import image_of
from deskgym.errors import DeskgymError
from deskgym.software_specs.catalog import find_software
from deskgym.software_specs.scaffold import write_spec
from deskgym.software_specs.spec import Software, load_software

MEMO: dict[str, Any] = {
    "version": 0,
    "title": "A memo pad",
    "license": "MIT",
    "occupations": ["43"],
    "split": "seen",
    "desktop": {"screen": [320, 240]},
    "ready": {"window": "memo"},
    "tasks": {
        "append": {
            "open": ["note.txt"],
            "goal": ["Add the word {word} to the note and save it.", "Save the note with {word} at its end."],
            "params": {"word": ["ink", "paper", "stamps", "glue"]},
            "max_steps": 6,
            "horizon": "short",
            "tags": ["append"],
        }
    },
}

APPEND = '''
"""Append a word to a note."""

from deskgym.verifiers.checks.text import read_text, same_text
from deskgym.verifiers.verdict import Verdict


def setup(machine, params, rng):
    start = f"note {rng.randint(100, 999)}: "
    machine.write("note.txt", start)
    return {"text": start + params["word"]}


def verify(evidence):
    return Verdict.of(same_text("word appended", evidence.truth["text"], read_text(evidence.read("note.txt"))))


def solve(hands, params, truth):
    yield hands.type("I write the word.", params["word"])
    yield hands.press("I save.", "ctrl+s")
    yield hands.finish("It is there.")


def near_misses(hands, params, truth):
    def unsaved():
        yield hands.type("I write the word.", params["word"])
        yield hands.finish("Done.")

    return {"unsaved": unsaved()}
'''


@cache
def _no_desktop() -> str:
    """Why this machine cannot run the mousepad image in bubblewrap, or nothing."""
    findings = list(examine())
    _forget_sockets()
    missing = [f"{each.name}: {each.detail}" for each in findings if each.needed and not each.well]
    return "; ".join([words for words in missing if not words.startswith("images")] + _no_image())


@cache
def _no_docker() -> str:
    """Why this machine cannot run the mousepad image in a container, or nothing."""
    missing = []
    try:
        engine_version()
    except DeskgymError as error:
        missing = [str(error)]
    _forget_sockets()
    return "; ".join(missing + _no_image())


def _no_image() -> list[str]:
    built = image_of(find_software("mousepad")).built
    return [] if built else ["its image is not built: run `deskgym build mousepad`"]


def _forget_sockets() -> None:
    """The docker library drops the socket that found no engine; let the garbage collector complain of it unheard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, obstacle in {"desktop": _no_desktop, "docker": _no_docker}.items():
        if item.get_closest_marker(marker) and (why := obstacle()):
            pytest.skip(why)


@pytest.fixture
def write_memo(tmp_path: Path) -> Callable[..., Path]:
    """Write the spec `memo` of a toy, with another task file or changed keys, and return its folder.

    A change is `"tasks.append.max_steps"=3`; the value None removes the key. `launch.sh` is not needed by a toy.
    """

    def write(code: str = APPEND, changes: dict[str, Any] | None = None, name: str = "memo") -> Path:
        document = {"name": name, **copy.deepcopy(MEMO)}
        for path, value in (changes or {}).items():
            *way, last = path.split(".")
            place = document
            for key in way:
                place = place.setdefault(key, {})
            place[last] = value
            if value is None:
                del place[last]
        folder = tmp_path / "specs" / name
        (folder / "tasks").mkdir(parents=True, exist_ok=True)
        (folder / "software.yaml").write_text(yaml.safe_dump(document, allow_unicode=True))
        (folder / "tasks" / "append.py").write_text(code)
        return folder

    return write


@pytest.fixture
def memo_env(write_memo: Callable[..., Path]):
    """Make an env of the toy spec `memo`; closed at the end."""
    made: list[DesktopEnv] = []

    def make(code: str = APPEND, changes: dict[str, Any] | None = None, **options: Any) -> DesktopEnv:
        software = load_software(write_memo(code, changes))
        made.append(DesktopEnv(software, desktop="toy", **options))
        return made[-1]

    yield make
    for env in made:
        env.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Software:
    """A spec as `deskgym new` writes it: a real Mousepad, sharing the image of the built-in spec."""
    return load_software(write_spec("scratch", tmp_path / "specs"))


@pytest.fixture
def specs_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the written specs, found by name in this process and in those it starts."""
    monkeypatch.setenv("DESKGYM_SPECS", str(tmp_path / "specs"))
    return tmp_path / "specs"


@pytest.fixture
def python(tmp_path: Path):
    """Run Python code, or `-m module arguments`, in a fresh interpreter and a folder that holds nothing."""

    def run(*arguments: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        argv = arguments if arguments[0] == "-m" else ("-c", *arguments)
        return subprocess.run(
            [sys.executable, *argv],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """A real browser for pages that we write; skips where there is none.

    It ends with its module: a thread has one Playwright at a time, and desktops of the kind `browser` begin their own.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desk", "phone"])
def page(request, browser) -> Iterator:
    """A page on a desk and on a phone, which must fit, load nothing from other machines and make no mistake."""
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(10_000)
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    # A page that is left breaks off what it was loading: no mistake of ours.
    page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED" or mistakes.append(request.url))
    near = ("file:", "data:", "http://127.0.0.1:")
    page.on("request", lambda request: request.url.startswith(near) or mistakes.append(request.url))
    page.on("console", lambda line: line.type == "error" and mistakes.append(line.text))
    yield page
    fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
    assert mistakes == []
    assert fits, "the page is wider than the screen"


@pytest.fixture
def deskgym(python, specs_on_path):
    """Run `python -m deskgym` with the written specs in sight."""

    def run(*arguments: str, timeout: float = 120):
        ran = python("-m", "deskgym", *arguments, timeout=timeout)
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    return run
