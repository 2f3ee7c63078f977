"""Responsibility letters: drafted from templates, negotiated, signed by named persons, kept by hash; their tasks become matters."""
