"""Plain comparisons: what passes, what fails, and that importing them loads no document library."""

import subprocess
import sys

import pytest
from deskgym.verifiers.checks import (
    UnreadableFile,
    as_number,
    close,
    contains,
    equal,
    file_exists,
    fingerprint,
    unchanged,
)
from deskgym.verifiers.checks.basic import Parts
from deskgym.verifiers.privileged import Evidence


def test_importing_the_checks_loads_no_document_library():
    code = (
        "import sys, deskgym.verifiers.judge, deskgym.verifiers.checks.spreadsheet, deskgym.verifiers.checks.image,"
        "deskgym.verifiers.checks.document, deskgym.verifiers.checks.slides, deskgym.verifiers.checks.pdf,"
        "deskgym.verifiers.checks.xml, deskgym.verifiers.checks.database;"
        "print(set(sys.modules) & {'openpyxl','odf','docx','pptx','lxml','pypdf','PIL','numpy'})"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    # The package itself may load numpy for its spaces; what belongs to documents must stay out.
    assert not {"openpyxl", "docx", "pptx", "lxml", "pypdf"} & set(shown.stdout.split("'"))


def test_equal_takes_a_tuple_for_a_list_but_no_true_for_one():
    assert equal("rows", [[1, "a"]], [(1, "a")]).passed
    assert not equal("box", True, 1).passed
    assert not equal("box", 1, True).passed
    assert not equal("text", "1", 1).passed


@pytest.mark.parametrize(
    ("found", "passes"),
    [(2, True), (2.009, True), (2.02, False), ("2", False), (None, False), (float("nan"), False)],
)
def test_close(found, passes):
    assert close("n", 2.0, found, 0.01).passed is passes


def test_as_number():
    assert [as_number(value) for value in ["1.5", 2, " 3 ", "x", None, True]] == [
        1.5,
        2,
        3.0,
        None,
        None,
        None,
    ]


def test_contains_and_file_exists():
    assert contains("word", "fox", "the quick fox").passed
    assert not contains("word", "cat", ["fox"]).passed
    evidence = Evidence({}, {}, {"/home/user/a.txt": b""})
    assert file_exists(evidence, "a.txt").passed
    assert not file_exists(evidence, "b.txt").passed


def test_unchanged_reports_each_kind_of_damage():
    before = {"a": 1, "b": 2, "c": (3, 4), "goal": 0}
    assert unchanged("rest", before, {"a": 1, "b": 2, "c": [3, 4], "goal": 9}, but={"goal"}).passed
    check = unchanged("rest", before, {"a": 5, "c": (3, 4), "d": 1, "goal": 0})
    assert not check.passed
    assert check.found == "'a': 1 -> 5; 'b' is gone; 'd' is new: 1"


def test_unchanged_stays_brief():
    check = unchanged("rest", {str(n): "x" * 1000 for n in range(100)}, {})
    assert check.found.endswith("and 95 more")
    assert len(check.found) < 1000


def test_a_key_set_to_none_is_not_a_missing_key():
    assert not unchanged("rest", {"a": None}, {}).passed
    assert not unchanged("rest", {}, {"a": None}).passed


def test_fingerprint_tells_records_apart():
    assert fingerprint((1, "a")) == fingerprint((1, "a"))
    assert len({fingerprint(value) for value in [(1, "a"), (1, "b"), b"1", "1", 1]}) == 5


def test_a_part_the_player_removed_is_unreadable_not_a_key_error():
    parts = Parts("sheet", {"Sales": 1})
    assert parts["Sales"] == 1
    assert parts.get("Other") is None
    with pytest.raises(UnreadableFile, match="no sheet 'Other'; there is: 'Sales'"):
        parts["Other"]
