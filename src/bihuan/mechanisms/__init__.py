"""The four mechanisms of a district; none imports another."""
