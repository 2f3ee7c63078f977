"""Matching projects to lead banks: one bank a project, within what banks can lend; with the reasons. Pure; CP-SAT."""

from .greedy import first
from .problem import Bank, Broken, Matching, Need, Pair, Problem, Reason, Weights, broken, points
from .solving import match

__all__ = [
    "Bank", "Broken", "Matching", "Need", "Pair", "Problem", "Reason", "Weights", "broken", "first", "match", "points",
]  # fmt: skip
