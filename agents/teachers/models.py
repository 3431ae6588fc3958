"""Models: which model speaks which dialect, over which wire, and what it can do besides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ...errors import TeacherUnavailable, did_you_mean
from ..dialects import dialect_names
from .picture import Limits

__all__ = ["DATE", "Model", "Wire", "find_model", "wire_of"]


@dataclass(frozen=True)
class Wire:
    """A wire format, and where its key is."""

    module: str
    """The module beside this one that speaks it."""
    keys: tuple[str, ...]
    """Environment variables that may hold the key."""
    limits: Limits = field(default_factory=Limits)
    """What its service takes without shrinking images."""


MESSAGES = Wire("messages", ("ANTHROPIC_API_KEY",), Limits(longest=1568, pixels=1_150_000))
RESPONSES = Wire("responses", ("OPENAI_API_KEY",), Limits(longest=2048, pixels=1_536_000))
CONTENTS = Wire("contents", ("GEMINI_API_KEY", "GOOGLE_API_KEY"))
CHAT = Wire("chat", ("DESKGYM_TEACHER_KEY",))

WIRES = {"anthropic": MESSAGES, "openai": RESPONSES, "gemini": CONTENTS}
"""The wire of the dialects that are an API's own, by how their names begin; all others travel as chat."""


@dataclass(frozen=True)
class Model:
    """What is known of a model."""

    dialect: str
    prefill: bool = False
    """Whether it goes on with an unfinished message of its own."""
    thinks: bool = False
    """Whether it decides by itself how much to think, and shows a summary when asked."""


TOOLSET = Model("anthropic_20260801", thinks=True)
OPENAI = Model("openai_computer")
GEMINI = Model("gemini_35", thinks=True)
LEGACY = Model("gemini_25", thinks=True)

MODELS: dict[str, Model] = {
    **dict.fromkeys(("claude-fable-5-2", "claude-fable-5-1", "claude-fable-5"), TOOLSET),
    **dict.fromkeys(("claude-mythos-5-2", "claude-mythos-5-1", "claude-mythos-5"), TOOLSET),
    **dict.fromkeys(("claude-opus-5-5", "claude-opus-5", "claude-opus-4-8"), TOOLSET),
    **dict.fromkeys(("claude-sonnet-5-5", "claude-sonnet-5", "claude-haiku-5-5"), TOOLSET),
    **dict.fromkeys(
        ("claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6"), Model("anthropic_20251124", thinks=True)
    ),
    "claude-opus-4-5": Model("anthropic_20251124", prefill=True),
    **dict.fromkeys(("claude-sonnet-4-5", "claude-haiku-4-5"), Model("anthropic_20250124", prefill=True)),
    **dict.fromkeys(("gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6.1-terra"), OPENAI),
    **dict.fromkeys(("gpt-6-astra", "gpt-6-sol", "gpt-6-luna"), OPENAI),
    **dict.fromkeys(("gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5", "gpt-5.4", "gpt-5.4-mini"), OPENAI),
    "computer-use-preview": Model("openai_preview"),
    **dict.fromkeys(("gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash", "gemini-3.5-flash"), GEMINI),
    **dict.fromkeys(("gemini-3-flash-preview", "gemini-3.1-pro-preview"), LEGACY),
    "gemini-2.5-computer-use-preview": LEGACY,
}
"""Models of the three vendors. Sources: Anthropic's page on the computer use tool, the types of the `openai` package,
the Gemini API's page on computer use; read in November 2026. A dated name is its model."""

OPEN: tuple[tuple[str, str], ...] = (
    (r"qwen2\.?5.?vl", "qwen25_vl"),
    (r"qwen3.*vl|qwen3\.5", "qwen3_vl"),
    (r"ui.?tars.?1\.5|ui.?tars.?2", "ui_tars"),
    (r"ui.?tars", "ui_tars_1"),
    (r"opencua", "opencua"),
    (r"scalecua", "scalecua"),
)
"""Open weights, which servers name as they like: a pattern of the name, and the dialect."""

DATE = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{4})$")


def find_model(name: str, dialect: str = "", address: str = "") -> Model:
    """What is known of a model.

    Args:
        name: its name at its service; a date at its end does not matter.
        dialect: what it speaks, if that is told; "" looks it up.
        address: of a server of one's own; "" for the vendor's.

    Raises:
        TeacherUnavailable: neither the model nor a dialect for it is known.
    """
    known = MODELS.get(DATE.sub("", name))
    if dialect:
        if dialect not in dialect_names():
            raise TeacherUnavailable(f"no dialect {dialect!r}{did_you_mean(dialect, dialect_names())}")
        if known and wire_of(known.dialect) is wire_of(dialect):
            return replace(known, dialect=dialect)
        kin = [model for model in MODELS.values() if model.dialect == dialect]
        thinks = bool(kin) and all(model.thinks for model in kin)
        return Model(dialect, prefill=bool(address) and wire_of(dialect) is CHAT, thinks=thinks)
    if known:
        return known
    if address:
        for pattern, spoken in OPEN:
            if re.search(pattern, name, re.IGNORECASE):
                return Model(spoken, prefill=True)
        raise TeacherUnavailable(
            f"which dialect does {name!r} speak? say so: teacher:{name}@{address}?dialect=qwen3_vl"
            f" (or {', '.join(each for each in dialect_names() if each != 'qwen3_vl')})"
        )
    hint = did_you_mean(name, MODELS)
    raise TeacherUnavailable(
        f"no model {name!r}{hint} (a new one is named with what it speaks, teacher:{name}?dialect=anthropic_20260801,"
        f" one on a server of your own with its address, teacher:{name}@http://localhost:8000/v1)"
    )


def wire_of(dialect: str) -> Wire:
    """The wire format that a dialect travels over."""
    return WIRES.get(dialect.partition("_")[0], CHAT)
