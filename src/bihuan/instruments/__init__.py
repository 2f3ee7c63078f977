"""Apps that two or more mechanisms use."""
