"""Watching: the server in a real browser, what it follows while it is written, and whom it answers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from deskgym.benchmark.watching import make_run, measure_watching
from deskgym.errors import DeskgymError, RecordError
from deskgym.recorder import Episode, EpisodeWriter, Header, Run, Usage
from deskgym.recorder.viewer import Watch, write_film
from deskgym.recorder.viewer.guard import allows
from deskgym.recorder.viewer.listing import LIVE, Listing
from deskgym.verifiers.verdict import Check, Verdict
from PIL import Image

EVIL = '<script>document.title = "owned"</script><img src=x onerror="document.title = 1"><b class="evil">'
HEADER = Header(
    "memo.append", 7, "oracle", "Write & save.", "toy", (160, 100), 9, {}, "", "off", "0", "2026-01-02T03:04:05+00:00"
)
GOOD = Verdict.of(Check("the word", True, "ink", "ink"))
BAD = Verdict.of(Check("the word", False, {"line": EVIL}, "paper"), Check("nothing else", True))


def _screen(number: int) -> np.ndarray:
    return np.full((100, 160, 3), (40 + 20 * number) % 256, np.uint8)


def _write(run: Run, header: Header = HEADER, steps: int = 3, verdict: Verdict | None = GOOD, words: str = "") -> Path:
    with EpisodeWriter(run.episode_folder(header.task, header.seed, header.agent), header) as writer:
        writer.first(_screen(0))
        for number in range(steps):
            writer.step(
                thought=words or f"This is thought {number + 1}.",
                action=f"click({40 + number}, 30)",
                frame=_screen(number + 1),
                seconds={"think": 1.5, "act": 0.25},
                usage=Usage(1000, 0, 50, 0.01, 1.5) if header.agent.startswith("teacher") else None,
                reply={"said": words} if header.agent.startswith("teacher") else None,
            )
        writer.close(verdict)
    if verdict is not None:
        evidence = run.folder / "evidence" / writer.folder.name
        evidence.mkdir(parents=True)
        (evidence / "verdict.json").write_text(json.dumps(verdict.as_json()))
    return writer.folder


@pytest.fixture
def run(tmp_path) -> Run:
    run = Run(tmp_path / "run")
    _write(run)
    _write(run, replace(HEADER, agent="teacher:big", goal=EVIL), steps=5, verdict=BAD, words=EVIL)
    _write(run, replace(HEADER, task="memo.erase", seed=2, goal="Erase it all."), verdict=None)
    return run


@contextmanager
def _watched(*folders: Path, host: str = "127.0.0.1") -> Iterator[Watch]:
    with Watch(folders, host) as watch:
        thread = threading.Thread(target=watch.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield watch
        finally:
            watch.shutdown()
            thread.join()


@pytest.fixture
def watch(run) -> Iterator[Watch]:
    with _watched(run.folder) as watch:
        yield watch


@contextmanager
def _command(*folders: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it prints."""
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and who is started there inherits that.
    argv = ["env", "--default-signal=INT", sys.executable, "-m", "deskgym", "view", *map(str, folders)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def _get(watch: Watch, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", watch.server_port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host="host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def _page(watch: Watch, folder: Path) -> str:
    return f"{watch.url}episodes/{folder.parent.parent.name}/{folder.name}.html"


def _lines(page) -> list[str]:
    return page.locator("tbody tr[data-key] .what a").all_inner_texts()


# --- the list


def test_the_list_is_filtered_and_tells_what_is_left(page, watch):
    page.goto(watch.url)
    page.wait_for_selector("tr[data-key]")
    assert _lines(page) == ["memo.append", "memo.append", "memo.erase"]
    assert page.inner_text(".rate") == "3 episodes; 1 of 2 judged passed, 50 %"
    page.select_option("[data-filter=task]", "memo.append")
    assert len(_lines(page)) == 2
    page.click("[data-outcome=failed]")
    assert page.locator("tbody tr[data-key] .agent").all_inner_texts() == ["teacher:big"]
    page.reload()
    page.wait_for_selector("tr[data-key]")
    assert len(_lines(page)) == 1, "the filters are forgotten"
    page.keyboard.press("Escape")
    assert len(_lines(page)) == 3
    page.keyboard.press("/")
    page.keyboard.type("erase all")
    assert _lines(page) == ["memo.erase"]
    page.select_option("#order", "seconds")
    assert _lines(page) == ["memo.erase"]


def test_all_is_done_with_the_keyboard(page, watch):
    page.goto(watch.url)
    page.wait_for_selector("tr[data-key]")
    page.keyboard.press("?")
    assert page.is_visible("#help")
    page.keyboard.press("Escape")
    assert not page.is_visible("#help")
    page.keyboard.press("G")
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("j")
    assert page.inner_text("tr.on .agent") == "teacher:big"
    page.keyboard.press("Enter")
    page.wait_for_url("**/episodes/**")
    assert "Step 1 of 5" in page.inner_text(".step.on")
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("k")
    assert "Step 2 of 5" in page.inner_text(".step.on")
    page.keyboard.press("]")
    page.wait_for_url("**/memo.erase*")
    page.keyboard.press("[")
    page.wait_for_url("**/memo.append*big*")
    page.keyboard.press("c")
    page.wait_for_url("**/compare.html**")
    page.keyboard.press("Escape")
    page.wait_for_url("**/index.html**")
    page.wait_for_selector("tr.on")


def test_the_next_episode_is_the_next_of_the_list_as_it_was_shown(page, watch):
    page.goto(watch.url)
    page.wait_for_selector("tr[data-key]")
    page.select_option("[data-filter=agent]", "oracle")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/memo.append__s7__oracle.html**")
    page.keyboard.press("]")
    page.wait_for_url("**/memo.erase__s2__oracle.html**")
    assert page.locator("[rel=next]").count() == 0
    page.keyboard.press("Escape")
    page.wait_for_selector("tr.on")
    assert page.inner_text("tr.on .what a") == "memo.erase"
    assert len(_lines(page)) == 2


# --- an episode


def test_an_episode_tells_what_was_wanted_and_what_it_cost(page, watch, run):
    folder = run.episode_folder("memo.append", 7, "teacher:big")
    page.goto(_page(watch, folder))
    assert "$0.0100" in page.inner_text(".step.on .times")
    assert "1,000 tokens read, 50 written" in page.inner_text(".step.on .times")
    assert page.locator(".chart a").count() == 5
    assert "$0.0500 for 5 questions" in page.inner_text(".legend")
    assert page.get_attribute(".chart a >> nth=2", "title") == "step 3: the agent 1.5 s, the desktop 0.3 s, $0.0100"
    page.click(".chart a >> nth=2")
    assert "Step 3 of 5" in page.inner_text(".step.on")
    page.keyboard.press("G")
    assert "score 0.50, 1 of 2 checks" in page.inner_text(".step.on")
    assert "paper" in page.inner_text(".step.on .checks")
    assert "paper" not in (folder / "episode.json").read_text()


def test_recorded_text_is_never_markup(page, watch, run):
    page.goto(watch.url)
    page.wait_for_selector("tr[data-key]")
    assert page.locator("tbody p", has_text=EVIL).count() == 1
    page.goto(_page(watch, run.episode_folder("memo.append", 7, "teacher:big")))
    assert page.inner_text("h1 >> nth=0") == EVIL
    assert page.inner_text(".step.on .thought") == EVIL
    page.click(".step.on .reply summary")
    assert "script" in page.inner_text(".step.on .reply pre")
    page.keyboard.press("G")
    assert "onerror" in page.inner_text(".step.on .checks")
    assert page.locator(".evil").count() == 0
    assert "owned" not in page.title()


def test_two_agents_side_by_side(page, watch, run):
    page.goto(_page(watch, run.episode_folder("memo.append", 7, "oracle")))
    page.click(".fellows a")
    page.wait_for_url("**/compare.html**")
    left, right = page.locator(".pane >> nth=0"), page.locator(".pane >> nth=1")
    assert "passed" in left.locator(".meta").inner_text()
    assert "failed" in right.locator(".meta").inner_text()
    for _ in range(4):
        page.keyboard.press("j")
    assert "The end" in left.locator(".step.on").inner_text()
    assert "Step 5 of 5" in right.locator(".step.on").inner_text()
    assert "Another goal" in page.inner_text(".pane .error")
    page.keyboard.press("s")
    page.wait_for_url("**/compare.html?left=*big*")
    assert "failed" in page.locator(".pane >> nth=0").locator(".meta").inner_text()
    page.locator("select").nth(1).select_option(label="teacher:big")
    page.wait_for_url("**/compare.html?left=*big*&right=*big*")


def test_an_episode_is_followed_while_it_is_recorded(page, watch, run):
    page.goto(watch.url)
    page.wait_for_selector("tr[data-key]")
    assert not page.is_visible("#now")
    header = replace(HEADER, seed=9, agent="slow")
    with EpisodeWriter(run.episode_folder("memo.append", 9, "slow"), header) as writer:
        writer.first(_screen(0))
        writer.step(thought="One.", action="click(1, 1)", frame=_screen(1))
        writer.step(thought="Two.", action="click(2, 2)", frame=_screen(2))
        page.wait_for_selector("#now a >> text=slow")
        assert page.locator("tr[data-outcome=playing]").count() == 1
        page.click("#now a")
        page.wait_for_url("**/*slow.html**")
        assert "Now after" in page.inner_text(".step.on")
        for number in range(2, 6):
            writer.step(thought=f"Thought {number}.", action="click(3, 3)", frame=_screen(number + 1))
        page.wait_for_selector(".step.on >> text=Thought 5.")
        page.keyboard.press("k")
        seen = page.inner_text(".step.on .count")
        writer.step(thought="Seven.", action="click(3, 3)", frame=_screen(9))
        writer.close(GOOD)
    page.wait_for_selector(".meta >> text=passed")
    assert page.inner_text(".step.on .count").split(" of ")[0] == seen.split(" of ")[0], "the reader was moved"
    page.keyboard.press("G")
    assert "The end" in page.inner_text(".step.on")
    assert page.locator(".strip a").count() == 8
    assert page.locator(".step.on img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 160


def test_a_server_that_has_ended_is_said_so(browser, run):
    page = browser.new_page()
    with _command(run.folder) as (process, url):
        page.goto(url)
        page.wait_for_selector("tr[data-key]")
        process.kill()
        process.communicate()
    page.wait_for_selector("#notice >> text=has ended", timeout=20_000)
    page.close()


# --- pictures


def test_screens_are_the_recorded_ones_and_kept_for_ever(watch, run):
    episode = Episode.read(run.episode_folder("memo.append", 7, "oracle"))
    for step in episode.steps:
        answer, data = _get(watch, f"/screens/run/{episode.folder.name}/{step.screen}.png")
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert np.array_equal(np.asarray(Image.open(BytesIO(data))), episode.frame(step.screen))
    answer, data = _get(watch, f"/thumbs/run/{episode.folder.name}/{episode.final_screen}.jpg")
    assert Image.open(BytesIO(data)).size == (320, 200)


def test_a_film_is_sent_in_the_parts_that_a_browser_asks_for(watch, run):
    folder = run.episode_folder("memo.append", 7, "oracle")
    path = f"/films/run/{folder.name}.mp4"
    assert _get(watch, path)[0].status == 404
    film = write_film(folder).read_bytes()
    assert _get(watch, path)[1] == film
    answer, data = _get(watch, path, Range="bytes=10-19")
    assert (answer.status, data, answer.headers["Content-Range"]) == (206, film[10:20], f"bytes 10-19/{len(film)}")
    assert _get(watch, path, Range="bytes=-5")[1] == film[-5:]
    assert _get(watch, path, Range="bytes=lots")[1] == film


# --- whom it answers


@pytest.mark.parametrize(
    ("host", "asked", "well"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "localhost:8000", True),
        ("127.0.0.1", "[::1]:8000", True),
        ("127.0.0.1", "evil.example:8000", False),
        ("127.0.0.1", "localhost.evil.example", False),
        ("127.0.0.1", "192.168.1.7:8000", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[::1", False),
        ("0.0.0.0", "192.168.1.7:8000", True),
        ("0.0.0.0", "evil.example:8000", False),
        ("0.0.0.0", socket.gethostname(), True),
        ("desk.example", "desk.example:80", True),
    ],
)
def test_only_names_that_are_ours_are_answered(host, asked, well):
    assert allows(host, asked) is well


def test_another_name_gets_nothing(watch):
    answer, data = _get(watch, "/rows.json", host="evil.example")
    assert answer.status == 421
    assert b"memo" not in data
    assert _get(watch, "/rows.json", host=f"localhost:{watch.server_port}")[0].status == 200


def test_every_answer_has_a_strict_policy(watch, run):
    folder = run.episode_folder("memo.append", 7, "oracle")
    screen = Episode.read(folder).final_screen
    for path in (
        "/",
        "/rows.json",
        f"/episodes/run/{folder.name}.html",
        f"/compare.html?left=run/{folder.name}",
        f"/screens/run/{folder.name}/{screen}.png",
        "/nothing",
    ):
        answer, data = _get(watch, path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Access-Control-Allow-Origin"] is None
        if answer.headers["Content-Type"].startswith("text/html"):
            assert b" style=" not in data, "the policy refuses it"
            assert re.search(rb"<script(?! src=)", data) is None
        assert _get(watch, path, "HEAD")[1] == b""
    assert _get(watch, "/", "POST")[0].status == 501


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../server.py",
        "/assets/server.py",
        "/assets/%2e%2e%2fserver.py",
        "/episodes/run/..%2f..%2fsecret.html",
        "/episodes/../secret.html",
        "/episodes/run/%2e%2e.html",
        "/screens/run/NAME/..%2f..%2f..%2fsecret.png",
        "/screens/run/NAME/episode.json",
        "/screens/run/..%2f..%2f/secret.png",
        "/films/run/..%2f..%2fsecret.mp4",
        "/evidence/NAME/verdict.json",
        "/compare.html?left=..%2f..%2fsecret",
        "//etc/passwd",
        "/steps/run/nothing.json",
        "/%00",
    ],
)
def test_an_address_never_leads_out_of_the_listing(watch, run, path):
    (run.folder.parent / "secret.html").write_text("the secret")
    name = run.episode_folder("memo.append", 7, "oracle").name
    answer, data = _get(watch, path.replace("NAME", name))
    assert answer.status == 404
    assert b"the secret" not in data


# --- the listing


def test_only_changed_episodes_are_read_again(run):
    folder = run.episode_folder("memo.append", 7, "oracle")
    time.sleep(0.15)
    first = Listing([run.folder])
    first.refresh(wait=True)
    first.keep()
    # Its steps change behind the back of its folder: whoever read them again would stumble.
    (folder / "steps.jsonl").write_bytes(b"nonsense\n")
    again = Listing([run.folder])
    again.refresh(wait=True)
    assert again.entries == first.entries
    version = again.version
    os.utime(folder)
    again.refresh(wait=True)
    (changed,), gone = again.since(version)
    assert (changed.key, changed.outcome, gone) == (("run", folder.name), "damaged", [])
    assert "steps.jsonl" in changed.fault


def test_the_listing_follows_verdicts_new_episodes_and_lost_ones(run):
    listing = Listing([run.folder])
    listing.refresh(wait=True)
    assert listing.since(0)[0] == list(listing.entries.values())
    folder = run.episode_folder("memo.erase", 2, "oracle")
    version = listing.version
    Episode.read(folder).amend(GOOD)
    new = _write(run, replace(HEADER, seed=11))
    lost = run.episode_folder("memo.append", 7, "oracle")
    lost.rename(run.folder / "elsewhere")
    listing.refresh(wait=True)
    changed, gone = listing.since(version)
    assert [(entry.name, entry.outcome) for entry in changed] == [(new.name, "passed"), (folder.name, "passed")]
    assert gone == [("run", lost.name)]
    version = listing.version
    listing.refresh(wait=True)
    assert listing.version == version


def test_what_was_broken_off_is_not_playing_for_ever(run):
    header = replace(HEADER, seed=12)
    with EpisodeWriter(run.episode_folder("memo.append", 12, "oracle"), header) as writer:
        writer.first(_screen(0))
    listing = Listing([run.folder])
    listing.refresh(wait=True)
    entry = listing.entries["run", writer.folder.name]
    assert entry.live(entry.changed + LIVE - 1)
    assert not entry.live(entry.changed + LIVE + 1)


def test_a_damaged_cache_and_a_run_that_cannot_be_written_are_no_obstacle(run):
    (run.folder / "view").mkdir()
    (run.folder / "view" / "listing.json").write_text('{"format": 1, "lines": [[1, 2]]}')
    listing = Listing([run.folder])
    listing.refresh(wait=True)
    assert len(listing.entries) == 3
    (run.folder / "view" / "listing.json").unlink()
    (run.folder / "view").rmdir()
    (run.folder / "view").write_text("a file in the way")
    listing.keep()


def test_ten_thousand_episodes_are_shown_at_once(browser, tmp_path):
    run = make_run(tmp_path / "many")
    costs = measure_watching(run.folder)
    assert costs.episodes == 10_000
    assert costs.again_ms < costs.first_ms
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    with _watched(run.folder) as watch:
        began = time.perf_counter()
        page.goto(watch.url)
        page.wait_for_selector("tr[data-key]")
        shown = time.perf_counter() - began
        assert page.locator("tr[data-key]").count() < 40, "rows out of sight are drawn"
        widths = page.eval_on_selector_all("thead th", "heads => heads.map(head => head.offsetWidth)")
        assert 0 in widths, "a column without costs is shown"
        gap = page.locator("table").bounding_box()["width"] - sum(widths)
        assert abs(gap) < len(widths), "what fills the list has a column of its own"
        began = time.perf_counter()
        page.fill("#words", "student task_7 F3")
        page.wait_for_function("document.querySelector('.rate').textContent.startsWith('1')")
        found = time.perf_counter() - began
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.keyboard.press("G")
        assert page.locator("tr.on .number >> nth=0").inner_text() == "99"
        page.keyboard.press("g")
        page.wait_for_selector("tr.on[aria-rowindex='2']")
    page.close()
    print(f"\n{costs}\nshown after {1000 * shown:.0f} ms, a search after {1000 * found:.0f} ms")
    assert shown < 10
    assert found < 3


# --- the command


def test_errors_name_the_culprit_and_the_remedy(tmp_path, run):
    with pytest.raises(RecordError, match="nowhere is no run: it does not exist"):
        Watch([tmp_path / "nowhere"])
    (tmp_path / "empty" / "episodes").mkdir(parents=True)
    with pytest.raises(RecordError, match=r"empty holds no episode yet: deskgym collect --into .* records some"):
        Watch([tmp_path / "empty"])
    with Watch([run.folder]) as watch, pytest.raises(DeskgymError, match=r"port \d+ .* is taken: name another"):
        Watch([run.folder], port=watch.server_port)
    with pytest.raises(DeskgymError, match=r"203\.0\.113\.9 is no address of this machine"):
        Watch([run.folder], host="203.0.113.9")
    with pytest.raises(DeskgymError, match="no port 70000"):
        Watch([run.folder], port=70_000)


def test_the_command_serves_until_it_is_interrupted(run):
    with _command(run.folder) as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
        connection = HTTPConnection("127.0.0.1", int(url.split(":")[-1].strip("/")), timeout=20)
        connection.request("GET", "/rows.json")
        assert len(json.loads(connection.getresponse().read())["rows"]) == 3
        connection.close()
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert "3 episodes; Ctrl-C ends it" in told
    assert "Traceback" not in told
