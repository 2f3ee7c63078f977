"""Registers that come in and go out."""
