"""Schedules under capacities, and many projects laid into them. Pure; OR-Tools does the search."""
