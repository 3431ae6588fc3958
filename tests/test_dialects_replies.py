"""Dialects: replies as models send them, read as they are meant; every bug that adapters are known for has a test."""

from __future__ import annotations

import dataclasses
import json

import pytest
from deskgym.agents.dialects import View, dialect, dialect_names
from deskgym.envs.action import (
    Click,
    Drag,
    Finish,
    KeyDown,
    KeyUp,
    MouseDown,
    MouseUp,
    Move,
    Press,
    Scroll,
    Type,
    Wait,
)
from deskgym.errors import ActionError, DeskgymError

VIEW = View(screen=(1280, 800))
POINTED = View(screen=(1280, 800), pointer=(300, 200))
HALF = View(screen=(1280, 800), sent=(640, 400))


def claude(*inputs, thought="I act."):
    blocks = [
        {"type": "tool_use", "id": f"toolu_01A{n}", "name": "computer", "input": words}
        for n, words in enumerate(inputs)
    ]
    return {"role": "assistant", "stop_reason": "tool_use", "content": [{"type": "text", "text": thought}, *blocks]}


def toolset(*calls):
    blocks = [
        {"type": "tool_use", "id": f"toolu_01A{n}", "name": name, "toolset_name": "computer", "input": words}
        for n, (name, words) in enumerate(calls)
    ]
    return {"role": "assistant", "content": blocks}


def openai(*actions):
    call = {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "status": "completed"}
    return [call | {"pending_safety_checks": [], "actions": list(actions)}]


def preview(action):
    call = {"type": "computer_call", "id": "cu_1", "call_id": "call_1", "status": "completed"}
    return [call | {"pending_safety_checks": [], "action": action}]


def gemini(*calls):
    return {"role": "model", "parts": [{"functionCall": {"name": name, "args": args}} for name, args in calls]}


def qwen(*arguments):
    calls = [json.dumps({"name": "computer_use", "arguments": each}) for each in arguments]
    return "I act.\n" + "\n".join(f"<tool_call>\n{call}\n</tool_call>" for call in calls)


def tars(action):
    return f"Thought: I act.\nAction: {action}"


def fence(code):
    return f"I act.\n```python\n{code}\n```"


def scale(code):
    return f"<think>\nI act.\n</think>\n<operation>\nAct.\n</operation>\n<action>\n{code}\n</action>"


def read(name, reply, view=VIEW):
    return list(dialect(name).read(reply, view).actions)


REPLIES = [
    ("anthropic_20241022", claude({"action": "mouse_move", "coordinate": [640, 400]}), [Move(640, 400)]),
    ("anthropic_20241022", claude({"action": "double_click"}), [Click(300, 200, count=2)]),
    ("anthropic_20241022", claude({"action": "screenshot"}), [Wait(0)]),
    ("anthropic_20241022", claude({"action": "cursor_position"}), [Wait(0)]),
    ("anthropic_20241022", claude({"action": "key", "text": "Return"}), [Press("enter")]),
    ("anthropic_20250124", claude({"action": "left_click", "coordinate": [1, 2]}), [Click(1, 2)]),
    ("anthropic_20250124", claude({"action": "left_mouse_down"}), [MouseDown(300, 200)]),
    ("anthropic_20250124", claude({"action": "left_mouse_up"}), [MouseUp(300, 200)]),
    ("anthropic_20250124", claude({"action": "wait", "duration": 1.5}), [Wait(1500)]),
    ("anthropic_20250124", claude({"action": "hold_key", "text": "a", "duration": 2}), [Press("a", hold=2000)]),
    (
        "anthropic_20250124",
        claude({"action": "left_click_drag", "start_coordinate": [1, 2], "coordinate": [3, 4]}),
        [Drag(((1, 2), (3, 4)))],
    ),
    ("anthropic_20251124", claude({"action": "zoom", "region": [0, 0, 100, 100]}), [Wait(0)]),
    ("anthropic_20260801", toolset(("key", {"text": "Down", "repeat": 4})), [Press("down", repeat=4)]),
    ("anthropic_20260801", toolset(("hold_key", {"text": "shift+a", "duration": 3})), [Press("shift+a", hold=3000)]),
    ("anthropic_20260801", toolset(("screenshot", {})), [Wait(0)]),
    (
        "anthropic_20260801",
        toolset(("left_click", {"coordinate": [5, 6]}), ("type", {"text": "hi"}), ("key", {"text": "Return"})),
        [Click(5, 6), Type("hi"), Press("enter")],
    ),
    (
        "anthropic_20260801",
        toolset(("left_click_drag", {"start_coordinate": [1, 2], "coordinate": [3, 4], "text": "ctrl"})),
        [Drag(((1, 2), (3, 4)), modifiers="ctrl")],
    ),
    ("openai_computer", openai({"type": "click", "button": "wheel", "x": 1, "y": 2}), [Click(1, 2, "middle")]),
    ("openai_computer", openai({"type": "click", "button": "back", "x": 1, "y": 2}), [Click(1, 2, "back")]),
    ("openai_computer", openai({"type": "keypress", "keys": ["CTRL", "SHIFT", "P"]}), [Press("ctrl+shift+p")]),
    ("openai_computer", openai({"type": "wait"}), [Wait(2000)]),
    (
        "openai_computer",
        openai({"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]}),
        [Drag(((1, 2), (3, 4), (5, 6)))],
    ),
    (
        "openai_computer",
        openai({"type": "click", "button": "left", "x": 405, "y": 157}, {"type": "type", "text": "penguin"}),
        [Click(405, 157), Type("penguin")],
    ),
    ("openai_preview", preview({"type": "double_click", "x": 7, "y": 8}), [Click(7, 8, count=2)]),
    ("openai_preview", preview({"type": "move", "x": 7, "y": 8}), [Move(7, 8)]),
    ("gemini_25", gemini(("hover_at", {"x": 250, "y": 500})), [Move(320, 400)]),
    ("gemini_25", gemini(("wait_5_seconds", {})), [Wait(5000)]),
    ("gemini_25", gemini(("scroll_document", {"direction": "up"})), [Press("pageup")]),
    ("gemini_25", gemini(("scroll_document", {"direction": "right"})), [Scroll(300, 200, dx=6)]),
    (
        "gemini_25",
        gemini(("drag_and_drop", {"x": 0, "y": 0, "destination_x": 500, "destination_y": 500})),
        [Drag(((0, 0), (640, 400)))],
    ),
    ("gemini_35", gemini(("right_click", {"x": 500, "y": 500, "intent": "Menu."})), [Click(640, 400, "right")]),
    ("gemini_35", gemini(("wait", {"intent": "Loading."})), [Wait(1000)]),
    ("gemini_35", gemini(("take_screenshot", {"intent": "Look."})), [Wait(0)]),
    ("gemini_35", gemini(("hotkey", {"keys": ["control", "c"], "intent": "Copy."})), [Press("ctrl+c")]),
    ("gemini_35", gemini(("key_down", {"key": "Shift"}), ("key_up", {"key": "Shift"})),
     [KeyDown("shift"), KeyUp("shift")]),
    (
        "gemini_35",
        gemini(("drag_and_drop", {"start_x": 0, "start_y": 0, "end_x": 500, "end_y": 500, "intent": "Move."})),
        [Drag(((0, 0), (640, 400)))],
    ),
    ("qwen3_vl", qwen({"action": "left_click", "coordinate": [500, 500]}), [Click(640, 400)]),
    ("qwen3_vl", qwen({"action": "left_click"}), [Click(300, 200)]),
    ("qwen3_vl", qwen({"action": "key", "keys": ["ctrl", "s"]}), [Press("ctrl+s")]),
    ("qwen3_vl", qwen({"action": "wait", "time": 2}), [Wait(2000)]),
    ("qwen3_vl", qwen({"action": "hscroll", "pixels": 300}), [Scroll(300, 200, dx=3)]),
    ("qwen25_vl", qwen({"action": "mouse_move", "coordinate": [644, 406]}), [Move(640, 400)]),
    ("ui_tars", tars("click(point='<point>644 406</point>')"), [Click(640, 400)]),
    ("ui_tars", tars("click(start_box='(644,406)')"), [Click(640, 400)]),
    ("ui_tars", tars("left_double(start_box='(640, 400, 648, 412)')"), [Click(640, 400, count=2)]),
    ("ui_tars", tars("scroll(point='<point>644 406</point>', direction='left')"), [Scroll(640, 400, dx=-5)]),
    ("ui_tars", tars("wait()"), [Wait(5000)]),
    ("ui_tars_1", tars("right_single(start_box='<|box_start|>(500,500)<|box_end|>')"), [Click(640, 400, "right")]),
    (
        "ui_tars_1",
        tars("drag(start_box='<|box_start|>(0,0)<|box_end|>', end_box='<|box_start|>(500,500)<|box_end|>')"),
        [Drag(((0, 0), (640, 400)))],
    ),
    (
        "ui_tars",
        tars("click(point='<point>0 0</point>')\n\ntype(content='hi\\n')"),
        [Click(0, 0), Type("hi\n")],
    ),
    (
        "osworld_pyautogui",
        fence("import pyautogui\nimport time\npyautogui.click(100, 200)\ntime.sleep(0.5)\npyautogui.typewrite('hi')"),
        [Click(100, 200), Wait(500), Type("hi")],
    ),
    ("osworld_pyautogui", "pyautogui.click(x=1, y=2, clicks=2, button='right')", [Click(1, 2, "right", 2)]),
    ("osworld_pyautogui", "pyautogui.click((10, 20), duration=0.2)", [Click(10, 20)]),
    ("osworld_pyautogui", fence("pyautogui.press('down', presses=3); pyautogui.press(['a', 'b'])"),
     [Press("down", repeat=3), Press("a"), Press("b")]),
    ("osworld_pyautogui", fence("pyautogui.move(10, -20)\npyautogui.click()"), [Click(310, 180)]),
    ("osworld_pyautogui", fence("pyautogui.moveTo(1, 2)\npyautogui.moveTo(3, 4)\npyautogui.drag(10, 20)"),
     [Move(1, 2), Drag(((3, 4), (13, 24)))]),
    ("osworld_pyautogui", "```WAIT```", [Wait(2000)]),
    ("osworld_pyautogui", "```\npyautogui.press('enter')\nDONE\n```", [Press("enter"), Finish()]),
    ("osworld_computer13", '```json\n{"action_type": "CLICK", "x": 1, "y": 2, "num_clicks": 3}\n```',
     [Click(1, 2, count=3)]),
    ("osworld_computer13", {"action_type": "DOUBLE_CLICK", "parameters": {}}, [Click(300, 200, count=2)]),
    ("osworld_computer13", [{"action_type": "PRESS", "parameters": {"key": "enter"}}, "DONE"],
     [Press("enter"), Finish()]),
    ("osworld_computer13", "WAIT", [Wait(2000)]),
    (
        "opencua",
        "# Step 3:\n## Thought:\nIt is open.\n\n## Action:\nClick OK.\n\n## Code:\n"
        "```python\npyautogui.click(x=644, y=406)\n```\n",
        [Click(640, 400)],
    ),
    ("opencua", "## Code:\n```code\ncomputer.triple_click(x=644, y=406)\n```", [Click(640, 400, count=3)]),
    ("opencua", "## Code:\ncomputer.wait()", [Wait(20_000)]),
    ("agentnet", "pyautogui.write(message='SPOTIFY')\npyautogui.press(keys=['enter'])",
     [Type("SPOTIFY"), Press("enter")]),
    ("agentnet", "pyautogui.moveTo(x=0.5, y=0.5)\npyautogui.scroll(-54)", [Scroll(640, 400, dy=54)]),
    ("agentnet", "pyautogui.hotkey(keys=['ctrl', 'F'])", [Press("ctrl+f")]),
    ("scalecua", scale("click(x=644, y=406, clicks=1, button='left')"), [Click(640, 400)]),
    ("scalecua", scale("hotkey('ctrl', 'a')\npress(keys='delete', presses=2)"),
     [Press("ctrl+a"), Press("delete", repeat=2)]),
    ("scalecua", scale("wait()"), [Wait(3000)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "reply", "actions"), REPLIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_replies_are_read_as_they_are_meant(name, reply, actions):
    reading = dialect(name).read(reply, POINTED)
    assert list(reading.actions) == actions
    assert reading.original is reply


def test_every_dialect_has_replies_above():
    assert {name for name, _, _ in REPLIES} == set(dialect_names())


@pytest.mark.parametrize(
    ("name", "reply", "thought"),
    [
        ("anthropic_20250124", claude({"action": "screenshot"}, thought="I look."), "I look."),
        ("ui_tars", "Thought: I press OK.\nAction: wait()", "I press OK."),
        ("qwen3_vl", "<think>\nOK is there.\n</think>\n" + qwen({"action": "left_click"}), "OK is there.\n\nI act."),
        ("osworld_pyautogui", "I save.\n```python\npyautogui.hotkey('ctrl', 's')\n```", "I save."),
        ("opencua", "## Thought:\nOpen.\n\n## Action:\nClick.\n\n## Code:\n```\ncomputer.wait()\n```", "Open.\nClick."),
        ("scalecua", scale("call_user()"), "I act.\nAct."),
    ],
)  # fmt: skip
def test_thoughts_are_kept(name, reply, thought):
    reading = dialect(name).read(reply, POINTED)
    assert reading.thought == thought
    assert [decision.thought for decision in reading.decisions()] == [thought, *[""] * (len(reading.actions) - 1)]


def test_thinking_and_summaries_are_thoughts():
    blocks = [{"type": "thinking", "thinking": "Hm.", "signature": "x"}, *claude({"action": "screenshot"})["content"]]
    assert dialect("anthropic_20250124").read({"content": blocks}, VIEW).thought == "Hm.\nI act."
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
    assert dialect("openai_computer").read([reasoning, *openai({"type": "wait"})], VIEW).thought == "Hm."
    parts = [{"text": "Hm.", "thought": True}, *gemini(("wait_5_seconds", {}))["parts"]]
    assert dialect("gemini_25").read({"role": "model", "parts": parts}, VIEW).thought == "Hm."


# endings

SAID = {
    "anthropic_20260801": lambda text: {"role": "assistant", "content": [{"type": "text", "text": text}]},
    "anthropic_20241022": lambda text: {"role": "assistant", "content": text},
    "openai_computer": lambda text: [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
    "gemini_35": lambda text: {"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]},
}


@pytest.mark.parametrize("name", SAID)
def test_a_reply_without_a_call_is_the_end(name):
    say = SAID[name]
    assert read(name, say("The total is 42.")) == [Finish("The total is 42.")]
    assert read(name, say("[DONE]")) == [Finish()]
    assert read(name, say("[INFEASIBLE] There is no such file.")) == [Finish("There is no such file.", success=False)]


@pytest.mark.parametrize(
    ("name", "reply", "ending"),
    [
        ("qwen3_vl", qwen({"action": "terminate", "status": "failure"}), Finish(success=False)),
        ("qwen3_vl", qwen({"action": "answer", "text": "42"}), Finish("42")),
        ("qwen3_vl", qwen({"action": "answer", "text": "42"}, {"action": "terminate", "status": "success"}),
         Finish("42")),
        ("ui_tars", tars("finished(content='42')"), Finish("42")),
        ("ui_tars", tars("finished()"), Finish()),
        ("ui_tars", tars("call_user()"), Finish(success=False)),
        ("osworld_pyautogui", "```DONE```", Finish()),
        ("osworld_pyautogui", "It cannot be done.\n```\nFAIL\n```", Finish(success=False)),
        ("osworld_computer13", {"action_type": "FAIL"}, Finish(success=False)),
        ("opencua", "```python\ncomputer.terminate(status='success', answer='42')\n```", Finish("42")),
        ("agentnet", "computer.terminate(status='failure')", Finish(success=False)),
        ("scalecua", scale("response(answer='42')\nterminate(status='success')"), Finish("42")),
        ("scalecua", scale("terminate('failure', 'No such file.')"), Finish("No such file.", success=False)),
        ("scalecua", scale("terminate('failure')\nresponse('No such file.')"), Finish("No such file.", success=False)),
        ("scalecua", scale("call_user()"), Finish(success=False)),
        ("openai_computer", [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}],
         Finish("No.", success=False)),
        ("anthropic_20260801", {"content": [{"type": "text", "text": "No."}], "stop_reason": "refusal"},
         Finish("No.", success=False)),
    ],
)  # fmt: skip
def test_endings(name, reply, ending):
    assert read(name, reply) == [ending]


# bugs that adapters are known for


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("openai_computer", openai({"type": "scroll", "x": 300, "y": 200, "scroll_x": 0, "scroll_y": 500})),
        ("openai_preview", preview({"type": "scroll", "x": 300, "y": 200, "scroll_x": 0, "scroll_y": 500})),
        ("qwen3_vl", qwen({"action": "scroll", "pixels": -500})),
        ("qwen25_vl", qwen({"action": "scroll", "pixels": -500})),
        ("gemini_25", gemini(("scroll_at", {"x": 235, "y": 250, "direction": "down", "magnitude": 625}))),
        ("gemini_35", gemini(("scroll", {"x": 235, "y": 250, "direction": "down", "magnitude_in_pixels": 500}))),
        ("gemini_35", gemini(("scroll", {"x": 235, "y": 250, "direction": "down", "magnitude_in_wheel_clicks": 5}))),
        ("gemini_35", gemini(("scroll", {"x": 235, "y": 250, "direction": "down", "magnitude": 625}))),
        ("anthropic_20250124", claude({"action": "scroll", "coordinate": [300, 200], "scroll_direction": "down",
                                       "scroll_amount": 5})),
        ("osworld_pyautogui", "pyautogui.scroll(-5)"),
        ("osworld_computer13", {"action_type": "SCROLL", "parameters": {"dx": 0, "dy": -5}}),
        ("scalecua", scale("scroll(clicks=-5, x=302, y=203)")),
        ("ui_tars", tars("scroll(direction='down')")),
    ],
)  # fmt: skip
def test_five_notches_down_in_every_unit_and_sign(name, reply):
    assert read(name, reply, POINTED) == [Scroll(300, 200, dy=5)]


def test_a_small_scroll_is_a_notch_and_a_huge_one_is_refused_in_the_units_it_came_in():
    assert read("openai_computer", openai({"type": "scroll", "x": 1, "y": 2, "scroll_x": 0, "scroll_y": -1})) == [
        Scroll(1, 2, dy=-1)
    ]
    with pytest.raises(ActionError, match=r"50000 is too far; one scroll reaches 10000 pixels \(100 notches\)"):
        read("openai_computer", openai({"type": "scroll", "x": 1, "y": 2, "scroll_x": 0, "scroll_y": 50_000}))


def test_a_checkpoint_that_counts_notches_is_one_word_away():
    counting = dataclasses.replace(dialect("qwen3_vl"), notch=1)
    assert list(counting.read(qwen({"action": "scroll", "pixels": -5}), POINTED).actions) == [Scroll(300, 200, dy=5)]


def test_default_magnitudes_and_both_axes():
    assert read("gemini_25", gemini(("scroll_at", {"x": 0, "y": 0, "direction": "up"}))) == [Scroll(0, 0, dy=-6)]
    assert read("gemini_35", gemini(("scroll", {"x": 0, "y": 0, "direction": "right"}))) == [Scroll(0, 0, dx=3)]
    both = openai({"type": "scroll", "x": 0, "y": 0, "scroll_x": -200, "scroll_y": 300})
    assert read("openai_computer", both) == [Scroll(0, 0, dy=3, dx=-2)]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("gemini_25", gemini(("click_at", {"x": 500, "y": 999}))),
        ("gemini_35", gemini(("click", {"x": 500, "y": 999, "intent": "OK"}))),
    ],
)
def test_a_grid_of_a_thousand_is_divided_by_a_thousand_and_cut_off(name, reply):
    # Divided by 999, it would be (640.64, 800): below the screen.
    assert read(name, reply) == [Click(640, 799)]
    assert read(name, reply, View(screen=(1366, 768))) == [Click(683, 767)]
    # 3 / 1000 of 1280 pixels are 3.84, as the reference implementation counts: pixel 3.
    near = {"gemini_25": gemini(("click_at", {"x": 3, "y": 0})), "gemini_35": gemini(("click", {"x": 3, "y": 0}))}
    assert read(name, near[name]) == [Click(3, 0)]
    assert read("qwen3_vl", qwen({"action": "left_click", "coordinate": [3, 0]})) == [Click(4, 0)]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("qwen3_vl", qwen({"action": "left_click", "coordinate": [1000, 1000]})),
        ("ui_tars_1", tars("click(start_box='(1000,1000)')")),
        ("agentnet", "pyautogui.click(x=1.0, y=1.0)"),
        ("osworld_pyautogui", "pyautogui.click(1280, 800)"),
        ("qwen25_vl", qwen({"action": "left_click", "coordinate": [1288, 812]})),
    ],
)
def test_the_far_edge_is_the_last_pixel(name, reply):
    assert read(name, reply) == [Click(1279, 799)]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20250124", claude({"action": "left_click", "coordinate": [320, 100]})),
        ("anthropic_20260801", toolset(("left_click", {"coordinate": [320, 100]}))),
        ("openai_computer", openai({"type": "click", "button": "left", "x": 320, "y": 100})),
        ("osworld_pyautogui", "pyautogui.click(320, 100)"),
        ("osworld_computer13", {"action_type": "CLICK", "x": 320, "y": 100}),
        ("qwen25_vl", qwen({"action": "left_click", "coordinate": [322, 98]})),  # 644 x 392 pixels
        ("ui_tars", tars("click(start_box='(322,98)')")),
        ("qwen3_vl", qwen({"action": "left_click", "coordinate": [500, 250]})),
        ("gemini_35", gemini(("click", {"x": 500, "y": 250}))),
        ("agentnet", "pyautogui.click(x=0.5, y=0.25)"),
    ],
)
def test_a_downscaled_screenshot_is_scaled_back(name, reply):
    assert read(name, reply, HALF) == [Click(640, 200)]


def test_an_image_smaller_than_the_limit_of_the_processor_is_scaled_too():
    small = View(screen=(200, 150))
    assert dialect("ui_tars").space.extent(small) == (336, 252)
    assert read("ui_tars", tars("click(point='<point>168 126</point>')"), small) == [Click(100, 75)]


def test_an_image_larger_than_the_limit_of_the_processor_is_scaled_too():
    wide = View(screen=(3840, 2160))
    # 3840 x 2160 is more than ScaleCUA's limit of pixels; its processor makes 1932 x 1064 of it.
    assert dialect("scalecua").space.extent(wide) == (1932, 1064)
    assert read("scalecua", scale("click(x=966, y=532)"), wide) == [Click(1920, 1080)]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("openai_computer", openai({"type": "click", "button": "left", "x": 5, "y": 6, "keys": ["CTRL", "SHIFT"]})),
        ("anthropic_20250124", claude({"action": "left_click", "coordinate": [5, 6], "text": "ctrl+shift"})),
        ("anthropic_20250124", claude({"action": "left_click", "coordinate": [5, 6], "key": "ctrl+shift"})),
        ("anthropic_20260801", toolset(("left_click", {"coordinate": [5, 6], "text": "ctrl+shift"}))),
        ("osworld_pyautogui", fence("pyautogui.keyDown('ctrl')\npyautogui.keyDown('shift')\npyautogui.click(5, 6)\n"
                                    "pyautogui.keyUp('shift')\npyautogui.keyUp('ctrl')")),
        ("osworld_computer13", [{"action_type": "KEY_DOWN", "key": "ctrl"}, {"action_type": "KEY_DOWN", "key": "shift"},
                                {"action_type": "CLICK", "x": 5, "y": 6}, {"action_type": "KEY_UP", "key": "shift"},
                                {"action_type": "KEY_UP", "key": "ctrl"}]),
    ],
)  # fmt: skip
def test_modifiers_are_not_dropped(name, reply):
    assert read(name, reply) == [Click(5, 6, modifiers="ctrl+shift")]


def test_modifiers_of_the_other_mouse_actions():
    spot = {"x": 5, "y": 6, "keys": ["SHIFT"]}
    scroll = {"type": "scroll", "scroll_x": 0, "scroll_y": 100}
    assert read("openai_computer", openai({"type": "double_click"} | spot, scroll | spot)) == [
        Click(5, 6, count=2, modifiers="shift"),
        Scroll(5, 6, dy=1, modifiers="shift"),
    ]
    path = {"type": "drag", "path": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "keys": ["ALT"]}
    assert read("openai_computer", openai(path)) == [Drag(((1, 2), (3, 4)), modifiers="alt")]
    assert read("openai_computer", openai({"type": "move"} | spot)) == [KeyDown("shift"), Move(5, 6), KeyUp("shift")]
    wheel = {"coordinate": [5, 6], "scroll_direction": "up", "scroll_amount": 2, "text": "ctrl"}
    assert read("anthropic_20260801", toolset(("scroll", wheel))) == [Scroll(5, 6, dy=-2, modifiers="ctrl")]


@pytest.mark.parametrize(
    ("name", "reply", "words"),
    [
        (
            "openai_computer",
            openai({"type": "click", "x": 5, "y": 6, "modifiers": ["CTRL"]}),
            "no argument 'modifiers'",
        ),
        ("qwen3_vl", qwen({"action": "left_click", "coordinate": [5, 6], "keys": ["ctrl"]}), "no argument 'keys'"),
        ("gemini_35", gemini(("click", {"x": 5, "y": 6, "keys": ["ctrl"]})), "no argument 'keys'"),
        ("osworld_pyautogui", "pyautogui.click(5, 6, modifiers='ctrl')", "no argument 'modifiers'"),
        ("osworld_pyautogui", "pyautogui.dragTo(5, 6, mouseDownUp=False)", "no argument 'mouseDownUp'"),
        ("anthropic_20241022", claude({"action": "left_click", "coordinate": [5, 6]}), "no argument 'coordinate'"),
    ],
)
def test_an_argument_nobody_understands_is_refused_and_never_dropped(name, reply, words):
    with pytest.raises(ActionError, match=words):
        read(name, reply, POINTED)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20241022", claude({"action": "left_click_drag", "coordinate": [640, 400]})),
        ("qwen3_vl", qwen({"action": "left_click_drag", "coordinate": [500, 500]})),
        ("osworld_pyautogui", "pyautogui.dragTo(640, 400, duration=1.0, button='left')"),
        ("osworld_computer13", {"action_type": "DRAG_TO", "parameters": {"x": 640, "y": 400}}),
        ("agentnet", "pyautogui.dragTo(x=0.5, y=0.5, button='left')"),
        ("scalecua", scale("dragTo(x=644, y=406)")),
    ],
)
def test_a_drag_starts_at_the_pointer(name, reply):
    assert read(name, reply, POINTED) == [Drag(((300, 200), (640, 400)))]
    with pytest.raises(ActionError, match="acts where the pointer is, and nothing has moved it yet"):
        read(name, reply, VIEW)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20241022", claude({"action": "mouse_move", "coordinate": [1, 2]},
                                      {"action": "left_click_drag", "coordinate": [640, 400]})),
        ("qwen25_vl", qwen({"action": "mouse_move", "coordinate": [1, 2]},
                           {"action": "left_click_drag", "coordinate": [644, 406]})),
        ("osworld_pyautogui", fence("pyautogui.moveTo(1, 2)\npyautogui.dragTo(640, 400, duration=0.5)")),
        ("osworld_pyautogui", fence("pyautogui.moveTo(1, 2)\npyautogui.mouseDown()\n"
                                    "pyautogui.moveTo(640, 400)\npyautogui.mouseUp()")),
        ("osworld_computer13", [{"action_type": "MOVE_TO", "x": 1, "y": 2},
                                {"action_type": "DRAG_TO", "x": 640, "y": 400}]),
        ("gemini_35", gemini(("mouse_down", {"x": 1, "y": 3}), ("mouse_up", {"x": 500, "y": 500}))),
    ],
)  # fmt: skip
def test_a_move_that_only_leads_to_a_drag_is_part_of_it(name, reply):
    assert read(name, reply, POINTED) == [Drag(((1, 2), (640, 400)))]


def test_the_pointer_is_followed_through_a_reply_and_from_turn_to_turn():
    code = fence("pyautogui.moveTo(10, 20)\npyautogui.write('a')\npyautogui.click()")
    assert read("osworld_pyautogui", code) == [Move(10, 20), Type("a"), Click(10, 20)]
    later = VIEW.after(*read("osworld_pyautogui", code), Press("a"))
    assert later.pointer == (10, 20)
    assert read("qwen3_vl", qwen({"action": "right_click"}), later) == [Click(10, 20, "right")]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20250124", claude({"action": "key", "text": "ctrl+c"})),
        ("anthropic_20250124", claude({"action": "key", "text": "Control_L+c"})),
        ("openai_computer", openai({"type": "keypress", "keys": ["CTRL", "C"]})),
        ("openai_computer", openai({"type": "keypress", "keys": ["CTRL+C"]})),
        ("gemini_25", gemini(("key_combination", {"keys": "control+c"}))),
        ("gemini_25", gemini(("key_combination", {"keys": "Control+C"}))),
        ("gemini_35", gemini(("hotkey", {"keys": ["Control", "C"]}))),
        ("qwen3_vl", qwen({"action": "key", "keys": ["control", "c"]})),
        ("ui_tars", tars("hotkey(key='ctrl c')")),
        ("ui_tars", tars("hotkey(key='ctrl+c')")),
        ("osworld_pyautogui", "pyautogui.hotkey('ctrlleft', 'c')"),
        ("osworld_pyautogui", "pyautogui.hotkey(['ctrl', 'c'])"),
        ("osworld_computer13", {"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "c"]}}),
        ("scalecua", scale("hotkey('Ctrl', 'C')")),
    ],
)
def test_control_c_in_every_spelling(name, reply):
    assert read(name, reply) == [Press("ctrl+c")]


@pytest.mark.parametrize(
    ("name", "reply", "keys"),
    [
        ("anthropic_20250124", claude({"action": "key", "text": "Page_Down"}), "pagedown"),
        ("anthropic_20250124", claude({"action": "key", "text": "KP_Enter"}), "kpenter"),
        ("anthropic_20250124", claude({"action": "key", "text": "ctrl+plus"}), "ctrl+plus"),
        ("anthropic_20250124", claude({"action": "key", "text": "minus"}), "-"),
        ("openai_computer", openai({"type": "keypress", "keys": ["ARROWLEFT"]}), "left"),
        ("openai_computer", openai({"type": "keypress", "keys": ["CMD", "A"]}), "super+a"),
        ("gemini_25", gemini(("key_combination", {"keys": "control++"})), "ctrl+plus"),
        ("ui_tars", tars("hotkey(key='arrowdown')"), "down"),
        ("osworld_pyautogui", "pyautogui.press('pgdn')", "pagedown"),
        ("osworld_pyautogui", "pyautogui.press('num5')", "kp5"),
        ("osworld_pyautogui", "pyautogui.press(' ')", "space"),
        ("osworld_pyautogui", "pyautogui.press('\\n')", "enter"),
    ],
)
def test_names_of_keys(name, reply, keys):
    assert read(name, reply) == [Press(keys)]


def test_several_chords_in_one_key_text():
    reply = claude({"action": "key", "text": "Down Down Down ctrl+s"})
    assert read("anthropic_20250124", reply) == [Press("down", repeat=3), Press("ctrl+s")]


def test_typing_clears_and_enters_unless_told_otherwise():
    place = {"x": 500, "y": 500, "text": "penguin"}
    assert read("gemini_25", gemini(("type_text_at", place))) == [
        Click(640, 400),
        Press("ctrl+a"),
        Press("delete"),
        Type("penguin"),
        Press("enter"),
    ]
    bare = place | {"press_enter": False, "clear_before_typing": False}
    assert read("gemini_25", gemini(("type_text_at", bare))) == [Click(640, 400), Type("penguin")]
    only_clear = place | {"press_enter": False, "text": ""}
    assert read("gemini_25", gemini(("type_text_at", only_clear))) == [
        Click(640, 400),
        Press("ctrl+a"),
        Press("delete"),
    ]
    assert read("gemini_35", gemini(("type", {"text": "penguin"}))) == [Type("penguin")]
    assert read("gemini_35", gemini(("type", {"text": "penguin", "press_enter": True}))) == [
        Type("penguin"),
        Press("enter"),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (r"hello\n", "hello\n"),
        (r"python\n", "python\n"),  # stripped of the letters "\", "n", it would be "pytho"
        (r"main\nn\n", "main\nn\n"),
        (r"don\'t", "don't"),
        ("don't", "don't"),
        ("two\nlines", "two\nlines"),
        ("  indented\n    more", "  indented\n    more"),
        (r"C:\\new", r"C:\new"),
        (r"x = \"1\" (sum)", 'x = "1" (sum)'),
    ],
)
def test_a_trailing_newline_submits_and_nothing_else_is_lost(content, text):
    assert read("ui_tars", tars(f"type(content='{content}')")) == [Type(text)]


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20250124", claude({"action": "triple_click", "coordinate": [640, 400]})),
        ("anthropic_20260801", toolset(("triple_click", {"coordinate": [640, 400]}))),
        ("gemini_35", gemini(("triple_click", {"x": 500, "y": 500}))),
        ("qwen3_vl", qwen({"action": "triple_click", "coordinate": [500, 500]})),
        ("osworld_pyautogui", "pyautogui.tripleClick(640, 400)"),
        ("osworld_pyautogui", "pyautogui.click(640, 400, clicks=3)"),
        ("osworld_computer13", {"action_type": "CLICK", "x": 640, "y": 400, "num_clicks": 3}),
        ("opencua", "```python\ncomputer.tripleClick(x=644, y=406)\n```"),
        ("agentnet", "computer.tripleClick(x=0.5, y=0.5)"),
        ("scalecua", scale("click(x=644, y=406, clicks=3)")),
    ],
)
def test_a_triple_click_is_three_clicks_in_one(name, reply):
    assert read(name, reply) == [Click(640, 400, count=3)]


TEXT = "Grüße <b> 北京 'x' \"y\" \\ 🐧"


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("anthropic_20250124", claude({"action": "type", "text": TEXT})),
        ("anthropic_20260801", toolset(("type", {"text": TEXT}))),
        ("openai_computer", openai({"type": "type", "text": TEXT})),
        ("gemini_35", gemini(("type", {"text": TEXT}))),
        ("qwen3_vl", qwen({"action": "type", "text": TEXT})),
        ("ui_tars", tars(f"type(content={TEXT!r})")),
        ("osworld_pyautogui", f"pyautogui.write({TEXT!r}, interval=0.01)"),
        ("osworld_computer13", {"action_type": "TYPING", "parameters": {"text": TEXT}}),
        ("agentnet", f"pyautogui.write(message={TEXT!r})"),
        ("scalecua", scale(f"write(message={TEXT!r})")),
    ],
)
def test_unicode_and_angle_brackets_are_typed_as_written(name, reply):
    assert read(name, reply) == [Type(TEXT)]


def test_a_dialect_is_found_by_name():
    assert dialect("ui_tars").name == "ui_tars"
    assert all(dialect(name).name == name for name in dialect_names())
    with pytest.raises(DeskgymError, match="no dialect 'uitars'; did you mean 'ui_tars'"):
        dialect("uitars")
    with pytest.raises(DeskgymError, match="no dialect 'parts'"):
        dialect("parts")
