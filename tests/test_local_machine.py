"""The privileged face of a local desktop, and the walls around it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from deskgym.envs.closed_loop import descendants
from deskgym.envs.desktop import open_desktop
from deskgym.envs.images import images_folder
from deskgym.errors import DesktopError
from deskgym.software_specs.catalog import find_software

pytestmark = pytest.mark.desktop


@pytest.fixture(scope="module")
def desktop():
    """A booted machine on which nothing is launched."""
    desktop = open_desktop("local", find_software("mousepad"), (640, 400))
    yield desktop
    desktop.close()


@pytest.fixture(scope="module")
def machine(desktop):
    return desktop.machine


def shell(machine, script: str):
    return machine.run(["sh", "-c", script], check=False)


# programs


def test_a_program_tells_its_code_and_both_its_outputs(machine):
    ran = machine.run(["sh", "-c", "cat; echo oh >&2; exit 3"], stdin=b"in\0\xff", check=False)
    assert (ran.code, ran.out, ran.err) == (3, b"in\0\xff", b"oh\n")


def test_a_failing_program_is_an_error_with_its_words(machine):
    with pytest.raises(DesktopError, match=r"sh failed in the machine \(3\): oh"):
        machine.run(["sh", "-c", "echo oh >&2; exit 3"])


def test_a_program_that_does_not_end_is_given_up(machine):
    with pytest.raises(DesktopError, match=r"sleep did not end within 0\.5 s"):
        machine.run(["sleep", "30"], timeout=0.5)


def test_arguments_are_not_read_by_a_shell(machine):
    assert machine.run(["printf", "%s|", "a b", "$HOME", "; ls", ""]).text == "a b|$HOME|; ls||"


def test_programs_start_in_the_home_as_the_user(machine):
    assert shell(machine, 'pwd; echo "$HOME"; id -u; id -un; tty').text.split() == [
        "/home/user",
        "/home/user",
        "1000",
        "user",
        "not",
        "a",
        "tty",
    ]


# files


@pytest.mark.parametrize("path", ["a.txt", "deep/er/b.bin", "/tmp/c", "with space 'and' \"quotes\"", "-n", "ünï中.txt"])
def test_files_are_written_and_read_back(machine, path):
    data = bytes(range(256)) * 50
    machine.write(path, data)
    assert machine.read(path) == data
    machine.write(path, "é\n")
    assert machine.read(path) == "é\n".encode()


def test_a_missing_file_and_a_folder(machine):
    for path in ("nothing", "nothing/at/all", "/etc/passwd/x"):
        with pytest.raises(FileNotFoundError):
            machine.read(path)
    with pytest.raises(DesktopError, match="cannot be read"):
        machine.read("/tmp")


def test_collecting_takes_the_users_documents_and_what_is_named(machine):
    machine.run(["sh", "-c", "rm -rf ./* /tmp/out; mkdir -p .config/app sub /tmp/out"])
    for path in ("doc.txt", "sub/other.txt", ".config/app/settings", "/tmp/out/1.log", "/tmp/out/2.log"):
        machine.write(path, path)
    machine.write("odd\nname", "odd")
    home = {"/home/user/doc.txt", "/home/user/sub/other.txt", "/home/user/odd\nname"}
    assert set(machine.collect([])) == home
    named = machine.collect(["/tmp/out/*.log", ".config/app/settings", "/tmp/nothing/*", "doc.txt"])
    assert set(named) == home | {"/tmp/out/1.log", "/tmp/out/2.log", "/home/user/.config/app/settings"}
    assert named["/tmp/out/2.log"] == b"/tmp/out/2.log"


def test_collecting_follows_no_link_and_takes_no_device(machine):
    machine.run(["sh", "-c", "rm -rf ./*; ln -s /etc/passwd planted; ln -s . loop; mkfifo pipe; ln -s /etc folder"])
    machine.write("doc.txt", "real")
    assert set(machine.collect([])) == {"/home/user/doc.txt"}


def test_collecting_leaves_out_what_is_too_large(machine):
    machine.run(["sh", "-c", "rm -rf ./*; truncate -s 65M huge; echo small >doc.txt"])
    assert set(machine.collect([])) == {"/home/user/doc.txt"}


def test_an_unreadable_file_spoils_nothing(machine):
    machine.run(["sh", "-c", "rm -rf ./*; echo a >doc.txt; echo b >locked; chmod 000 locked; mkdir -m 000 shut"])
    assert machine.collect([])["/home/user/doc.txt"] == b"a\n"
    machine.run(["sh", "-c", "chmod -R 700 ./*"])


def test_nothing_runs_but_the_desktop(machine):
    assert machine.tree() == []


# walls


def test_the_hosts_files_are_out_of_sight(machine, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("truth")
    for path in (secret, images_folder() / "lock", Path(__file__), Path(sys.executable)):
        assert path.exists()
        with pytest.raises(FileNotFoundError):
            machine.read(str(path))


def test_the_tree_is_read_only(machine):
    for path in ("/usr/bin/x", "/etc/x", "/x", "/opt/x", "/var/lib/x", "/run/deskgym/spec/x"):
        assert shell(machine, f"echo x >{path}").code != 0, path
    ran = shell(
        machine, "echo x >>/run/deskgym/spec/launch.sh; chmod 777 /usr/bin/cat; rm -f /etc/passwd; ls /etc/passwd"
    )
    assert ran.out == b"/etc/passwd\n"


def test_nobody_has_a_capability_or_another_user(machine):
    ran = shell(machine, "grep -hE '^(CapEff|CapPrm|Uid)' /proc/[0-9]*/status | sort -u")
    none = "0" * 16
    assert ran.text.splitlines() == [f"CapEff:\t{none}", f"CapPrm:\t{none}", "Uid:" + "\t1000" * 4]
    session = shell(machine, "grep -hE '^(CapBnd|NoNewPrivs)' /proc/$(pgrep openbox)/status").text.splitlines()
    assert session == [f"CapBnd:\t{none}", "NoNewPrivs:\t1"]


def test_the_player_cannot_gain_privileges(machine):
    assert shell(machine, "mount -t tmpfs none /mnt").code != 0
    assert shell(machine, "chroot / true").code != 0
    assert shell(machine, "kill -9 1; sleep 0.2; echo alive").out == b"alive\n"


def test_there_is_no_network(machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        assert b"ConnectionRefusedError" in machine.run(["python3", "-c", code], check=False).err
    interfaces = machine.run(["sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1"]).text.split()
    assert interfaces == ["lo"]
    assert machine.run(["sh", "-c", "tail -n +2 /proc/net/route"]).text == ""


def test_only_its_own_processes_are_seen(desktop, machine):
    names = shell(machine, "cat /proc/[0-9]*/comm").text.split()
    assert "Xvfb" in names
    assert "pytest" not in names
    inside = set(shell(machine, "ls /proc | grep '^[0-9]*$'").text.split())
    assert len(inside) < len(list(descendants(desktop.cell.init_pid))) + 6


def test_a_machine_has_one_processor(desktop):
    allowed = {
        Path(f"/proc/{pid}/comm").read_text().strip(): os.sched_getaffinity(pid)
        for pid in descendants(desktop.cell.init_pid)
    }
    assert {"keeper", "Xvfb"} < set(allowed)
    del allowed["bwrap"]  # outside of the clock, and does nothing
    assert {len(processors) for processors in allowed.values()} == {1}
    assert len(set.union(*allowed.values())) == 1


def test_the_lease_cannot_be_held_or_removed_by_the_player(desktop, machine):
    lease = "/run/deskgym/lease"
    assert shell(machine, f"exec 3>>{lease}").code != 0
    assert shell(machine, f"chmod 666 {lease}").code != 0
    assert shell(machine, f"rm -f {lease}").code != 0
    assert desktop.cell.folder.path.joinpath("lease").is_fifo()


def test_only_the_public_files_of_the_spec_entered(machine):
    listing = shell(machine, "cd /run/deskgym/spec && find . -type f | sort").text.split()
    assert "./launch.sh" in listing
    assert [path for path in listing if path != "./launch.sh" and not path.startswith("./files/")] == []
    assert shell(machine, "find / -xdev -name '*.yaml' -path '*mousepad*' 2>/dev/null").text == ""
