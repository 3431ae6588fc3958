"""Idioms: what takes one dialect a word takes another a phrase, such as keys held around a click.

`loosen` takes a canonical action apart into simpler ones that do the same; `fold` puts such phrases together again, so
that they cost one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ....envs.action import Action, Click, Drag, KeyDown, KeyUp, MouseDown, MouseUp, Move, Press, Scroll, Wait
from ....envs.keys import MODIFIERS, split_chord

__all__ = ["fold", "loosen"]

Kind = TypeVar("Kind", bound=Action)


def loosen(action: Action) -> list[Action]:
    """Simpler actions with the same effect, or none if it is as simple as can be."""
    match action:
        case Click(modifiers=held) | Drag(modifiers=held) | Scroll(modifiers=held) if held:
            keys = split_chord(held)
            return [*map(KeyDown, keys), replace(action, modifiers=""), *map(KeyUp, reversed(keys))]
        case Drag(path, button):
            return [MouseDown(*path[0], button), *(Move(x, y) for x, y in path[1:-1]), MouseUp(*path[-1], button)]
        case Scroll(x, y, dy, dx) if dx and dy:
            return [Scroll(x, y, dy=dy), Scroll(x, y, dx=dx)]
        case Press(keys, repeat, hold) if repeat > 1:
            return [Press(keys, hold=hold)] * repeat
        case Press(keys, _, hold) if hold:
            names = split_chord(keys)
            return [*map(KeyDown, names), Wait(hold), *map(KeyUp, reversed(names))]
        case KeyDown(key) if len(split_chord(key)) > 1:
            return [KeyDown(name) for name in split_chord(key)]
        case KeyUp(key) if len(split_chord(key)) > 1:
            return [KeyUp(name) for name in reversed(split_chord(key))]
    return []


def fold(actions: Sequence[Action]) -> tuple[Action, ...]:
    """The same actions, every phrase that `loosen` makes of a drag, of modifiers or of a held key put together."""
    return tuple(_fold_holds(_fold_drags(list(actions))))


def _fold_drags(actions: list[Action]) -> list[Action]:
    folded: list[Action] = []
    while actions:
        first = actions.pop(0)
        moves = _leading(actions, Move)
        end = actions[len(moves)] if len(moves) < len(actions) else None
        # Down and up on one spot is a click made slowly, no drag.
        if isinstance(first, MouseDown) and isinstance(end, MouseUp) and end.button == first.button:
            path = [*first.points(), *(point for move in moves for point in move.points()), *end.points()]
            if len(set(path)) > 1:
                del actions[: len(moves) + 1]
                first = Drag(tuple(path), first.button)
        folded.append(first)
    return folded


def _fold_holds(actions: list[Action]) -> list[Action]:
    folded: list[Action] = []
    while actions:
        downs = _leading(actions, KeyDown)
        ups = _leading(actions[len(downs) + 1 :], KeyUp)
        keys = [key for down in downs for key in split_chord(down.key)]
        held = None
        if downs and sorted(keys) == sorted(key for up in ups for key in split_chord(up.key)):
            held = _held(actions[len(downs)], keys)
        if held is not None:
            del actions[: len(downs) + 1 + len(ups)]
        folded.append(held or actions.pop(0))
    return folded


def _held(action: Action, keys: list[str]) -> Action | None:
    """The one action that this one is while keys are held; nothing if there is none."""
    match action:
        case Click(modifiers="") | Drag(modifiers="") | Scroll(modifiers="") if all(key in MODIFIERS for key in keys):
            return replace(action, modifiers="+".join(keys))
        case Wait(ms) if ms:
            return Press("+".join(keys), hold=ms)
    return None


def _leading(actions: Sequence[Action], kind: type[Kind]) -> list[Kind]:
    """The actions of a kind that a list begins with."""
    found: list[Kind] = []
    for action in actions:
        if not isinstance(action, kind):
            break
        found.append(action)
    return found
