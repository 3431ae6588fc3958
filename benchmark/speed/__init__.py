"""Speed: what a screenshot, an input, a settled step and an episode cost, beside the peers' ways, in one run."""

from .figures import Figure
from .measure import measure

__all__ = ["Figure", "measure"]
