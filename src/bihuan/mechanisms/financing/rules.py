"""How a file stands by its steps, who may take which step when, and which list a file belongs to. Pure. Money in fen.

A file is found, checked, passed by district and city, pushed to one bank at a time, and in the list once that bank's first answer
is yes. Problems lead to repairs and to another push, until it is in or moved out. What happened is never undone by a later step: a
project whose bank declines stays in the list and is pushed again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.refusal import N_, Refused

OFFICE, DEVELOPER, BANK = "office", "developer", "bank"
PASS, FIX, FAIL = "pass", "fixable", "fail"
RESULTS = (PASS, FIX, FAIL)
READY = ("normal", "trouble")
"""Treatments under which a file is pushed."""
STATES = (
    "found", "handed", "district", "city", "pushed", "repair", "listed", "credited", "signed", "drawing", "delivered", "closed", "out",
)  # fmt: skip
LINE = ("found", "handed", "district", "city", "pushed", "listed", "credited", "signed", "drawing", "delivered")
"""The straight way, as a stepper shows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step: of a push where `push` is its number, else of the file."""

    what: str
    day: date
    push: int = 0
    amount: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    bank: str = ""
    """Of the step that pushed: to whom."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a condition."""

    condition: str
    result: str
    reason: str
    day: date
    edition: str
    proofs: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """One bank's part, from the push on. `answered`: its first answer; `parties`: who may be paid from the account."""

    n: int
    bank: str
    day: date
    need: int = 0
    received: date | None = None
    answered: date | None = None
    accepted: date | None = None
    credited: date | None = None
    amount: int = 0
    signed: date | None = None
    mode: str = ""
    parties: tuple[str, ...] = ()
    plan: tuple[tuple[date, int, int], ...] = ()
    """(day, amount, per cent of works) of each planned drawing."""
    drawings: tuple[tuple[date, int], ...] = ()
    payments: tuple[tuple[date, int, str], ...] = ()
    ended: date | None = None
    how: str = ""
    """How it ended: problems, refused, declined, withdrawn, out or repaid."""

    @property
    def drawn(self) -> int:
        """Drawn so far."""
        return sum(a for _, a in self.drawings)

    @property
    def paid(self) -> int:
        """Paid out of the account on the developer's request so far."""
        return sum(a for _, a, _ in self.payments)

    @property
    def awaits(self) -> str:
        """Which answer is awaited: preliminary, decision or none."""
        if self.ended:
            return ""
        return "decision" if self.accepted and not self.credited else "" if self.answered else "preliminary"

    @property
    def holds(self) -> bool:
        """Whether its credit counts: it was given and not ended without money."""
        return self.credited is not None and (self.ended is None or self.how == "repaid")


@dataclass(frozen=True)
class Standing:
    """How a file stands. `checks`: by condition as the office found; `selves`: as the developer said."""

    state: str = ""
    treatment: str = ""
    checks: Mapping[str, Checked] = field(default_factory=dict)
    selves: Mapping[str, Checked] = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    district: date | None = None
    city: date | None = None
    listed: date | None = None
    out: date | None = None
    reason: str = ""
    """Why it was sent back or moved out, last."""
    explained: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> Ask | None:
        """The bank's part that is not over."""
        return next((a for a in self.asks if a.ended is None), None)

    @property
    def lead(self) -> Ask | None:
        """The bank whose credit counts."""
        return next((a for a in reversed(self.asks) if a.holds), None)

    @property
    def pushed(self) -> date | None:
        """When it was pushed first."""
        return self.asks[0].day if self.asks else None

    @property
    def credit(self) -> int:
        """Credit that counts."""
        return sum(a.amount for a in self.asks if a.holds)

    @property
    def drawn(self) -> int:
        """Drawn of it."""
        return sum(a.drawn for a in self.asks)


def fold(rows: Iterable[Row], until: date | None = None) -> Standing:
    """How a file stands by its steps in their order; with `until` by those that had happened by then."""
    s = Standing()
    for row in rows:
        if until is not None and row.day > until:
            continue
        s = _push(s, row) if row.push else _file(s, row)
    return s


def _file(s: Standing, row: Row) -> Standing:
    d = row.data
    if row.what == "check":
        found = Checked(d["condition"], d["result"], d["reason"], row.day, d["edition"], d["proofs"])
        if d["by"] == DEVELOPER:
            return replace(s, selves={**s.selves, found.condition: found})
        return replace(s, checks={**s.checks, found.condition: found})
    if row.what == "treated":
        return replace(s, treatment=d["treatment"])
    if row.what == "explained":
        return replace(s, explained={**s.explained, d["key"]: d["reason"]})
    if row.what in ("district", "city"):
        if d["passed"] and row.what == "district":
            return replace(s, state="district", district=row.day)
        if d["passed"]:
            return replace(s, state="city", city=row.day)
        return replace(s, state="found" if s.city is None else "repair", reason=d["reason"])
    if row.what == "out":
        asks = tuple(replace(a, ended=row.day, how="out") if a.ended is None else a for a in s.asks)
        return replace(s, state="out", out=row.day, listed=None, reason=d["reason"], asks=asks)
    if row.what == "back":
        return replace(s, state="found", out=None, district=None, city=None)
    return replace(s, state={"opened": "found"}.get(row.what, row.what))


_TO = {
    "pushed": "pushed", "problems": "repair", "accepted": "listed", "credited": "credited", "signed": "signed", "drawn": "drawing",
    "repaid": "closed",
}  # fmt: skip
_ENDS = ("problems", "refused", "declined", "withdrawn", "repaid")


def _push(s: Standing, row: Row) -> Standing:
    d = row.data
    if row.what == "pushed":
        made = Ask(row.push, row.bank, row.day, need=row.amount)
        return replace(s, state="pushed", asks=(*s.asks, made))
    i = next(k for k, a in enumerate(s.asks) if a.n == row.push)
    ask, listed = s.asks[i], s.listed
    if row.what == "received":
        ask = replace(ask, received=row.day)
    elif row.what in ("problems", "refused", "accepted"):
        ask = replace(ask, answered=row.day, accepted=row.day if row.what == "accepted" else None)
        listed = listed or ask.accepted
    elif row.what == "credited":
        ask = replace(ask, credited=row.day, amount=row.amount)
    elif row.what == "signed":
        ask = replace(ask, signed=row.day, mode=d["mode"], parties=tuple(d["parties"]))
    elif row.what == "party":
        ask = replace(ask, parties=(*ask.parties, d["name"]))
    elif row.what == "planned":
        ask = replace(ask, plan=tuple((date.fromisoformat(p["day"]), p["amount"], p["percent"]) for p in d["rows"]))
    elif row.what == "drawn":
        ask = replace(ask, drawings=(*ask.drawings, (row.day, row.amount)))
    elif row.what == "paid":
        ask = replace(ask, payments=(*ask.payments, (row.day, row.amount, d["payee"])))
    if row.what in _ENDS:
        ask = replace(ask, ended=row.day, how=row.what)
    state = _TO.get(row.what, s.state)
    if row.what in ("refused", "declined", "withdrawn"):
        state = "listed" if listed else "city"
    if row.what == "drawn" and s.state == "delivered":
        state = "delivered"
    return replace(s, state=state, listed=listed, asks=(*s.asks[:i], ask, *s.asks[i + 1 :]))


WHO: Mapping[str, tuple[str, ...]] = {
    "check": (OFFICE, DEVELOPER), "handed": (OFFICE, DEVELOPER), "district": (OFFICE,), "city": (OFFICE,), "treated": (OFFICE,),
    "out": (OFFICE,), "back": (OFFICE,), "explained": (OFFICE,), "delivered": (OFFICE,), "pushed": (OFFICE,), "withdrawn": (OFFICE,),
    **dict.fromkeys(
        ("received", "problems", "refused", "accepted", "credited", "declined", "signed", "party", "planned", "drawn", "paid", "repaid"),
        (OFFICE, BANK),
    ),
    "duty": (BANK,),
}  # fmt: skip
"""Who takes which step. The office may write a bank's steps down from its paper, in its own name."""


def able(s: Standing, role: str) -> list[str]:
    """The steps that may come next for this role, in the order of the way."""
    return [w for w in WHO if role in WHO[w] and _fits(s, w)]


def _fits(s: Standing, what: str) -> bool:
    ask = s.open
    live = s.state not in ("out", "closed")
    table = {
        "check": live, "treated": live, "handed": s.state in ("found", "repair") and ask is None and s.city is None,
        "district": s.state == "handed", "city": s.state == "district", "out": live and not (ask and ask.signed),
        "back": s.state == "out", "explained": bool(s.asks), "delivered": s.state in ("signed", "drawing"),
        "pushed": s.city is not None and ask is None and s.state in ("city", "repair", "listed"),
    }  # fmt: skip
    if what in table:
        return table[what]
    if what == "duty":
        return bool(s.asks)
    if ask is None:
        return False
    credited, signed = ask.credited is not None, ask.signed is not None
    return {
        "received": ask.received is None and ask.answered is None, "withdrawn": not credited,
        "problems": ask.answered is None, "refused": ask.answered is None, "accepted": ask.answered is None,
        "credited": ask.accepted is not None and not credited, "declined": ask.accepted is not None and not credited,
        "signed": credited and not signed, "party": signed, "planned": signed, "drawn": signed and ask.drawn < ask.amount, "paid": ask.drawn > 0,
        "repaid": signed,
    }[what]  # fmt: skip


def checked(s: Standing, what: str, role: str, day: date, today: date) -> None:
    """Refused where the step cannot come now, or not by this role."""
    if role not in WHO[what]:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    if not _fits(s, what):
        raise Refused(N_("This step cannot follow here."))
    if day > today:
        raise Refused(N_("This lies in the future."), field="day")
    before = s.open
    if before is not None and what in (
        "received",
        "problems",
        "refused",
        "accepted",
        "credited",
        "declined",
        "signed",
        "drawn",
        "paid",
        "repaid",
        "withdrawn",
    ):
        last = max(d for d in (before.day, before.received, before.answered, before.credited, before.signed) if d)
        if day < last:
            raise Refused(N_("This lies before the step before it, on %(day)s."), field="day", day=last.isoformat())


def lacks(s: Standing, needed: Collection[str], evidence: Collection[str]) -> list[str]:
    """Conditions that the office has not found met, or not with the evidence they need."""
    found = []
    for id_ in needed:
        c = s.checks.get(id_)
        if c is None or c.result != PASS or (id_ in evidence and not c.proofs):
            found.append(id_)
    return found


def drawing(ask: Ask, amount: int) -> None:
    """Refused beyond what was credited."""
    if amount <= 0:
        raise Refused(N_("An amount is above zero."), field="amount")
    left = ask.amount - ask.drawn
    if amount > left:
        raise Refused(N_("Of the credit %(left)s 万元 are left."), field="amount", left=wan(left))


def paying(ask: Ask, amount: int, payee: str) -> None:
    """Refused to a payee that no contract names, and beyond what was drawn."""
    if amount <= 0:
        raise Refused(N_("An amount is above zero."), field="amount")
    if payee not in ask.parties:
        raise Refused(
            N_("%(payee)s is no party of the contracts; enter it with its contract first."), field="payee", payee=payee
        )
    if amount > ask.drawn - ask.paid:
        raise Refused(N_("Of what was drawn %(left)s 万元 are left."), field="amount", left=wan(ask.drawn - ask.paid))
