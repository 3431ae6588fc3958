"""The desktops beside `local` and `docker`: a page of a headless browser, and the screen a person sits at."""

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from deskgym.envs.closed_loop import descendants
from deskgym.envs.desktop import open_desktop
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.envs.images import image_of
from deskgym.errors import DesktopError, DesktopUnavailable
from deskgym.software_specs.catalog import find_software

PERSON = """
import sys, numpy as np
from pathlib import Path
from deskgym.envs.action import Click, Press, Type
from deskgym.envs.desktop import open_desktop
from deskgym.software_specs.spec import load_software

desktop = open_desktop("screen", load_software(Path(sys.argv[1])), (1280, 800))
before = desktop.screenshot()
assert desktop.perform(Click(600, 400))
assert desktop.perform(Type("typed by a person"))
assert desktop.perform(Press("ctrl+s"))
after = desktop.screenshot()
assert after.shape == (800, 1280, 3) and after.dtype == np.uint8
assert (before != after).any(), "nothing was seen to change"
desktop.close()
"""


@pytest.mark.desktop
def test_a_web_application_is_played_on_a_page_without_an_x_server():
    software = find_software("tryton")
    if not image_of(software).built:
        pytest.skip("the image of tryton is not built")
    env = DesktopEnv(software, "list_price", desktop="browser")
    try:
        observation, _ = env.reset(seed=4)
        assert observation["screen"].shape == (800, 1280, 3)
        assert any(widget.name for widget in env.desktop.machine.tree())
        for decision in env.solution():
            _, _, terminated, _, info = env.step(decision.action)
            assert not info["error"]
        assert terminated
        assert info["verdict"].passed
    finally:
        env.close()


@pytest.mark.desktop
def test_a_browser_that_hangs_is_given_up(monkeypatch):
    software = find_software("tryton")
    if not image_of(software).built:
        pytest.skip("the image of tryton is not built")
    monkeypatch.setattr("deskgym.envs.devtools.SILENCE", 1.0)
    env = DesktopEnv(software, "list_price", desktop="browser")
    try:
        env.reset(seed=4)
        for pid in descendants(env.desktop.machine.cell.init_pid):
            if "chrom" in Path(f"/proc/{pid}/comm").read_text():
                os.kill(pid, signal.SIGSTOP)
        start = time.monotonic()
        with pytest.raises(Exception, match="closed"):
            next(env.solution())
        with pytest.raises(DesktopError, match="the browser is gone"):
            env.step("wait(0)")
        assert time.monotonic() - start < 10
    finally:
        env.close()


@pytest.mark.desktop
def test_an_application_without_a_page_is_refused():
    with pytest.raises(DesktopUnavailable, match="--desktop local"):
        open_desktop("browser", find_software("mousepad"), (1280, 800))


@pytest.mark.desktop
def test_a_person_s_screen_is_seen_and_typed_into(tmp_path, monkeypatch):
    monkeypatch.setenv("DESKGYM_CLOCK", "off")  # a person's time does not stand still
    if find_spec("pyautogui") is None:
        pytest.skip("pyautogui is not installed")
    software = find_software("mousepad")
    desktop = open_desktop("local", software, (1280, 800))
    try:
        desktop.machine.write("note.txt", "")
        desktop.launch(("note.txt",))
        # The X server of a local desktop stands in for the person's own, at the place where libraries look for one.
        screen = ["bwrap", "--dev-bind", "/", "/", "--bind", str(desktop.cell.folder.share / "x11"), "/tmp/.X11-unix"]
        (tmp_path / "xauthority").touch()
        screen += ["--setenv", "DISPLAY", ":0", "--setenv", "XAUTHORITY", str(tmp_path / "xauthority")]
        argv = [*screen, sys.executable, "-c", PERSON, str(software.folder)]
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        assert desktop.machine.read("note.txt") == b"typed by a person"
    finally:
        desktop.close()
