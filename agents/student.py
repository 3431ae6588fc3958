"""The student as an agent: it is asked with the prompt it was taught with, and answers with what it has learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..envs.action import Decision
from ..errors import DeskgymError
from .checkpoint import load_model, load_processor
from .lineage import folder_of
from .mind import Mind
from .prompt import Moment, Style, conversation, read_reply
from .tokens import Seen, see, tokenize

__all__ = ["StudentAgent"]


class StudentAgent:
    """A trained model that plays by pixels.

    What it says that is no action is handed to the env as it is: it costs a step, and `info["error"]` says why.

    Args:
        folder: of the student, as `deskgym train` leaves it.
        temperature: 0 takes the likeliest token.
    """

    def __init__(self, folder: str | Path, temperature: float = 0.0):
        if not Path(folder).is_dir():
            raise DeskgymError(f"there is no student in {folder}")
        self._style = Style.read(Path(folder))
        self._processor = load_processor(folder)
        self._mind = Mind(load_model(folder).eval(), self._processor, temperature)
        self.reset(0)

    @classmethod
    def named(cls, name: str) -> StudentAgent:
        """Make the student that is called FOLDER, or FOLDER@TEMPERATURE."""
        return cls(*folder_of(name))

    def reset(self, seed: int) -> None:
        """See `Agent.reset`."""
        self._mind.forget(seed)
        self._past: list[Moment] = []
        self._seen: list[Seen] = []

    def act(self, observation: dict[str, Any]) -> Decision:
        """See `Agent.act`."""
        height, width, _ = observation["screen"].shape
        self._seen.append(see(self._processor, observation["screen"]))
        messages = conversation(observation["goal"], [*self._past, Moment()], (width, height), self._style)
        shown = [self._seen[span.moment] for message in messages for span in message.spans if span.kind == "observe"]
        tokens = tokenize(self._processor, messages, [seen.grid for seen in shown])
        said = self._mind.answer(tokens.ids, shown)
        decision = read_reply(self._processor.tokenizer.decode(said), (width, height), self._style)
        self._past.append(Moment(decision.thought, decision.action))
        return decision

    def follow(self, observation: dict[str, Any], decision: Decision) -> None:
        """Remember a step that was decided before, of an episode that was broken off and is taken up again."""
        self._seen.append(see(self._processor, observation["screen"]))
        self._past.append(Moment(decision.thought, decision.action))
