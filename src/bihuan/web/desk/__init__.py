"""The first page of everybody: desk, notices, signing in, one's own account."""
