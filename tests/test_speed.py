"""Speed: figures by hand, premature screenshots on drawn frames, the README's tables, and one short run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from deskgym.benchmark.speed import Figure
from deskgym.benchmark.speed.figures import PREMATURE, read_figures, share
from deskgym.benchmark.speed.measure import CAPTURE, CLICK, CLOCK_OFF, EPISODE, RESET, STEP, TYPE, WAITS
from deskgym.benchmark.speed.plot import draw
from deskgym.benchmark.speed.premature import changed_pixels, is_premature
from deskgym.benchmark.speed.scale import EARLY, GROWTH, LATE, ON_DISK, ON_PATH, THROUGHPUT, measure_scale
from deskgym.benchmark.speed.scenes import scenes_named
from deskgym.benchmark.speed.table import BEGIN, END, rewrite, section
from deskgym.benchmark.speed.turns import Way, take_turns
from deskgym.errors import DeskgymError
from PIL import Image

ROOT = Path(__file__).parent.parent
SHAPE = {"name", "software", "unit", "p50", "p90", "n", "peer"}
THEIRS = "a peer, 2 s of sleep"
FIGURES = [
    Figure(CAPTURE, "mousepad", "ms", 0.526, 0.71, 60, ""),
    Figure(CAPTURE, "mousepad", "ms", 235.4, 301.2, 20, THEIRS),
    Figure(STEP, "mousepad", "ms", 8.64, 11.2, 60, ""),
    Figure(STEP, "mousepad", "ms", 2605.2, 2711.9, 20, THEIRS),
    Figure(CLICK, "mousepad", "ms", 167.24, 167.25, 20, THEIRS),
    Figure(STEP, "calc", "ms", 18.7, 25.9, 60, ""),
    Figure(EPISODE, "mousepad", "s", 0.375, 0.41, 20, ""),
    Figure(EPISODE, "mousepad", "s", 20.09, 20.09, 1, WAITS),
    Figure(PREMATURE, "mousepad", "%", 0.0, 0.0, 1000, ""),
    Figure(PREMATURE, "calc", "%", 12.5, 12.5, 40, CLOCK_OFF),
]


# figures


@pytest.mark.parametrize(
    ("values", "p50", "p90"),
    [
        ([7.0], 7.0, 7.0),
        ([1.0, 2.0], 1.5, 1.9),
        ([4.0, 1.0, 3.0, 2.0], 2.5, 3.7),
        ([5.0, 1.0, 2.0, 4.0, 3.0], 3.0, 4.6),
        (list(range(11)), 5.0, 9.0),
        ([1.0] * 99 + [1000.0], 1.0, 1.0),
    ],
)
def test_percentiles_are_those_computed_by_hand(values, p50, p90):
    figure = Figure.of("click", "mousepad", "ms", "", values)
    assert (figure.p50, figure.p90, figure.n) == (p50, p90, len(values))


def test_a_share_is_in_percent_of_all():
    assert share(PREMATURE, "calc", "", [True, False, False, False]) == Figure(PREMATURE, "calc", "%", 25, 25, 4, "")


def test_figures_survive_their_json(tmp_path):
    path = tmp_path / "speed.json"
    path.write_text(json.dumps({"figures": [figure.as_json() for figure in FIGURES]}))
    assert read_figures(path) == FIGURES


@pytest.mark.parametrize("text", ["", "[]", '{"figures": [{"name": "click"}]}', '{"rows": []}'])
def test_what_is_no_figures_is_one_sentence(tmp_path, text):
    (tmp_path / "speed.json").write_text(text)
    with pytest.raises(DeskgymError, match="holds no figures"):
        read_figures(tmp_path / "speed.json")


# turns


def test_turns_are_interleaved_and_slow_ways_take_part_in_some():
    tried = []
    quick = Way("click", "toy", "", lambda turn: tried.append(f"quick {turn}"), lambda: tried.append("rest"))
    slow = Way("click", "toy", THEIRS, lambda turn: tried.append(f"slow {turn}"), every=3, warm_up=False)
    *_, figures = take_turns([quick, slow], 4)
    assert tried == ["quick 0", "rest", "quick 0", "rest", "slow 0", "quick 1", "rest", "quick 2", "rest",
                     "quick 3", "rest", "slow 3"]  # fmt: skip
    assert [(figure.peer, figure.n) for figure in figures] == [("", 4), (THEIRS, 2)]


def test_a_job_may_time_itself():
    *_, (figure,) = take_turns([Way("whole episode", "toy", "", lambda turn: float(turn), unit="s")], 3)
    assert (figure.p50, figure.p90, figure.unit) == (1.0, 1.8, "s")


# premature screenshots


@pytest.mark.parametrize(("columns", "premature"), [(0, False), (8, False), (9, True), (200, True)])
def test_more_than_400_changed_pixels_are_premature(columns, premature):
    shot = np.zeros((50, 200, 3), np.uint8)
    final = shot.copy()
    final[:, :columns, 1] = 1  # one channel, by one: still another pixel
    assert changed_pixels(shot, final) == 50 * columns
    assert is_premature(shot, final) is premature


# the README


def test_the_tables_say_what_was_measured():
    text = section(FIGURES)
    assert "| median / 90th percentile | mousepad | calc |" in text
    assert f"| {STEP} | 8.6 / 11 ms | 19 / 26 ms |" in text
    assert f"| {EPISODE}; {WAITS} | 20 s (once) |  |" in text
    assert f"| {THEIRS} | 235 / 301 ms | 167 / 167 ms | 2,605 / 2,712 ms |  |" in text
    assert f"| {PREMATURE} | 0 of 1,000 |  |" in text
    assert f"| {PREMATURE}; {CLOCK_OFF} |  | 5 of 40 |" in text
    assert f"- **{STEP}**: " in text
    assert "Each time is of 1 to 60 turns." in text
    assert f"- **{RESET}**: " not in text


def test_what_was_measured_at_scale_has_a_table_of_its_own():
    text = section([*FIGURES, Figure(THROUGHPUT[16], "mousepad", "steps/s", 362.1, 380.4, 7, "")])
    assert f"| {THROUGHPUT[16]} | mousepad | 362 / 380 steps/s | " in text
    assert "Each time is of 1 to 60 turns." in text
    assert text.split("| at scale")[0].rstrip() == section(FIGURES)


def test_only_what_lies_between_the_marks_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# before\n\n{BEGIN}\nold\n{END}\n\nafter\n")
    for _ in range(2):
        rewrite(readme, FIGURES)
    text = readme.read_text()
    assert text.startswith(f"# before\n\n{BEGIN}\n\n| ")
    assert text.endswith(f"\n\n{END}\n\nafter\n")
    assert "old" not in text
    readme.write_text("# nothing\n")
    with pytest.raises(DeskgymError, match="lacks the marks"):
        rewrite(readme, FIGURES)


def test_the_readme_shows_the_stored_figures(tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text((ROOT / "README.md").read_text())
    rewrite(copy, read_figures(ROOT / "docs" / "speed.json"))
    assert copy.read_text() == (ROOT / "README.md").read_text()


def test_the_plot_is_a_picture_of_all_timed_figures(tmp_path):
    draw(FIGURES, tmp_path / "all.png")
    draw(FIGURES[:2], tmp_path / "two.png")
    with Image.open(tmp_path / "all.png") as every, Image.open(tmp_path / "two.png") as two:
        assert every.width == two.width > 1000
        assert every.height > two.height
    with pytest.raises(DeskgymError, match="no figures"):
        draw([], tmp_path / "none.png")
    with pytest.raises(DeskgymError, match="cannot be written"):
        draw(FIGURES, tmp_path / "nowhere" / "all.png")


# the command


def test_a_software_without_a_scene_is_one_sentence():
    with pytest.raises(DeskgymError, match="did you mean 'mousepad'"):
        scenes_named("mousepat")
    assert [scene.software for scene in scenes_named("calc")] == ["calc"]


def test_the_command_draws_earlier_figures(python, tmp_path):
    (tmp_path / "in.json").write_text(json.dumps({"figures": [figure.as_json() for figure in FIGURES]}))
    ran = python("-m", "deskgym", "speed", "--from", "in.json", "--plot", "out.png", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == json.loads((tmp_path / "in.json").read_text())
    assert (tmp_path / "out.png").is_file()


@pytest.mark.desktop
def test_a_short_run_without_peers(python):
    ran = python("-m", "deskgym", "speed", "--only", "mousepad", "--repeats", "3", "--steps", "2", "--no-peers",
                 "--no-scale", "--json", timeout=120)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert set(document) == {"figures"}
    assert all(set(each) == SHAPE for each in document["figures"])
    assert all(each["n"] and 0 <= each["p50"] <= each["p90"] for each in document["figures"])
    found = {(each["name"], each["peer"]): each for each in document["figures"]}
    timed = {(name, peer) for name in (CLICK, TYPE, STEP, EPISODE, RESET, PREMATURE) for peer in ("", CLOCK_OFF)}
    assert set(found) == {(CAPTURE, ""), *timed}
    assert found[CAPTURE, ""]["n"] == 3
    assert found[PREMATURE, ""] | {"p50": 0, "p90": 0} == found[PREMATURE, ""]


@pytest.mark.desktop
def test_a_short_run_at_scale():
    parts = list(measure_scale(long_steps=40, windows=1))
    figures = {figure.name: figure for part in parts if not isinstance(part, str) for figure in part}
    assert list(figures) == [*THROUGHPUT.values(), EARLY, LATE, GROWTH, ON_PATH, ON_DISK]
    assert all(figures[name].p50 > 0 for name in figures if name != GROWTH)
    assert figures[EARLY].n == figures[LATE].n == 4
    assert abs(figures[GROWTH].p50) < 100
    assert figures[ON_DISK].p50 < 20


@pytest.mark.desktop
def test_what_a_desktop_costs_when_another_is_there(python):
    ran = python("-m", "deskgym", "density", "mousepad", "--desktops", "2", "--stepping", "1", "--json", timeout=120)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["software"], told["desktops"], told["stepping"]) == ("mousepad", 2, 1)
    assert told["processes"] > 5
    assert 10 < told["mean_mb"] <= 1.2 * told["first_mb"] < 1000
    assert told["idle_percent"] < 20
    assert min(told["reset_s"], told["step_ms"]) > 0
