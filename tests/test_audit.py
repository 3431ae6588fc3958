"""The proof of a task: a good one is proven, and each way in which one can be bad is found and named."""

from __future__ import annotations

import pytest
from deskgym.benchmark.audit import check, prove
from deskgym.errors import SpecError
from deskgym.software_specs.spec import load_software

pytestmark = pytest.mark.desktop

JUDGEMENT = 'return Verdict.of(same_text("line added, the rest untouched", evidence.truth["text"], found))'
FINISHED = 'machine.write("list.txt", "\\n".join([*lines, params["item"]]))'


@pytest.fixture
def proof_of(scratch):
    """Prove one seed of the template's task after replacing parts of its files."""

    def prove_changed(code: dict[str, str], document: dict[str, str] | None = None):
        for name, changes in {"tasks/add_line.py": code, "software.yaml": document or {}}.items():
            path = scratch.folder / name
            text = path.read_text()
            for old, new in changes.items():
                assert old in text
                text = text.replace(old, new)
            path.write_text(text)
        software = load_software(scratch.folder)
        return prove(software, software.task("add_line"), seeds=[0])

    return prove_changed


def failures(proof) -> dict[str, str]:
    return {name: each.detail for name, each in proof.proofs.items() if not each.passed}


def test_the_template_is_proven(proof_of):
    proof = proof_of({})
    assert proof.proven, failures(proof)
    assert set(proof.proofs) == {
        "nothing leaks",
        "unfulfilled at the start",
        "idle fails",
        "oracle passes",
        "tampering changes no pass",
        "same seed, same instance",
        "replays exactly",
        "finishing at once fails",
        "has near misses",
        "near miss fails: unsaved",
        "near miss fails: at the top",
    }
    assert proof.proofs["oracle passes"].detail == "5 steps"
    assert proof.as_json()["proven"]


def test_a_verifier_that_always_passes(proof_of):
    always = 'return Verdict.of(same_text("line added, the rest untouched", "", ""))'
    proof = proof_of({JUDGEMENT: always})
    assert not proof.proven
    assert set(failures(proof)) == {
        "unfulfilled at the start",
        "idle fails",
        "finishing at once fails",
        "near miss fails: unsaved",
        "near miss fails: at the top",
    }


def test_a_task_that_is_done_from_the_start_without_misses_and_too_short(proof_of):
    proof = proof_of(
        {
            'machine.write("list.txt", "\\n".join(lines) + "\\n")': FINISHED,
            'return {"unsaved": unsaved(), "at the top": at_the_top()}': "return {}",
        },
        {"max_steps: 10": "max_steps: 4"},
    )
    assert not proof.proven
    found = failures(proof)
    assert {"unfulfilled at the start", "idle fails", "finishing at once fails", "has near misses"} < set(found)
    assert "it takes 5 steps, the limit is 4" in found["oracle passes"]


def test_a_leaking_gullible_task_with_a_chance_truth_a_lame_oracle_and_a_miss_that_hits(proof_of):
    proof = proof_of(
        {
            'return {"text": "\\n".join([*lines, params["item"]])}': (
                'import json, random\n    text = "\\n".join([*lines, params["item"]])\n'
                '    truth = {"text": text, "chance": random.random()}\n'
                '    machine.write("/tmp/cache.bin", "noise" + json.dumps(truth))\n    return truth'
            ),
            JUDGEMENT: (
                'if evidence.exists("passed"):\n        found = evidence.truth["text"]\n'
                '    return Verdict.of(same_text("line added", evidence.truth["text"], found))'
            ),
            'yield hands.press("I save.", "ctrl+s")\n    yield hands.finish("The line': 'yield hands.finish("The line',
            '"ctrl+home"': '"ctrl+end"',
        }
    )
    found = failures(proof)
    assert set(found) == {
        "nothing leaks",
        "oracle passes",
        "tampering changes no pass",
        "same seed, same instance",
        "finishing at once fails",
        "near miss fails: at the top",
    }
    assert "/tmp/cache.bin" in found["nothing leaks"]
    assert "line added" in found["oracle passes"]
    assert "it passed" in found["near miss fails: at the top"]


def test_whatever_raises_is_no_proof(proof_of):
    proof = proof_of({"lines = rng.sample(GOODS, 4)": "lines = rng.sample(GOODS, 400)"})
    assert not proof.proven
    assert "seed 0: SpecError" in failures(proof)["no error"]
    assert "ValueError" in failures(proof)["no error"]


def test_names_that_mean_nothing():
    with pytest.raises(SpecError, match="no software"):
        check("nothing_like_it")
