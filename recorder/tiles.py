"""Tiles: a screen as what changed since another one, in few bytes; and back again, bit for bit.

The bytes that these functions make and read are described in `frame_file`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import zstandard

from ..errors import RecordError

__all__ = ["Frame", "apply_delta", "decode_key", "encode_delta", "encode_key"]

Frame = np.ndarray
"""A screen: uint8[H, W, 3], RGB."""

TILE = 32
"""Pixels: the side of a tile."""
MOST_CHANGED = 0.75
"""The share of changed tiles above which a key frame takes as few bytes, and less time."""


def encode_key(frame: Frame, level: int) -> bytes:
    """A whole screen.

    Args:
        frame: uint8[H, W, 3], contiguous.
        level: of zstd, 1..22.
    """
    return zstandard.ZstdCompressor(level=level).compress(_without_green(frame.reshape(-1, 3).copy()).data)


def decode_key(data: bytes, height: int, width: int) -> Frame:
    """The screen of `encode_key`: uint8[H, W, 3].

    Raises:
        RecordError: the bytes hold no screen of this size.
    """
    return _decompressed(data, height * width, b"").reshape(height, width, 3)


def encode_delta(frame: Frame, base: Frame, level: int) -> bytes | None:
    """What differs between a screen and the one before it; None if so much does that a key frame is better.

    Args:
        frame: uint8[H, W, 3], contiguous.
        base: uint8[H, W, 3], contiguous, of the same size.
        level: of zstd, 1..22.
    """
    changed = _changed(frame, base)
    if changed.mean() > MOST_CHANGED:
        return None
    # What the tiles looked like before is the dictionary, which halves their bytes.
    compressor = zstandard.ZstdCompressor(level=level, dict_data=_dictionary(_pixels(base, changed)))
    return np.packbits(changed).tobytes() + compressor.compress(_pixels(frame, changed).data)


def apply_delta(data: bytes, frame: Frame) -> None:
    """Turn the base of `encode_delta`, in place, into the screen it was made of.

    Args:
        data: what `encode_delta` returned.
        frame: uint8[H, W, 3], contiguous: the base before, the screen after.

    Raises:
        RecordError: the bytes hold no change of a screen of this size.
    """
    shape = -(-frame.shape[0] // TILE), -(-frame.shape[1] // TILE)
    tiles = shape[0] * shape[1]
    bitmap = np.frombuffer(data[: (tiles + 7) // 8], np.uint8)
    if bitmap.size * 8 < tiles:
        raise RecordError("the bytes end before the list of changed tiles")
    changed = np.unpackbits(bitmap, count=tiles).astype(bool).reshape(shape)
    before = _pixels(frame, changed)
    pixels = _decompressed(data[bitmap.size :], len(before), before)
    for run in _runs(frame, changed):
        count = run.shape[0] * run.shape[1]
        run[...] = pixels[:count].reshape(run.shape)
        pixels = pixels[count:]


def _changed(frame: Frame, base: Frame) -> np.ndarray:
    """Which tiles differ: bool[ceil(H / 32), ceil(W / 32)]."""
    height, width, _ = frame.shape
    columns = np.arange(0, width * 3, TILE * 3)
    # Band by band, what is compared stays in the processor's cache: 20 times quicker than in one go.
    bands = [
        np.logical_or.reduceat((frame[y : y + TILE] != base[y : y + TILE]).any(axis=0).ravel(), columns)
        for y in range(0, height, TILE)
    ]
    return np.array(bands)


def _runs(frame: Frame, changed: np.ndarray) -> Iterator[Frame]:
    """Views of the changed tiles, from top to bottom; neighbours in a row of tiles are one view."""
    for row in np.flatnonzero(changed.any(axis=1)).tolist():
        edges = np.flatnonzero(np.diff(changed[row], prepend=False, append=False))
        for start, end in (edges * TILE).reshape(-1, 2).tolist():
            yield frame[row * TILE : (row + 1) * TILE, start:end]


def _pixels(frame: Frame, changed: np.ndarray) -> np.ndarray:
    """The pixels of the changed tiles, without green: uint8[n, 3]."""
    runs = [run.reshape(-1, 3) for run in _runs(frame, changed)]
    return _without_green(np.concatenate(runs) if runs else np.empty((0, 3), np.uint8))


def _without_green(pixels: np.ndarray) -> np.ndarray:
    """Subtract green from red and blue, in place: most of a desktop is grey, and becomes zero."""
    pixels[:, 0] -= pixels[:, 1]
    pixels[:, 2] -= pixels[:, 1]
    return pixels


def _decompressed(data: bytes, count: int, before: np.ndarray | bytes) -> np.ndarray:
    """The pixels that were compressed: uint8[count, 3]."""
    try:
        # What the bytes say they hold is asked first: a damaged size must not fill the memory.
        if zstandard.frame_content_size(data) != count * 3:
            raise RecordError(f"the bytes do not hold {count} pixels")
        plain = zstandard.ZstdDecompressor(dict_data=_dictionary(before)).decompress(data)
    except zstandard.ZstdError as error:
        raise RecordError(f"zstd cannot read the bytes: {error}") from error
    pixels = np.frombuffer(plain, np.uint8).reshape(-1, 3).copy()
    pixels[:, 0] += pixels[:, 1]
    pixels[:, 2] += pixels[:, 1]
    return pixels


def _dictionary(before: np.ndarray | bytes) -> zstandard.ZstdCompressionDict | None:
    content = bytes(before)
    # zstd takes none that is shorter.
    return zstandard.ZstdCompressionDict(content, zstandard.DICT_TYPE_RAWCONTENT) if len(content) >= 8 else None
