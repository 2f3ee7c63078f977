"""Approval counselling: a project's path, its approvals as they go, sessions, answers, revisits."""
