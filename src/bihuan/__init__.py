"""Bihuan: closed-loop governance for a city district."""

__version__ = "0.1.0"
