"""What goes wrong: a malformed reply costs a step, a service that fails is a fault, and nothing is played twice."""

from __future__ import annotations

import json

import pytest
from deskgym.agents.naming import make_agent
from deskgym.benchmark.record import record
from deskgym.envs.action import Decision, Finish, Type
from deskgym.errors import TeacherUnavailable
from deskgym.recorder.episode import Episode

SAVE = [Decision("I write.", Type("ink")), Decision("Done.", Finish())]


@pytest.fixture
def teach(memo_env, tmp_path):
    def teach(service, replies, **options):
        env = memo_env(changes={"tasks.append.max_steps": 4})
        service.play_on(replies)
        agent = make_agent(f"teacher:{service.teacher(**options)}", env)
        try:
            return record(env, agent, seed=3, into=tmp_path / "run", name="teacher")
        finally:
            agent.close()

    return teach


def said(tools, service, moves=SAVE):
    return list(tools.scripted(service, lambda: moves, (320, 240)))


MALFORMED = {
    "messages": [
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "t1", "name": "left_click", "toolset_name": "computer", "input": {}}]},
        {"role": "assistant", "content": []},
    ],
    "messages_20250124": [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "computer", "input": {"x": 1}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "shell", "input": {}}]},
    ],
    "responses": [
        [{"type": "function_call", "name": "shell", "call_id": "c1", "arguments": "{}"}],
        [{"type": "computer_call", "id": "cu", "call_id": "c1", "status": "completed", "pending_safety_checks": [],
          "actions": [{"type": "click", "button": "left", "x": 5000, "y": 5}]}],
        [],
    ],
    "contents": [
        {"role": "model", "parts": [{"functionCall": {"id": "f1", "name": "click_here", "args": {}}}]},
        {"candidates": [{"finishReason": "MALFORMED_FUNCTION_CALL"}]},
        {"candidates": [{"content": {"role": "model", "parts": []}, "finishReason": "STOP"}]},
    ],
    "chat": ["I click.", "", "<tool_call>{</tool_call>", "click(1, 2)",
             {"message": {"role": "assistant", "content": None}}],
    "chat_tars": ["Thought: hm", "Action: fly()"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, all in MALFORMED.items() for n in range(len(all))])
def test_a_malformed_reply_costs_a_step_and_the_model_is_told_why(open_service, teach, tools, name, number):
    service = open_service(name)
    episode = teach(service, [MALFORMED[name][number], *said(tools, service)])
    first, *_ = episode.steps
    assert episode.outcome == "failed"
    assert len(episode.steps) == 3
    assert first.error
    assert first.action == f"unreadable({json.dumps(first.error, ensure_ascii=False)})"
    assert first.screen == first.next_screen
    assert first.usage.output == 50
    assert json.dumps(first.error)[1:-1] in json.dumps(service.asked[1])
    assert len(service.asked) == 3


@pytest.mark.parametrize("name", ["messages", "responses", "contents", "chat"])
def test_a_reply_that_was_cut_off_is_never_played_in_part(open_service, teach, tools, name):
    half = {"type": "tool_use", "id": "t1", "name": "type", "toolset_name": "computer", "input": {"text": "in"}}
    cut = {
        "messages": {"role": "assistant", "stop_reason": "max_tokens", "content": [half]},
        "responses": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []},
        "contents": {"candidates": [{"finishReason": "MAX_TOKENS"}]},
        "chat": {"message": {"role": "assistant", "content":
                 '<tool_call>{"name": "computer_use", "arguments": {"action": "type", "text": "in"}}</tool_call> an'},
                 "finish_reason": "length"},
    }  # fmt: skip
    service = open_service(name)
    episode = teach(service, [cut[name], *said(tools, service)])
    assert "token limit" in episode.steps[0].error or "MAX_TOKENS" in episode.steps[0].error
    assert [step.error for step in episode.steps[1:]] == ["", ""]


REFUSALS = {
    "messages": {"role": "assistant", "stop_reason": "refusal", "content": [{"type": "text", "text": "No."}]},
    "responses": [{"type": "message", "id": "m", "role": "assistant", "status": "completed",
                   "content": [{"type": "refusal", "refusal": "No."}]}],
    "contents": {"candidates": [{"finishReason": "SAFETY"}]},
    "chat": {"message": {"role": "assistant", "content": None, "refusal": "No."}},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_gives_the_episode_up(open_service, teach, name):
    episode = teach(open_service(name), [REFUSALS[name]])
    (step,) = episode.steps
    assert (episode.outcome, step.terminated, step.error) == ("failed", True, "")
    assert step.action.startswith("finish(")
    assert "success=False" in step.action
    assert step.reply or step.thought == "No."


def test_a_blocked_prompt_gives_the_episode_up(open_service, teach):
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    (step,) = teach(open_service("contents"), [blocked]).steps
    assert "PROHIBITED_CONTENT" in step.action


SOON = {"retry-after": "0.02", "retry-after-ms": "20"}


@pytest.mark.parametrize("kind", ["429", "500", "503", "cut", "hang"])
def test_trouble_on_the_way_is_tried_again_and_no_action_repeated(service, teach, tools, kind):
    trouble = {
        "429": tools.Trouble(429, headers=SOON),
        "500": tools.Trouble(500, headers=SOON),
        "503": tools.Trouble(503, "busy", headers=SOON),
        "cut": tools.Trouble(200, '{"id": "x", "cont', cut=True),
        "hang": tools.Trouble(hang=1.6),
    }[kind]
    first, last = said(tools, service)
    episode = teach(service, [trouble, first, last], timeout=1.2 if kind == "hang" else 20)
    assert [step.action for step in episode.steps] == ['type("ink")', "finish()"]
    assert (episode.fault, len(service.asked)) == ("", 3)
    assert service.asked[0] == service.asked[1]


@pytest.mark.parametrize("kind", ["500", "cut", "hang"])
def test_trouble_that_does_not_end_is_a_fault_and_no_failed_episode(service, teach, tools, kind, tmp_path):
    trouble = {
        "500": tools.Trouble(500, headers=SOON),
        "cut": tools.Trouble(200, '{"id": "x", "cont', cut=True),
        "hang": tools.Trouble(hang=1.6),
    }[kind]
    first, last = said(tools, service)
    episode = teach(service, [first, trouble, trouble], timeout=1.2 if kind == "hang" else 20)
    assert (episode.outcome, episode.verdict, len(episode.steps)) == ("fault", None, 1)
    assert episode.fault.startswith(f"TeacherError: {service.model} at http://127.0.0.1:")
    assert "no answer in 2 tries" in episode.fault
    # What was paid for is not paid for again.
    episode = teach(service, [last])
    assert (episode.outcome, len(episode.steps), len(service.asked)) == ("failed", 2, 4)
    assert episode.steps[0].usage.output == 50
    assert episode.steps[0].reply


@pytest.mark.parametrize("body", ["{}", "[]", '"hello"', "no json", '{"choices": [], "output": null, "content": null}'])
def test_nonsense_is_a_fault(service, teach, tools, body):
    episode = teach(service, [tools.Trouble(200, body)] * 2)
    assert episode.outcome == "fault"
    assert episode.fault.startswith("TeacherError: ")


def test_a_question_that_is_refused_is_a_fault_of_its_episode_alone(service, teach, tools):
    said = {"error": {"message": "image too large", "type": "invalid_request_error", "code": 400, "status": "X"}}
    episode = teach(service, [tools.Trouble(400, json.dumps(said))])
    assert "refused a question with status 400" in episode.fault
    assert "image too large" in episode.fault
    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_would_fail_everywhere_ends_the_run(service, teach, tools, status, tmp_path):
    said = {"error": {"message": f"bad key {tools.key}", "type": "x", "code": status, "status": "X"}}
    with pytest.raises(TeacherUnavailable, match="cannot be asked") as caught:
        teach(service, [tools.Trouble(status, json.dumps(said))])
    assert "bad key ***" in str(caught.value)
    assert tools.key not in repr(caught.value.__cause__)
    (folder,) = (tmp_path / "run" / "episodes").iterdir()
    assert Episode.read(folder).outcome == "unfinished"


@pytest.mark.parametrize("words", ["API key not valid. Please pass a valid API key.", "Your credit balance is too low"])
def test_what_means_the_same_under_another_status_does_too(service, teach, tools, words):
    said = {"error": {"message": words, "type": "x", "code": 400, "status": "INVALID_ARGUMENT"}}
    with pytest.raises(TeacherUnavailable, match="cannot be asked"):
        teach(service, [tools.Trouble(400, json.dumps(said))])


def test_a_response_that_failed_is_a_fault(open_service, teach):
    failed = {"status": "failed", "error": {"code": "server_error", "message": "It broke."}, "output": []}
    episode = teach(open_service("responses"), [failed])
    assert episode.fault == "TeacherError: gpt-5.5 failed while answering: It broke."
