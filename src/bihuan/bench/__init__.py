"""Benches: ratios to the machine's limit or to a peer, taken in the same run."""
