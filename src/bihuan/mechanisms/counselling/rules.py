"""The record of one approval: its changes of state, and the two clocks they make. Pure.

The acceptance clock begins when papers are received: within it everything that is missing is told at once, else the papers count
as accepted from the day they came. The decision clock begins with acceptance and stops only for the closed list of reasons.
All days are working days; the day on which a clock begins is not counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.workdays import Workdays

from .catalogue import Words

RECEIVED, WITHDRAWN, ACCEPTED, NOT_ACCEPTED, REFUSED, GAP, FILLED, BEGUN, PAUSED, RESUMED = range(1, 11)
GRANTED, GRANTED_LATER, DENIED, RECALLED, REVOKED = range(11, 16)
OWN = 0
"""The code of what no national code says: an extension, a preview made formal, promised papers that came."""
EXTENDED, FORMAL, FOLLOWED = "extended", "formal", "followed"
ENDS = (WITHDRAWN, NOT_ACCEPTED, REFUSED, GRANTED, GRANTED_LATER, DENIED)
DECISIONS = (GRANTED, GRANTED_LATER, DENIED)
NEEDS_OPINION = (NOT_ACCEPTED, REFUSED, GAP, DENIED, RECALLED, REVOKED)


@dataclass(frozen=True, slots=True)
class Row:
    """One change of state. `day`: when it happened; `entered`: when it was written down."""

    code: int
    day: date
    entered: date
    what: str = ""
    reason: str = ""
    notice: str = ""
    until: date | None = None
    days: int | None = None
    opinion: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A pause, with its planned and its real end."""

    begin: date
    planned: date | None
    end: date | None
    reason: str
    notice: str


@dataclass(frozen=True)
class Standing:
    """Where an approval stands on a day.

    `acceptance_due`, `decision_due`: the last days of the clocks, None before they begin. `silent`: accepted because nobody
    answered in time. `late`: working days after the due day on which it was decided, or so far. `entry_gaps`: for every row the
    working days between what happened and its entry.
    """

    state: str = ""
    received: date | None = None
    counted_from: date | None = None
    """The day on which the acceptance clock last began."""
    accepted: date | None = None
    silent: bool = False
    decided: date | None = None
    granted: bool | None = None
    acceptance_due: date | None = None
    decision_due: date | None = None
    pauses: tuple[Span, ...] = ()
    paused_days: int = 0
    extended: int = 0
    gaps: int = 0
    late: int = 0
    owed: date | None = None
    followed: date | None = None
    formal: date | None = None
    entry_gaps: tuple[int, ...] = field(default=())

    @property
    def clock(self) -> str:
        """Which clock runs: acceptance, decision or none."""
        if self.state == "received":
            return "acceptance"
        return "decision" if self.state in ("accepted", "review") else ""

    @property
    def due(self) -> date | None:
        """The last day of the clock that runs."""
        return {"acceptance": self.acceptance_due, "decision": self.decision_due}.get(self.clock)

    @property
    def first_pass(self) -> bool | None:
        """Whether it was accepted without a gap notice; None before it was accepted."""
        return None if self.accepted is None else self.gaps == 0


def fold(rows: Sequence[Row], law: int | None, w: Words, calendar: Workdays, today: date) -> Standing:
    """Where an approval stands today by its rows, in the order in which they happened."""
    s = Standing()
    pauses: list[Span] = []
    for row in rows:
        s = _silent(s, row.day)
        new: dict[str, Any] = {"entry_gaps": (*s.entry_gaps, max(calendar.count(row.day, row.entered), 0))}
        if row.code == OWN:
            if row.what == EXTENDED:
                new["extended"] = s.extended + (row.days or 0)
            elif row.what == FORMAL:
                new["formal"] = row.day
            else:
                new["followed"] = row.day
        else:
            new["state"] = w.changes[row.code].to
        if row.code in (RECEIVED, FILLED):
            new |= {"counted_from": row.day, "acceptance_due": calendar.add(row.day, w.clock.acceptance)}
        if row.code == RECEIVED:
            new |= {"received": row.day, "decided": None, "granted": None}
        elif row.code == GAP:
            new["gaps"] = s.gaps + 1
        elif row.code == ACCEPTED:
            new["accepted"] = row.day
        elif row.code == PAUSED:
            pauses.append(Span(row.day, row.until, None, row.reason, row.notice))
        elif row.code == RESUMED:
            pauses[-1] = replace(pauses[-1], end=row.day)
        elif row.code in DECISIONS:
            new |= {"decided": row.day, "granted": row.code != DENIED, "accepted": s.accepted or s.received}
            new["owed"] = row.until if row.code == GRANTED_LATER else s.owed
        elif row.code in (RECALLED, REVOKED):
            new["granted"] = False
        s = replace(s, **new)
    return _decision(_silent(s, today), pauses, law, calendar, today)


def _silent(s: Standing, day: date) -> Standing:
    """Papers on which nobody said anything in time are accepted from the day they came."""
    if s.state != "received" or s.acceptance_due is None or day <= s.acceptance_due:
        return s
    return replace(s, state="accepted", accepted=s.counted_from, silent=True)


def _decision(s: Standing, pauses: Sequence[Span], law: int | None, calendar: Workdays, today: date) -> Standing:
    """The decision clock, with its pauses up to today."""
    paused = sum(calendar.count(p.begin, p.end or max(today, p.begin)) for p in pauses)
    due = calendar.add(s.accepted, law + s.extended + paused) if s.accepted and law is not None else None
    late = 0
    if due is not None and s.state not in ("withdrawn", "paused"):
        late = max(calendar.count(due, s.decided or today), 0)
    return replace(s, pauses=tuple(pauses), paused_days=paused, decision_due=due, late=late)


def checked(s: Standing, row: Row, last: Row | None, item: str, extend: int | None, w: Words) -> None:
    """Refused when a row cannot follow, or lacks what the law asks of it. `s`: where it stood on the row's own day."""
    if last is not None and row.day < last.day:
        raise Refused(N_("This lies before the last step, of %(day)s."), field="day", day=last.day)
    if row.day > row.entered:
        raise Refused(N_("This lies in the future."), field="day")
    if row.code == OWN:
        _own(s, row, extend, w)
        return
    change = w.changes.get(row.code)
    if change is None:
        raise Refused(N_("%(code)s is no code of the national table."), field="code", code=row.code)
    if s.state not in change.before:
        if row.code == GAP and s.silent:
            raise Refused(N_("Nobody said in time what is missing, so the papers count as accepted since %(day)s."), field="code", day=s.accepted)  # fmt: skip
        raise Refused(N_("“%(step)s” cannot follow here."), field="code", step=change.name)
    if row.code == GAP and s.gaps:
        raise Refused(N_("What is missing is told once, and all at once; this was done already."), field="code")
    if row.code in NEEDS_OPINION and not row.opinion.strip():
        raise Refused(N_("Please write it down: this field is empty."), field="opinion")
    if row.code == PAUSED:
        _pause(row, item, w)
    if row.code == GRANTED_LATER and (row.until is None or row.until <= row.day):
        raise Refused(N_("Say by which day the papers follow."), field="until")


def _pause(row: Row, item: str, w: Words) -> None:
    found = w.pauses.get(row.reason)
    if found is None or (found.items and item not in found.items):
        raise Refused(N_("The clock stops only for a reason of the law's list."), field="reason")
    if not row.notice.strip():
        raise Refused(N_("The applicant is told in writing: name the notice."), field="notice")
    if row.until is None or row.until <= row.day:
        raise Refused(N_("Say until when, a day after it begins."), field="until")


def _own(s: Standing, row: Row, extend: int | None, w: Words) -> None:
    if row.what == EXTENDED:
        most = extend if extend is not None else w.clock.extend
        if s.clock != "decision" or s.extended:
            raise Refused(N_("A decision that is running is extended, and once."), field="code")
        if not row.days or row.days > most:
            raise Refused(N_("An extension has 1 to %(most)s working days."), field="days", most=most)
        if not row.opinion.strip():
            raise Refused(N_("Please write it down: this field is empty."), field="opinion")
    elif row.what == FORMAL:
        if not s.granted or s.formal:
            raise Refused(N_("Only what was reviewed beforehand with success becomes formal, and once."), field="code")
    elif row.what != FOLLOWED or s.owed is None or s.followed:
        raise Refused(N_("No papers are owed here."), field="code")


def able(s: Standing, mode: str, w: Words) -> list[tuple[int, str]]:
    """What may be recorded next: code, and the word of what no code says."""
    found: list[tuple[int, str]] = [
        (c.code, "")
        for c in w.changes.values()
        if s.state in c.before and not (c.code == GAP and s.gaps) and (s.state or c.code == RECEIVED)
    ]
    if s.clock == "decision" and not s.extended:
        found.append((OWN, EXTENDED))
    if mode == "mock" and s.granted and not s.formal:
        found.append((OWN, FORMAL))
    if s.owed and not s.followed:
        found.append((OWN, FOLLOWED))
    return found


def waits(rows: Mapping[str, Collection[int]], share: int = 80) -> dict[str, tuple[int, int, int]]:
    """By name: how many, the median and the `share`-th percentile of working days (nearest rank)."""
    found = {}
    for name, days in rows.items():
        ordered = sorted(days)
        if ordered:
            n = len(ordered)
            found[name] = (n, ordered[(n - 1) // 2], ordered[max(-(-n * share // 100) - 1, 0)])
    return found
