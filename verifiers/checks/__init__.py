"""Ready checks: `basic` compares plain values, the other modules read one kind of document each.

Readers import their library when they are called, so importing this package costs nothing.
"""

from .basic import UnreadableFile, as_number, close, contains, equal, file_exists, fingerprint, unchanged

__all__ = [
    "UnreadableFile",
    "as_number",
    "close",
    "contains",
    "equal",
    "file_exists",
    "fingerprint",
    "unchanged",
]
