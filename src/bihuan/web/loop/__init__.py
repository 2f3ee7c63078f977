"""Matters: list, page, commands, recurring plans, evidence, objections and second looks."""
