"""Territories, units, posts and people; handover when someone leaves."""
