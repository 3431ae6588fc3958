"""Agents that read the accessibility tree: what they are shown, and that their results stand apart."""

from __future__ import annotations

import json

import gymnasium as gym
import pytest
from deskgym.agents.naming import make_agent
from deskgym.benchmark.record import record
from deskgym.envs.action import Click, Decision, Finish, Type
from deskgym.envs.desktop_env import DesktopEnv
from deskgym.envs.tree_text import LONGEST_TREE, tree_text
from deskgym.errors import DeskgymError
from deskgym.verifiers.privileged import Widget
from gymnasium.utils.env_checker import check_env

SIZE = (320, 240)


class Reader:
    """Types what the goal asks for, and presses the button where the tree says it is."""

    def reset(self, seed):
        self._moves = 0

    def act(self, observation):
        self._moves += 1
        if self._moves == 1:
            word = next(word for word in ("ink", "paper", "stamps", "glue") if word in observation["goal"])
            return Decision("I write the word.", Type(word))
        if self._moves == 3:
            return Decision("Done.", Finish())
        line = next(line for line in observation["tree"].splitlines() if '"Save"' in line)
        x, y = line.partition("(")[2].partition(")")[0].split(", ")
        return Decision("The tree says where Save is.", Click(int(x), int(y)))


def test_a_line_tells_role_name_place_state_and_value():
    widgets = [
        Widget("frame", "draft", (0, 0, 320, 240), depth=2),
        Widget("push button", 'Say "hi"', (10, 20, 30, 10), frozenset({"showing", "focused"}), depth=3),
        Widget("text", "Name", (10, 40, 100, 20), frozenset({"editable"}), value="a\nb", depth=3),
        Widget("label", "far off", (10, 400, 30, 10), depth=3),
        Widget("label", "empty", (10, 40, 0, 0), depth=3),
    ]
    assert tree_text(widgets, SIZE).splitlines() == [
        'frame "draft" at (160, 120), 320x240',
        '  push button "Say \\"hi\\"" at (25, 25), 30x10 [focused]',
        '  text "Name" at (60, 50), 100x20 [editable] = "a\\nb"',
    ]


def test_it_is_never_longer_than_its_space_nor_of_other_characters():
    widgets = [Widget("label", f"語 {number} " + "x" * 500, (0, 0, 9, 9)) for number in range(1000)]
    text = tree_text(widgets, SIZE)
    assert len(text) <= LONGEST_TREE
    assert text.endswith("\n...")
    assert text.startswith('label "? 0 xxx')


def test_the_space_has_a_tree_only_if_asked_for(memo_env):
    assert set(memo_env().observation_space) == {"goal", "screen"}
    env = memo_env(tree=True)
    check_env(env, skip_render_check=True)
    observation, _ = env.reset(seed=3)
    assert 'push button "Save" at' in observation["tree"]
    fork = env.fork()
    assert set(fork.observation_space) == {"goal", "screen", "tree"}
    fork.close()


def test_who_reads_the_tree_is_marked(memo_env, tmp_path):
    env = memo_env(tree=True)
    episode = record(env, Reader(), seed=3, into=tmp_path / "run", name="reader+tree")
    assert episode.outcome == "passed"
    assert episode.header.observation == "screen and tree"
    assert {label.name for label in episode.steps[0].labels} == {"Save", "Document"}
    plain = record(memo_env(), make_agent("idle", env), seed=3, into=tmp_path / "run", name="idle")
    assert plain.header.observation == "screen"
    assert not plain.steps[0].labels


def test_a_name_asks_for_it_everywhere(deskgym, memo_env, tmp_path):
    memo_env()
    ran = deskgym("bench", "memo", "--agent", "random+tree", "--agent", "random", "--desktop", "toy",
                  "--seeds", "10000:10002", "--into", str(tmp_path / "run"), "--json")  # fmt: skip
    rows = json.loads(ran.stdout)["rows"]
    assert {row["agent"] for row in rows} == {"random+tree", "random"}
    seen = {
        json.loads(path.read_bytes())["header"]["agent"]: json.loads(path.read_bytes())["header"]["observation"]
        for path in (tmp_path / "run" / "episodes").glob("*/episode.json")
    }
    assert seen["random+tree"] == "screen and tree"
    assert seen["random"] == "screen"


def test_a_student_reads_no_tree(memo_env):
    with pytest.raises(DeskgymError, match=r"there is no student in nowhere\+tree"):
        make_agent("student:nowhere+tree", memo_env())


@pytest.mark.desktop
def test_a_real_tree_tells_where_to_click():
    with DesktopEnv("mousepad", "fix_setting", tree=True) as env:
        observation, _ = env.reset(seed=0)
        assert gym.spaces.Dict.contains(env.observation_space, observation)
        menu = next(line for line in observation["tree"].splitlines() if 'menu "Search"' in line)
        x, y = (int(each) for each in menu.partition("(")[2].partition(")")[0].split(", "))
        observation, *_ = env.step(Click(x, y))
        assert "Find and Replace" in observation["tree"]
