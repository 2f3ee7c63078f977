"""Clocks: from a start, a limit, pauses and extensions to a due moment that explains itself.

Units are working days, calendar days, hours, or a fixed date. The start day is not counted; due is the end of the n-th
day in Asia/Shanghai, kept as the first moment that is too late, so "overdue" is always `now >= due`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .workdays import Skipped, Workdays

ZONE = ZoneInfo("Asia/Shanghai")
UNITS = ("workdays", "days", "hours", "office_hours", "date", "open")
OFFICE_DAY = ((time(8, 30), time(12)), (time(14), time(17, 30)))
"""Office hours of one working day; used only by kinds that count office hours."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: `n` of `unit`, or until `until` (unit `date`), or no end (unit `open`)."""

    unit: str
    n: int = 0
    until: date | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unknown unit of time: {self.unit}")
        if self.n < 0:
            raise ValueError("a limit cannot be negative")
        if (self.unit == "date") != (self.until is not None):
            raise ValueError("a fixed date, and nothing else, needs a date")

    def data(self) -> dict[str, Any]:
        """Plain values for an event."""
        return {"unit": self.unit, "n": self.n, "until": self.until.isoformat() if self.until else None}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Limit:
        """The inverse of `data`."""
        return cls(data["unit"], data["n"], date.fromisoformat(data["until"]) if data["until"] else None)


@dataclass(frozen=True, slots=True)
class Due:
    """The answer: `moment` is the first moment that is too late (None: no end)."""

    moment: datetime | None
    provisional: bool = False

    @property
    def day(self) -> date | None:
        """The last day that is in time, in local terms."""
        return last_day(self.moment)


def local_day(moment: datetime) -> date:
    """The day of a moment in Asia/Shanghai."""
    return moment.astimezone(ZONE).date()


def last_day(moment: datetime | None) -> date | None:
    """The last day that is in time before a due moment."""
    return local_day(moment - timedelta(microseconds=1)) if moment else None


def end_of(day: date) -> datetime:
    """The first moment after a local day."""
    return datetime.combine(day + timedelta(days=1), time(), ZONE).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


Span = tuple[datetime, datetime]


def merge(spans: Iterable[Span]) -> list[Span]:
    """Overlapping or touching pauses as one, in order; empty and inverted ones dropped."""
    out: list[Span] = []
    for begin, end in sorted(s for s in spans if s[0] < s[1]):
        if out and begin <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((begin, end))
    return out


def shift(pauses: Sequence[Span], unit: str, calendar: Workdays) -> int | timedelta:
    """What the pauses add: working days d with pause < d <= resume, calendar days likewise, elapsed time for hours."""
    spans = merge(pauses)
    if unit in ("hours", "office_hours"):
        return sum((b - a for a, b in spans), timedelta())
    days = merge((start_of(local_day(a)), start_of(local_day(b))) for a, b in spans)
    if unit == "days":
        return sum((local_day(b) - local_day(a)).days for a, b in days)
    return sum(calendar.count(local_day(a), local_day(b)) for a, b in days)


def due(start: datetime, limit: Limit, calendar: Workdays, *, extra: int = 0, pauses: Sequence[Span] = ()) -> Due:
    """The due moment of a clock.

    1. the limit counts from `start`, whose own day is not counted;
    2. `extra` (granted extensions, in the limit's unit; working days for a fixed date) lengthens the limit;
    3. closed `pauses` shift the end, counted once where they overlap.
    """
    unit = limit.unit
    if unit == "open":
        return Due(None)
    by = shift(pauses, unit, calendar)
    if isinstance(by, timedelta):
        if unit == "hours":
            moment = start + timedelta(hours=limit.n + extra) + by
        else:
            moment = _office_hours(start, timedelta(hours=limit.n + extra) + _office_part(pauses, calendar), calendar)
        return Due(moment, calendar.is_provisional(local_day(moment)) if unit == "office_hours" else False)
    day = local_day(start)
    if unit == "days":
        return Due(end_of(day + timedelta(days=limit.n + extra + by)))
    if unit == "date":
        assert limit.until is not None
        last = calendar.add(limit.until, extra + by) if extra + by else limit.until
        return Due(end_of(last), calendar.is_provisional(last) if extra + by else False)
    last = calendar.add(day, limit.n + extra + by)
    return Due(end_of(last), calendar.is_provisional(last))


def _sessions(day: date, calendar: Workdays) -> list[Span]:
    if not calendar.is_workday(day):
        return []
    return [(datetime.combine(day, a, ZONE), datetime.combine(day, b, ZONE)) for a, b in OFFICE_DAY]


def _office_hours(start: datetime, length: timedelta, calendar: Workdays) -> datetime:
    day, left = local_day(start), length
    while True:
        for begin, end in _sessions(day, calendar):
            begin = max(begin, start)
            if begin < end:
                if end - begin >= left:
                    return (begin + left).astimezone(UTC)
                left -= end - begin
        day += timedelta(days=1)


def _office_part(pauses: Sequence[Span], calendar: Workdays) -> timedelta:
    total = timedelta()
    for a, b in merge(pauses):
        day = local_day(a)
        while day <= local_day(b):
            total += sum((max(timedelta(), min(b, e) - max(a, s)) for s, e in _sessions(day, calendar)), timedelta())
            day += timedelta(days=1)
    return total


def warn_at(due: datetime | None, unit: str, span: int, calendar: Workdays) -> datetime | None:
    """When green turns amber: `span` units before due (the last `span` days are amber)."""
    if due is None:
        return None
    if unit in ("hours", "office_hours"):
        return due - timedelta(hours=span)
    last = local_day(due - timedelta(microseconds=1))
    if unit == "days":
        return start_of(last - timedelta(days=span - 1))
    day = last
    for _ in range(span - 1):
        day = calendar.last_workday(day - timedelta(days=1))
    return start_of(calendar.last_workday(day))


def light(now: datetime, due: datetime | None, warn: datetime | None, *, paused: bool = False) -> str:
    """`grey` paused, `none` without end, else `red`, `amber` or `green`. Derived at every look, never stored."""
    if paused:
        return "grey"
    if due is None:
        return "none"
    if now >= due:
        return "red"
    return "amber" if warn is not None and now >= warn else "green"


def remaining(now: datetime, due: datetime, unit: str, calendar: Workdays) -> tuple[int, str]:
    """What is left, negative when late, and its unit (`workdays`, `days` or `hours`), counted as the clock counts."""
    if unit in ("hours", "office_hours"):
        seconds = (due - now).total_seconds()
        return (int(seconds // 3600), "hours") if seconds >= 0 else (-int(-seconds // 3600 + 1), "hours")
    last, today = local_day(due - timedelta(microseconds=1)), local_day(now)
    if today > last:
        # whoever is late is late by calendar days: "超期2天" is what people count
        return -(today - last).days, "days"
    if unit == "days":
        return (last - today).days, "days"
    return calendar.count(today, last), "workdays"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a date is that date; `skipped` lists weekends, holidays and make-up days between start and due."""

    start: date
    limit: Limit
    extra: int
    due: Due
    skipped: tuple[Skipped, ...]
    counted: int
    pauses: tuple[tuple[date, date], ...]


def explain(
    start: datetime, limit: Limit, calendar: Workdays, *, extra: int = 0, pauses: Sequence[Span] = ()
) -> Explanation:
    """The due date of the same arguments, with its reasons."""
    answer = due(start, limit, calendar, extra=extra, pauses=pauses)
    first, last = local_day(start), answer.day
    skipped: tuple[Skipped, ...] = ()
    counted = 0
    if last and limit.unit == "workdays" and last > first:
        skipped = tuple(calendar.explain(first, last))
        counted = calendar.count(first, last)
    elif last and limit.unit == "days":
        counted = (last - first).days
    spans = tuple((local_day(a), local_day(b)) for a, b in merge(pauses))
    return Explanation(first, limit, extra, answer, skipped, counted, spans)
