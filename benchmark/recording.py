"""What recording costs: for the player, in the background, on the disk; and what PNG files would have cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from ..recorder.episode import FRAMES, Episode, Header
from ..recorder.frames import Frames, FrameWriter
from ..recorder.writer import EpisodeWriter

__all__ = ["RecordingCosts", "measure_recording", "screens_of"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class RecordingCosts:
    """Milliseconds, one value a screen, and bytes a step."""

    step_ms: list[float] = field(default_factory=list)
    """What `EpisodeWriter.step` made the player wait."""
    encode_ms: list[float] = field(default_factory=list)
    """What the background thread took to compress and write a screen."""
    decode_ms: list[float] = field(default_factory=list)
    """Reading the screens back in their order."""
    seek_ms: list[float] = field(default_factory=list)
    """Reading each screen with nothing decoded before."""
    bytes: list[float] = field(default_factory=list)
    """All bytes of an episode's screens, divided by its steps."""
    png_encode_ms: list[float] = field(default_factory=list)
    png_decode_ms: list[float] = field(default_factory=list)
    png_bytes: list[float] = field(default_factory=list)


def screens_of(episode: Episode) -> list[np.ndarray]:
    """The screens of an episode in the order in which they were seen: uint8[H, W, 3] each."""
    keys = [episode.first, *(step.next_screen for step in episode.steps)]
    return [episode.frame(key) for key in keys if key]


def measure_recording(screens: Sequence[np.ndarray], repeats: int = 1, pause: float = 0.05) -> RecordingCosts:
    """Record an episode's screens again and again, in our way and as PNG files, turn by turn.

    Args:
        screens: the first observation and the screen after each step, uint8[H, W, 3]; two at least.
        repeats: how often.
        pause: seconds between two steps, in which the player is busy with something else.
    """
    costs = RecordingCosts()
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            _play(screens, Path(folder, "played"), pause, costs)
            _code(screens, Path(folder), costs)
            _code_png(screens, costs)
    return costs


def _play(screens: Sequence[np.ndarray], folder: Path, pause: float, costs: RecordingCosts) -> None:
    height, width, _ = screens[0].shape
    header = Header("speed.recording", 0, "", "", "toy", (width, height), len(screens), {}, "", "off", "", "")
    with EpisodeWriter(folder, header) as writer:
        writer.first(screens[0])
        for screen in screens[1:]:
            time.sleep(pause)
            _timed(costs.step_ms, lambda screen=screen: writer.step(thought="", action="wait()", frame=screen))
        writer.close(None)
    costs.bytes.append((folder / FRAMES).stat().st_size / (len(screens) - 1))


def _code(screens: Sequence[np.ndarray], folder: Path, costs: RecordingCosts) -> None:
    path = folder / FRAMES
    with FrameWriter(path) as writer:
        keys = [_timed(costs.encode_ms, lambda screen=screen: writer.put(screen)) for screen in screens]
    reader = Frames(path)
    for key in keys:
        _timed(costs.decode_ms, lambda key=key: reader.get(key))
        _timed(costs.seek_ms, lambda key=key: Frames(path).get(key))
        reader.get(key)  # or the next one would not be the neighbour of the last one read


def _code_png(screens: Sequence[np.ndarray], costs: RecordingCosts) -> None:
    sizes: dict[bytes, int] = {}
    for screen in screens:
        data = _timed(costs.png_encode_ms, lambda screen=screen: _png(screen))
        _timed(costs.png_decode_ms, lambda data=data: _unpng(data))
        sizes[screen.tobytes()] = data.size  # equal screens would have been one file
    costs.png_bytes.append(sum(sizes.values()) / (len(screens) - 1))


def _png(screen: np.ndarray) -> np.ndarray:
    return cv2.imencode(".png", cv2.cvtColor(screen, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]


def _unpng(data: np.ndarray) -> np.ndarray:
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _timed(taken: list[float], job: Callable[[], Result]) -> Result:
    begun = time.perf_counter()
    result = job()
    taken.append((time.perf_counter() - begun) * 1000)
    return result
