"""Key projects: overview, lights, figures of months."""
