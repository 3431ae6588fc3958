"""Numbers that can be trusted: suites, runs, proofs and speed."""
