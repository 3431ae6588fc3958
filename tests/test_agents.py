"""Agents and the turns they take with an env, and the hands an oracle is given."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from deskgym.agents.agent import AGENTS, OracleAgent
from deskgym.agents.naming import make_agent
from deskgym.agents.play import Start, Turn, play
from deskgym.envs.action import Click, Decision, Drag, Finish, Press, Scroll, Type
from deskgym.envs.hands import Hands
from deskgym.errors import DeskgymError, SpecError
from deskgym.verifiers.privileged import Widget


def test_play_yields_the_start_and_then_every_turn(memo_env):
    env = memo_env()
    start, *turns = play(env, make_agent("oracle", env), seed=3)
    assert isinstance(start, Start)
    assert start.goal == env.instance.goal
    assert [str(turn.decision.action) for turn in turns][1:] == ['press("ctrl+s")', "finish()"]
    assert [turn.terminated for turn in turns] == [False, False, True]
    assert turns[-1].reward == 1.0
    assert all(set(turn.seconds) == {"think", "act"} for turn in turns)
    assert all(one.info["steps"] + 1 == two.info["steps"] for one, two in pairwise(turns))


def test_play_is_lazy(memo_env):
    env = memo_env()
    turns = play(env, make_agent("idle", env), seed=0)
    next(turns)
    assert env.instance.seed == 0
    assert isinstance(next(turns), Turn)
    turns.close()


@pytest.mark.parametrize(("name", "steps"), [("idle", 6), ("finish", 1), ("random", 6)])
def test_agents_without_a_model_fail(memo_env, name, steps):
    env = memo_env()
    _, *turns = play(env, make_agent(name, env), seed=0)
    assert len(turns) == steps
    assert not turns[-1].info["verdict"].passed
    assert all(turn.info["error"] == "" for turn in turns)


def test_the_random_agent_follows_the_seed(memo_env):
    def actions(seed):
        env = memo_env()
        return [str(turn.decision.action) for turn in list(play(env, make_agent("random", env), seed))[1:]]

    assert actions(5) == actions(5) != actions(6)


def test_agents_by_name(memo_env):
    env = memo_env()
    assert isinstance(make_agent("oracle", env), OracleAgent)
    assert isinstance(make_agent("deskgym.agents.agent:IdleAgent", env), AGENTS["idle"])
    for name, words in {
        "orakle": "did you mean 'oracle'?",
        "deskgym.agents.agent:Nobody": "cannot be loaded",
        "no.such.module:Agent": "cannot be loaded",
        ":Agent": "cannot be loaded",
    }.items():
        with pytest.raises(DeskgymError) as caught:
            make_agent(name, env)
        assert words in str(caught.value)


def test_an_oracle_that_does_not_finish_is_finished_for(memo_env):
    env = memo_env()
    env.reset(seed=0)
    agent = make_agent("oracle", env)
    agent.reset(0)
    decided = [agent.act({}).action for _ in range(5)]
    assert decided[-2:] == [Finish(), Finish()]


TREE = [
    Widget("frame", "Main", (0, 0, 200, 100), frozenset({"active"}), depth=1),
    Widget("push button", "OK", (10, 10, 20, 10), frozenset({"showing"}), depth=2),
    Widget("dialog", "Find", (50, 50, 100, 50), depth=1),
    Widget("push button", "OK", (60, 60, 20, 10), frozenset({"showing", "focused"}), depth=2),
    Widget("text", "Search for", (60, 80, 50, 11), depth=3),
]


class Screen:
    """A machine of which only the widgets are asked."""

    def tree(self):
        return list(TREE)


def test_hands_find_by_role_name_state_and_place():
    hands = Hands(Screen(), (200, 100))
    assert hands.find("push button", "OK") is TREE[1]
    assert hands.find("push button", nth=-1) is TREE[3]
    assert hands.find(states=["focused"]) is TREE[3]
    assert hands.find(name=re.compile("^Sea")) is TREE[4]
    assert hands.find("push button", within=TREE[2]) is TREE[3]
    assert hands.seek(within=TREE[0]) == [TREE[1]]
    assert hands.seek("slider") == []


def test_hands_that_find_nothing_say_what_they_saw():
    hands = Hands(Screen(), (200, 100))
    with pytest.raises(SpecError, match=r"finds no push button named 'Okay'.*dialog 'Find', frame 'Main'"):
        hands.find("push button", "Okay", timeout=0)
    with pytest.raises(SpecError, match="no browser"):
        hands.page  # noqa: B018


def test_hands_put_decisions_into_pixels():
    hands = Hands(Screen(), (200, 100))
    assert hands.click("why", TREE[1], count=2) == Decision("why", Click(20, 15, count=2))
    assert hands.drag("why", [TREE[1], (7, 8)]).action == Drag(((20, 15), (7, 8)))
    assert hands.scroll("why", (1, 2), dy=3).action == Scroll(1, 2, dy=3)
    assert hands.type("why", "x").action == Type("x")
    assert hands.press("why", "down", repeat=2).action == Press("down", repeat=2)
    assert hands.finish("why", "42").action == Finish("42")
