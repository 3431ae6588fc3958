"""SQLite databases, opened read-only on a private copy."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .basic import Parts, UnreadableFile

__all__ = ["query", "read_tables"]

_SECONDS = 10.0
# The shape of a database is the player's (or the application's) making; a typo in SQL is the verifier's.
_MISSING = ("no such table", "no such column")


def query(data: bytes, sql: str, params: Sequence[Any] = (), *, wal: bytes = b"") -> list[tuple[Any, ...]]:
    """The rows that a SELECT gives.

    Args:
        data: the database file.
        sql: one statement, with `?` for each of `params`.
        params: its values.
        wal: the write-ahead log (`NAME-wal`) beside it: what an application that still runs has committed.

    Raises:
        UnreadableFile: it is no database, is damaged, lacks a table or column, or takes over 10 seconds.
        sqlite3.OperationalError: the statement itself is wrong.
    """
    with _opened(data, wal) as connection:
        return connection.execute(sql, params).fetchall()


def read_tables(data: bytes, *, wal: bytes = b"") -> Parts[list[tuple[Any, ...]]]:
    """Every ordinary table's rows in their stored order, by table name.

    Raises:
        UnreadableFile: it is no database or is damaged.
    """
    named = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"
    with _opened(data, wal) as connection:
        names = [name for (name,) in connection.execute(f"{named} ORDER BY name")]
        quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
        tables = {name: connection.execute(f"SELECT * FROM {quoted[name]}").fetchall() for name in names}
    return Parts("table", tables)


@contextmanager
def _opened(data: bytes, wal: bytes) -> Iterator[sqlite3.Connection]:
    if not data.startswith(b"SQLite format 3\0"):
        raise UnreadableFile("the file could not be read as SQLite: it has no SQLite header")
    with tempfile.TemporaryDirectory(prefix="deskgym-") as folder:
        path = Path(folder, "copy.db")
        path.write_bytes(data)
        if wal:
            Path(folder, "copy.db-wal").write_bytes(wal)
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            try:
                _guard(connection)
                yield connection
            except sqlite3.OperationalError as error:
                if not str(error).startswith((*_MISSING, "interrupted", "disk I/O", "unsupported file format")):
                    raise
                raise UnreadableFile(f"the database could not answer: {error}") from error
            except (sqlite3.DatabaseError, sqlite3.DataError) as error:
                if type(error) is sqlite3.ProgrammingError:
                    raise
                raise UnreadableFile(f"the file could not be read as SQLite: {error}") from error


def _guard(connection: sqlite3.Connection) -> None:
    """Distrust the schema and the encoding of its texts, and stop a view that never ends."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    deadline = time.monotonic() + _SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
