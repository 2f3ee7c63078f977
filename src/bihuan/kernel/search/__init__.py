"""Finding text, Chinese first: bigrams of our own, the same on SQLite and PostgreSQL."""
