"""The page about dialects: its example runs as written, and its table tells of every dialect."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from deskgym.agents.dialects import dialect_names

PAGE = (Path(__file__).parent.parent / "docs" / "dialects.md").read_text()


def test_the_example_runs_as_written():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)


def test_every_dialect_has_its_line():
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE)
    assert sorted(name for name, _ in rows) == dialect_names()
    assert all(cell.strip() for _, row in rows for cell in row.split("|"))
