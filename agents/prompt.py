"""Prompt: the one place where an episode becomes text, and where text becomes an action.

A student is trained on conversations made here, and asked with conversations made here when it plays, so that what it
learnt is what it is asked. Nothing of a model's library is needed: `as_chat` is what its chat template takes.

    >>> style = Style()
    >>> moments = [Moment("I save.", 'press("ctrl+s")'), Moment("It is there.", "finish()")]
    >>> [[span.kind for span in message.spans] for message in conversation("Save it.", moments, (480, 352), style)]
    [['words'], ['words', 'observe'], ['reason', 'act']]
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from ..envs.action import Action, Decision, parse_action
from ..errors import ActionError, DeskgymError, did_you_mean

__all__ = ["SYSTEM", "Message", "Moment", "Span", "Style", "as_chat", "conversation", "read_reply", "write_action"]

SYSTEM = """You use a computer by looking at its screen. Reach the goal, one action at a time.
Answer in two lines: first why, in one sentence; then the action, one of
move(x, y) click(x, y, button="left", count=1, modifiers="") drag([(x, y), (x, y)]) scroll(x, y, dy=0, dx=0)
mouse_down(x, y) mouse_up(x, y) type("text") press("ctrl+s", repeat=1) key_down("shift") key_up("shift") wait(1000)
finish(answer="", success=True)
x and y are thousandths of the screen, from (0, 0) at the top left to (999, 999) at the bottom right."""

STYLE_FILE = "prompt.json"

Kind = Literal["words", "observe", "reason", "act"]
"""words: what we say; observe: a screen; reason and act: what the student says."""


@dataclass(frozen=True)
class Style:
    """How a student is asked. It is kept in the student's folder, so that it plays as it was taught."""

    system: str = SYSTEM
    """What stands before everything; "" for none."""
    screens: int = 1
    """How many screenshots a conversation shows, the newest ones; older steps are one line each. 0: all of them, the
    whole episode being one conversation."""
    thoughts: bool = True
    """Whether the student reasons before it acts."""
    scale: int = 1000
    """Width and height of the screen in the student's coordinates; 0: pixels."""

    def __post_init__(self) -> None:
        if self.screens < 0 or self.scale < 0:
            raise DeskgymError(f"a prompt shows 0 or more screens and has a scale of 0 or more, not {self}")

    def write(self, folder: Path) -> None:
        """Keep it in a folder, as `prompt.json`."""
        (folder / STYLE_FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Style:
        """The style kept in a folder, or the default one.

        Raises:
            DeskgymError: the file is there, and no style.
        """
        path = folder / STYLE_FILE
        if not path.exists():
            return cls()
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            known = [field.name for field in fields(cls)]
            for key in values:
                if key not in known:
                    raise DeskgymError(f"{path} has no key {key!r}{did_you_mean(key, known)}")
            return cls(**values)
        except (OSError, ValueError, TypeError) as error:
            raise DeskgymError(f"{path} holds no prompt: {error}") from error


@dataclass(frozen=True)
class Moment:
    """One step as a prompt sees it: a screen, and what was decided on it."""

    thought: str = ""
    action: Action | str | None = None
    """With coordinates in screen pixels; None where the student is asked."""


@dataclass(frozen=True)
class Span:
    """A piece of a message that is all of one kind."""

    kind: Kind
    text: str = ""
    moment: int = -1
    """The moment it belongs to; -1: to none. Of an `observe` span, the one whose screen it is."""


@dataclass(frozen=True)
class Message:
    """What one side says in its turn."""

    role: Literal["system", "user", "assistant"]
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """All its words, screens left out."""
        return "".join(span.text for span in self.spans)


def conversation(goal: str, moments: Sequence[Moment], size: tuple[int, int], style: Style) -> list[Message]:
    """The conversation that leads to the last moment, its answer included where there is one.

    The goal stands before the first screen: a small student that reads it first looks for what it names.

    Args:
        goal: what is to be reached, in words.
        moments: the episode so far, from its first step.
        size: width and height of the screen in pixels.
        style: how the student is asked.

    Raises:
        DeskgymError: there is no moment, or one before the last has no action.
    """
    if not moments or any(moment.action is None for moment in moments[:-1]):
        raise DeskgymError("a conversation needs a moment, and an action of every moment but the last")
    first = max(0, len(moments) - style.screens) if style.screens else 0
    messages = [Message("system", (Span("words", style.system),))] if style.system else []
    for number in range(first, len(moments)):
        opening = (Span("words", _opening(goal, moments[:first], size, style)),) if number == first else ()
        messages.append(Message("user", (*opening, Span("observe", moment=number))))
        action = moments[number].action
        if action is not None:
            messages.append(Message("assistant", _answer(number, moments[number].thought, action, size, style)))
    return messages


def _opening(goal: str, older: Sequence[Moment], size: tuple[int, int], style: Style) -> str:
    lines = [f"Goal: {one_line(goal)}"]
    if older:
        lines += ["Done so far:"]
        lines += [
            f"{number}. {write_action(moment.action, size, style)}"
            for number, moment in enumerate(older, 1)
            if moment.action is not None
        ]
    return "\n".join(lines) + "\n"


def _answer(number: int, thought: str, action: Action | str, size: tuple[int, int], style: Style) -> tuple[Span, ...]:
    act = Span("act", write_action(action, size, style), number)
    thought = one_line(thought)
    # The newline belongs to the reasoning: after it, the student has decided to act.
    return (Span("reason", f"{thought}\n", number), act) if style.thoughts and thought else (act,)


def as_chat(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The messages as chat templates and processors take them; each screen is `{"type": "image"}`, in order."""
    return [{"role": message.role, "content": _content(message)} for message in messages]


def _content(message: Message) -> list[dict[str, str]]:
    parts: list[dict[str, str]] = []
    for span in message.spans:
        if span.kind == "observe":
            parts.append({"type": "image"})
        elif parts and parts[-1]["type"] == "text":
            parts[-1]["text"] += span.text
        else:
            parts.append({"type": "text", "text": span.text})
    return parts


def write_action(action: Action | str, size: tuple[int, int], style: Style) -> str:
    """An action of screen pixels in one line, as the student writes it; one that is malformed stays as it is."""
    try:
        action = parse_action(action) if isinstance(action, str) else action
    except ActionError:
        return one_line(str(action))
    moved = _moved(action, size, (style.scale, style.scale)) if style.scale else action
    # Such marks can only stand in a text literal, which has another way to write them.
    return str(moved).replace("<|", "<\\x7c")


def read_reply(text: str, size: tuple[int, int], style: Style) -> Decision:
    """What the student decided: its last line is the action, what stands before it the thought.

    An action that cannot be read is handed on as it is: the env makes it cost a step and says why.
    """
    thought, _, act = text.strip().rpartition("\n")
    try:
        action = parse_action(act)
    except ActionError:
        return Decision(thought.strip(), act)
    return Decision(thought.strip(), _moved(action, (style.scale, style.scale), size) if style.scale else action)


def one_line(text: str) -> str:
    """The same words with single spaces between them, and nothing that a model could take for one of its own marks."""
    return " ".join(text.split()).replace("<|", "< |")


def _moved(action: Action, old: tuple[int, int], new: tuple[int, int]) -> Action:
    """The action with its points at the same places of a screen of another size."""

    def place(point: tuple[int, int]) -> tuple[int, int]:
        x, y = (_rescaled(value, *sizes) for value, sizes in zip(point, zip(old, new, strict=True), strict=True))
        return x, y

    values: dict[str, Any] = {field.name: getattr(action, field.name) for field in fields(action)}  # type: ignore[arg-type]
    if "path" in values:
        return replace(action, path=tuple(place(point) for point in values["path"]))  # type: ignore[type-var]
    if "x" in values:
        x, y = place((values["x"], values["y"]))
        return replace(action, x=x, y=y)  # type: ignore[type-var]
    return action


def _rescaled(value: int, old: int, new: int) -> int:
    """Round to the nearest; what is inside stays inside, and what is outside stays outside, for the env to refuse."""
    moved = (2 * value * new + old) // (2 * old)
    if value < 0:
        return min(moved, -1)
    return min(moved, new - 1) if value < old else max(moved, new)
