"""The page on teachers: its code runs as it stands, and so do its commands, up to the key or the server."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "teachers.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
    if line.startswith("deskgym ")
]  # fmt: skip
CALL = '<tool_call>{"name": "computer_use", "arguments": {"action": "terminate", "status": "success"}}</tool_call>'


def test_the_code_runs_and_prints_what_it_says(python):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    said = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    ran = python(code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == said


@pytest.mark.parametrize("command", [line for line in COMMANDS if "@" not in line])
def test_commands_run_up_to_the_key(python, command):
    _, *arguments = shlex.split(command)
    ran = python("-m", "deskgym", *arguments)
    assert ran.returncode == 1
    assert ran.stderr.count("needs a key in the environment variable ANTHROPIC_API_KEY") == 1
    assert "Traceback" not in ran.stderr


def test_the_command_of_a_server_runs(python, open_service, write_memo, specs_on_path, tmp_path):
    (command,) = [line for line in COMMANDS if "@" in line]
    write_memo()
    service = open_service("chat")
    service.play(CALL, CALL, CALL)
    command = command.replace("http://localhost:8000/v1", service.address).replace("gnumeric", "memo --desktop toy")
    _, *arguments = shlex.split(command)
    ran = python("-m", "deskgym", *arguments)
    assert ran.returncode == 0, ran.stderr
    assert "3 questions, 3,750 tokens, cost unknown" in ran.stderr


def test_the_options_of_the_page_are_those_of_a_teacher():
    from dataclasses import fields

    from deskgym.agents.teachers.setup import Setup

    told = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE.partition("| option |")[2], re.MULTILINE)
    options = {field.name: field.default for field in fields(Setup) if field.name not in ("model", "address")}
    assert [name for name, _ in told] == list(options)
    assert all(value == str(options[name]) for name, value in told if value.isdecimal())
