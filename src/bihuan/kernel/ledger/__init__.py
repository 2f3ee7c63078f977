"""The ledger: append-only streams of events, each a hash chain."""
