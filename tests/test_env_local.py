"""The environment on a real Mousepad: the oracle, determinism, setups from inside, and a launch that fails."""

from __future__ import annotations

import pytest
import yaml
from deskgym.envs.desktop import open_desktop
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.errors import DesktopError, SpecError
from deskgym.software_specs.spec import load_software

pytestmark = pytest.mark.desktop

SIZE = (640, 400)


@pytest.fixture
def env(scratch):
    env = DesktopEnv(scratch, "add_line", size=SIZE)
    yield env
    env.close()


def change(software, name: str, text: str):
    """The spec with one of its files replaced."""
    (software.folder / name).write_text(text)
    return load_software(software.folder)


def test_the_oracle_passes_by_pixels_and_keys(env):
    _, info = env.reset(seed=1)
    for decision in env.solution():
        _, reward, terminated, _, info = env.step(decision.action)
        assert info["settled"]
        assert info["error"] == ""
    assert (reward, terminated) == (1.0, True)
    assert info["verdict"].passed


def test_two_boots_of_a_seed_show_the_same_pixels(env):
    first, second = (env.reset(seed=4)[0] for _ in range(2))
    assert first["goal"] == second["goal"]
    assert (first["screen"] == second["screen"]).all()


# setup from inside


SETUP = """
set -eu
test "$DESKGYM_SEED" = 5
printf 'one\\n' >list.txt
stat -c %a "$(dirname "$DESKGYM_TRUTH")" >/tmp/mode
printf '{"text": "one\\\\nink", "params": %s}' "$DESKGYM_PARAMS" >"$DESKGYM_TRUTH"
"""


def test_a_setup_script_emits_the_truth_and_leaves_no_trace(scratch, env):
    (scratch.folder / "tasks" / "add_line.setup.sh").write_text(SETUP)
    env.reset(seed=5)
    assert env.truth_for_proof() == {"text": "one\nink", "params": dict(env.instance.params)}
    machine = env.desktop.machine
    assert machine.read("/tmp/mode") == b"700\n"
    assert machine.read("list.txt") == b"one\n"
    assert machine.run(["sh", "-c", "ls -A /tmp | grep -i -e truth -e setup"], check=False).out == b""


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("true", "wrote no truth"),
        ("echo bad >&2; exit 4", r"failed \(4\): bad"),
        ('echo "{" >"$DESKGYM_TRUTH"', "what is no JSON"),
        ('echo "[]" >"$DESKGYM_TRUTH"', "non-empty dict of truth"),
    ],
)
def test_a_bad_setup_script_is_the_specs_fault(scratch, env, script, words):
    (scratch.folder / "tasks" / "add_line.setup.sh").write_text(script)
    with pytest.raises(SpecError, match=rf"add_line\.setup\.sh.*{words}"):
        env.reset(seed=5)


# launching


def test_a_window_that_never_comes(scratch):
    document = yaml.safe_load((scratch.folder / "software.yaml").read_text())
    document["ready"] = {"window": "Nowhere", "timeout": 1}
    change(scratch, "software.yaml", yaml.safe_dump(document))
    software = change(scratch, "launch.sh", "#!/bin/sh\necho 'my last words' >&2\nexec mousepad other.txt\n")
    desktop = open_desktop("local", software, SIZE)
    try:
        with pytest.raises(DesktopError, match="in vain for a window titled 'Nowhere'") as caught:
            desktop.launch(())
    finally:
        desktop.close()
    assert "launch: my last words" in str(caught.value)
