"""The catalog: where specs are found, and what the shipped ones promise."""

from __future__ import annotations

import deskgym
import pytest
from deskgym.benchmark.suite import Suite, parse_seeds
from deskgym.errors import DeskgymError, SpecError
from deskgym.software_specs.catalog import find_software, find_task, folders, register_folder, tasks_named
from deskgym.software_specs.scaffold import write_spec
from deskgym.software_specs.spec import load_software
from deskgym.software_specs.task_code import load_task_code

APPLICATIONS = ("gnumeric", "calc", "mousepad", "featherpad", "tryton")


def test_folders_on_the_path_are_found(write_memo, specs_on_path):
    write_memo()
    (specs_on_path / "_hidden").mkdir()
    (specs_on_path / "_hidden" / "software.yaml").write_text("name: _hidden")
    (specs_on_path / "no_spec").mkdir()
    assert find_task("memo.append")[1].id == "memo.append"
    assert {"_hidden", "_template", "no_spec"}.isdisjoint(folders())


def test_a_later_place_wins(write_memo, tmp_path, monkeypatch):
    write_memo(name="mousepad", changes={"title": "Not the shipped one"})
    monkeypatch.setenv("DESKGYM_SPECS", f"/nowhere:{tmp_path / 'specs'}")
    assert find_software("mousepad").title == "Not the shipped one"


def test_registered_folders_are_found(write_memo):
    software = register_folder(write_memo(name="memo_by_hand"))
    assert find_software("memo_by_hand") == software
    with pytest.raises(SpecError, match=r"title is missing"):
        register_folder(write_memo(name="memo_bad", changes={"title": None}))


PACKAGE = """
from deskgym.software_specs.catalog import find_software
import gymnasium, deskgym
print(find_software("memo").folder)
print("deskgym/memo.append-v0" in gymnasium.registry)
"""


@pytest.mark.parametrize("point", ["thirdparty.specs", "thirdparty", "thirdparty.specs.module"])
def test_other_packages_bring_specs_by_an_entry_point(write_memo, python, tmp_path, point):
    folder = write_memo()
    site = tmp_path / "site"
    inside = site.joinpath(*point.removesuffix(".module").split("."))
    inside.mkdir(parents=True)
    (site / "thirdparty" / "__init__.py").touch()
    (inside / "module.py").touch()
    folder.rename(inside / "memo")
    meta = site / "thirdparty-1.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty\nVersion: 1\n")
    (meta / "entry_points.txt").write_text(f"[deskgym.specs]\nmine = {point}\n")
    ran = python(PACKAGE, PYTHONPATH=str(site))
    assert ran.stdout.split() == [str(inside / "memo"), "True"], ran.stderr


def test_a_broken_entry_point_does_not_break_the_import(python, tmp_path):
    meta = tmp_path / "site" / "gone-1.dist-info"
    meta.mkdir(parents=True)
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1\n")
    (meta / "entry_points.txt").write_text("[deskgym.specs]\nmine = gone.away.specs\n")
    ran = python("import deskgym; print('fine')", PYTHONPATH=str(meta.parent))
    assert ran.stdout == "fine\n", ran.stderr
    assert "there is no gone.away.specs" in ran.stderr


def test_names_that_mean_nothing(write_memo, specs_on_path):
    write_memo()
    for name, words in {
        "memoo": "no software 'memoo'; did you mean 'memo'?",
        "memo.apend": "memo has no task 'apend'; did you mean 'append'?",
    }.items():
        with pytest.raises(SpecError) as caught:
            tasks_named(name)
        assert words in str(caught.value)
    with pytest.raises(SpecError, match=r"names no task; known: memo\.append"):
        find_task("memo")


def test_suites_are_chosen_by_name_split_and_horizon(write_memo, specs_on_path):
    write_memo()
    suite = Suite.of("memo", seeds=range(2))
    assert [str(trial) for trial in suite.trials("oracle")] == [
        "memo.append seed 0 by oracle",
        "memo.append seed 1 by oracle",
    ]
    assert Suite.of("memo", seeds=[1], horizons=["short"]).tasks == ("memo.append",)
    with pytest.raises(DeskgymError, match="no task of memo is unseen"):
        Suite.of("memo", seeds=[1], splits=["unseen"])
    with pytest.raises(DeskgymError, match="no task"):
        Suite.of("memo", seeds=[1], horizons=["long"])


def test_seeds_as_people_write_them():
    assert list(parse_seeds("7")) == [7]
    assert list(parse_seeds("2:5")) == [2, 3, 4]
    for text in ("", "x", "5:5", "5:2", "-1", "1:2:3"):
        with pytest.raises(DeskgymError, match="seeds are written"):
            parse_seeds(text)


def test_the_scaffold_is_a_valid_spec(tmp_path):
    folder = write_spec("my_app", tmp_path)
    software = load_software(folder)
    assert software.name == "my_app"
    assert "NAME" not in (folder / "software.yaml").read_text().replace("check NAME", "")
    assert (folder / "launch.sh").stat().st_mode & 0o111
    load_task_code(software.task("add_line"))
    with pytest.raises(SpecError, match="exists already"):
        write_spec("my_app", tmp_path)
    for name in ("MyApp", "my-app", "../up", "", "1st"):
        with pytest.raises(SpecError, match="no name for a software"):
            write_spec(name, tmp_path)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_shipped_spec_is_whole(name):
    software = find_software(name)
    assert (software.folder / "launch.sh").is_file()
    for task in software.tasks.values():
        load_task_code(task)
        assert len(task.goal) >= 2, f"{task.id} has one wording only"
        assert len({task.instance(seed).goal for seed in range(20)}) >= 2
        assert f"deskgym/{task.id}-v{software.version}" in deskgym.envs.registration.gym.registry


@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_shipped_application_has_four_tasks(name):
    assert len(find_software(name).tasks) >= 4


def test_both_splits_are_shipped():
    assert {find_software(name).split for name in APPLICATIONS} == {"seen", "unseen"}
