"""The diary: episodes written step by step as they happen, and read back, looked at and filmed afterwards."""

from .episode import Episode, Header, Label, Step, Usage
from .frames import Frames, FrameWriter
from .store import Run
from .writer import EpisodeWriter

__all__ = ["Episode", "EpisodeWriter", "FrameWriter", "Frames", "Header", "Label", "Run", "Step", "Usage"]
