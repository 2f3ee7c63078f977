"""Recurring plans: a promise that comes again every week, month, quarter or year."""
