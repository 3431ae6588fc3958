"""Shards: rows with pictures in Parquet files, written as they come, so that memory stays flat."""

# pyright: reportMissingImports=false
# The extra `train` need not be installed to check the rest.

from __future__ import annotations

from pathlib import Path
from typing import Any

from ....errors import MissingExtra
from ....recorder.disk import naming

__all__ = ["Shards", "datasets_here"]

GROUP = 32 * 2**20
"""Bytes of pictures in a row group: what is held in memory, and what a reader must read at least."""
SHARD = 480 * 2**20
"""Bytes of pictures in a file."""


class Shards:
    """The files of one part: `PART-00000-of-00002.parquet`, as `datasets` and the Hub name them."""

    def __init__(self, folder: Path, part: str, features: Any, group: int = GROUP, shard: int = SHARD):
        """Begin a part; no file is made before there is a row.

        Args:
            folder: where the files are made.
            part: such as "train".
            features: `datasets.Features` of a row.
            group: bytes of pictures in a row group.
            shard: bytes of pictures in a file.
        """
        self._folder, self._part, self._schema = folder, part, features.arrow_schema
        self._group, self._shard = group, shard
        self._rows: list[dict[str, Any]] = []
        self._waiting = self._written = 0
        self._writer: Any = None
        self._files: list[Path] = []

    def put(self, row: dict[str, Any], size: int) -> None:
        """Add a row whose pictures take so many bytes.

        Raises:
            RecordError: the disk would not take it.
        """
        self._rows.append(row)
        self._waiting += size
        if self._waiting >= self._group:
            self._flush()

    def close(self) -> None:
        """Write the rest, and give the files their names.

        Raises:
            RecordError: the disk would not take it.
        """
        self._flush()
        self._end_file()
        for number, path in enumerate(self._files):
            name = f"{self._part}-{number:05d}-of-{len(self._files):05d}.parquet"
            with naming(path):
                path.rename(self._folder / name)

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._writer is None:
            self._files.append(self._folder / f"{self._part}-{len(self._files):05d}.parquet")
            with naming(self._files[-1]):
                self._folder.mkdir(parents=True, exist_ok=True)
                self._writer = pq.ParquetWriter(self._files[-1], self._schema)
        with naming(self._files[-1]):
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
        self._written += self._waiting
        self._rows, self._waiting = [], 0
        if self._written >= self._shard:
            self._end_file()

    def _end_file(self) -> None:
        if self._writer is not None:
            with naming(self._files[-1]):
                self._writer.close()
        self._writer, self._written = None, 0


def datasets_here() -> Any:
    """The library `datasets`.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtra("datasets", "train") from None
    return datasets
