"""Which of the three lists a file belongs to, and the published figures out of how all files stood. Pure. Money in fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .rules import Standing

LISTS = ("unlisted", "uncredited", "undrawn")
"""Not in, not credited, not drawn."""


def list_of(s: Standing) -> str:
    """Which of the three lists a file belongs to; none once money was drawn, and for what was moved out or goes to the courts."""
    if not s.state or s.out or s.treatment == "judicial" or s.state == "closed":
        return ""
    if s.listed is None:
        return "unlisted"
    if s.lead is None:
        return "uncredited"
    return "undrawn" if s.drawn == 0 else ""


@dataclass(frozen=True)
class Indicators:
    """The published figures at a day; money in fen."""

    files: int = 0
    pushed: int = 0
    pushed_amount: int = 0
    listed: int = 0
    credited: int = 0
    credited_amount: int = 0
    drawn: int = 0
    drawn_amount: int = 0
    out: int = 0
    flats: int = 0
    delivered: int = 0
    lists: Mapping[str, int] = field(default_factory=dict)

    @property
    def credited_rate(self) -> float | None:
        """Credited of those in the list, per cent."""
        return round(100 * self.credited / self.listed, 1) if self.listed else None

    @property
    def drawn_rate(self) -> float | None:
        """Drawn of the credited money, per cent."""
        return round(100 * self.drawn_amount / self.credited_amount, 1) if self.credited_amount else None

    @property
    def delivery_rate(self) -> float | None:
        """Delivered flats of those in listed projects, per cent."""
        return round(100 * self.delivered / self.flats, 1) if self.flats else None


def indicators(standings: Sequence[Standing], flats: Sequence[tuple[int, int]]) -> Indicators:
    """The published figures out of how all files stood; `flats`: (all, delivered) of each file, in the same order."""
    some = [s for s in standings if s.state]
    listed = [(s, f) for s, f in zip(standings, flats, strict=True) if s.listed]
    lists = [list_of(s) for s in some]
    return Indicators(
        files=len(some), pushed=sum(bool(s.asks) for s in some), pushed_amount=sum(s.asks[-1].need for s in some if s.asks),
        listed=len(listed), credited=sum(s.lead is not None for s in some), credited_amount=sum(s.credit for s in some),
        drawn=sum(s.drawn > 0 for s in some), drawn_amount=sum(s.drawn for s in some), out=sum(s.out is not None for s in some),
        flats=sum(f[0] for _, f in listed), delivered=sum(f[1] for _, f in listed), lists={x: lists.count(x) for x in LISTS},
    )  # fmt: skip
