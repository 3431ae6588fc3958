"""Dialects against their vendors' own packages: their types take what we write, and we read what they dump."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import get_args

import anthropic.types as claude
import anthropic.types.beta as claude_beta
import pytest
from deskgym.agents.dialects import View, dialect, dialect_names
from deskgym.agents.dialects.gemini_25 import NOT_HERE
from deskgym.agents.dialects.openai_computer import ACTIONS, BUTTONS
from deskgym.agents.dialects.parts.keynames import PYAUTOGUI
from deskgym.agents.dialects.parts.pyautogui import PARAMETERS
from deskgym.envs.action import (
    Click,
    Decision,
    Drag,
    Finish,
    KeyDown,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
)
from deskgym.errors import ActionError
from google.genai import types as genai
from openai.types import responses as openai
from openai.types.responses import computer_action
from pydantic import BaseModel, TypeAdapter

VIEW = View(screen=(1280, 800), sent=(1024, 640))
SAMPLES = [
    Move(10, 20),
    *(Click(10, 20, button, count) for button in ("left", "middle", "right", "back", "forward") for count in (1, 2, 3)),
    Click(10, 20, modifiers="ctrl+shift"),
    MouseDown(10, 20),
    MouseUp(10, 20),
    Drag(((10, 20), (30, 40))),
    Drag(((10, 20), (30, 40), (50, 60)), modifiers="shift"),
    Scroll(10, 20, dy=-3, dx=12),
    Type("Grüße <b>\n"),
    Press("ctrl+s"),
    Press("down", repeat=3),
    Press("a", hold=2000),
    KeyDown("shift"),
    Wait(0),
    Wait(2000),
    Wait(5000),
    Finish("42"),
    Finish(success=False),
]
ANTHROPIC = [name for name in dialect_names() if name.startswith("anthropic_")]


def written(name):
    """What a dialect makes of the samples it has words for."""
    replies = []
    for turn, action in enumerate(SAMPLES):
        try:
            replies.append(dialect(name).write(Decision("I act.", action), VIEW, turn))
        except ActionError:
            continue
    assert len(replies) > 8
    return replies


def surplus(model):
    """Fields of a model, or of one within it, that its type does not know."""
    extra = list(model.model_extra or {})
    for value in model.__dict__.values():
        for each in value if isinstance(value, list) else [value]:
            extra += surplus(each) if isinstance(each, BaseModel) else []
    return extra


# Anthropic


@pytest.mark.parametrize("name", ANTHROPIC)
def test_anthropic_takes_our_messages_as_history(name):
    taken = TypeAdapter(claude_beta.BetaMessageParam)
    for reply in written(name):
        taken.validate_python(reply)
        ids = [block["id"] for block in reply["content"] if block["type"] == "tool_use"]
        assert len(set(ids)) == len(ids)


def test_anthropic_reads_our_calls_as_members_of_its_toolset():
    block_type = TypeAdapter(claude_beta.BetaComputerToolUseBlock)
    seen = set()
    for reply in written("anthropic_20260801"):
        for block in reply["content"]:
            if block["type"] == "tool_use":
                parsed = block_type.validate_python(block)
                assert surplus(parsed) == []
                seen.add(parsed.name)
    assert seen == set(claude_beta.beta_computer_member_name.BETA_COMPUTER_MEMBER_NAME_VALUES) - {
        "zoom",
        "cursor_position",
    }


def test_the_members_of_the_toolset_are_all_understood():
    spoken = dialect("anthropic_20260801")
    assert {*spoken.clicks, *spoken.others} == set(get_args(claude_beta.BetaComputerMemberName))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("anthropic_20241022", claude_beta.BetaToolComputerUse20241022Param),
        ("anthropic_20250124", claude_beta.BetaToolComputerUse20250124Param),
        ("anthropic_20251124", claude_beta.BetaToolComputerUse20251124Param),
        ("anthropic_20260801", claude_beta.BetaComputerToolset20260801Param),
    ],
)
def test_anthropic_takes_our_tools(name, kind):
    (tool,) = dialect(name).brief(VIEW).tools
    assert TypeAdapter(kind).validate_python(tool) == tool
    assert set(tool) <= set(kind.__annotations__)
    declared = (tool.get("display_width_px"), tool.get("display_height_px"))
    assert declared == ((None, None) if name == "anthropic_20260801" else (1024, 640))
    assert set(dialect(name).brief(VIEW).betas) <= set(get_args(get_args(anthropic_betas())[1]))


def anthropic_betas():
    return claude.AnthropicBetaParam


def test_a_message_of_the_anthropic_sdk_is_read_as_it_is_dumped():
    message = claude_beta.BetaMessage.model_validate(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude",
            "stop_reason": "tool_use",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
                {"type": "text", "text": "I click."},
                {"type": "tool_use", "id": "toolu_1", "name": "computer",
                 "input": {"action": "left_click", "coordinate": [512, 320]}},
            ],
        }
    )  # fmt: skip
    reading = dialect("anthropic_20250124").read(message.model_dump(), VIEW)
    assert (reading.thought, reading.actions) == ("Hm.\nI click.", (Click(640, 400),))


# OpenAI


@pytest.mark.parametrize("name", ["openai_computer", "openai_preview"])
def test_openai_takes_our_items(name):
    seen = set()
    for reply in written(name):
        for item in reply:
            if item["type"] == "message":
                assert surplus(openai.ResponseOutputMessage.model_validate(item)) == []
                continue
            call = openai.ResponseComputerToolCall.model_validate(item)
            assert surplus(call) == []
            assert (call.action is None) == (name == "openai_computer")
            seen |= {action.type for action in call.actions or [call.action]}
    assert seen == set(ACTIONS)


def test_the_actions_of_openai_are_all_understood():
    kinds = get_args(get_args(openai.ComputerAction)[0])
    assert {get_args(kind.model_fields["type"].annotation)[0] for kind in kinds} == set(ACTIONS)
    assert set(get_args(computer_action.Click.model_fields["button"].annotation)) == set(BUTTONS)


@pytest.mark.parametrize(
    ("name", "kind"), [("openai_computer", openai.ComputerTool), ("openai_preview", openai.ComputerUsePreviewTool)]
)
def test_openai_takes_our_tools(name, kind):
    (tool,) = dialect(name).brief(VIEW).tools
    assert surplus(kind.model_validate(tool)) == []


def test_a_response_of_the_openai_sdk_is_read_as_it_is_dumped():
    response = openai.Response.model_validate(
        {
            "id": "resp_1",
            "created_at": 0,
            "model": "gpt",
            "object": "response",
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [{"type": "computer"}],
            "status": "completed",
            "output": [
                {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
                {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "status": "completed",
                 "pending_safety_checks": [],
                 "actions": [{"type": "click", "button": "left", "x": 512, "y": 320, "keys": None},
                             {"type": "keypress", "keys": ["CTRL", "A"]}]},
            ],
        }
    )  # fmt: skip
    reading = dialect("openai_computer").read(response.model_dump(), VIEW)
    assert (reading.thought, reading.actions) == ("Hm.", (Click(640, 400), Press("ctrl+a")))


# Gemini


@pytest.mark.parametrize("name", ["gemini_25", "gemini_35"])
def test_gemini_takes_our_contents_and_tools(name):
    for reply in written(name):
        content = genai.Content.model_validate(reply)
        assert content.model_dump(exclude_none=True) == reply
    (tool,) = dialect(name).brief(VIEW).tools
    assert genai.Tool.model_validate(tool).model_dump(exclude_none=True, mode="json") == tool


def test_a_response_of_the_gemini_sdk_is_read_as_it_is_dumped():
    response = genai.GenerateContentResponse.model_validate(
        {
            "candidates": [
                {
                    "finishReason": "STOP",
                    "content": {
                        "role": "model",
                        "parts": [
                            {"text": "I click.", "thought": True, "thoughtSignature": "c2ln"},
                            {"functionCall": {"id": "1", "name": "click",
                                              "args": {"x": 500, "y": 500, "intent": "Open it."}}},
                        ],
                    },
                }
            ]
        }
    )  # fmt: skip
    for dumped in (response.model_dump(), response.model_dump(by_alias=True, exclude_none=True, mode="json")):
        reading = dialect("gemini_35").read(dumped, VIEW)
        assert (reading.thought, reading.actions) == ("I click.", (Click(640, 400),))


def test_what_a_desktop_has_not_is_left_out_of_gemini_s_tool():
    (tool,) = dialect("gemini_25").brief(VIEW).tools
    assert tool["computer_use"]["excluded_predefined_functions"] == list(NOT_HERE)


# pyautogui


@pytest.fixture(scope="module")
def pyautogui_source():
    """pyautogui's source, which cannot be imported without a display."""
    spec = importlib.util.find_spec("pyautogui")
    assert spec is not None, "pip install 'deskgym[screen]'"
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text())


def test_parameters_are_those_of_pyautogui(pyautogui_source):
    functions = {node.name: node for node in ast.walk(pyautogui_source) if isinstance(node, ast.FunctionDef)}
    aliases = {"write": "typewrite", "move": "moveRel", "drag": "dragRel"}
    for name, parameters in PARAMETERS.items():
        arguments = functions[aliases.get(name, name)].args
        theirs = [argument.arg for argument in arguments.args]
        if name == "hotkey":  # its keys have no name, and AgentNet calls them keys
            assert (theirs, arguments.vararg is not None) == ([], True)
        else:
            assert list(parameters) == theirs, name


def test_keys_are_those_of_pyautogui(pyautogui_source):
    for node in ast.walk(pyautogui_source):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id in ("KEY_NAMES", "KEYBOARD_KEYS") for target in targets):
            try:
                known = set(ast.literal_eval(node.value))
            except ValueError:
                continue
            assert set(PYAUTOGUI.names.values()) - known == set()
            return
    raise AssertionError("pyautogui names its keys no more")
