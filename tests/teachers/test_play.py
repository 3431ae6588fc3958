"""Teachers over real HTTP: every wire solves a task through its own dialect, and all that passes by is checked."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from deskgym.agents.naming import make_agent
from deskgym.agents.teachers.budget import Budget
from deskgym.agents.teachers.prices import price_of
from deskgym.agents.teachers.setup import Setup
from deskgym.agents.teachers.teacher import TeacherAgent
from deskgym.agents.teachers.terms import Terms
from deskgym.benchmark.record import record
from deskgym.envs.action import Click, Decision, Finish, Type
from deskgym.envs.desktop_env import DesktopEnv

MOVES = [
    Decision("I write the word.", Type("ink")),
    Decision("I press Save.", Click(30, 10)),
    Decision("Done.", Finish()),
]


@pytest.fixture
def teach(memo_env, tmp_path):
    """Record one episode of a service's teacher in a toy."""

    def teach(service, moves=None, seed=3, **options):
        env = memo_env()
        service.play_on(moves or [])
        agent = make_agent(f"teacher:{service.teacher(**options)}", env)
        try:
            return record(env, agent, seed=seed, into=tmp_path / "run", name=f"teacher:{service.model}")
        finally:
            agent.close()

    return teach


def solution(tools, service, env, size=(320, 240)):
    return tools.scripted(service, env.solution, size)


def test_each_wire_solves_a_toy_s_task(service, memo_env, tools, tmp_path):
    env = memo_env()
    service.play_on(solution(tools, service, env))
    agent = make_agent(f"teacher:{service.teacher()}", env)
    episode = record(env, agent, seed=3, into=tmp_path / "run", name="teacher")
    agent.close()
    assert (episode.outcome, episode.fault) == ("passed", "")
    assert [step.error for step in episode.steps] == ["", "", ""]
    assert episode.steps[0].thought == "I write the word."
    assert len(service.asked) == 3
    for step in episode.steps:
        assert (step.usage.input, step.usage.cached, step.usage.output) == (1000, 200, 50)
        assert step.usage.usd is None  # no vendor's price is true of another's server
        assert 0 < step.usage.seconds <= step.seconds["think"]
        assert step.reply


def test_a_teacher_that_reads_the_tree_is_told_it(service, memo_env, tools, tmp_path):
    env = memo_env(tree=True)
    service.play_on(solution(tools, service, env))
    agent = make_agent(f"teacher:{service.teacher()}+tree", env)
    record(env, agent, seed=3, into=tmp_path / "run", name="teacher+tree")
    agent.close()
    assert all("accessibility tree" in str(body) and "push button" in str(body) for body in service.asked)


def test_the_service_of_these_tests_would_notice(service, teach, tools):
    teach(service, tools.scripted(service, lambda: MOVES, (320, 240)))
    good = service.asked[1]
    service.wire.check(good)
    place = next(name for name in ("messages", "input", "contents") if name in good)
    for spoil in (
        lambda body: body[place][-1].update(bogus=1),
        lambda body: body[place][0].update(role=["user"]),
        lambda body: body.update(bogus=1),
        lambda body: body[place].append({"role": "user", "content": [{"type": "picture"}], "parts": [{"picture": 1}]}),
    ):
        bad = copy.deepcopy(good)
        spoil(bad)
        with pytest.raises((AssertionError, ValueError)):
            service.wire.check(bad)


@pytest.mark.desktop
def test_each_wire_solves_a_task_in_mousepad(service, tools, tmp_path):
    solve_mousepad(service, tools, tmp_path, (1280, 800))


@pytest.mark.desktop
@pytest.mark.parametrize("name", ["messages", "responses", "chat_tars"])
def test_those_who_count_pixels_hit_on_a_smaller_image(open_service, tools, tmp_path, name):
    solve_mousepad(open_service(name), tools, tmp_path, (800, 500))


def solve_mousepad(service, tools, tmp_path, size):
    env = DesktopEnv("mousepad", "replace_name", spares=0)
    service.play_on(solution(tools, service, env, env.size))
    agent = make_agent(f"teacher:{service.teacher(longest=size[0])}", env)
    try:
        episode = record(env, agent, seed=2, into=tmp_path / "run", name="teacher")
    finally:
        agent.close()
        env.close()
    assert (episode.outcome, episode.fault) == ("passed", ""), [step.error for step in episode.steps]
    height, width, _ = tools.images(service.asked[0])[0].shape
    assert (width, height) == size


def test_the_newest_screens_are_shown_and_older_steps_told(service, teach, tools):
    moves = [Decision(f"I type {letter}.", Type(letter)) for letter in "abcd"]
    episode = teach(service, tools.scripted(service, lambda: [*moves, MOVES[-1]], (320, 240)), screens=2)
    assert [len(tools.images(body)) for body in service.asked] == [1, 2, 2, 2, 2]
    for number, body in enumerate(service.asked):
        assert np.array_equal(tools.images(body)[-1][..., ::-1], episode.frame(episode.steps[number].screen))
    told = json.dumps(service.asked[4])
    assert "1. I type a. [type text='a']" in told
    assert "3. I type c." in told
    assert "4. I type d." not in told
    assert "Done so far" not in json.dumps(service.asked[1])


def test_one_screen_is_enough(service, teach, tools):
    teach(service, tools.scripted(service, lambda: MOVES, (320, 240)), screens=1)
    assert [len(tools.images(body)) for body in service.asked] == [1, 1, 1]


BATCHES = {
    "messages": {"role": "assistant", "content": [
        {"type": "text", "text": "I write and save."},
        {"type": "tool_use", "id": "t1", "name": "type", "toolset_name": "computer", "input": {"text": "in"}},
        {"type": "tool_use", "id": "t2", "name": "type", "toolset_name": "computer", "input": {"text": "k"}},
        {"type": "tool_use", "id": "t3", "name": "key", "toolset_name": "computer", "input": {"text": "ctrl+s"}}]},
    "responses": [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "I write and save."}],
         "encrypted_content": "c2VjcmV0"},
        {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "status": "completed", "pending_safety_checks": [],
         "actions": [{"type": "type", "text": "in"}, {"type": "type", "text": "k"},
                     {"type": "keypress", "keys": ["CTRL", "S"]}]}],
    "contents": {"role": "model", "parts": [
        {"text": "I write and save.", "thought": True, "thoughtSignature": "c2ln"},
        {"functionCall": {"id": "f1", "name": "type", "args": {"text": "in", "intent": "write"}},
         "thoughtSignature": "c2lnbmVk"},
        {"functionCall": {"id": "f2", "name": "type", "args": {"text": "k", "intent": "write"}}},
        {"functionCall": {"id": "f3", "name": "hotkey", "args": {"keys": "control+s", "intent": "save"}}}]},
    "chat": "I write and save."
            '<tool_call>{"name": "computer_use", "arguments": {"action": "type", "text": "in"}}</tool_call>'
            '<tool_call>{"name": "computer_use", "arguments": {"action": "type", "text": "k"}}</tool_call>'
            '<tool_call>{"name": "computer_use", "arguments": {"action": "key", "keys": ["ctrl", "s"]}}</tool_call>',
}  # fmt: skip


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_is_played_one_action_a_step_without_asking_again(open_service, teach, tools, name):
    service = open_service(name)
    (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
    episode = teach(service, [BATCHES[name], end])
    assert [step.action for step in episode.steps] == ['type("in")', 'type("k")', 'press("ctrl+s")', "finish()"]
    assert [step.thought for step in episode.steps[:3]] == ["I write and save.", "", ""]
    assert len(service.asked) == 2
    assert [step.usage is None for step in episode.steps] == [False, True, True, False]
    assert [step.reply is None for step in episode.steps] == [False, True, True, False]


def test_every_call_of_a_batch_is_answered_and_the_screen_shown_once(open_service, teach, tools):
    for name, ids in (("messages", ["t1", "t2", "t3"]), ("contents", ["f1", "f2", "f3"]), ("responses", ["call_1"])):
        service = open_service(name)
        (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
        teach(service, [BATCHES[name], end], seed=len(ids) + 10)
        body = service.asked[1]
        if name == "messages":
            *results, screen = body["messages"][-1]["content"]
            assert screen["type"] == "image"
            assert {result["toolset_name"] for result in results} == {"computer"}
            answered = [result["tool_use_id"] for result in results]
        elif name == "contents":
            answered = [part["functionResponse"]["id"] for part in body["contents"][-1]["parts"]]
            signatures = [part.get("thoughtSignature") for part in body["contents"][1]["parts"]]
            assert signatures == ["c2ln", "c2lnbmVk", None, None]
        else:
            answered = [item["call_id"] for item in body["input"] if item.get("type") == "computer_call_output"]
            assert [item for item in body["input"] if item.get("type") == "reasoning"] == [BATCHES[name][0]]
        assert answered == ids
        assert len(tools.images(body)) == 2


def test_older_geminis_are_told_an_address(open_service, teach):
    service = open_service("contents_browser")
    args = {"x": 500, "y": 500, "text": "ink", "clear_before_typing": False, "press_enter": False}
    call = {"functionCall": {"id": "f1", "name": "type_text_at", "args": args}}
    end = {"role": "model", "parts": [{"text": "[DONE]"}]}
    episode = teach(service, [{"role": "model", "parts": [call]}, end])
    assert [step.action for step in episode.steps] == ["click(160, 120)", 'type("ink")', "finish()"]
    (part,) = service.asked[1]["contents"][-1]["parts"]
    assert part["functionResponse"]["response"] == {"output": "done", "url": "about:blank"}


def test_looking_is_no_step_where_something_is_done(open_service, teach, tools):
    service = open_service("messages")
    look = {"type": "tool_use", "id": "t4", "name": "screenshot", "toolset_name": "computer", "input": {}}
    batch = {**BATCHES["messages"], "content": [*BATCHES["messages"]["content"], look]}
    (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
    episode = teach(service, [batch, {"role": "assistant", "content": [look]}, end])
    assert [step.action for step in episode.steps][2:] == ['press("ctrl+s")', "wait(ms=0)", "finish()"]
    results = service.asked[1]["messages"][-1]["content"]
    assert [result["content"][0]["type"] for result in results] == ["text", "text", "text", "image"]


def test_thoughts_of_claude_do_not_go_back(open_service, teach, tools):
    service = open_service("messages")
    (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
    thinking = {"type": "thinking", "thinking": "Hm.", "signature": "bound"}
    reply = {**BATCHES["messages"], "content": [thinking, *BATCHES["messages"]["content"]]}
    episode = teach(service, [reply, end])
    assert episode.steps[0].thought == "Hm.\nI write and save."
    assert "bound" not in json.dumps(service.asked[1])
    assert service.asked[0]["thinking"] == {"type": "adaptive", "display": "summarized"}


def test_safety_checks_are_acknowledged_and_recorded(open_service, teach, tools):
    check = {"id": "sc_1", "code": "malicious_instructions", "message": "Look twice."}
    call = {**BATCHES["responses"][1], "pending_safety_checks": [check]}
    service = open_service("responses")
    (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
    episode = teach(service, [[call], end])
    (output,) = [item for item in service.asked[1]["input"] if item.get("type") == "computer_call_output"]
    assert output["acknowledged_safety_checks"] == [check]
    assert episode.steps[0].reply["output"][0]["pending_safety_checks"] == [check]

    decision = {"decision": "require_confirmation", "explanation": "Sure?"}
    part = {"functionCall": {"name": "type", "args": {"text": "ink", "intent": "", "safety_decision": decision}}}
    service = open_service("contents")
    (end,) = tools.scripted(service, lambda: [MOVES[-1]], (320, 240))
    episode = teach(service, [{"role": "model", "parts": [part]}, end], seed=4)
    (answer,) = service.asked[1]["contents"][-1]["parts"]
    assert answer["functionResponse"]["response"] == {"output": "done", "safety_acknowledgement": "true"}
    assert "require_confirmation" in json.dumps(episode.steps[0].reply)


def test_safety_checks_end_an_episode_that_could_reach_the_world(open_service):
    seen = {"goal": "Write.", "screen": np.zeros((240, 320, 3), np.uint8)}
    check = {"id": "sc_1", "code": "malicious_instructions", "message": "Look twice."}
    decision = {"decision": "require_confirmation", "explanation": "Look twice."}
    part = {"functionCall": {"name": "type", "args": {"text": "ink", "intent": "", "safety_decision": decision}}}
    for name, reply in (
        ("responses", [{**BATCHES["responses"][1], "pending_safety_checks": [check]}]),
        ("contents", {"role": "model", "parts": [part]}),
    ):
        service = open_service(name)
        service.play(reply)
        agent = TeacherAgent(Setup.parse(service.teacher()))
        answer = agent.act(seen)
        agent.close()
        assert answer.action == Finish(success=False)
        assert answer.thought == "A person would have to confirm this: Look twice."
        assert answer.reply


def test_reasoning_that_a_server_tells_apart_is_the_thought(open_service, teach):
    service = open_service("chat")
    message = {"role": "assistant", "content": BATCHES["chat"], "reasoning_content": "Let me see."}
    finish = (
        '<tool_call>{"name": "computer_use", "arguments": {"action": "terminate", "status": "success"}}</tool_call>'
    )
    episode = teach(service, [{"message": message}, finish])
    assert episode.steps[0].thought == "Let me see.\nI write and save."


BASES = {"messages": "ANTHROPIC_BASE_URL", "responses": "OPENAI_BASE_URL", "contents": "GOOGLE_GEMINI_BASE_URL"}
OWN_KEYS = {"messages": "ANTHROPIC_API_KEY", "responses": "OPENAI_API_KEY", "contents": "GEMINI_API_KEY"}


@pytest.mark.parametrize("name", BASES)
def test_a_vendor_s_model_costs_its_list_price(open_service, memo_env, tools, tmp_path, monkeypatch, name):
    service, env = open_service(name), memo_env()
    monkeypatch.setenv(BASES[name], service.address)
    monkeypatch.setenv(OWN_KEYS[name], "sk-vendor")
    service.play_on(solution(tools, service, env))
    terms = Terms(tmp_path / "run", Budget.parse("5"))
    agent = make_agent(f"teacher:{service.model}", env, terms)
    episode = record(env, agent, seed=3, into=tmp_path / "run")
    agent.close()
    assert episode.outcome == "passed"
    assert {step.usage.usd for step in episode.steps} == {price_of(service.model).of(1000, 200, 50)}
    assert any("sk-vendor" in value for value in service.headers[0].values())


@pytest.mark.parametrize("name", ["messages_20250124", "chat", "chat_tars"])
def test_a_first_thought_begins_the_first_reply_and_no_other(open_service, memo_env, tools, name, tmp_path):
    service, env = open_service(name), memo_env()
    spoken = list(tools.scripted(service, lambda: MOVES, (320, 240)))
    terms = Terms(tmp_path / "run", first_thought="First I look for ")
    service.play_on([lambda body: _headless(spoken[0](body)), *spoken[1:]])
    agent = make_agent(f"teacher:{service.teacher()}", env, terms)
    episode = record(env, agent, seed=3, into=tmp_path / "run")
    agent.close()
    assert episode.steps[0].thought.startswith("First I look for the word.")
    last = [body["messages"][-1] for body in service.asked]
    assert last[0] == {"role": "assistant", "content": "First I look for"}
    assert [message["role"] for message in last[1:]] == ["user", "user"]
    assert "First I look for" not in json.dumps(service.asked[0]["messages"][:-1])
    said = [message for message in service.asked[1]["messages"] if message["role"] == "assistant"]
    assert "First I look for the word." in json.dumps(said)
    assert ("continue_final_message" in service.asked[0]) == name.startswith("chat")
    assert "continue_final_message" not in service.asked[1]


@pytest.mark.parametrize("name", ["messages_20250124", "chat"])
def test_a_first_thought_is_taken_from_a_plan(open_service, memo_env, tools, name, tmp_path):
    service, env = open_service(name), memo_env()
    plan = "1. I look for the end of the note. Then I type.\n2. I save."
    planned = plan if name == "chat" else {"role": "assistant", "content": [{"type": "text", "text": plan}]}
    service.play(planned, *tools.scripted(service, lambda: MOVES, (320, 240)))
    agent = make_agent(f"teacher:{service.teacher()}", env, Terms(tmp_path / "run", first_thought="{plan}"))
    episode = record(env, agent, seed=3, into=tmp_path / "run")
    agent.close()
    assert "tools" not in service.asked[0]
    assert service.asked[1]["messages"][-1] == {"role": "assistant", "content": "I look for the end of the note."}
    assert episode.steps[0].thought.startswith("I look for the end of the note.")
    assert "Say step by step" not in json.dumps(service.asked[1:])
    assert [step.usage.output for step in episode.steps] == [100, 50, 50]


def _headless(reply):
    """A reply that goes on with what it was given."""
    if isinstance(reply, str):
        return " the word." + reply.removeprefix("Thought: ").removeprefix("I write the word.")
    return {**reply, "content": [{"type": "text", "text": " the word."}, *reply["content"][1:]]}


def test_an_episode_that_goes_on_tells_its_steps_in_words(open_service, tools):
    service = open_service("messages")
    service.play_on(tools.scripted(service, lambda: [MOVES[1], MOVES[2]], (320, 240)))
    agent = TeacherAgent(Setup.parse(service.teacher()))
    screen = np.zeros((240, 320, 3), np.uint8)
    agent.follow({"goal": "Write.", "screen": screen}, Decision("I write.", 'type("ink")'))
    assert agent.act({"goal": "Write.", "screen": screen}).action == Click(30, 10)
    agent.close()
    (message,) = service.asked[0]["messages"]
    assert message["content"][0]["text"] == (
        'Goal: Write.\n\nDone so far:\n1. I write. type("ink")\n\nThe screen after that:'
    )
