"""Premises files: facts, labels computed from them, tenants, facilities, posts."""
