"""Matching projects to lead banks: one bank a project, within what banks can lend; with the reasons. Pure; CP-SAT."""

from .greedy import first
from .problem import Bank, Broken, Matching, Need, Pair, Problem, Reason, Weights, broken, data_of, points, value
from .solving import match

__all__ = [
    "Bank", "Broken", "Matching", "Need", "Pair", "Problem", "Reason", "Weights", "broken", "data_of", "first", "match", "points", "value",
]  # fmt: skip
