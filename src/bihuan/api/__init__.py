"""The way in for other systems: JSON by keys, described by OpenAPI. No rules here."""
