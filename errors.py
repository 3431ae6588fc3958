"""Every error deskgym raises: each names whose fault it was, so that a caller knows what to do next.

DeskgymError
|- SpecError       the author of a software spec: fix the file; never retried
|- DesktopError    the machine: retried once on a fresh desktop, then recorded as a fault
|  |- DesktopUnavailable    this kind cannot be opened here at all: says what to install or build
|- ActionError     the agent: costs a step, is reported in `info["error"]`, never raised out of `step`
|- VerifierError   the judge: no verdict; listed apart, never counted as a zero
|- TeacherError    a model's service: asked again, then recorded as a fault
|  |- TeacherUnavailable    this model cannot be asked at all: no key, unknown, refused; ends the run
|- BudgetSpent     nobody: the run stops, and goes on with the same command and a larger budget
|- RecordError     a recording: unreadable, or the disk would not take it
|- MissingExtra    the installation: the message is the command that mends it
"""

import difflib
from collections.abc import Iterable

__all__ = [
    "ActionError",
    "BudgetSpent",
    "DeskgymError",
    "DesktopError",
    "DesktopUnavailable",
    "MissingExtra",
    "RecordError",
    "SpecError",
    "TeacherError",
    "TeacherUnavailable",
    "VerifierError",
    "did_you_mean",
]


class DeskgymError(Exception):
    """The root of every error deskgym raises on purpose."""


class SpecError(DeskgymError):
    """Raised when a software spec is wrong: names the file, the key and what is allowed."""


class DesktopError(DeskgymError):
    """Raised when a desktop cannot be built, started, reached or kept alive."""


class DesktopUnavailable(DesktopError):
    """Raised when a kind of desktop cannot be opened here until something is installed or built; not retried."""


class ActionError(DeskgymError):
    """Raised when an action is malformed or cannot be performed; `step` turns it into `info["error"]`."""


class VerifierError(DeskgymError):
    """Raised when a verifier itself fails: the episode has no verdict, which is not a zero."""


class TeacherError(DeskgymError):
    """Raised when a model's service gives no answer that can be used, however often it is asked."""


class TeacherUnavailable(TeacherError):
    """Raised when a model cannot be asked at all until something is mended; it would fail in every episode."""


class BudgetSpent(DeskgymError):
    """Raised when the next question would go beyond the budget; the episode stays unfinished, to be taken up later."""


class RecordError(DeskgymError):
    """Raised when an episode cannot be written or read back."""


class MissingExtra(DeskgymError):
    """Raised when an optional dependency is needed and absent."""

    def __init__(self, package: str, extra: str):
        super().__init__(f"{package} is not installed; run: pip install 'deskgym[{extra}]'")
        self._names = package, extra

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Workers hand errors over by pickling, which would call this class with the message alone."""
        return type(self), self._names


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the closest known word, or else `"; known: ..."`."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(choices)}" if choices else ""
