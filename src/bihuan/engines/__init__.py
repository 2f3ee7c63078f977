"""Engines: pure parts that are usable alone. No Django here."""
