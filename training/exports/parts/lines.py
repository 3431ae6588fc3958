"""Lines: JSON that any reader takes, one document a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ....recorder.disk import naming
from ...lessons import plain

__all__ = ["append_lines", "as_line"]


def as_line(document: Any) -> str:
    """A document in one line; lone surrogates, which no UTF-8 holds, are spelled out."""
    return json.dumps(plain(document), ensure_ascii=False) + "\n"


def append_lines(path: Path, *documents: Any) -> None:
    """Append documents to a file, which is made if it is not there.

    Raises:
        RecordError: the disk would not take it.
    """
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(map(as_line, documents))
