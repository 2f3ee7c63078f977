"""Telling people once, in the way they chose."""
