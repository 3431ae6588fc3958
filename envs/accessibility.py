"""The accessibility tree (AT-SPI over D-Bus) of a desktop: privileged eyes for the oracle and for annotations."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection

from ..errors import DesktopError
from ..verifiers.privileged import Widget

__all__ = ["Accessibility"]

DEADLINE = 5.0
"""Seconds for one walk of the tree; an application that does not answer within is hung."""
MOST_CHILDREN = 400
"""Children read of one node. (One that manages its descendants makes them up on demand and is not entered at all: a
spreadsheet's table claims to have 17 billion.)"""
LONGEST_TEXT = 2000

A11Y = "org.a11y.atspi."
# The states a task may ask for, by their bit (AtspiStateType in atspi-constants.h).
STATES = {1: "active", 4: "checked", 7: "editable", 8: "enabled", 9: "expandable", 10: "expanded", 11: "focusable",
          12: "focused", 16: "modal", 20: "pressed", 23: "selected", 24: "sensitive", 25: "showing", 30: "visible",
          31: "manages descendants"}  # fmt: skip


@dataclass
class _Node:
    """One accessible object while its answers come in."""

    bus: str
    path: str
    depth: int
    role: str = ""
    name: str = ""
    states: frozenset[str] = frozenset()
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    value: str = ""
    interfaces: tuple[str, ...] = ()
    children: list[_Node] = field(default_factory=list)


class Accessibility:
    """A connection to one desktop's accessibility bus.

    Calls of one level of the tree are sent together and their replies gathered, so that a walk costs a few round
    trips instead of one per question.
    """

    def __init__(self, path: Path):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(DEADLINE)
        try:
            folder = os.open(path.parent, os.O_PATH)
            try:
                sock.connect(f"/proc/self/fd/{folder}/{path.name}")
            finally:
                os.close(folder)
            # The host's user id means nothing inside, so the bus of the image lets an anonymous client in.
            sock.sendall(b"\0AUTH ANONYMOUS\r\n")
            greeting = sock.recv(128)
            if not greeting.startswith(b"OK"):
                raise DesktopError(f"the accessibility bus refuses: {greeting.decode(errors='replace').strip()}")
            sock.sendall(b"BEGIN\r\n")
        except OSError as error:
            sock.close()
            raise DesktopError(f"the accessibility bus cannot be reached: {error}") from error
        self._bus = DBusConnection(sock)
        self._serial = self._bus.outgoing_serial
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        self._ask_all([new_method_call(bus, "Hello")])

    def tree(self) -> list[Widget]:
        """Every showing widget of every application, in document order.

        Raises:
            DesktopError: the bus is gone or an application is hung.
        """
        root = _Node(A11Y + "Registry", "/org/a11y/atspi/accessible/root", 0)
        self._enter([root])
        level = root.children
        while level:
            self._read_states(level)
            # An application itself is shown nowhere; what else is hidden has no pixel to click, nor has what is in it.
            shown = [node for node in level if "showing" in node.states or node.depth == 1]
            self._describe(shown)
            self._enter([node for node in shown if "manages descendants" not in node.states])
            level = [child for node in shown for child in node.children]
        return list(_widgets(root.children))

    def _read_states(self, nodes: list[_Node]) -> None:
        answers = self._ask_all([_call(node, "Accessible", "GetState") for node in nodes])
        for node, answer in zip(nodes, answers, strict=True):
            node.states = _state_names(answer[0]) if answer else frozenset()

    def _describe(self, nodes: list[_Node]) -> None:
        questions = [
            question
            for node in nodes
            for question in (
                _call(node, "Accessible", "GetRoleName"),
                _get(node, "Accessible", "Name"),
                _call(node, "Accessible", "GetInterfaces"),
                _call(node, "Component", "GetExtents", "u", (0,)),
            )
        ]
        answers = iter(self._ask_all(questions))
        for node in nodes:
            role, name, interfaces, box = (next(answers) for _ in range(4))
            node.role = role[0].lower() if role else ""
            node.name = str(name[0][1]) if name else ""
            node.interfaces = tuple(interfaces[0]) if interfaces else ()
            node.box = tuple(box[0]) if box else (0, 0, 0, 0)
        self._read_values([node for node in nodes if "showing" in node.states])

    def _read_values(self, nodes: list[_Node]) -> None:
        texts = [node for node in nodes if A11Y + "Text" in node.interfaces]
        numbers = [node for node in nodes if A11Y + "Value" in node.interfaces and node not in texts]
        questions = [_call(node, "Text", "GetText", "ii", (0, -1)) for node in texts]
        questions += [_get(node, "Value", "CurrentValue") for node in numbers]
        for node, answer in zip(texts + numbers, self._ask_all(questions), strict=True):
            if answer:
                node.value = answer[0][:LONGEST_TEXT] if node in texts else f"{answer[0][1]:g}"

    def _enter(self, nodes: list[_Node]) -> None:
        for node, answer in zip(
            nodes, self._ask_all([_call(n, "Accessible", "GetChildren") for n in nodes]), strict=True
        ):
            pairs = answer[0][:MOST_CHILDREN] if answer else []
            node.children = [
                _Node(bus, path, node.depth + 1) for bus, path in pairs if path.rpartition("/")[2] != "null"
            ]

    def _ask_all(self, questions: Iterable[Message]) -> list[Any]:
        """Send all questions, then gather the bodies of their replies; None where one was refused."""
        deadline = time.monotonic() + DEADLINE
        waiting: dict[int, int] = {}
        answers: list[Any] = []
        try:
            for question in questions:
                serial = next(self._serial)
                self._bus.send(question, serial=serial)
                waiting[serial] = len(answers)
                answers.append(None)
            while waiting:
                reply = self._bus.receive(timeout=max(0.001, deadline - time.monotonic()))
                position = waiting.pop(reply.header.fields.get(HeaderFields.reply_serial, -1), None)
                if position is not None and reply.header.message_type is MessageType.method_return:
                    answers[position] = reply.body
        except TimeoutError:
            raise DesktopError(f"an application did not answer accessibility calls for {DEADLINE:g} s") from None
        except OSError as error:
            raise DesktopError(f"the accessibility bus is gone: {error}") from error
        return answers

    def close(self) -> None:
        """Let the connection go."""
        self._bus.close()


def _call(node: _Node, interface: str, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> Message:
    return new_method_call(DBusAddress(node.path, node.bus, A11Y + interface), method, signature or None, body)


def _get(node: _Node, interface: str, name: str) -> Message:
    address = DBusAddress(node.path, node.bus, "org.freedesktop.DBus.Properties")
    return new_method_call(address, "Get", "ss", (A11Y + interface, name))


def _state_names(words: list[int]) -> frozenset[str]:
    bits = words[0] | (words[1] << 32 if len(words) > 1 else 0)
    return frozenset(name for bit, name in STATES.items() if bits >> bit & 1)


def _widgets(nodes: list[_Node]) -> Iterable[Widget]:
    for node in nodes:
        if "showing" in node.states and node.box[2] > 0 and node.box[3] > 0:
            yield Widget(node.role, node.name, node.box, node.states, node.value, node.depth)
        yield from _widgets(node.children)
