"""Registers become matters: preview, correct, confirm; the same file again adds nothing."""
