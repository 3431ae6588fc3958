"""JSON documents, and one value out of them by its pointer."""

from __future__ import annotations

import json
from typing import Any

from .basic import reading

__all__ = ["lookup", "read_json"]


def read_json(data: bytes) -> Any:
    """The value a JSON file holds.

    Raises:
        UnreadableFile: it is not JSON.
    """
    with reading("JSON"):
        return json.loads(data)


def lookup(document: Any, pointer: str, default: Any = None) -> Any:
    """The value at a JSON pointer (RFC 6901) such as `/tabs/0/title`; `default` where there is none.

    Raises:
        ValueError: the pointer itself is malformed: it must be empty or start with a slash.
    """
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer starts with '/': {pointer!r}")
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return default
    return document
