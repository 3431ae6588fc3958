"""Pixels: every screen of a data set as a model reads it, looked at once and kept in one file.

An image processor turns a screen into floats, each pixel twice over (a still image is a film of two frames). What is
kept is the byte that each float came from: an eighth of the size, and given back as the very floats.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ..agents.tokens import see
from ..errors import DeskgymError
from ..recorder.disk import append, naming
from ..recorder.episode import FRAMES
from ..recorder.frames import Frames

__all__ = ["Pixels", "write_pixels"]


def write_pixels(processor: Any, screens: Iterable[tuple[str, str]], folder: Path) -> Pixels:
    """Look at every screen once, equal ones once together.

    Args:
        processor: of a model of the Qwen-VL family.
        screens: episode's folder and frame's key of each; those of one episode side by side.
        folder: where the files go.

    Raises:
        RecordError: an episode is not where it was, or is damaged; or the disk would not take the files.
    """
    scale = _Scale(processor)
    starts, grids, keys, end = [], [], [], 0
    known: set[str] = set()
    reader = Frames(folder / FRAMES)
    path = folder / "pixels.bin"
    with naming(path):
        file = open(path, "wb", buffering=0)  # noqa: SIM115 - closed below
    with file:
        for episode, key in screens:
            if key in known:
                continue
            known.add(key)
            if reader.path.parent != Path(episode):
                reader = Frames(Path(episode) / FRAMES)
            seen = see(processor, reader.get(key))
            data = scale.to_bytes(seen.patches)
            starts.append(end)
            grids.append(seen.grid)
            keys.append(key)
            append(file, path, data.tobytes())
            end += len(data)
    with naming(folder / "pixels.npz"):
        np.savez(folder / "pixels.npz", starts=np.array(starts, np.int64), grids=np.array(grids, np.int64),
                 keys=np.array(keys))  # fmt: skip
    return Pixels(processor, folder)


class Pixels:
    """Reads screens back as the model's input."""

    def __init__(self, processor: Any, folder: Path):
        index = np.load(folder / "pixels.npz")
        self._scale = _Scale(processor)
        self._starts = index["starts"]
        self.grids = index["grids"]
        """int64[screens, 3]: patches in time, height and width."""
        self.numbers = {str(key): number for number, key in enumerate(index["keys"])}
        """Frame's key -> its place here."""
        self._data = np.memmap(folder / "pixels.bin", np.uint8, "r").reshape(-1, self._scale.width)

    def __len__(self) -> int:
        return len(self._starts)

    def grid(self, key: str) -> tuple[int, int, int]:
        """How many patches a screen has in time, height and width."""
        time, height, width = (int(count) for count in self.grids[self.numbers[key]])
        return time, height, width

    def get(self, numbers: Iterable[int]) -> np.ndarray:
        """Screens one after another: float32[patches, values], as the processor gives them."""
        counts = self.grids.prod(axis=1)
        parts = [self._data[self._starts[number] : self._starts[number] + counts[number]] for number in numbers]
        return self._scale.to_floats(np.concatenate(parts))


class _Scale:
    """Between the bytes of pixels and the floats of a processor."""

    def __init__(self, processor: Any):
        images = processor.image_processor
        size = images.patch_size if isinstance(images.patch_size, int) else images.patch_size[0]
        self._shape = (3, images.temporal_patch_size, size, size)
        self.width = 3 * size * size
        """Bytes of a patch."""
        # In the order and the precision of the library, so that the last bit is the same.
        level = (np.arange(256, dtype=np.float64) * images.rescale_factor).astype(np.float32)
        mean, deviation = (np.array(values, np.float32) for values in (images.image_mean, images.image_std))
        self._levels = (level[None] - mean[:, None]) / deviation[:, None]
        """float32[3, 256]: channel and byte -> value."""
        self._step = 1 / (images.rescale_factor)
        self._mean, self._deviation = mean, deviation

    def to_bytes(self, patches: np.ndarray) -> np.ndarray:
        """Of float32[n, values], uint8[n, width]: what it came from.

        Raises:
            DeskgymError: it came from no bytes.
        """
        frames = patches.reshape(-1, *self._shape)
        one = frames[:, :, 0].reshape(len(frames), 3, -1)
        found = np.rint((one * self._deviation[:, None] + self._mean[:, None]) * self._step)
        data = np.clip(found, 0, 255).astype(np.uint8).reshape(len(frames), -1)
        if not np.allclose(self.to_floats(data), patches, atol=1e-5):
            raise DeskgymError("this image processor does more than to resize, to patch and to scale pixels")
        return data

    def to_floats(self, data: np.ndarray) -> np.ndarray:
        """Of uint8[n, width], float32[n, values]."""
        _, time, height, width = self._shape
        pixels = data.reshape(-1, 3, height * width)
        values = np.stack([self._levels[channel][pixels[:, channel]] for channel in range(3)], axis=1)
        frames = np.broadcast_to(values.reshape(-1, 3, 1, height, width), (len(values), 3, time, height, width))
        return np.ascontiguousarray(frames).reshape(len(values), -1)
