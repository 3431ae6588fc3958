"""Setup: which teacher plays, and how it is asked; its one line is the agent's name in every record.

>>> Setup.parse("claude-opus-5?screens=1").dialect
'anthropic_20260801'
>>> Setup.parse("Qwen/Qwen3-VL-8B-Instruct@http://localhost:8000/v1").dialect
'qwen3_vl'
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, urlsplit

from ...errors import TeacherUnavailable, did_you_mean
from .models import CHAT, Model, Wire, find_model, wire_of
from .picture import Limits

__all__ = ["Setup"]


@dataclass(frozen=True)
class Setup:
    """`MODEL[@ADDRESS][?name=value&...]`, the names being the other fields."""

    model: str
    address: str = ""
    """Of a server of one's own; "" for the vendor's."""
    dialect: str = ""
    """What the model speaks; looked up where it is left out."""
    screens: int = 3
    """How many screenshots a question shows, the newest ones; older steps are a line of text each."""
    longest: int = 0
    """Pixels of the longer side of the images sent; 0: as large as the service takes them."""
    tokens: int = 8192
    """The most that a reply may have, hidden reasoning included."""
    timeout: float = 180
    """Seconds to wait for a reply, at each try."""
    tries: int = 5
    """How often a question is put before its episode is a fault."""

    @classmethod
    def parse(cls, text: str) -> Setup:
        """Read the one line.

        Raises:
            TeacherUnavailable: the model, its dialect or an option is unknown, or the address cannot be one.
        """
        name, _, options = text.partition("?")
        model, at, address = name.partition("@")
        known = {field.name: field for field in fields(cls) if field.name not in ("model", "address")}
        values: dict[str, str | int | float] = {}
        for word, value in parse_qsl(options, keep_blank_values=True):
            if word not in known:
                raise TeacherUnavailable(f"teacher:{text} has an unknown option {word!r}{did_you_mean(word, known)}")
            values[word] = _number(word, value) if word != "dialect" else value
        if at:
            _check_address(address)
        found = find_model(model, str(values.pop("dialect", "")), address)
        return cls(model, address, found.dialect, **values)  # type: ignore[arg-type]

    @property
    def known(self) -> Model:
        """What is known of the model."""
        return find_model(self.model, self.dialect, self.address)

    @property
    def wire(self) -> Wire:
        """The wire format it travels over."""
        return wire_of(self.dialect)

    @property
    def limits(self) -> Limits:
        """How large the images are that it is sent."""
        limits = self.wire.limits
        return Limits(min(filter(None, (self.longest, limits.longest)), default=0), limits.pixels)

    def key(self) -> str:
        """The key, from the environment and never from anywhere else; a server of one's own need not have one.

        Raises:
            TeacherUnavailable: the vendor's service wants one, and the environment has none.
        """
        # A vendor's key is never sent to an address that is not the vendor's.
        names = CHAT.keys if self.address else self.wire.keys
        if self.wire is CHAT and not self.address:
            raise TeacherUnavailable(f"{self.model} speaks {self.dialect}: say where, teacher:{self.model}@http://...")
        for name in names:
            if key := os.environ.get(name, "").strip():
                return key
        if self.address:
            return "none"
        raise TeacherUnavailable(f"teacher:{self.model} needs a key in the environment variable {' or '.join(names)}")


def _number(word: str, text: str) -> int | float:
    try:
        number = float(text) if word == "timeout" else int(text)
    except ValueError:
        raise TeacherUnavailable(f"{word} of a teacher must be a number, not {text!r}") from None
    if number < 0 or (number == 0 and word != "longest"):
        raise TeacherUnavailable(f"{word} of a teacher must be more than 0, not {text}")
    return number


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        well = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        well = parts = None
    if not well or not parts:
        raise TeacherUnavailable(f"the address of a server begins with http:// or https://, which {address!r} does not")
    if parts.username or parts.password:
        # The name of an agent is written into every record.
        raise TeacherUnavailable("an address must hold no password: a key belongs in DESKGYM_TEACHER_KEY")
