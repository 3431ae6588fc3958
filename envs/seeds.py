"""Seeds: which are for collecting, and which are for benchmarks."""

__all__ = ["COLLECTING_SEEDS"]

COLLECTING_SEEDS = range(10_000)
"""Seeds that teachers may use; benchmarks draw theirs from beyond."""
