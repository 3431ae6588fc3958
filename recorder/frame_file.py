"""The frame file: all screens of one episode, appended one after another, in records that check themselves.

A file is records and nothing else, each a header of 60 bytes, little-endian, and its data:

    offset size  what
    0      4     b"DGT1"
    4      4     number: of this record in the file, from 0
    8      4     base: the number of the earlier record this one differs from, or its own in a key frame
    12     4     height of the screen in pixels
    16     4     width of the screen in pixels
    20     4     level of zstd the data was compressed with
    24     4     size: bytes of the data that follow this header
    28     16    key: XXH3-128, big-endian, of the ASCII text "HEIGHTxWIDTH:" and the screen's bytes, row by row, RGB
    44     8     XXH3-64 of the data
    52     8     XXH3-64 of the 52 bytes before

The data of a key frame is one zstd frame that holds all pixels row by row, 3 bytes each: red - green, green,
blue - green, modulo 256.

The data of any other record tells what changed since its base, which has the same height and width. The screen
is cut into tiles of 32 x 32 pixels from its top left corner, the last ones of a row or column being smaller.
First, one bit a tile, row by row, most significant bit first, padded with zeros to whole bytes: 1 if the tile
changed. Then one zstd frame that holds the pixels of the changed tiles, 3 bytes each as above. Changed tiles
that touch within a row of tiles make one rectangle; rectangles follow each other from the top row of tiles to
the last, in a row from left to right, and in each its pixels row by row. The same pixels of the base, in the
same order and form, are the raw-content dictionary of the zstd frame, unless they are fewer than 8 bytes.

No record has more than 31 others between itself and its key frame; so many are decoded to see any one screen.

Equal screens of an episode are one record. A record is complete or it is the end: a process that was killed
leaves at most one whose bytes are not all there. What fails its checksum was damaged later.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import FileIO

import xxhash

from ..errors import RecordError

__all__ = ["FURTHEST", "Entry", "read_data", "read_entry", "record_bytes"]

FURTHEST = 32
"""Records to decode, at most, for one screen."""

_MAGIC = b"DGT1"
_FIELDS = struct.Struct("<4s6I16sQ")
_CHECKSUM = struct.Struct("<Q")
HEADER = _FIELDS.size + _CHECKSUM.size


@dataclass(frozen=True)
class Entry:
    """What the header of a record says, and where the record lies."""

    number: int
    base: int
    height: int
    width: int
    level: int
    size: int
    key: str
    """32 hexadecimal digits."""
    checksum: int
    at: int
    """Bytes of the file before this record."""

    @property
    def end(self) -> int:
        """Bytes of the file up to the end of this record."""
        return self.at + HEADER + self.size


def record_bytes(number: int, base: int, height: int, width: int, level: int, key: str, data: bytes) -> bytes:
    """A whole record, header and data."""
    checksum = xxhash.xxh3_64_intdigest(data)
    fields = _FIELDS.pack(_MAGIC, number, base, height, width, level, len(data), bytes.fromhex(key), checksum)
    return fields + _CHECKSUM.pack(xxhash.xxh3_64_intdigest(fields)) + data


def read_entry(file: FileIO, at: int, number: int, length: int) -> Entry | None:
    """The header of the record that begins `at` these bytes; None if the file of `length` bytes ends within it.

    Raises:
        RecordError: there are other bytes than a record with this number.
    """
    if at + HEADER > length:
        return None
    file.seek(at)
    head = file.read(HEADER)
    if len(head) < HEADER:
        return None
    fields = head[: _FIELDS.size]
    magic, found, base, height, width, level, size, key, checksum = _FIELDS.unpack(fields)
    if magic != _MAGIC or _CHECKSUM.unpack(head[_FIELDS.size :])[0] != xxhash.xxh3_64_intdigest(fields):
        raise RecordError(f"no record begins at byte {at}")
    if found != number or base > number:
        raise RecordError(f"the record at byte {at} is number {found} on {base}, where {number} belongs")
    entry = Entry(number, base, height, width, level, size, key.hex(), checksum, at)
    return entry if entry.end <= length else None


def read_data(file: FileIO, entry: Entry) -> bytes:
    """The data of a record.

    Raises:
        RecordError: they are not what was written.
    """
    file.seek(entry.at + HEADER)
    data = file.read(entry.size)
    if xxhash.xxh3_64_intdigest(data) != entry.checksum:
        raise RecordError(f"the data of record {entry.number}, from byte {entry.at} on, fails its checksum")
    return data
