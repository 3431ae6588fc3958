"""Which teacher, on which terms: names, keys, prices, budgets, rates, and runs that stop and go on."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from itertools import repeat

import numpy as np
import pytest
from deskgym.agents.dialects import View, dialect
from deskgym.agents.naming import make_agent
from deskgym.agents.teachers.budget import Budget
from deskgym.agents.teachers.ledger import Ledger
from deskgym.agents.teachers.models import MODELS
from deskgym.agents.teachers.picture import Limits, Picture
from deskgym.agents.teachers.prices import PRICES, Price, price_of
from deskgym.agents.teachers.setup import Setup
from deskgym.agents.teachers.teacher import TeacherAgent
from deskgym.agents.teachers.terms import Terms
from deskgym.benchmark.record import record
from deskgym.envs.action import Decision
from deskgym.errors import BudgetSpent, DeskgymError, RecordError, TeacherUnavailable
from deskgym.recorder.episode import Usage
from deskgym.recorder.store import Run
from hypothesis import given
from hypothesis import strategies as st

# names


@pytest.mark.parametrize(
    ("text", "spoken", "wire"),
    [
        ("claude-opus-5-5", "anthropic_20260801", "messages"),
        ("claude-sonnet-4-5-20250929", "anthropic_20250124", "messages"),
        ("gpt-5.5-2026-04-23", "openai_computer", "responses"),
        ("computer-use-preview", "openai_preview", "responses"),
        ("gemini-2.5-computer-use-preview-10-2025", "gemini_25", "contents"),
        ("gemini-3.8-flash", "gemini_35", "contents"),
        ("gpt-9?dialect=openai_computer", "openai_computer", "responses"),
        ("Qwen/Qwen3-VL-8B-Instruct@http://localhost:8000/v1", "qwen3_vl", "chat"),
        ("qwen2.5vl:7b@http://localhost:11434/v1", "qwen25_vl", "chat"),
        ("ByteDance-Seed/UI-TARS-1.5-7B@http://localhost:8000/v1", "ui_tars", "chat"),
        ("mine@https://gpu.example/v1?dialect=opencua&screens=1", "opencua", "chat"),
    ],
)
def test_a_name_says_who_is_asked_and_how(text, spoken, wire):
    setup = Setup.parse(text)
    assert (setup.dialect, setup.wire.module) == (spoken, wire)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("claude-opus-55", "did you mean 'claude-opus-5-5'"),
        ("gpt-9", "?dialect="),
        ("mine@http://localhost/v1", "which dialect does 'mine' speak"),
        ("gpt-5.5?dialect=openai_komputer", "did you mean 'openai_computer'"),
        ("gpt-5.5?screen=2", "did you mean 'screens'"),
        ("gpt-5.5?screens=0", "screens of a teacher must be more than 0"),
        ("gpt-5.5?tries=many", "tries of a teacher must be a number"),
        ("qwen3-vl@localhost:8000", "begins with http:// or https://"),
        ("qwen3-vl@http://me:secret@host/v1", "an address must hold no password"),
    ],
)
def test_a_name_that_says_nothing_is_explained(text, words):
    with pytest.raises(TeacherUnavailable) as caught:
        Setup.parse(text)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("claude-opus-5", "ANTHROPIC_API_KEY"),
        ("gpt-5.5", "OPENAI_API_KEY"),
        ("gemini-3.8-flash", "GEMINI_API_KEY or GOOGLE_API_KEY"),
    ],
)
def test_a_missing_key_names_its_variable(model, variable):
    with pytest.raises(TeacherUnavailable, match=f"needs a key in the environment variable {variable}"):
        make_agent(f"teacher:{model}", None)  # type: ignore[arg-type]


def test_a_vendor_s_key_never_goes_to_another_s_server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-vendor")
    monkeypatch.delenv("DESKGYM_TEACHER_KEY")
    assert Setup.parse("gpt-5.5").key() == "sk-vendor"
    assert Setup.parse("gpt-5.5@http://localhost:1/v1").key() == "none"
    assert Setup.parse("qwen3-vl@http://localhost:1/v1").key() == "none"


@pytest.mark.parametrize(
    ("model", "package"), [("claude-opus-5", "anthropic"), ("gpt-5.5", "openai"), ("gemini-3.8-flash", "google-genai")]
)
def test_a_missing_sdk_is_named_with_its_remedy(python, model, package):
    module = {"google-genai": "google.genai"}.get(package, package)
    ran = python(
        f"import sys; sys.modules[{module!r}] = None\n"
        "from deskgym.agents.naming import make_agent\n"
        f"make_agent('teacher:{model}', None)",
        ANTHROPIC_API_KEY="x",
        OPENAI_API_KEY="x",
        GEMINI_API_KEY="x",
    )
    assert f"MissingExtra: {package} is not installed; run: pip install 'deskgym[teachers]'" in ran.stderr


def test_a_first_thought_is_refused_where_it_cannot_be_kept(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    with pytest.raises(TeacherUnavailable, match="takes no first thought"):
        TeacherAgent(Setup.parse("claude-opus-5"), Terms(first_thought="First"))


def test_a_new_model_is_asked_as_its_kin_are():
    assert Setup.parse("claude-next?dialect=anthropic_20260801").known.thinks
    assert not Setup.parse("claude-next?dialect=anthropic_20250124").known.thinks
    assert Setup.parse("claude-opus-4-8?dialect=anthropic_20251124").known.thinks
    assert Setup.parse("mine@http://localhost/v1?dialect=ui_tars").known.prefill


# images


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(0, 2000), st.integers(0, 2_000_000))
def test_an_image_stays_within_its_limits(width, height, longest, pixels):
    fitted = Limits(longest, pixels).fit(width, height)
    assert 1 <= fitted[0] <= width
    assert 1 <= fitted[1] <= height
    assert not longest or max(fitted) <= longest
    assert not pixels or fitted[0] * fitted[1] <= pixels or 1 in fitted


def test_a_screen_within_the_limits_is_sent_as_it_is():
    screen = np.random.default_rng(0).integers(0, 256, (800, 1280, 3), np.uint8)
    for model in ("claude-opus-5", "gpt-5.5", "gemini-3.8-flash"):
        assert Picture.of(screen, Setup.parse(model).limits).size == (1280, 800)
    assert Picture.of(screen, Setup.parse("claude-opus-5?longest=640").limits).size == (640, 400)


@given(
    st.sampled_from(["anthropic_20260801", "openai_computer", "qwen3_vl"]), st.integers(0, 1919), st.integers(0, 1079)
)
def test_pixels_of_a_large_screen_survive_the_way_there_and_back_within_its_grain(name, x, y):
    fitted = Limits(1568, 1_150_000).fit(1920, 1080)
    view, spoken = View((1920, 1080), fitted), dialect(name)
    where = spoken.point(x, y, view)
    width, height = spoken.space.extent(view)
    assert 0 <= where[0] < width
    assert 0 <= where[1] < height
    back = spoken.space.to_screen("x", *where, view)
    # Half of what one step of the image is on the screen.
    assert abs(back[0] - x) <= 1920 / width / 2 + 1
    assert abs(back[1] - y) <= 1080 / height / 2 + 1


# prices and budgets


def test_every_price_is_of_a_known_model_and_none_is_nothing():
    assert set(PRICES) <= set(MODELS)
    assert all(price.input > 0 and price.output > 0 and price.cached != 0 for price in PRICES.values())
    assert price_of("claude-opus-5").of(1_000_000, 1_000_000, 1_000_000) == pytest.approx(5 + 0.5 + 25)
    assert price_of("gpt-6.2-sol").of(0, 1_000_000, 0) == 2
    assert price_of("claude-sonnet-4-5-20250929") == Price(3, 15, 0.3)
    assert price_of("gpt-9") is None
    assert price_of("claude-opus-5", "http://localhost") is None


def test_prices_of_ones_own_go_before(monkeypatch, tmp_path):
    file = tmp_path / "prices.json"
    monkeypatch.setenv("DESKGYM_PRICES", str(file))
    file.write_text('{"claude-opus-5": {"input": 1, "output": 2}, "mine": {"input": 3, "output": 4, "cached": 1}}')
    assert price_of("claude-opus-5") == Price(1, 2)
    assert price_of("mine", "http://localhost") == Price(3, 4, 1)
    assert price_of("claude-opus-4-8") == PRICES["claude-opus-4-8"]
    file.write_text('{"mine": {"input": "dear"}}')
    with pytest.raises(TeacherUnavailable, match="holds no prices"):
        price_of("mine")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", (None, None, None)),
        ("5", (5, None, None)),
        ("$2.50", (2.5, None, None)),
        ("2Mtokens", (None, 2e6, None)),
        ("500 ktokens, 90min", (None, 5e5, 5400)),
        ("5,2h", (5, None, 7200)),
        ("30s", (None, None, 30)),
    ],
)
def test_a_budget_is_read(text, limits):
    budget = Budget.parse(text)
    assert (budget.usd, budget.tokens, budget.seconds) == limits


@pytest.mark.parametrize("text", ["much", "5 euro", "-1", "5M", "3kmin", "5;3"])
def test_a_budget_that_says_nothing_is_explained(text):
    with pytest.raises(DeskgymError, match="a budget is written 5"):
        Budget.parse(text)


def test_dollars_cannot_be_kept_to_without_a_price(tmp_path):
    setup = Setup.parse("qwen3-vl@http://localhost:1/v1")
    with pytest.raises(TeacherUnavailable, match="the price of qwen3-vl is not known"):
        TeacherAgent(setup, Terms(tmp_path, Budget.parse("5")))
    TeacherAgent(setup, Terms(tmp_path, Budget.parse("5ktokens"))).close()


def test_a_service_that_does_not_count_can_have_time_for_a_budget_alone(open_service, tmp_path):
    service = open_service("chat")
    service.play(*[{"message": {"role": "assistant", "content": END}, "usage": None}] * 2)
    seen = {"goal": "End.", "screen": np.zeros((240, 320, 3), np.uint8)}
    setup = Setup.parse(service.teacher())
    limited = TeacherAgent(setup, Terms(tmp_path, Budget.parse("5ktokens")))
    with closing(limited), pytest.raises(TeacherUnavailable, match="counts no tokens"):
        limited.act(seen)
    with closing(TeacherAgent(setup, Terms(tmp_path, Budget.parse("5min")))) as agent:
        assert agent.act(seen).usage.usd is None
    assert str(Ledger(tmp_path).spent()) == "2 questions, 0 tokens, cost unknown"


def test_a_ledger_is_shared_and_survives_a_torn_line(tmp_path):
    ours, theirs = Ledger(tmp_path), Ledger(tmp_path)
    ours.enter("a", Usage(10, 5, 1, 0.25, 2.0))
    assert theirs.spent().tokens == 16
    theirs.enter("b", Usage(1, 0, 1, None, 1.0))
    assert ours.spent() == theirs.spent()
    assert str(ours.spent()) == "2 questions, 18 tokens, $0.2500 and what is unknown"
    with open(tmp_path / "spending.jsonl", "a") as file:
        file.write('{"agent": "c", "inp')
    assert Ledger(tmp_path).spent().questions == 2
    with open(tmp_path / "spending.jsonl", "a") as file:
        file.write("\n")
    with pytest.raises(RecordError, match="none of a ledger's"):
        Ledger(tmp_path).spent()


def test_a_rate_is_kept_by_all_together(tmp_path):
    begun, at = time.time(), []

    def worker():
        ledger = Ledger(tmp_path)
        for _ in range(3):
            ledger.take_turn(600)
            at.append(time.time())

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Twelve turns, a tenth of a second apart; the first is free.
    assert max(at) - begun >= 1.1
    assert all(second - first >= 0.05 for first, second in zip(sorted(at), sorted(at)[1:], strict=False))


# whole runs


CALL = '<tool_call>{"name": "computer_use", "arguments": {"action": %s}}</tool_call>'
WORK = CALL % '"type", "text": "ink"' + CALL % '"key", "keys": ["ctrl", "s"]'
END = CALL % '"terminate", "status": "success"'


def works(body):
    """Writes and saves in one reply, and ends when something has been done; looks only at what it was sent."""
    told = json.dumps(body["messages"])
    return END if "Done so far" in told or '"assistant"' in told else f"I write.{WORK}"


@pytest.fixture
def collect(python, specs_on_path, write_memo, tmp_path, open_service):
    """Run `deskgym collect` with a teacher, in a process of its own."""
    write_memo(changes={"tasks.append.params": {"word": ["ink"]}})
    service = open_service("chat")
    service.play_on(repeat(works))
    (tmp_path / "prices.json").write_text(json.dumps({service.model: {"input": 1000, "output": 1000}}))

    def collect(*options, seeds="0:3", **environment):
        ran = python(
            "-m", "deskgym", "collect", "memo", "--desktop", "toy", "--agent", f"teacher:{service.teacher()}",
            "--into", str(tmp_path / "run"), "--seeds", seeds, "--json", *options,
            DESKGYM_PRICES=str(tmp_path / "prices.json"), **environment,
        )  # fmt: skip
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran

    collect.service = service
    return collect


def holds_key(folder, key):
    return [path for path in folder.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def test_a_run_over_many_workers_is_accounted_for_and_holds_no_key(collect, tmp_path, keys):
    ran = collect("--workers", "2", "--rate", "6000")
    told = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert (told["rows"][0]["passed"], told["failures"]) == (3, 0)
    assert told["teachers"]["questions"] == len(collect.service.asked) == 6
    assert told["teachers"]["usd"] == pytest.approx(6 * 1.25)
    assert "teachers: 6 questions, 7,500 tokens, $7.5000" in ran.stderr
    spent = sum(step.usage.usd for episode in Run(tmp_path / "run").episodes() for step in episode.steps if step.usage)
    assert spent == pytest.approx(told["teachers"]["usd"])
    assert all(headers["authorization"] == f"Bearer {keys}" for headers in collect.service.headers)
    assert holds_key(tmp_path, keys) == []
    assert keys not in ran.stdout + ran.stderr


def test_a_budget_stops_a_run_which_goes_on_where_it_was(collect, tmp_path):
    ran = collect("--budget", "3")
    assert ran.returncode == 1
    assert "the budget of $3 is spent ($3.75); go on with a larger --budget" in ran.stderr
    assert len(collect.service.asked) == 3  # the second episode had been asked for once
    outcomes = [episode.outcome for episode in Run(tmp_path / "run").episodes()]
    assert outcomes == ["passed", "unfinished"]
    assert collect("--budget", "3").returncode == 1
    assert len(collect.service.asked) == 3
    ran = collect("--budget", "100", "--workers", "2")
    assert ran.returncode == 0, ran.stderr
    assert [episode.outcome for episode in Run(tmp_path / "run").episodes()] == ["passed"] * 3
    assert len(collect.service.asked) == 6  # nothing was asked twice
    second = [episode for episode in Run(tmp_path / "run").episodes() if episode.header.seed == 1]
    assert [step.usage is None for step in second[0].steps] == [False, True, False]


@pytest.mark.parametrize("budget", ["2ktokens", "0.001s"])
def test_a_budget_of_tokens_or_time_stops_too(collect, budget):
    ran = collect("--budget", budget)
    assert ran.returncode == 1
    assert "is spent" in ran.stderr
    assert len(collect.service.asked) == (2 if "tokens" in budget else 0)


def test_many_workers_go_beyond_a_budget_by_one_question_each_at_most(collect):
    ran = collect("--budget", "2", "--workers", "3", seeds="0:9")
    assert ran.returncode == 1
    assert len(collect.service.asked) <= 2 + 3


def test_what_cannot_be_asked_ends_a_run_at_once(collect, tools, tmp_path):
    collect.service.play_on(repeat(tools.Trouble(401, '{"error": {"message": "who are you"}}')))
    ran = collect(seeds="0:9")
    assert ran.returncode == 1
    assert ran.stderr.count("cannot be asked, its key was refused") == 1
    assert len(collect.service.asked) == 1


def test_a_fault_of_the_service_is_listed_apart_and_tried_again_by_the_same_command(collect, tools):
    collect.service.play_on([works, *[tools.Trouble(500, headers={"retry-after-ms": "10"})] * 2, *[works] * 9])
    ran = collect(seeds="0:2")
    assert ran.returncode == 1
    assert "TeacherError: qwen3-vl-8b" in ran.stderr
    assert json.loads(ran.stdout)["rows"][0] | {"seconds": 0} == {
        "task": "memo.append", "agent": json.loads(ran.stdout)["rows"][0]["agent"], "episodes": 1, "passed": 1,
        "score": 1.0, "steps": 3, "seconds": 0, "faults": 1,
    }  # fmt: skip
    assert collect(seeds="0:2").returncode == 0
    assert len(collect.service.asked) == 4 + 2


def test_wrong_use_is_status_two(collect):
    assert collect("--budget", "much").returncode == 2
    assert collect("--rate", "-1").returncode == 2


def test_no_wire_lets_a_key_out(service, memo_env, tools, tmp_path, keys, caplog):
    def play(replies):
        service.play_on(replies)
        agent = make_agent(f"teacher:{service.teacher()}", env, Terms(tmp_path / "run"))
        episode = record(env, agent, seed=3, into=tmp_path / "run", name="teacher")
        agent.close()
        assert keys not in repr(agent.__dict__)
        return episode

    env = memo_env()
    # A service that is so careless as to repeat the key.
    careless = tools.Trouble(500, json.dumps({"error": {"message": f"key {keys}"}}), {"retry-after-ms": "10"})
    episode = play([careless, careless])
    assert episode.fault.endswith(("key ***", "key ***'}}", "key ***'}}."))
    caplog.clear()
    with caplog.at_level("DEBUG"):
        assert play(tools.scripted(service, env.solution, (320, 240))).outcome == "passed"
    assert caplog.text
    assert keys not in caplog.text
    assert any(keys in value for headers in service.headers for value in headers.values())
    assert holds_key(tmp_path, keys) == []


def test_time_is_a_budget_too():
    with pytest.raises(BudgetSpent, match="1 seconds is spent"):
        Budget(seconds=1, begun=0).check(Ledger().spent())


@pytest.mark.desktop
def test_the_command_solves_tasks_in_mousepad_with_two_workers(python, open_service, tools, tmp_path, keys):
    collect = ["-m", "deskgym", "collect", "mousepad.replace_name", "--seeds", "0:2", "--workers", "2"]
    assert python(*collect, "--into", str(tmp_path / "oracle")).returncode == 0
    known = {episode.header.goal: episode.steps for episode in Run(tmp_path / "oracle").episodes()}
    service = open_service("messages")
    spoken = dialect("anthropic_20260801")

    def knows(body):
        """Does what the oracle did: its clicks hit again, since an episode is its seed and its actions."""
        goal = body["messages"][0]["content"][0]["text"].removeprefix("Goal: ")
        step = known[goal][sum(message["role"] == "assistant" for message in body["messages"])]
        height, width, _ = tools.images(body)[-1].shape
        return spoken.write(Decision(step.thought, step.action), View((1280, 800), (width, height)), step.index)

    service.play_on(repeat(knows))
    agent = f"teacher:{service.teacher(screens=99)}"
    ran = python(*collect, "--agent", agent, "--into", str(tmp_path / "run"), "--rate", "600", "--json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["rows"][0]["passed"], told["failures"]) == (2, 0)
    assert told["teachers"]["questions"] == sum(map(len, known.values()))
    assert "cost unknown" in ran.stderr
    assert holds_key(tmp_path, keys) == []
