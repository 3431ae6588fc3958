"""Exports: recorded episodes in the formats of other people's trainers and tools.

One format is one module of this package, found by its name; it holds a `FORMAT`. What they share is in `parts`.
"""

from importlib import import_module
from pkgutil import iter_modules

from ...errors import DeskgymError, did_you_mean
from .parts.format import Format

__all__ = ["DEFAULT", "Format", "export_format", "format_names"]

DEFAULT = "trl"


def format_names() -> list[str]:
    """The names of all formats."""
    return sorted(module.name for module in iter_modules(__path__) if not module.ispkg)


def export_format(name: str) -> type[Format]:
    """The format of a module of this package.

    Raises:
        DeskgymError: there is none of that name.
    """
    known = format_names()
    if name not in known:
        raise DeskgymError(f"no export format {name!r}{did_you_mean(name, known)}")
    return import_module(f"{__name__}.{name}").FORMAT
