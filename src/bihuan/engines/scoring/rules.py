"""Points from facts: each rule's loss with its reason, items floored at zero, bonus capped, vetoes, levels, and what would raise
the score most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from .schema import Item, Part, Rule, Scheme, Veto


@dataclass(frozen=True)
class Fact:
    """A metric of one unit: how many counted, and of how many; `den` None where there is no whole to count from."""

    num: int
    den: int | None = None


@dataclass(frozen=True)
class Reason:
    """What one rule took and why. `case` is False where there was nothing to measure, which takes nothing."""

    rule: Rule
    fact: Fact
    lost: int
    case: bool
    short: int
    """How many more (or fewer, where less is better) would lose nothing."""


@dataclass(frozen=True)
class ItemScore:
    """An item's points: its own less what its rules took, changed by what people decided, never below zero nor above its own."""

    item: Item
    points: int
    computed: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class PartScore:
    """A part's points and its items."""

    part: Part
    points: int
    items: tuple[ItemScore, ...]


@dataclass(frozen=True)
class Result:
    """A whole score in hundredths. `level` by inclusive bounds; a veto that took hold stands in `vetoes`."""

    total: int
    level: str
    parts: tuple[PartScore, ...]
    bonus: int
    vetoes: tuple[Veto, ...]

    def items(self) -> dict[str, ItemScore]:
        """Items by id."""
        return {i.item.id: i for p in self.parts for i in p.items}


@dataclass(frozen=True)
class Gain:
    """What making one rule's metric good would add to the total now."""

    item: Item
    reason: Reason
    points: int


NONE = Fact(0, None)


def wanted(rule: Rule, fact: Fact, quarters: int = 4) -> int:
    """How many are wanted of a `missing` rule by the end of this quarter: its share of the year, rounded down."""
    return rule.need * quarters // 4 if rule.need else fact.den or 0


def reason(rule: Rule, fact: Fact | None, quarters: int = 4) -> Reason:
    """What a rule takes. A metric without any fact, or without a whole where one is needed, takes nothing."""
    fact = fact or NONE
    if rule.kind == "each":
        over = max(fact.num - rule.free, 0)
        return Reason(rule, fact, over * rule.points, fact.num > 0, over)
    if rule.kind == "missing":
        want = wanted(rule, fact, quarters)
        short = max(want - fact.num, 0)
        return Reason(rule, fact, short * rule.points, want > 0, short)
    if not fact.den:
        return Reason(rule, fact, 0, False, 0)
    value = Fraction(fact.num * rule.per, fact.den)
    share = min(max((rule.full - value) / (rule.full - rule.zero), Fraction(0)), Fraction(1))
    return Reason(rule, fact, int(rule.points * share + Fraction(1, 2)), True, _short(rule, fact))


def _short(rule: Rule, fact: Fact) -> int:
    assert fact.den is not None
    edge = rule.full * fact.den / rule.per
    return max(fact.num - int(edge), 0) if rule.less else max(ceil(edge) - fact.num, 0)


def score(
    scheme: Scheme, facts: Mapping[str, Fact], *, sector: str = "", quarters: int = 4, adjusted: Mapping[str, int] | None = None,
    vetoed: bool = False,
) -> Result:  # fmt: skip
    """Points of a unit. `adjusted` are hundredths by item that people added (or took, below zero); `vetoed` by a person.

    The same facts give the same score whenever it is asked.
    """
    adjusted = adjusted or {}
    parts = tuple(_part(p, facts, quarters, adjusted) for p in scheme.of(sector))
    bonus = min(sum(b.points * _num(facts, b.metric) for b in scheme.bonuses), scheme.bonus_cap)
    vetoes = tuple(v for v in scheme.vetoes if _num(facts, v.metric) >= v.at)
    total = sum(p.points for p in parts) + bonus
    if any(v.effect == "zero" for v in vetoes):
        total = 0
    level = "fail" if vetoes or vetoed else next((name for name, bound in scheme.levels if total >= bound), "fail")
    return Result(total, level, parts, bonus, vetoes)


def _num(facts: Mapping[str, Fact], metric: str) -> int:
    return facts[metric].num if metric in facts else 0


def _part(part: Part, facts: Mapping[str, Fact], quarters: int, adjusted: Mapping[str, int]) -> PartScore:
    items = tuple(_item(i, facts, quarters, adjusted) for i in part.items)
    return PartScore(part, sum(i.points for i in items), items)


def _item(item: Item, facts: Mapping[str, Fact], quarters: int, adjusted: Mapping[str, int]) -> ItemScore:
    reasons = tuple(reason(r, facts.get(r.metric), quarters) for r in item.rules)
    computed = max(item.points - sum(r.lost for r in reasons), 0)
    points = min(max(computed + adjusted.get(item.id, 0), 0), item.points)
    return ItemScore(item, points, computed, reasons)


def gains(
    scheme: Scheme, facts: Mapping[str, Fact], *, sector: str = "", quarters: int = 4, adjusted: Mapping[str, int] | None = None
) -> list[Gain]:  # fmt: skip
    """What each rule that takes something would give back if its metric alone were good, the most first."""
    adjusted = adjusted or {}
    now = score(scheme, facts, sector=sector, quarters=quarters, adjusted=adjusted).items()
    found = []
    for item in now.values():
        for one in item.reasons:
            if not one.lost:
                continue
            num = one.fact.num - one.short if one.rule.less else one.fact.num + one.short
            better = {**facts, one.rule.metric: replace(one.fact, num=num)}
            asking = [i for i in now.values() if any(r.metric == one.rule.metric for r in i.item.rules)]
            points = sum(_item(i.item, better, quarters, adjusted).points - i.points for i in asking)
            if points > 0:
                found.append(Gain(item.item, one, points))
    return sorted(found, key=lambda g: (-g.points, g.item.id, g.reason.rule.id))
