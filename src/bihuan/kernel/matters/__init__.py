"""Matters: services.py walks the loop, selectors.py reads."""
