"""The docker desktop: the same image, eyes and hands in a container without privileges."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest
from deskgym.envs.desktop import open_desktop
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.errors import DesktopError

pytestmark = pytest.mark.docker
docker = pytest.importorskip("docker")

SIZE = (640, 400)


@pytest.fixture(scope="module")
def engine():
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def env(scratch):
    env = DesktopEnv(scratch, "add_line", desktop="docker", size=SIZE)
    yield env
    env.close()


def test_the_oracle_passes_and_a_near_miss_fails(env):
    observation, _ = env.reset(seed=1)
    assert observation in env.observation_space
    for decision in env.solution():
        _, reward, terminated, _, info = env.step(decision.action)
        assert info["settled"]
    assert (reward, terminated) == (1.0, True)
    env.reset(seed=1)
    assert [env.step(decision.action)[1] for decision in env.near_misses()["unsaved"]][-1] == 0.0


@pytest.mark.desktop
def test_it_shows_what_the_local_desktop_shows(scratch):
    screens = []
    for kind in ("local", "docker"):
        env = DesktopEnv(scratch, "add_line", desktop=kind, size=SIZE)
        env.reset(seed=2)
        screens.append(env.step('type("the same")')[0]["screen"])
        env.close()
    assert np.array_equal(*screens)


@pytest.fixture(scope="module")
def container(tmp_path_factory, engine):
    """A desktop in a container, and what the engine says of it."""
    from deskgym.software_specs.catalog import find_software

    desktop = open_desktop("docker", find_software("mousepad"), SIZE)
    yield desktop, engine.api.inspect_container(desktop.cell.container_id)
    desktop.close()
    desktop.close()


def test_the_walls(container):
    desktop, inspected = container
    host, config = inspected["HostConfig"], inspected["Config"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["ReadonlyRootfs"]
    assert host["NetworkMode"] == "none"
    assert host["Memory"] == host["MemorySwap"] == 2048 << 20
    assert host["PidsLimit"] == 512
    assert config["User"].split(":")[0] not in ("", "0")
    assert {mount["Source"] for mount in inspected["Mounts"] if mount["RW"]} <= {
        str(desktop.cell.folder.share),
        str(desktop.cell.folder.share / "x11"),
    }


def test_the_walls_from_inside(container):
    machine = container[0].machine
    status = machine.run(["sh", "-c", "grep -E '^(Cap(Eff|Prm|Bnd)|NoNewPrivs)' /proc/self/status | cut -f2"])
    assert status.text.split() == ["0" * 16] * 3 + ["1"]
    assert machine.run(["sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1"]).text.split() == ["lo"]
    for path in ("/usr/bin/x", "/etc/x", "/run/deskgym/spec/x", "/run/deskgym/lease"):
        assert machine.run(["sh", "-c", f"exec 3>>{path}"], check=False).code != 0, path
    assert machine.run(["id", "-u"]).text.strip() != "0"


def test_programs_and_files(container):
    machine = container[0].machine
    ran = machine.run(["sh", "-c", "cat; echo oh >&2; exit 3"], stdin=b"in\0\xff", check=False)
    assert (ran.code, ran.out, ran.err) == (3, b"in\0\xff", b"oh\n")
    with pytest.raises(DesktopError, match="did not end within 1 s"):
        machine.run(["sleep", "30"], timeout=1)
    machine.write("deep/file.bin", bytes(range(256)) * 5000)
    assert machine.read("deep/file.bin") == bytes(range(256)) * 5000
    with pytest.raises(FileNotFoundError):
        machine.read("nothing")
    machine.run(["ln", "-s", "/etc/passwd", "planted"])
    assert set(machine.collect([])) == {"/home/user/deep/file.bin"}


def test_a_killed_container_is_a_desktop_error_and_the_next_reset_makes_another(env, engine):
    env.reset(seed=1)
    engine.containers.get(env.desktop.cell.container_id).kill()
    with pytest.raises(DesktopError):
        env.step('type("x")')
    env.reset(seed=1)
    assert env.step("wait(0)")[4]["settled"]


HOST = """
import sys, time
from pathlib import Path
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.software_specs.spec import load_software
env = DesktopEnv(load_software(Path(sys.argv[1])), desktop="docker", size=(640, 400))
env.reset(seed=1)
print(env.desktop.cell.container_id, flush=True)
time.sleep(60)
"""


def test_nothing_outlives_a_killed_host(scratch, engine):
    host = subprocess.Popen([sys.executable, "-c", HOST, str(scratch.folder)], stdout=subprocess.PIPE, text=True)
    with host:
        name = host.stdout.readline().strip()
        assert engine.containers.get(name).status == "running"
        host.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and engine.containers.list(all=True, filters={"id": name}, ignore_removed=True):
        time.sleep(0.1)
    assert engine.containers.list(all=True, filters={"id": name}, ignore_removed=True) == []


def test_containers_of_the_dead_are_swept_away(scratch, engine):
    tag = open_and_tell_image(scratch, engine)
    orphan = engine.containers.create(tag, "sleep 60", labels={"deskgym.owner": "999999:1"})
    assert engine.containers.list(all=True, filters={"id": orphan.id})
    open_and_tell_image(scratch, engine)
    assert engine.containers.list(all=True, filters={"id": orphan.id}, ignore_removed=True) == []


def open_and_tell_image(software, engine) -> str:
    """Open and close a desktop; the image it ran."""
    desktop = open_desktop("docker", software, SIZE)
    try:
        return engine.api.inspect_container(desktop.cell.container_id)["Config"]["Image"]
    finally:
        desktop.close()
