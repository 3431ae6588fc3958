"""Verifiers: what a verdict is, what a judge may look at, and ready checks of the documents people make."""
