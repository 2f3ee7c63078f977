"""Fire safety: overview, visits, campaigns, fires, the field."""
