"""The viewer: the static pages in a real browser, the film decoded again, the contact sheet."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import av
import numpy as np
import pytest
from deskgym.errors import RecordError
from deskgym.recorder import EpisodeWriter, Header, Label, Run
from deskgym.recorder.viewer import write_film, write_site, write_strip
from deskgym.verifiers.verdict import Check, Verdict
from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 800)
EVIL = '<script>document.title = "owned"</script><b id="evil">&amp;'
PASSED = Verdict.of(Check("F1 holds the total", True, 4711, 4711), Check("the file is saved", True, True, True))
FAILED = Verdict.of(
    Check("F1 holds the total", False, 4711, EVIL),
    Check("no other cell has changed", True, [], []),
    Check("the file is saved", True, True, True),
)
MOVES = [
    ("The total belongs into cell F1, so I select it first.", "click(604, 172)"),
    ("Now I write the formula and confirm it with Return.", 'type("=SUM(B1:B24)\\n")'),
    ("Let me look whether there are more rows further down.", "scroll(604, 500, dy=5)"),
    ("The column is too narrow; I drag its edge.", "drag([(560, 122), (600, 122), (660, 122)])"),
    ("A context menu might tell more.", 'click(1240, 300, button="right", count=2, modifiers="ctrl")'),
    ("Typing where I must not.", "clck(1, 2)"),
    ("The file has to be saved.", 'press("ctrl+s")'),
    ("The total stands in F1 and the file is saved.", "finish()"),
]


@functools.cache
def _screen(number: int) -> np.ndarray:
    """A spreadsheet that changes a little with each step."""
    picture = Image.new("RGB", SIZE, "#f3f3f1")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    draw.rectangle((0, 0, 1280, 34), fill="#2f3640")
    draw.text((14, 8), "sales.gnumeric - Gnumeric", "white", font)
    draw.text((14, 44), "File   Edit   View   Insert   Format   Tools   Data   Help", "#222", font)
    draw.rectangle((60, 76, 1270, 104), fill="white", outline="#bbb")
    draw.text((70, 82), "=SUM(B1:B24)" if number > 1 else "", "#222", font)
    for column in range(11):
        x = 50 + column * 110
        draw.rectangle((x, 112, x + 110, 134), fill="#e4e4e1", outline="#c8c8c4")
        draw.text((x + 50, 115), "ABCDEFGHIJK"[column], "#333", font)
        for row in range(25):
            y = 134 + row * 26
            draw.rectangle((x, y, x + 110, y + 26), fill="white", outline="#e2e2df")
            if column < 3:
                draw.text((x + 8, y + 5), str((row * 37 + column * 91 + 13) % 997), "#222", font)
    if number > 1:
        draw.text((608, 165), "4711", "#222", font)
    if number:
        draw.rectangle((600, 160, 710, 186), outline="#1f6feb", width=3)
    draw.rectangle((0, 776, 1280, 800), fill="#e4e4e1")
    draw.text((14, 779), "saved" if number > 6 else "Sum = 0", "#333", font)
    return np.asarray(picture)


def _record(
    run: Run, seed: int, agent: str, goal: str, task: str = "gnumeric.sum_column", ending: str = "passed"
) -> Path:
    software = {"name": task.split(".")[0], "version": 0, "split": "seen", "packages": {"gnumeric": "1.12.59"}}
    header = Header(
        task, seed, agent, goal, "local", SIZE, 15, software, "sha256:4f1c", "off", "0.1.0", "2026-01-02T03:04:05+00:00"
    )
    cell = Label("table cell", "F1", (600, 160, 110, 26))
    with EpisodeWriter(run.episode_folder(task, seed, agent), header) as writer:
        if ending == "never began":
            writer.close(None, "the X server died before the first screen")
            return writer.folder
        writer.first(_screen(0))
        for number, (thought, action) in enumerate(MOVES if ending != "unfinished" else MOVES[:3]):
            writer.step(
                thought=thought,
                action=action,
                frame=_screen(number + 1),
                error="unknown action 'clck'; did you mean 'click'?" if action.startswith("clck") else "",
                seconds={"think": 1.21 + number / 3, "act": 0.012, "settle": 0.084},
                terminated=action == "finish()",
                labels=(cell, Label("menu", "File", (8, 40, 36, 24))) if number == 0 else (),
                target=cell if number == 0 else None,
            )
        if ending != "unfinished":
            verdict = {"passed": PASSED, "failed": FAILED}.get(ending)
            writer.close(verdict, "Xvfb died" if ending == "fault" else "")
            if verdict:
                evidence = run.folder / "evidence" / writer.folder.name
                evidence.mkdir(parents=True)
                (evidence / "verdict.json").write_text(json.dumps(verdict.as_json()))
    return writer.folder


def make_run(folder: Path) -> Run:
    run = Run(folder)
    goal = "Put the total of column B into cell F1 and save the file."
    _record(run, 7, "oracle", goal)
    _record(run, 8, "teacher:big-model-1", EVIL + goal, ending="failed")
    _record(run, 9, "teacher:big-model-1", goal, ending="unfinished")
    _record(run, 3, "oracle", "Crop the picture to its left half.", task="gimp.crop", ending="fault")
    _record(run, 4, "oracle", "Crop the picture to its right half.", task="gimp.crop", ending="never began")
    _record(run, 5, "oracle", "Crop the picture to its upper half.", task="gimp.crop", ending="unjudged")
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return make_run(tmp_path_factory.mktemp("viewer") / "teacher-run")


@pytest.fixture(scope="module")
def episode_folder(run) -> Path:
    return run.episode_folder("gnumeric.sum_column", 7, "oracle")


def _tiny(run: Run, action: str = "click(3, 4)", words: str = "", target: Label | None = None) -> Path:
    header = Header("toy.dot", 0, "idle", words, "toy", (51, 33), 5, {}, "", "off", "0", "2026-01-02T03:04:05+00:00")
    screen = np.full((33, 51, 3), 90, np.uint8)
    with EpisodeWriter(run.episode_folder("toy.dot", 0, "idle"), header) as writer:
        writer.first(screen)
        writer.step(thought=words, action=action, frame=screen, error=words, target=target)
        writer.close(None, words)
    return writer.folder


# --- films and contact sheets


def _pictures(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        assert container.streams.video[0].codec_context.name in ("h264", "mpeg4")
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_film_shows_every_step_for_about_a_second(episode_folder, tmp_path):
    film = write_film(episode_folder, tmp_path / "deep" / "film.mp4")
    pictures = _pictures(film)
    assert len(pictures) == 4 * len(MOVES) + 12
    before, clicked = pictures[0][:800], pictures[2][:800]
    assert np.abs(before.astype(int) - _screen(0)).mean() < 3
    x, y = 604, 172
    ring = clicked[y - 40 : y + 40, x - 40 : x + 40].astype(int)
    assert ((ring[..., 0] - ring[..., 1]) > 120).sum() > 200, "no mark where the click was"
    assert ((before[..., 0].astype(int) - before[..., 1]) > 120).sum() == 0
    assert np.abs(pictures[-1][:800].astype(int) - _screen(len(MOVES))).mean() < 3


def test_a_film_lies_beside_its_episode_by_default(tmp_path):
    folder = _tiny(Run(tmp_path))
    assert write_film(folder) == folder / "film.mp4"
    assert [path.name for path in sorted(folder.iterdir())] == [
        "episode.json",
        "film.mp4",
        "frames.tiles",
        "steps.jsonl",
    ]


def test_a_contact_sheet_is_one_picture(episode_folder, tmp_path):
    with Image.open(write_strip(episode_folder, tmp_path / "strip.png")) as picture:
        assert picture.format == "PNG"
        assert picture.width > picture.height > 700


@pytest.mark.parametrize(
    "action",
    [
        "click(99999999999999999999, -5)",
        "drag([(0, 0), (0, 0)])",
        "scroll(50, 32, dx=-100, dy=1)",
        "mouse_down(3, 3)",
        'type("' + "x" * 9000 + '")',
        "\x00\ud800",
        "",
    ],
)
def test_whatever_was_recorded_can_be_looked_at(tmp_path, action):
    words = "\ud83d \u05d0\u65e5\u672c \n\n" + "word" * 500
    folder = _tiny(Run(tmp_path), action, words, Label("menu", "\udc00", (-40, 10**12, -3, 10**12)))
    assert len(_pictures(write_film(folder))) == 16
    write_strip(folder, tmp_path / "strip.png")
    site = write_site([tmp_path], tmp_path / "view").parent
    assert "toy.dot" in (site / "assets" / "rows.js").read_text()
    assert len(list(site.glob("episodes/*/*.html"))) == 1


def test_an_episode_without_a_screen_has_no_film(run, tmp_path):
    folder = run.episode_folder("gimp.crop", 4, "oracle")
    with pytest.raises(RecordError, match="before its first screen"):
        write_film(folder)
    with pytest.raises(RecordError, match="before its first screen"):
        write_strip(folder, tmp_path / "strip.png")


# --- the page


@pytest.fixture(scope="module")
def index(run, episode_folder) -> str:
    write_film(episode_folder)
    return write_site([run.folder], run.folder / "view").as_uri()


def _shown_rows(page) -> int:
    return page.locator("tbody tr[data-agent]:visible").count()


def _enter(page, link: str) -> None:
    """Follow a link and wait until the page behind it is whole: a click alone returns before that."""
    address = urljoin(page.url, page.get_attribute(link, "href"))
    page.click(link)
    page.wait_for_url(lambda url: urldefrag(url).url == urldefrag(address).url)


def test_the_index_lists_and_filters_episodes(page, index):
    page.goto(index)
    assert page.title() == "teacher-run"
    assert _shown_rows(page) == 6
    page.select_option("[data-filter=software]", "gimp")
    assert _shown_rows(page) == 3
    page.click("[data-outcome=fault]")
    assert _shown_rows(page) == 2
    assert page.locator(".chips [data-outcome=unjudged]").inner_text().split() == ["?", "unjudged", "1"]
    page.fill("#words", "LEFT half")
    assert _shown_rows(page) == 1
    page.reload()
    assert _shown_rows(page) == 1, "the filters are forgotten"
    page.fill("#words", "nothing of the kind")
    assert _shown_rows(page) == 0
    assert page.is_visible("text=No episode to show.")
    page.fill("#words", "")
    _enter(page, "tr:has-text('left half') a")
    assert page.inner_text("h1 >> nth=0") == "Crop the picture to its left half."
    page.go_back()
    page.wait_for_selector("tr[data-agent]")
    assert _shown_rows(page) == 2


def test_an_episode_is_walked_with_the_keyboard(page, index):
    page.goto(index)
    _enter(page, "tr[data-outcome=passed] a")
    step = page.locator(".step:visible")
    assert step.count() == 1
    assert "Step 1 of 8" in step.inner_text()
    assert MOVES[0][0] in step.inner_text()
    assert step.locator(".action").inner_text() == MOVES[0][1]
    page.keyboard.press("ArrowLeft")
    assert "Step 1 of 8" in step.inner_text()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert "Step 6 of 8" in step.inner_text()
    assert "did you mean 'click'?" in step.locator("[role=alert]").inner_text()
    page.reload()
    assert "Step 6 of 8" in step.inner_text()
    page.click(".back")
    assert "Step 5 of 8" in step.inner_text()
    page.click(".strip a >> nth=1")
    assert "Step 2 of 8" in step.inner_text()
    page.keyboard.press("End")
    assert page.is_disabled(".onward")
    assert "F1 holds the total" in step.inner_text()
    assert "4711" in step.inner_text()
    page.keyboard.press("Home")
    assert "Step 1 of 8" in step.inner_text()


def test_the_mark_lies_where_the_click_was(page, index):
    page.goto(index)
    _enter(page, "tr[data-outcome=passed] a")
    stage = page.locator(".step:visible .stage")
    image, dot = stage.locator("img").bounding_box(), stage.locator(".dot").bounding_box()
    x = (dot["x"] + dot["width"] / 2 - image["x"]) / image["width"] * SIZE[0]
    y = (dot["y"] + dot["height"] / 2 - image["y"]) / image["height"] * SIZE[1]
    assert (x, y) == pytest.approx((604, 172), abs=1.5)
    assert stage.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == SIZE[0]
    assert image["width"] / image["height"] == pytest.approx(SIZE[0] / SIZE[1], rel=0.01)
    for marks in ("ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(marks)
    assert page.locator(".step:visible .line polyline").count() == 1
    assert page.locator(".step:visible .line polygon").count() == 1


def test_annotated_widgets_can_be_shown(page, index):
    page.goto(index)
    _enter(page, "tr[data-outcome=passed] a")
    widgets = page.locator(".step:visible .labels rect:visible")
    assert widgets.count() == 0
    page.keyboard.press("w")
    assert widgets.count() == 2
    page.click(".step:visible [data-widgets]")
    assert widgets.count() == 0


def test_recorded_text_is_never_markup(page, index):
    page.goto(index)
    _enter(page, "tr[data-outcome=failed] a")
    assert page.inner_text("h1 >> nth=0").startswith(EVIL)
    assert page.locator("#evil").count() == 0
    page.keyboard.press("End")
    assert EVIL in page.locator(".step:visible").inner_text()
    assert page.title() != "owned"


def test_an_episode_that_never_began_has_a_page(page, index):
    page.goto(index)
    _enter(page, "tr:has-text('right half') a")
    assert "the X server died before the first screen" in page.locator(".step:visible").inner_text()
    _enter(page, "a[rel=next]")
    assert page.inner_text("h1 >> nth=0") == "Crop the picture to its upper half."


def test_a_page_is_readable_without_scripts(browser, index):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(index)
    _enter(page, "li:has-text('passed') a")
    assert page.locator(".step:visible").count() == len(MOVES) + 1
    context.close()


def test_a_page_written_again_follows_the_run(tmp_path):
    run = make_run(tmp_path / "run")
    before = write_site([run.folder], run.folder / "view").stat().st_mtime_ns
    pictures = [*run.folder.glob("view/thumbs/*"), *run.folder.glob("view/screens/*")]
    stamps = {path: path.stat().st_mtime_ns for path in pictures}
    _record(run, 11, "oracle", "One more.")
    index = write_site([run.folder], run.folder / "view")
    assert index.stat().st_mtime_ns > before
    assert "One more." in (index.parent / "assets" / "rows.js").read_text()
    pictures = [*run.folder.glob("view/thumbs/*"), *run.folder.glob("view/screens/*")]
    assert {path: path.stat().st_mtime_ns for path in pictures} == stamps


def test_the_screens_of_a_page_are_the_screens_of_the_episodes(tmp_path):
    run = make_run(tmp_path / "run")
    write_site([run.folder], run.folder / "view")
    wanted = {}
    for episode in run.episodes():
        shown = {episode.final_screen, *(step.screen for step in episode.steps)} - {""}
        wanted |= {key: episode.frame(key) for key in shown}
    written = {path.stem: np.asarray(Image.open(path)) for path in run.folder.glob("view/screens/*.png")}
    assert written.keys() == wanted.keys()
    assert all(np.array_equal(written[key], wanted[key]) for key in wanted)


def test_two_runs_of_one_name_have_one_site(tmp_path):
    runs = [Run(tmp_path / place / "run") for place in ("a", "b")]
    for number, run in enumerate(runs):
        _record(run, number, "oracle", f"Goal {number}.", ending="unjudged")
    site = write_site([run.folder for run in runs], tmp_path / "site").parent
    assert sorted(path.parent.name for path in site.glob("episodes/*/*.html")) == ["run", "run-2"]
    assert "view" not in {path.name for run in runs for path in run.folder.iterdir()}


def test_a_damaged_episode_has_a_page_that_says_so(tmp_path):
    run = make_run(tmp_path / "run")
    folder = run.episode_folder("gnumeric.sum_column", 7, "oracle")
    (folder / "steps.jsonl").write_text("nonsense\n")
    site = write_site([run.folder], tmp_path / "site").parent
    assert "line 1 is no step" in (site / "episodes" / "run" / f"{folder.name}.html").read_text()
    assert "damaged" in (site / "assets" / "rows.js").read_text()


def test_a_folder_that_is_no_run_has_no_page(tmp_path):
    with pytest.raises(RecordError, match="is no run"):
        write_site([tmp_path], tmp_path / "view")
    assert not list(tmp_path.iterdir())
