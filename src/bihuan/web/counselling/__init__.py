"""Approval counselling: paths, sessions, call-backs, waits."""
