"""The schema of an assessment: scheme → part → item → rule bound to a metric. Points are hundredths (2.5 points are 250)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from bihuan.kernel.domain.kinds import BadCatalogue

POINT = 100
"""Hundredths of a point."""
KINDS = ("each", "missing", "rate")
METHODS = ("system", "file", "site", "unannounced")
EFFECTS = ("fail", "zero")
LEVELS = ("excellent", "good", "pass", "fail")


@dataclass(frozen=True)
class Rule:
    """How one metric takes points from its item.

    `each`: `points` for every one counted beyond `free`. `missing`: `points` for every one short of `need` a year, or of the
    metric's own whole where `need` is 0. `rate`: nothing at `full` or better, `points` at `zero` or worse, in a straight line
    between; the value is counted × `per` / whole. `full` below `zero` means that less is better.
    """

    id: str
    kind: str
    metric: str
    points: int
    need: int = 0
    free: int = 0
    full: Fraction = Fraction(100)
    zero: Fraction = Fraction(0)
    per: int = 100

    @property
    def less(self) -> bool:
        """Whether fewer counted means more points."""
        return self.kind == "each" or (self.kind == "rate" and self.full < self.zero)


@dataclass(frozen=True)
class Item:
    """An item: its points, how it is looked at, its rules. It never goes below zero."""

    id: str
    name: str
    name_en: str
    points: int
    method: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Part:
    """A part. Of the `special` parts a unit has one: the first whose `sectors` name its own, else the one without any."""

    id: str
    name: str
    name_en: str
    points: int
    items: tuple[Item, ...]
    special: bool = False
    sectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Veto:
    """An event that decides the result alone, from `at` counted on: `fail` sets the level, `zero` the points too."""

    id: str
    name: str
    name_en: str
    metric: str
    at: int
    effect: str


@dataclass(frozen=True)
class Bonus:
    """Points beyond the scheme's own for every one counted, within the scheme's `bonus_cap`."""

    id: str
    name: str
    name_en: str
    metric: str
    points: int


@dataclass(frozen=True)
class Scheme:
    """A whole scheme. `levels` are inclusive lower bounds in hundredths, the best first."""

    id: str
    name: str
    name_en: str
    mechanism: str
    audience: str
    full: int
    levels: tuple[tuple[str, int], ...]
    parts: tuple[Part, ...]
    vetoes: tuple[Veto, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    bonus_cap: int = 0
    source: str = ""
    confirmed: bool = False

    def of(self, sector: str) -> tuple[Part, ...]:
        """The parts that a unit of a sector has."""
        special = [p for p in self.parts if p.special]
        own = next((p for p in special if sector in p.sectors), None) or next(
            (p for p in special if not p.sectors), None
        )
        return tuple(p for p in self.parts if not p.special or p is own)

    def metrics(self) -> set[str]:
        """Every metric that it asks for."""
        asked = {r.metric for p in self.parts for i in p.items for r in i.rules}
        return asked | {v.metric for v in self.vetoes} | {b.metric for b in self.bonuses}

    def items(self) -> dict[str, Item]:
        """Items of all parts by id."""
        return {i.id: i for p in self.parts for i in p.items}


def hundredths(value: Any, where: str) -> int:
    """2.5 points as 250. BadCatalogue for what is no number, negative, or finer than a hundredth."""
    try:
        found = Decimal(str(value)) * POINT
    except InvalidOperation:
        raise BadCatalogue(f"{where}: {value!r} is no number of points") from None
    if not found.is_finite() or found < 0 or found != int(found):
        raise BadCatalogue(f"{where}: {value!r} is no number of points")
    return int(found)


def parse(data: Mapping[str, Any], metrics: Collection[str] | None = None) -> Scheme:
    """A scheme from its data. BadCatalogue names the place: unknown kinds and metrics, sums that do not add up, ids twice."""
    where = str(data.get("id", "?"))
    try:
        scheme = _scheme(data, where)
    except (KeyError, TypeError) as error:
        raise BadCatalogue(f"{where}: {error} is missing or of a wrong sort") from None
    _check(scheme, metrics)
    return scheme


def _scheme(data: Mapping[str, Any], where: str) -> Scheme:
    return Scheme(
        id=data["id"], name=data["name"], name_en=data["name_en"], mechanism=data["mechanism"], audience=data["audience"],
        full=hundredths(data.get("full", 100), where),
        levels=tuple((str(n), hundredths(p, where)) for n, p in data.get("levels", (("excellent", 90), ("good", 80), ("pass", 60)))),
        parts=tuple(_part(p, where) for p in data["part"]),
        vetoes=tuple(Veto(v["id"], v["name"], v["name_en"], v["metric"], int(v.get("at", 1)), v.get("effect", "fail")) for v in data.get("veto", ())),
        bonuses=tuple(Bonus(b["id"], b["name"], b["name_en"], b["metric"], hundredths(b["points"], f"{where}, {b['id']}")) for b in data.get("bonus", ())),
        bonus_cap=hundredths(data.get("bonus_cap", 0), where), source=data.get("source", ""), confirmed=bool(data.get("confirmed", False)),
    )  # fmt: skip


def _part(data: Mapping[str, Any], where: str) -> Part:
    at = f"{where}, {data['id']}"
    items = tuple(_item(i, at) for i in data["item"])
    return Part(
        data["id"], data["name"], data["name_en"], hundredths(data["points"], at), items, bool(data.get("special", False)),
        tuple(data.get("sectors", ())),
    )  # fmt: skip


def _item(data: Mapping[str, Any], where: str) -> Item:
    at = f"{where}, {data['id']}"
    points = hundredths(data["points"], at)
    found = []
    for n, r in enumerate(data.get("rule", ()), 1):
        found.append(
            Rule(
                id=r.get("id", f"{data['id']}.{n}"), kind=r["kind"], metric=r["metric"], points=hundredths(r["points"], at) if "points" in r else points,
                need=int(r.get("need", 0)), free=int(r.get("free", 0)), full=Fraction(str(r.get("full", 100))), zero=Fraction(str(r.get("zero", 0))),
                per=int(r.get("per", 100)),
            )
        )  # fmt: skip
    return Item(data["id"], data["name"], data["name_en"], points, data.get("method", "system"), tuple(found))


def _check(scheme: Scheme, metrics: Collection[str] | None) -> None:
    where = scheme.id
    ids = [i.id for p in scheme.parts for i in p.items] + [r.id for p in scheme.parts for i in p.items for r in i.rules]
    twice = next((x for x in ids if ids.count(x) > 1), None)
    if twice:
        raise BadCatalogue(f"{where}: {twice} stands twice")
    for part in scheme.parts:
        if sum(i.points for i in part.items) != part.points:
            raise BadCatalogue(f"{where}, {part.id}: its items do not add up to its points")
        for item in part.items:
            if item.method not in METHODS:
                raise BadCatalogue(f"{where}, {item.id}: unknown method {item.method!r}")
            for rule in item.rules:
                if rule.kind not in KINDS or (rule.kind == "rate" and rule.full == rule.zero) or rule.per < 1:
                    raise BadCatalogue(f"{where}, {rule.id}: no such rule")
                if rule.need < 0 or rule.free < 0:
                    raise BadCatalogue(f"{where}, {rule.id}: a number is below zero")
    for veto in scheme.vetoes:
        if veto.effect not in EFFECTS or veto.at < 1:
            raise BadCatalogue(f"{where}, {veto.id}: no such veto")
    common = sum(p.points for p in scheme.parts if not p.special)
    specials = [p for p in scheme.parts if p.special]
    if any(common + own != scheme.full for own in {p.points for p in specials} or {0}):
        raise BadCatalogue(f"{where}: its parts do not add up to the full score")
    if specials and sum(not p.sectors for p in specials) != 1:
        raise BadCatalogue(f"{where}: exactly one special part is for all other sectors")
    bounds = [b for _, b in scheme.levels]
    if bounds != sorted(set(bounds), reverse=True) or any(n not in LEVELS for n, _ in scheme.levels):
        raise BadCatalogue(f"{where}: its levels do not follow one another")
    if metrics is not None and (unknown := sorted(scheme.metrics() - set(metrics))):
        raise BadCatalogue(f"{where}: {unknown[0]} is no metric that is kept")
