"""Dialects: what a model gets wrong costs a step and comes back as a sentence it can act on; nothing is executed."""

from __future__ import annotations

import json

import pytest
from deskgym.agents.dialects import View, dialect, dialect_names
from deskgym.errors import ActionError
from hypothesis import given, settings
from hypothesis import strategies as st

VIEW = View(screen=(1280, 800))


def claude(words, **more):
    return {"content": [{"type": "tool_use", "id": "toolu_1", "name": "computer", "input": words}], **more}


def openai(action):
    return [{"type": "computer_call", "call_id": "call_1", "action": action}]


def gemini(name, **args):
    return {"parts": [{"function_call": {"name": name, "args": args}}]}


def qwen(**arguments):
    return "<tool_call>" + json.dumps({"name": "computer_use", "arguments": arguments}) + "</tool_call>"


@pytest.mark.parametrize(
    ("name", "reply", "words"),
    [
        ("anthropic_20250124", claude({"action": "left_clik", "coordinate": [1, 2]}), "did you mean 'left_click'?"),
        ("anthropic_20241022", claude({"action": "scroll"}), "unknown action 'scroll'"),
        ("anthropic_20250124", claude({}), "computer: action is missing"),
        ("anthropic_20250124", claude({"action": "mouse_move"}), "mouse_move: coordinate is missing"),
        ("anthropic_20250124", claude({"action": "mouse_move", "coordinate": "1, 2"}), "must be two numbers, x and y"),
        ("anthropic_20250124", claude({"action": "mouse_move", "coordinate": [1, "2"]}), "must be a number, not '2'"),
        ("anthropic_20250124", claude({"action": "mouse_move", "coordinate": [1, True]}), "must be a number, not True"),
        (
            "anthropic_20250124",
            claude({"action": "mouse_move", "coordinate": [1281, 2]}),
            "(1281, 2) is outside the image, whose far corner is (1280, 800)",
        ),
        ("anthropic_20250124", claude({"action": "mouse_move", "coordinate": [1, -1]}), "(1, -1) is outside the image"),
        ("anthropic_20250124", claude({"action": "key", "text": "ctrl+entr"}), "did you mean 'enter'?"),
        ("anthropic_20250124", claude({"action": "type", "text": 5}), "text must be text, not 5"),
        ("anthropic_20250124", claude({"action": "wait", "duration": 1e9}), "from 0 to 60000"),
        (
            "anthropic_20250124",
            claude({"action": "scroll", "coordinate": [1, 2], "scroll_direction": "dwn", "scroll_amount": 2}),
            "unknown scroll_direction 'dwn'; did you mean 'down'?",
        ),
        ("anthropic_20251124", claude({"action": "zoom", "region": [5, 5, 5, 9]}), "is empty; give x0 < x1"),
        ("anthropic_20251124", claude({"action": "zoom", "region": [5, 5]}), "region must be four numbers"),
        (
            "anthropic_20250124",
            claude({"action": "screenshot"}, stop_reason="max_tokens"),
            "cut off by its token limit",
        ),
        ("anthropic_20250124", {"content": []}, "neither an action nor a word"),
        ("anthropic_20250124", {"content": [{"type": "tool_use", "name": "bash", "input": {}}]}, "no tool 'bash'"),
        ("openai_computer", openai({"type": "clik", "x": 1, "y": 2}), "did you mean 'click'?"),
        ("openai_computer", openai({"type": "click", "x": 1}), "click: y is missing"),
        ("openai_computer", openai({"type": "click", "x": 1, "y": 2, "button": "middle"}), "unknown button 'middle'"),
        ("openai_computer", openai({"type": "drag", "path": [{"x": 1, "y": 2}]}), "2 to 1000 points"),
        ("openai_computer", openai({"type": "drag", "path": [{"x": 1}, {"x": 2}]}), "must be a number, not None"),
        ("openai_computer", openai({"type": "keypress", "keys": []}), "keypress: keys names no key"),
        ("openai_computer", openai({"type": "keypress", "keys": ["CTRL", 5]}), "must be the names of keys"),
        ("openai_computer", openai(None), "each with a type"),
        ("openai_computer", {"output": [], "status": "incomplete"}, "cut off by its token limit"),
        ("openai_computer", [{"type": "function_call", "name": "bash"}], "no function 'bash'"),
        ("gemini_25", gemini("navigate", url="https://example.org"), "not offered on this desktop"),
        ("gemini_25", gemini("click"), "did you mean 'click_at'?"),
        ("gemini_35", gemini("click_at", x=1, y=2), "did you mean 'click'?"),
        ("gemini_35", gemini("click", x=1001, y=2), "(1001, 2) is outside the image"),
        (
            "gemini_35",
            {"candidates": [{"content": {}, "finish_reason": "FinishReason.MALFORMED_FUNCTION_CALL"}]},
            "MALFORMED_FUNCTION_CALL",
        ),
        ("gemini_35", {"parts": [{"text": "Hm.", "thought": True}]}, "a thought and no action"),
        ("qwen3_vl", "I click.", "has no <tool_call>"),
        ("qwen3_vl", "<tool_call>{'name': 1}</tool_call>", "is no JSON object"),
        ("qwen3_vl", '<tool_call>{"name": "bash", "arguments": {}}</tool_call>', "the only function is"),
        ("qwen3_vl", qwen(action="clik"), "unknown action 'clik'"),
        ("qwen3_vl", qwen(action="left_click", coordinate=[1, 2, 3]), "must be two numbers"),
        ("qwen3_vl", qwen(action="terminate", status="done"), "unknown status 'done'; known: failure, success"),
        ("ui_tars", "click(point='<point>1 2</point>')", "no line that begins with 'Action:'"),
        ("ui_tars", "Action: clik(point='<point>1 2</point>')", "unknown call 'clik'; did you mean 'click'?"),
        ("ui_tars", "Action: click(point='here')", "must be a point such as '<point>100 200</point>'"),
        ("ui_tars_1", "Action: click(start_box='')", "must be a point such as '<|box_start|>(100,200)<|box_end|>'"),
        ("ui_tars", "Action: click(place='<point>1 2</point>')", "no argument 'place'"),
        ("ui_tars", "Action: click(point=", "no program of plain calls"),
        ("osworld_computer13", "I click.", "is no JSON object"),
        ("osworld_computer13", {"action_type": "CLIK"}, "did you mean 'CLICK'?"),
        ("osworld_computer13", {"x": 1}, "an action is an object such as"),
        ("osworld_computer13", {"action_type": "MOUSE_DOWN", "x": 1, "y": 2}, "acts where the pointer is"),
        ("opencua", "## Action:\nClick OK.", "no program of plain calls"),
        ("opencua", "## Code:\n```\ncomputer.terminate(status='ok')\n```", "unknown status 'ok'"),
        (
            "agentnet",
            "pyautogui.click(x=640, y=400)",
            "(640, 400) is outside the image, whose far corner is (1.0, 1.0)",
        ),
        ("scalecua", "click(1, 2)", "has no <action>"),
        ("scalecua", "<action>tripleClick(1, 2)</action>", "unknown call 'tripleClick'; did you mean"),
    ],
)
def test_malformed_replies_are_refused_with_a_sentence(name, reply, words):
    with pytest.raises(ActionError) as caught:
        dialect(name).read(reply, VIEW)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 5\npyautogui.click(x, 2)", "line 1: only plain calls are understood, one after another, not 'x = 5'"),
        ("for i in range(3):\n    pyautogui.press('a')", "line 1: only plain calls"),
        ("with pyautogui.hold('shift'):\n    pyautogui.press('a')", "line 1: only plain calls"),
        ("pyautogui.press('a')\npyautogui.click(100 + 5, 2)", "line 2: pyautogui.click takes literal numbers"),
        ("pyautogui.click(*[1, 2])", "takes literal numbers, text and lists only"),
        ("pyautogui.click(**{'x': 1})", "has no argument '**'"),
        ("pyautogui.click(x=1, y=2, buton='left')", "no argument 'buton'; did you mean 'button'?"),
        ("pyautogui.clik(1, 2)", "unknown call 'pyautogui.clik'; did you mean 'pyautogui.click'?"),
        ("pyautogui.locateOnScreen('ok.png')", "unknown call 'pyautogui.locateOnScreen'"),
        ("pyautogui.click(pyautogui.locateOnScreen('ok.png'))", "takes literal numbers, text and lists only"),
        ("import os", "only plain calls are understood, one after another, not 'import os'"),
        ("from pyautogui import click", "only plain calls"),
        ("__import__('os').system('x')", "unknown call"),
        ("pyautogui.write('a'); exit()", "unknown call 'exit'"),
        ("pyautogui.click(1, 2, 3, 4, 'left', 0, 0, None, True, 5)", "takes at most 9 arguments"),
        ("pyautogui.click(1, 2, x=1)", "x is given twice"),
        ("pyautogui.click(1, 2, clicks=4)", "count must be a whole number from 1 to 3"),
        ("pyautogui.press('a', presses=1000000000)", "repeat must be a whole number from 1 to 100"),
        ("pyautogui.press(['a', 'b'], presses=1000000000)", "repeat must be a whole number from 1 to 100"),
        ("pyautogui.scroll(1000)", "from -100 to 100"),
        ("pyautogui.click(1e400, 2)", "must be a number, not inf"),
        ("pyautogui.click(" + "9" * 4000 + ", 2)", "must be a number"),
        ("pyautogui.write('\ud800')", "no program of plain calls"),
        ("pyautogui.click(1, 2", "no program of plain calls"),
        ("(" * 5000, "no program of plain calls"),
        ("\0", "no program of plain calls"),
        ("", "holds no action"),
        ("# nothing", "holds no action"),
        ("DONE()", "unknown call 'DONE'"),
        ("STOP", "only plain calls"),
    ],
)
def test_a_program_is_plain_calls_and_nothing_else(code, words):
    with pytest.raises(ActionError) as caught:
        dialect("osworld_pyautogui").read(code, View(screen=(1280, 800), pointer=(5, 5)))
    assert words in str(caught.value)
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize(
    "code",
    [
        "open({path!r}, 'w')",
        "pyautogui.write(open({path!r}, 'w').name)",
        "pyautogui.click(x=__import__('os').mkdir({path!r}), y=1)",
        "pyautogui.press([k for k in open({path!r}, 'w')])",
        "pyautogui.hotkey(*open({path!r}, 'w'))",
    ],
)
@pytest.mark.parametrize("name", ["osworld_pyautogui", "opencua", "agentnet"])
def test_nothing_is_executed(name, code, tmp_path):
    with pytest.raises(ActionError):
        dialect(name).read(f"```python\n{code.format(path=str(tmp_path / 'made'))}\n```", VIEW)
    assert list(tmp_path.iterdir()) == []


def test_a_reply_is_done_whole_or_not_at_all():
    code = "pyautogui.click(1, 2)\npyautogui.press('nokey')"
    with pytest.raises(ActionError, match="unknown key 'nokey'"):
        dialect("osworld_pyautogui").read(code, VIEW)


def outcome(name, reply, view=VIEW):
    """The actions of a reply, or the sentence it was refused with."""
    try:
        return dialect(name).read(reply, view).actions
    except ActionError as error:
        return str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "content",
                    "type",
                    "text",
                    "name",
                    "input",
                    "action",
                    "actions",
                    "output",
                    "parts",
                    "function_call",
                    "args",
                    "x",
                    "y",
                    "keys",
                    "key",
                    "coordinate",
                    "path",
                    "direction",
                    "candidates",
                    "action_type",
                    "parameters",
                    "summary",
                    "role",
                    "region",
                ]
            )
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", dialect_names())
@settings(max_examples=60, deadline=None)
@given(reply=JSON | st.text(max_size=60))
def test_whatever_comes_is_read_or_refused(name, reply):
    assert outcome(name, reply)


VALUES = (
    JSON
    | st.integers(-5, 1500)
    | st.lists(st.integers(-5, 1500), max_size=4)
    | st.sampled_from(
        ["down", "ctrl+s", "left", "success", "a", ["ctrl", "c"], [[1, 2], [3, 4]], [{"x": 1, "y": 2}] * 2]
    )
)
FRAMES = {
    "anthropic_20241022": lambda verb, words: claude({"action": verb, **words}),
    "anthropic_20251124": lambda verb, words: claude({"action": verb, **words}),
    "anthropic_20260801": lambda verb, words: {"content": [{"type": "tool_use", "name": verb, "input": words}]},
    "openai_computer": lambda verb, words: openai({**words, "type": verb}),
    "gemini_25": lambda verb, words: gemini(verb, **words),
    "gemini_35": lambda verb, words: gemini(verb, **words),
    "qwen3_vl": lambda verb, words: qwen(**{**words, "action": verb}),
    "osworld_computer13": lambda verb, words: {"action_type": verb.upper(), "parameters": words},
    "osworld_pyautogui": lambda verb, words: f"pyautogui.{verb}({', '.join(f'{k}={v!r}' for k, v in words.items())})",
}
VERBS = [
    "left_click",
    "key",
    "type",
    "wait",
    "zoom",
    "scroll",
    "hold_key",
    "left_click_drag",
    "left_mouse_down",
    "mouse_move",
    "click",
    "double_click",
    "drag",
    "keypress",
    "move",
    "click_at",
    "type_text_at",
    "scroll_at",
    "scroll_document",
    "key_combination",
    "drag_and_drop",
    "press_key",
    "hotkey",
    "key_up",
    "hscroll",
    "terminate",
    "answer",
    "move_to",
    "drag_to",
    "typing",
    "press",
    "key_down",
    "moveTo",
    "dragTo",
    "write",
    "click",
    "keyDown",
]
WORDS = [
    "coordinate",
    "text",
    "key",
    "duration",
    "scroll_direction",
    "scroll_amount",
    "start_coordinate",
    "region",
    "repeat",
    "x",
    "y",
    "button",
    "keys",
    "path",
    "scroll_x",
    "scroll_y",
    "direction",
    "magnitude",
    "magnitude_in_pixels",
    "magnitude_in_wheel_clicks",
    "press_enter",
    "seconds",
    "pixels",
    "time",
    "status",
    "dx",
    "dy",
    "num_clicks",
    "clicks",
    "message",
    "presses",
    "end_x",
    "start_x",
    "end_y",
    "start_y",
]


@pytest.mark.parametrize("name", FRAMES)
@settings(max_examples=150, deadline=None)
@given(verb=st.sampled_from(VERBS), words=st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=5))
def test_whatever_the_arguments_are_they_are_read_or_refused(name, verb, words):
    found = outcome(name, FRAMES[name](verb, words), View((1280, 800), pointer=(5, 5)))
    assert 0 < len(found) < 900
    if not isinstance(found, str):
        assert all(0 <= x < 1280 and 0 <= y < 800 for action in found for x, y in action.points())


@pytest.mark.parametrize(
    "name", ["ui_tars", "osworld_pyautogui", "opencua", "scalecua", "qwen3_vl", "osworld_computer13"]
)
@settings(max_examples=60, deadline=None)
@given(body=st.text("()[]{}<>='\"\\\n ,.:pyautogclickw0123456789", max_size=60))
def test_whatever_stands_where_an_action_should_is_read_or_refused(name, body):
    frames = {
        "ui_tars": "Action: {}",
        "scalecua": "<action>{}</action>",
        "qwen3_vl": "<tool_call>{}</tool_call>",
        "osworld_computer13": "```json\n{}\n```",
    }
    assert outcome(name, frames.get(name, "```python\n{}\n```").replace("{}", body))
