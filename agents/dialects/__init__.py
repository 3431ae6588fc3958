"""Dialects: the action vocabularies of other people's models and data, both ways.

    >>> from deskgym.agents.dialects import View, dialect
    >>> view = View(screen=(1280, 800))
    >>> dialect("ui_tars_1").read("Thought: I press OK.\\nAction: click(start_box='(500,500)')", view).actions
    (Click(x=640, y=400, button='left', count=1, modifiers=''),)

One dialect is one module of this package, found by its name; it holds a `DIALECT`. What they share is in `parts`.
"""

from importlib import import_module
from pkgutil import iter_modules

from ...errors import DeskgymError, did_you_mean
from .parts.base import Dialect
from .parts.view import Briefing, Reading, View, Wire

__all__ = ["Briefing", "Dialect", "Reading", "View", "Wire", "dialect", "dialect_names"]


def dialect_names() -> list[str]:
    """The names of all dialects."""
    return sorted(module.name for module in iter_modules(__path__) if not module.ispkg)


def dialect(name: str) -> Dialect:
    """The dialect of a module of this package.

    Raises:
        DeskgymError: there is none of that name.
    """
    known = dialect_names()
    if name not in known:
        raise DeskgymError(f"no dialect {name!r}{did_you_mean(name, known)}")
    return import_module(f"{__name__}.{name}").DIALECT
