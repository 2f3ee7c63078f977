"""Supervision beside the loop: objections to what a person decided, and the second look at matters drawn by lot."""
