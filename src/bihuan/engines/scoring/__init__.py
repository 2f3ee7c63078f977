"""Scoring: a scheme and facts in, points with their reasons out. Pure; whole hundredths of a point, so nothing rounds twice."""

from .rules import Fact, Gain, ItemScore, PartScore, Reason, Result, gains, score, wanted
from .schema import Bonus, Item, Part, Rule, Scheme, Veto, parse

__all__ = [
    "Bonus",
    "Fact",
    "Gain",
    "Item",
    "ItemScore",
    "Part",
    "PartScore",
    "Reason",
    "Result",
    "Rule",
    "Scheme",
    "Veto",
    "gains",
    "parse",
    "score",
    "wanted",
]
