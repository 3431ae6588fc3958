"""The teacher as an agent: a large model, asked in its dialect, whose replies are played action by action."""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import replace
from typing import Any

from ...envs.action import Action, Decision, Finish, Wait, parse_action
from ...errors import ActionError, TeacherUnavailable
from ...recorder.episode import Usage
from ..agent import Answer
from ..dialects import Briefing, View, dialect
from .asking import Past, Question, Reply, Tokens, open_service
from .ledger import Ledger
from .memory import Memory, first_sentence
from .models import CHAT
from .picture import Picture
from .prices import price_of
from .setup import Setup
from .terms import Terms

__all__ = ["TeacherAgent"]

PLAN = "You are shown the screen of a computer. Say step by step how you would reach the goal, in plain sentences."
TREE_SAYS = "Its accessibility tree (centre and size of each widget in pixels of the whole screen, which has {}x{}):"
SAY_WHY = "Before each action, say in one sentence why it is the next one."


class TeacherAgent:
    """A model behind an API.

    One reply is one decision: its actions are played one a step, and only then is the model asked again. A reply that
    cannot be read costs a step, and the next question tells the model why.

    Args:
        setup: which model, and how it is asked.
        terms: how much it may be asked; None sets no limits.
        harmless: whether nothing that is done can reach the world, so that no person need confirm what a service's
            safety checks stop at; else such a reply gives the episode up.

    Raises:
        TeacherUnavailable: it has no key or no price to keep a budget by, or takes no first thought.
        BudgetSpent: nothing more may be asked.
        MissingExtra: its SDK is not installed.
    """

    def __init__(self, setup: Setup, terms: Terms | None = None, harmless: bool = False):
        self._setup, self._terms, self._harmless = setup, terms or Terms(), harmless
        self._dialect, self._price = dialect(setup.dialect), price_of(setup.model, setup.address)
        self._ledger = Ledger(self._terms.folder)
        if self._terms.first_thought and not setup.known.prefill:
            raise TeacherUnavailable(
                f"{setup.model} takes no first thought: it does not go on with an unfinished message of its own"
                " (Claude up to 4.5 and OpenAI-compatible servers do)"
            )
        self._terms.budget.check_price(setup.model, self._price)
        self._terms.budget.check(self._ledger.spent())
        self._service = open_service(setup)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""
        self._memory = Memory(self._setup.screens)
        self._waiting: deque[Answer] = deque()
        self._pointer: tuple[int, int] | None = None

    def act(self, observation: dict[str, Any]) -> Decision:
        """See `Agent.act`.

        Raises:
            BudgetSpent: the model may not be asked any more.
            TeacherError: it gives no answer.
        """
        if not self._waiting:
            self._waiting.extend(self._decide(observation))
        answer = self._waiting.popleft()
        self._touch(answer.action)
        return answer

    def follow(self, observation: dict[str, Any], decision: Decision) -> None:
        """Remember a step that was decided before, of an episode that was broken off and is taken up again."""
        self._memory.add(None, [decision])
        self._touch(decision.action)

    def close(self) -> None:
        """Give back its connections."""
        self._service.close()

    def _decide(self, observation: dict[str, Any]) -> list[Answer]:
        """Ask the model; the answers are to be played one after another."""
        goal, screen = observation["goal"], observation["screen"]
        height, width, _ = screen.shape
        picture = Picture.of(screen, self._setup.limits)
        view = View((width, height), picture.size if picture.size != (width, height) else None, self._pointer)
        words, past = self._memory.told(goal)
        if "tree" in observation:
            words += f"\n\n{TREE_SAYS.format(width, height)}\n{observation['tree']}"
        prefix, planning = ("", None) if self._memory else self._first_thought(goal, picture)
        reply, usage = self._ask(Question(self._brief(view), words, past, picture, prefix))
        answers = self._read(reply, view)
        answers[0] = replace(answers[0], usage=usage.plus(planning), reply=reply.wire)
        self._memory.add(Past(picture, reply.wire, answers[0].error), answers)
        return answers

    def _first_thought(self, goal: str, picture: Picture) -> tuple[str, Usage | None]:
        """How the first reply begins, and what it cost to find out."""
        text, usage = self._terms.first_thought, None
        if "{plan}" in text:
            reply, usage = self._ask(Question(Briefing(PLAN), f"Goal: {goal}", (), picture))
            text = text.replace("{plan}", first_sentence(reply.words))
        return text.replace("{goal}", goal), usage

    def _ask(self, question: Question) -> tuple[Reply, Usage]:
        self._terms.budget.check(self._ledger.spent())
        self._ledger.take_turn(self._terms.rate)
        begun = time.perf_counter()
        reply = self._service.ask(question)
        seconds = time.perf_counter() - begun
        tokens = reply.tokens or Tokens()
        # A service that does not count has a cost all the same.
        priced = self._price if reply.tokens else None
        usd = priced.of(tokens.input, tokens.cached, tokens.output) if priced else None
        usage = Usage(tokens.input, tokens.cached, tokens.output, usd, seconds)
        self._ledger.enter(f"teacher:{self._setup.model}", usage)
        self._terms.budget.check_counted(self._setup.model, reply.tokens is not None)
        return reply, usage

    def _read(self, reply: Reply, view: View) -> list[Answer]:
        if reply.refusal:
            return [Answer(reply.refusal, Finish(success=False))]
        if reply.checks and not self._harmless:
            return [Answer(f"A person would have to confirm this: {reply.checks}", Finish(success=False))]
        try:
            if reply.cut:
                raise ActionError("the reply was cut off by its token limit before the action was complete; think less")
            reading = self._dialect.read(reply.wire, view)
        except ActionError as error:
            # No vocabulary has this verb, so that a reply which is malformed in its own is never played by chance.
            return [Answer(reply.reasoning, f"unreadable({json.dumps(str(error), ensure_ascii=False)})", str(error))]
        thought = "\n".join(filter(None, (reply.reasoning, reading.thought)))
        # Who acts is shown the screen afterwards; to ask for it besides is no step.
        actions = [action for action in reading.actions if action != Wait(0)] or reading.actions[:1]
        return [Answer("" if n else thought, action) for n, action in enumerate(actions)]

    def _brief(self, view: View) -> Briefing:
        briefing = self._dialect.brief(view)
        if self._setup.wire is CHAT:
            return briefing  # its form has a place for the thought
        return replace(briefing, system=f"{briefing.system}\n{SAY_WHY}")

    def _touch(self, action: Action | str) -> None:
        """Keep the pointer's place, for dialects that act where it is."""
        try:
            action = parse_action(action) if isinstance(action, str) else action
        except ActionError:
            return
        points = action.points()
        self._pointer = points[-1] if points else self._pointer
