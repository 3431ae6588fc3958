"""What a student was taught is read from its folder, with all that its base had been taught before."""

from __future__ import annotations

import json

import pytest
from deskgym.agents.lineage import Lineage, folder_of, lineage_of
from deskgym.errors import DeskgymError


def student(folder, tasks, base, before, seeds=(1, 2), episodes=5):
    folder.mkdir()
    part = {"episodes": episodes, "tasks": list(tasks), "seeds": list(seeds)}
    record = {
        "training": {"base": str(base)},
        "data": {"train": part, "validation": {"episodes": 1, "tasks": ["held.out"], "seeds": [9]}},
        "before": before.as_json(),
    }
    (folder / "training.json").write_text(json.dumps(record))
    (folder / "model.safetensors").write_bytes(str(folder).encode())
    return lineage_of(folder)


def test_a_students_students_data_is_remembered_when_the_first_is_gone(tmp_path):
    (tmp_path / "tiny").mkdir()
    untaught = lineage_of(tmp_path / "tiny")
    assert (untaught.taught, untaught.gaps, untaught.softwares) == (False, (), ())
    first = student(tmp_path / "one", ["mousepad.fix_setting"], tmp_path / "tiny", untaught)
    assert first.softwares == ("held", "mousepad")
    second = student(tmp_path / "two", ["gnumeric.sum_column"], tmp_path / "one", first, seeds=[10_001], episodes=7)
    for path in (tmp_path / "one").iterdir():
        path.unlink()
    assert lineage_of(tmp_path / "two") == second
    assert second.softwares == ("gnumeric", "held", "mousepad")
    assert (second.episodes, second.seeds, second.base) == (12, (1, 2, 9, 10_001), str(tmp_path / "one"))


def test_what_is_not_known_of_a_base_is_said(tmp_path):
    hub = lineage_of("Qwen/Qwen3-VL-2B-Instruct")
    assert not hub.taught
    lineage = student(tmp_path / "one", ["a.b"], "Qwen/Qwen3-VL-2B-Instruct", hub)
    assert lineage.gaps == ("Qwen/Qwen3-VL-2B-Instruct is not here: what it was taught before is not known",)


def test_it_survives_json_and_another_student_has_another_digest(tmp_path):
    lineage = student(tmp_path / "one", ["a.b"], "x", Lineage("x"))
    assert Lineage.from_json(json.loads(json.dumps(lineage.as_json()))) == lineage
    (tmp_path / "one" / "model.safetensors").write_bytes(b"other weights")
    assert lineage_of(tmp_path / "one").digest != lineage.digest


def test_a_damaged_record_is_no_lineage(tmp_path):
    (tmp_path / "training.json").write_text('{"training": {}}')
    with pytest.raises(DeskgymError, match=r"training.json does not say what the student was taught: KeyError"):
        lineage_of(tmp_path)


def test_a_temperature_stands_in_the_name(tmp_path):
    assert folder_of("student:runs/one") == ("runs/one", 0.0)
    assert folder_of("runs/one@0.7") == ("runs/one", 0.7)
    assert folder_of("runs/one@home") == ("runs/one@home", 0.0)
    (tmp_path / "v@2").mkdir()
    assert folder_of(f"student:{tmp_path}/v@2") == (f"{tmp_path}/v@2", 0.0)
