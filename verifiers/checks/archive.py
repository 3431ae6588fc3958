"""Compressed documents, opened in memory and never beyond a fixed size, as a player may make bombs."""

from __future__ import annotations

import io
import zipfile
import zlib

from .basic import Parts, UnreadableFile, reading

__all__ = ["MAX_BYTES", "gunzip", "read_zip"]

MAX_BYTES = 64 * 2**20
"""The most that one document may hold once decompressed."""

# An entity declaration in UTF-8, and in UTF-16 of either byte order: no office program writes one.
_ENTITIES = (b"<!ENTITY", b"!\0E\0N\0T\0I\0T\0Y")


def read_zip(data: bytes, kind: str) -> Parts[bytes]:
    """The parts of a zipped document by name.

    Raises:
        UnreadableFile: it is no zip, is damaged or encrypted, is too large, or declares XML entities.
    """
    with reading(kind, RuntimeError, NotImplementedError), zipfile.ZipFile(io.BytesIO(data)) as archive:
        # The sizes declared here bind: zipfile never reads a member past the size it declares.
        if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
            raise UnreadableFile(f"the {kind} file holds more than {MAX_BYTES >> 20} MiB")
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")) and any(mark in part for mark in _ENTITIES):
            raise UnreadableFile(f"the {kind} file declares XML entities in {name}")
    return Parts(f"part of the {kind} file called", parts)


def gunzip(data: bytes, kind: str) -> bytes:
    """Decompress gzip bytes; bytes that are not gzip come back as they are.

    Raises:
        UnreadableFile: it is damaged, cut short or too large.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    decompressor = zlib.decompressobj(wbits=31)
    with reading(kind):
        plain = decompressor.decompress(data, MAX_BYTES + 1)
        if len(plain) > MAX_BYTES:
            raise UnreadableFile(f"the {kind} file holds more than {MAX_BYTES >> 20} MiB")
        if not decompressor.eof:
            raise EOFError("the file is cut short")
    return plain
