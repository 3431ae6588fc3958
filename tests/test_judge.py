"""The judge tells a player's fault from a verifier's, and evidence can be judged again."""

import os
import zipfile
from pathlib import Path

import pytest
from deskgym.errors import RecordError, SpecError, VerifierError
from deskgym.verifiers.checks import equal
from deskgym.verifiers.checks.spreadsheet import read_workbook
from deskgym.verifiers.judge import EVIDENCE_FILE, judge, load_evidence, save_evidence
from deskgym.verifiers.privileged import Evidence
from deskgym.verifiers.verdict import Check, Verdict


def evidence(**files: bytes) -> Evidence:
    return Evidence({"total": 42}, {"column": "B"}, {f"/home/user/{k}.txt": v for k, v in files.items()}, "done")


def verify_note(found: Evidence) -> Verdict:
    return Verdict.of(equal("note", b"42", found.read("note.txt")))


def test_a_verdict_comes_back_as_it_is():
    assert judge(verify_note, evidence(note=b"42")).passed
    assert not judge(verify_note, evidence(note=b"41")).passed


def test_a_missing_file_is_a_failed_check_that_names_it():
    verdict = judge(verify_note, evidence())
    assert (verdict.score, verdict.passed) == (0.0, False)
    assert verdict.checks[0].wanted == "note.txt"


def test_a_broken_document_is_a_failed_check():
    verdict = judge(lambda found: read_workbook(found.read("a.txt"), ".xlsx"), evidence(a=b"junk"))
    assert not verdict.passed
    assert "could not be read as xlsx" in verdict.checks[0].found


def test_a_file_missing_on_the_judges_own_disk_is_the_verifiers_fault():
    with pytest.raises(VerifierError, match="FileNotFoundError"):
        judge(lambda _: Path("/nonexistent/truth.json").read_bytes(), evidence())


def _helper(mapping):
    return mapping["nothing"]


def _crashes(found):
    value = found.truth
    return _helper(value)


def test_a_crash_names_file_line_and_cause():
    with pytest.raises(VerifierError) as caught:
        judge(_crashes, evidence())
    line = _helper.__code__.co_firstlineno + 1
    assert f"{__file__}, line {line}: KeyError" in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_crash_inside_a_library_names_the_verifiers_line():
    def verify(found):
        import json

        return json.loads("{")

    with pytest.raises(VerifierError, match=r"test_judge\.py, line"):
        judge(verify, evidence())


@pytest.mark.parametrize("returned", [True, 1.0, None, [Check("a", True)]])
def test_only_a_verdict_is_a_verdict(returned):
    with pytest.raises(VerifierError, match=r"test_judge\.py, line \d+: verify must return a Verdict"):
        judge(lambda _: returned, evidence())


def test_an_empty_verdict_is_the_verifiers_fault():
    with pytest.raises(VerifierError, match="at least one check"):
        judge(lambda _: Verdict(()), evidence())


def test_evidence_comes_back_whole(tmp_path):
    odd = "/home/user/\udcff ü.gnumeric"
    kept = Evidence({"rows": [[1, "ü"]], "none": None}, {"n": 3}, {odd: b"\0\xff", "/b": b""}, "42 €")
    save_evidence(kept, tmp_path / "new" / "folder")
    assert load_evidence(tmp_path / "new" / "folder") == kept


def test_saved_evidence_can_be_judged_again(tmp_path):
    save_evidence(evidence(note=b"41"), tmp_path)
    assert not judge(verify_note, load_evidence(tmp_path)).passed
    save_evidence(evidence(note=b"42"), tmp_path)
    assert judge(verify_note, load_evidence(tmp_path)).passed


def test_no_member_can_be_unpacked_outside_the_folder(tmp_path):
    kept = Evidence({}, {}, {"/../../etc/passwd": b"x", "/a/../../b.sh": b"y", "/home/user/..": b"z"})
    with zipfile.ZipFile(save_evidence(kept, tmp_path)) as archive:
        names = archive.namelist()
    assert len(names) == 4
    assert not [name for name in names if name.startswith("/") or ".." in name]
    assert load_evidence(tmp_path).files == kept.files


def test_the_same_evidence_is_the_same_bytes(tmp_path):
    first = save_evidence(evidence(a=b"1", b=b"2"), tmp_path / "1").read_bytes()
    assert save_evidence(evidence(b=b"2", a=b"1"), tmp_path / "2").read_bytes() == first


@pytest.mark.parametrize("truth", [{"t": (1, 2)}, {"t": float("nan")}, {"t": {1}}, {1: 2}, {"t": b"x"}])
def test_truth_that_json_would_change_is_refused_and_leaves_nothing(tmp_path, truth):
    with pytest.raises(SpecError, match="truth must be plain JSON"):
        save_evidence(Evidence(truth, {}, {}), tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_failed_save_leaves_the_old_evidence(tmp_path):
    save_evidence(evidence(note=b"42"), tmp_path)
    with pytest.raises(TypeError):
        save_evidence(Evidence({}, {}, {"/a": 5}), tmp_path)  # type: ignore[dict-item]
    assert os.listdir(tmp_path) == [EVIDENCE_FILE]
    assert load_evidence(tmp_path) == evidence(note=b"42")


def test_missing_or_damaged_evidence_is_a_record_error(tmp_path):
    with pytest.raises(RecordError, match="evidence"):
        load_evidence(tmp_path)
    (tmp_path / EVIDENCE_FILE).write_bytes(b"PK junk")
    with pytest.raises(RecordError, match="evidence"):
        load_evidence(tmp_path)
