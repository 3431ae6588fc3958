"""Specs: what is wrong in a folder is said by file, key and remedy; a seed is an instance."""

from __future__ import annotations

import re

import pytest
from deskgym.errors import SpecError
from deskgym.software_specs.spec import load_software
from deskgym.software_specs.task_code import load_task_code


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"titel": "x"}, "unknown key 'titel'; did you mean 'title'?"),
        ({"folder": "/"}, "unknown key 'folder'"),
        ({"ready.windw": "x"}, "unknown key 'ready.windw'; did you mean 'window'?"),
        ({"settle.quite": 5}, "unknown key 'settle.quite'; did you mean 'quiet'?"),
        ({"tasks.append.max_step": 3}, "unknown key 'tasks.append.max_step'; did you mean 'max_steps'?"),
        ({"title": None}, "title is missing"),
        ({"ready.window": None}, "ready.window is missing"),
        ({"tasks.append.horizon": None}, "tasks.append.horizon is missing"),
        ({"tasks": {}}, "tasks"),
        ({"tasks.append.goal": []}, "tasks.append.goal"),
        ({"split": "train"}, "'seen' or 'unseen' (got 'train')"),
        ({"tasks.append.max_steps": 0}, "greater than or equal to 1 (got 0)"),
        ({"desktop.screen": [100, 100]}, "desktop.screen.0"),
        ({"occupations": ["12"]}, "'12' is no major group of the SOC; they are 11, 13"),
        ({"tasks.append.goal": ["Add {wrod}."]}, "tasks.append.goal uses {wrod}; did you mean 'word'?"),
        ({"tasks.append.goal": ["Add 𝕏."]}, "'𝕏' in 'Add 𝕏.' is outside the goal's characters"),
        ({"tasks.append.params.word": []}, "tasks.append.params.word"),
        ({"name": "other"}, "name is 'other' but the folder is called 'memo'"),
        ({"name": "Other"}, "name"),
        ({"tasks.prepend": {"goal": ["x"], "max_steps": 1, "horizon": "short"}}, "tasks.prepend has no file"),
    ],
)
def test_a_wrong_document_is_explained(write_memo, changes, words):
    folder = write_memo(changes=changes)
    with pytest.raises(SpecError) as caught:
        load_software(folder)
    assert words in str(caught.value)
    assert "software.yaml" in str(caught.value)


def test_all_mistakes_are_told_at_once(write_memo):
    folder = write_memo(changes={"titel": "x", "license": None})
    with pytest.raises(SpecError, match=r"unknown key 'titel'") as caught:
        load_software(folder)
    assert "license is missing" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [("a: [", "not valid YAML"), ("- a\n- b\n", "must hold a mapping"), ("", "must hold a mapping")],
)
def test_a_broken_file_is_explained(write_memo, text, words):
    folder = write_memo()
    (folder / "software.yaml").write_text(text)
    with pytest.raises(SpecError, match=words):
        load_software(folder)


def test_bytes_that_are_no_text(write_memo):
    folder = write_memo()
    (folder / "software.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(SpecError, match="not valid YAML"):
        load_software(folder)


def test_a_folder_without_a_spec(tmp_path):
    with pytest.raises(SpecError, match=r"no software\.yaml"):
        load_software(tmp_path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("def setup(:", "SyntaxError"),
        ("setup = verify = solve = print", "defines no function 'near_misses'"),
        ("setup = 1\nverify = solve = near_misses = print", "defines no function 'setup'"),
    ],
)
def test_a_broken_task_file_is_explained(write_memo, code, words):
    task = load_software(write_memo(code)).task("append")
    with pytest.raises(SpecError) as caught:
        load_task_code(task)
    assert words in str(caught.value)
    assert str(task.python) in str(caught.value)


def test_a_task_file_may_import_its_neighbour(write_memo):
    code = "from ._shared import answer\nsetup = verify = solve = near_misses = lambda *_: answer"
    folder = write_memo(code)
    (folder / "tasks" / "_shared.py").write_text("answer = 42")
    assert load_task_code(load_software(folder).task("append")).setup() == 42


def test_an_edited_task_file_is_read_afresh(write_memo):
    stub = "setup = solve = near_misses = print\nverify = lambda evidence: {}"
    task = load_software(write_memo(stub.format(1))).task("append")
    assert load_task_code(task).verify(None) == 1
    task.python.write_text(stub.format(222))
    assert load_task_code(task).verify(None) == 222


def test_a_setup_script_stands_in_for_setup(write_memo):
    folder = write_memo("verify = solve = near_misses = print")
    (folder / "tasks" / "append.setup.sh").write_text("true")
    load_task_code(load_software(folder).task("append"))


def test_the_seed_is_the_instance(write_memo):
    task = load_software(write_memo()).task("append")
    drawn = [task.instance(seed) for seed in range(40)]
    assert drawn == [task.instance(seed) for seed in range(40)]
    assert {instance.params["word"] for instance in drawn} == {"ink", "paper", "stamps", "glue"}
    assert {instance.goal.split()[0] for instance in drawn} == {"Add", "Save"}
    assert all(instance.params["word"] in instance.goal for instance in drawn)
    assert drawn[3].rng().random() == task.instance(3).rng().random() != drawn[4].rng().random()


def test_instances_do_not_depend_on_the_process(write_memo, python):
    folder = write_memo()
    code = f"""
from pathlib import Path
from deskgym.software_specs.spec import load_software
print(load_software(Path({str(folder)!r})).task("append").instance(7).goal)
"""
    goals = {python(code, PYTHONHASHSEED=number).stdout for number in ("1", "2")}
    assert goals == {load_software(folder).task("append").instance(7).goal + "\n"}


def test_the_digest_follows_the_content(write_memo):
    folder = write_memo()
    before = load_software(folder).digest
    assert load_software(folder).digest == before
    (folder / "tasks" / "append.py").write_text("# changed")
    assert load_software(folder).digest != before
    assert re.fullmatch("[0-9a-f]{16}", before)


def test_a_loaded_spec_cannot_be_changed(write_memo):
    software = load_software(write_memo())
    with pytest.raises(ValueError, match="frozen"):
        software.title = "x"
