"""Keys by which another system works in the name of a person and unit: shown once, kept as a hash, ended at will."""
