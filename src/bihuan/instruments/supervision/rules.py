"""Drawing by lot so that anyone can draw again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from bihuan.kernel.domain.lots import by_lot

OBJECT_WITHIN, DECIDE_WITHIN = 30, 30
"""Days for an objection and for its decision: 政府督查工作条例, articles on objection and re-decision."""


def drawn(numbers: Iterable[int], percent: int, seed: str) -> list[int]:
    """Those of the numbers whose hash with the seed is smallest: `percent` of a hundred, at least one when there is any."""
    order = by_lot(numbers, seed)
    return sorted(order[: ceil(len(order) * percent / 100)])
