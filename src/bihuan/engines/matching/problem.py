"""What is to be matched: needs, banks, what counts how much, and what a pairing is worth and why.

Money is in fen. Points are whole numbers; more is better. A constraint is never bent by the engine; a pair that a person has laid
down stands whatever it breaks, and says what it breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Need:
    """A project that looks for its lead bank. `lenders`: what each bank has lent already; `collateral`: the bank that holds the
    mortgage; `account`: the bank where the supervised account lies; `tags`: what appetites speak of; `barred`: banks that refused."""

    id: str
    amount: int
    group: str = ""
    lenders: Mapping[str, int] = field(default_factory=dict)
    collateral: str = ""
    account: str = ""
    tags: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Bank:
    """A bank and what it can take on. `capacity`: what it can still lend; `most`: how many projects, None for any; `least`, `top`:
    the size of one loan; `share`: per cent of its capacity that one group of companies may have; `appetite`: points by tag, below
    zero where it does not like it; `never`: tags that it does not lend to."""

    id: str
    capacity: int
    most: int | None = None
    least: int = 0
    top: int | None = None
    share: int = 100
    appetite: Mapping[str, int] = field(default_factory=dict)
    never: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Weights:
    """What counts how much: the largest existing lender, the holder of the mortgage, the bank of the account, each point of
    appetite, and evenness (taken for every per mille by which the fullest bank is used)."""

    lender: int = 120
    collateral: int = 100
    account: int = 60
    appetite: int = 1
    even: int = 4


@dataclass(frozen=True)
class Problem:
    """Needs, banks, weights, and what people have laid down: project → bank (None: to no bank)."""

    needs: tuple[Need, ...]
    banks: tuple[Bank, ...]
    weights: Weights = Weights()
    fixed: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def bank(self) -> dict[str, Bank]:
        """Banks by name."""
        return {b.id: b for b in self.banks}

    @cached_property
    def need(self) -> dict[str, Need]:
        """Needs by name."""
        return {n.id: n for n in self.needs}

    @cached_property
    def free(self) -> tuple[Need, ...]:
        """Needs that nobody has laid down."""
        return tuple(n for n in self.needs if n.id not in self.fixed)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a pair is worth its points: a word of lender, collateral, account, appetite; `about` says to what."""

    word: str
    points: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A constraint that a pair breaks: barred, never, small, large, capacity, count or group; by how much, where it is money."""

    word: str
    bank: str
    about: str = ""
    over: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A project and its bank, what that is worth and why; `broken` only where a person laid it down."""

    need: str
    bank: str
    points: int
    reasons: tuple[Reason, ...]
    fixed: bool = False
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True)
class Matching:
    """A proposal. `alone`: projects without a bank, and for each what stands against every bank. `value` and `bound`: points less
    what unevenness costs, and what no proposal with as many matched projects can be worth more than. `used`: per mille of each bank's capacity."""

    pairs: tuple[Pair, ...]
    alone: Mapping[str, tuple[Broken, ...]]
    value: int
    bound: int
    most: int
    """No proposal matches more projects."""
    used: Mapping[str, int]

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return self.value >= self.bound and len(self.pairs) >= self.most

    @property
    def gap(self) -> float:
        """How far the value may lie below the best, in per cent of the bound."""
        return max(self.bound - self.value, 0) * 100 / max(abs(self.bound), 1)


def reasons(p: Problem, need: Need, bank: Bank) -> tuple[Reason, ...]:
    """What speaks for a pair, and against it."""
    w, found = p.weights, []
    lent = sum(need.lenders.values())
    mine = need.lenders.get(bank.id, 0)
    if mine > 0:
        found.append(Reason("lender", w.lender * mine // lent))
    if need.collateral == bank.id:
        found.append(Reason("collateral", w.collateral))
    if need.account == bank.id:
        found.append(Reason("account", w.account))
    found += [Reason("appetite", w.appetite * bank.appetite[t], t) for t in sorted(need.tags & set(bank.appetite))]
    return tuple(r for r in found if r.points)


def points(p: Problem, need: Need, bank: Bank) -> int:
    """What a pair is worth."""
    return sum(r.points for r in reasons(p, need, bank))


def hurdles(need: Need, bank: Bank) -> list[Broken]:
    """What stands against a pair whatever else is decided."""
    found = []
    if bank.id in need.barred:
        found.append(Broken("barred", bank.id))
    found += [Broken("never", bank.id, tag) for tag in sorted(need.tags & bank.never)]
    if need.amount < bank.least:
        found.append(Broken("small", bank.id, over=bank.least - need.amount))
    if bank.top is not None and need.amount > bank.top:
        found.append(Broken("large", bank.id, over=need.amount - bank.top))
    if need.amount > bank.capacity:
        found.append(Broken("capacity", bank.id, over=need.amount - bank.capacity))
    if need.group and need.amount > limit(bank):
        found.append(Broken("group", bank.id, need.group, need.amount - limit(bank)))
    return found


def limit(bank: Bank) -> int:
    """What one group of companies may have of a bank."""
    return bank.capacity * bank.share // 100


def fits(p: Problem) -> dict[str, list[str]]:
    """For each free need the banks that nothing stands against by itself."""
    return {n.id: [b.id for b in p.banks if not hurdles(n, b)] for n in p.free}


def broken(p: Problem, chosen: Mapping[str, str], need: str) -> tuple[Broken, ...]:
    """What one of the chosen pairs breaks, seen together with all others: its own hurdles, and sums that are exceeded."""
    n, b = p.need[need], p.bank[chosen[need]]
    mine = [p.need[x] for x, bank in chosen.items() if bank == b.id]
    found = [h for h in hurdles(n, b) if h.word not in ("capacity", "group")]
    over = sum(x.amount for x in mine) - b.capacity
    if over > 0:
        found.append(Broken("capacity", b.id, over=over))
    if b.most is not None and len(mine) > b.most:
        found.append(Broken("count", b.id, over=len(mine) - b.most))
    grouped = sum(x.amount for x in mine if n.group and x.group == n.group) - limit(b)
    if n.group and grouped > 0:
        found.append(Broken("group", b.id, n.group, grouped))
    return tuple(found)


def used(p: Problem, chosen: Mapping[str, str]) -> dict[str, int]:
    """Per mille of each bank's capacity that is taken, rounded up."""
    taken = dict.fromkeys(p.bank, 0)
    for need, bank in chosen.items():
        taken[bank] += p.need[need].amount
    return {b: -(-t * 1000 // max(p.bank[b].capacity, 1)) for b, t in taken.items()}


def value(p: Problem, chosen: Mapping[str, str]) -> int:
    """Points of all pairs less what the fullest bank costs."""
    full = max(used(p, chosen).values(), default=0)
    return sum(points(p, p.need[n], p.bank[b]) for n, b in chosen.items()) - p.weights.even * full


def laid(p: Problem, chosen: Mapping[str, str], bound: int, most: int) -> Matching:
    """A proposal out of chosen pairs."""
    pairs = tuple(
        Pair(
            n, b, points(p, p.need[n], p.bank[b]), reasons(p, p.need[n], p.bank[b]), n in p.fixed, broken(p, chosen, n) if n in p.fixed else ()
        )
        for n, b in sorted(chosen.items())
    )  # fmt: skip
    alone = {n.id: tuple(_against(p, chosen, n)) for n in p.needs if n.id not in chosen}
    return Matching(pairs, alone, value(p, chosen), bound, most, used(p, chosen))


def _against(p: Problem, chosen: Mapping[str, str], need: Need) -> Iterable[Broken]:
    """For a project without a bank, the first thing that stands against each of them."""
    for b in p.banks:
        found = hurdles(need, b) or list(broken(p, {**chosen, need.id: b.id}, need.id))
        yield from found[:1]


def data_of(found: Matching) -> dict[str, Any]:
    """A proposal as plain data, as it is kept and printed."""
    return {
        "pairs": [
            {
                "need": x.need, "bank": x.bank, "points": x.points, "fixed": x.fixed,
                "reasons": [[r.word, r.points, r.about] for r in x.reasons], "broken": [[b.word, b.about, b.over] for b in x.broken],
            }
            for x in found.pairs
        ],
        "alone": {n: [[b.word, b.bank, b.about, b.over] for b in against] for n, against in found.alone.items()},
        "value": found.value, "bound": found.bound, "most": found.most, "gap_pct": round(found.gap, 4), "proven": found.proven, "used": dict(found.used),
    }  # fmt: skip
