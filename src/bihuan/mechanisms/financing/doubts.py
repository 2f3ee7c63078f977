"""Money drawn, money used and works done that do not fit each other: questions, never verdicts. Pure. Money in fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from .catalogue import Doubt as Limits
from .rules import Ask


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the account: in above zero, out below."""

    key: str
    day: date
    amount: int
    payee: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Doubt:
    """A question: its word, the key under which an answer is kept, and what fills its sentence (money in fen)."""

    word: str
    key: str
    day: date
    amount: int = 0
    about: str = ""
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reconciled:
    """What fits: (drawing or payment, line) by place; and the questions."""

    drawings: Mapping[int, str]
    payments: Mapping[int, str]
    doubts: tuple[Doubt, ...]


def _matched(
    told: Sequence[tuple[date, int, str]], lines: Sequence[Line], days: int, sign: int, taken: set[str]
) -> dict[int, str]:
    """For each (day, amount, payee) the nearest free line of the same amount within some days; the payee too where both name one."""
    found: dict[int, str] = {}
    by_amount: dict[int, list[Line]] = {}
    for line in lines:
        by_amount.setdefault(line.amount, []).append(line)
    for i, (day, amount, payee) in enumerate(told):
        able = [
            x
            for x in by_amount.get(sign * amount, ())
            if x.key not in taken and abs((x.day - day).days) <= days and (not payee or not x.payee or x.payee == payee)
        ]
        if able:
            best = min(able, key=lambda x: (abs((x.day - day).days), x.key))
            found[i] = best.key
            taken.add(best.key)
    return found


def reconciled(
    ask: Ask, lines: Sequence[Line], progress: Sequence[tuple[date, int]], limits: Limits, today: date, until: date | None
) -> Reconciled:  # fmt: skip
    """Drawings against money that came in, payments against money that went out, use against works.

    `until`: the last day that statements cover; what lies after it is not asked yet. `progress`: (day, per cent) of all works.
    """
    taken: set[str] = set()
    came = _matched([(d, a, "") for d, a in ask.drawings], lines, limits.match_days, 1, taken)
    went = _matched(list(ask.payments), lines, limits.match_days, -1, taken)
    found: list[Doubt] = []
    slack = timedelta(days=limits.match_days)
    if until is not None:
        found += [
            Doubt("not_arrived", f"drawn:{d}:{a}", d, a)
            for i, (d, a) in enumerate(ask.drawings)
            if i not in came and d + slack <= until
        ]
        found += [
            Doubt("not_paid", f"paid:{d}:{a}:{p}", d, a, p)
            for i, (d, a, p) in enumerate(ask.payments)
            if i not in went and d + slack <= until
        ]
    first = min((d for d, _ in ask.drawings), default=None)
    found += [
        Doubt("unasked", f"line:{x.key}", x.day, -x.amount, x.payee)
        for x in lines
        if x.amount < 0 and first is not None and x.day >= first and x.key not in taken
    ]
    found += _against_works(ask, progress, limits)
    return Reconciled(came, went, tuple(found))


def _at(progress: Sequence[tuple[date, int]], day: date) -> int:
    return next((p for d, p in reversed(progress) if d <= day), 0)


def _against_works(ask: Ask, progress: Sequence[tuple[date, int]], limits: Limits) -> list[Doubt]:
    """Drawings ahead of their plan, and money used ahead of the works."""
    found: list[Doubt] = []
    drawn = 0
    for day, amount in ask.drawings:
        drawn += amount
        if ask.mode != "stages" or not ask.plan:
            continue
        planned = 0
        wanted = 0
        for p_day, p_amount, percent in ask.plan:
            if planned >= drawn:
                break
            planned, wanted = planned + p_amount, percent
            if p_day > day and planned - p_amount < drawn:
                found.append(Doubt("early", f"early:{day}:{amount}", day, amount, p_day.isoformat()))
        have = _at(progress, day)
        if progress and have + limits.plan_points < wanted:
            found.append(
                Doubt("ahead_of_plan", f"plan:{day}:{amount}", day, amount, params={"have": have, "wanted": wanted})
            )
    if ask.amount and ask.payments and progress:
        used, have = 100 * ask.paid // ask.amount, _at(progress, ask.payments[-1][0])
        begin = _at(progress, ask.signed) if ask.signed else 0
        done = 100 * (have - begin) // max(100 - begin, 1)
        if used > done + limits.ahead_points:
            found.append(
                Doubt(
                    "ahead_of_works",
                    f"works:{used // 10}",
                    ask.payments[-1][0],
                    ask.paid,
                    params={"used": used, "done": done},
                )
            )
    return found
