"""Duties by period: what is expected of a premises from its labels, when it was last done, from when it is missing. Pure.

Nothing is entered for a duty: any real record of the right sort meets it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.clocks import ZONE, end_of, local_day, start_of
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.months import months_later
from bihuan.kernel.domain.workdays import Workdays

PERIODS = ("day", "week", "halfmonth", "month", "quarter", "halfyear", "year")
WHAT = ("patrol", "inspection", "drill", "training", "detection", "maintenance", "watch")
BY = ("unit", "township", "brigade")
NIGHT = (time(22), time(6))
"""When a visit counts as one at night, local time."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One expectation. `hours` (with `open_only`) or `period`; `grace` in working days or hours."""

    id: str
    what: str
    name: str
    name_en: str
    labels: tuple[str, ...]
    unless: tuple[str, ...]
    facts: tuple[str, ...]
    by: str
    night: bool
    hours: int
    open_only: bool
    period: str
    grace_workdays: int
    grace_hours: int
    source: str
    confirmed: bool

    def applies(self, labels: Collection[str], facts: Mapping[str, Any]) -> bool:
        """Whether premises with these labels and facts owe it."""
        named = "*" in self.labels or any(x in labels for x in self.labels)
        return named and not any(x in labels for x in self.unless) and all(facts.get(f) for f in self.facts)

    def met_by(self, what: str, by: str, night: bool) -> bool:
        """Whether a record of this sort meets it: a look by the brigade is one by the district too, never the other way."""
        if self.night and not night:
            return False
        if self.what == "watch":
            return what == "inspection" and (by == self.by or (by == "brigade" and self.by == "township"))
        return what == self.what and by == "unit"


def duties(entries: Iterable[Mapping[str, Any]], where: str) -> tuple[Duty, ...]:
    """Duties from their data. BadCatalogue names the place."""
    found = []
    for entry in entries:
        at = f"{where}, {entry.get('id')}"
        try:
            every, grace = entry["every"], entry.get("grace", {})
            made = Duty(
                entry["id"], entry["what"], entry["name"], entry["name_en"], tuple(entry["labels"]), tuple(entry.get("unless", ())),
                tuple(entry.get("facts", ())), entry["by"], entry.get("night", False), every.get("hours", 0), every.get("open", False),
                every.get("period", ""), grace.get("workdays", 0), grace.get("hours", 0), entry["source"], entry["confirmed"],
            )  # fmt: skip
        except KeyError as error:
            raise BadCatalogue(f"{at}: {error.args[0]} is missing") from None
        if made.what not in WHAT or made.by not in BY or not (made.hours or made.period in PERIODS):
            raise BadCatalogue(f"{at}: {made.what} by {made.by} every {made.period or made.hours}")
        found.append(made)
    return tuple(found)


def check(body: Mapping[str, Any], title: str) -> None:
    """BadCatalogue when a loaded table cannot be used."""
    if not body.get("duty"):
        raise BadCatalogue(f"{title}: no duty")
    duties(body["duty"], title)


@cache
def shipped(path: Path) -> tuple[Duty, ...]:
    """The catalogue's own duties."""
    return duties(tomllib.loads(path.read_text("utf-8"))["duty"], path.name)


@dataclass(frozen=True, slots=True)
class Expectation:
    """A duty of one premises: `last` done, `deadline` the moment from which it is missing."""

    duty: Duty
    last: datetime | None
    deadline: datetime

    def missing(self, now: datetime) -> bool:
        """Not done in time."""
        return now >= self.deadline


def is_night(at: datetime) -> bool:
    """Whether a moment lies in the night, local time."""
    clock = at.astimezone(ZONE).time()
    return clock >= NIGHT[0] or clock < NIGHT[1]


def expected(
    found: Sequence[Duty], labels: Collection[str], facts: Mapping[str, Any], last: Mapping[tuple[str, str, bool], datetime],
    since: datetime, hours: tuple[time, time] | None, calendar: Workdays,
) -> list[Expectation]:  # fmt: skip
    """What is expected of one premises; `last` is by (what, by, night) the latest record, `since` when its file was opened.

    Patrols in opening hours need opening hours: without them nothing can be said, and nothing is.
    """
    out = []
    for duty in found:
        if not duty.applies(labels, facts) or (duty.open_only and hours is None):
            continue
        times = [at for (what, by, night), at in last.items() if duty.met_by(what, by, night)]
        done = max(times, default=None)
        out.append(Expectation(duty, done, deadline(duty, done, since, hours, calendar)))
    return out


def deadline(
    duty: Duty, done: datetime | None, since: datetime, hours: tuple[time, time] | None, calendar: Workdays
) -> datetime:
    """The moment from which a duty is missing.

    1. by the hour: so many opening hours after the last record, or after the file was opened;
    2. by period: the end of the period after the one last met; of a file just opened the end of its first period when at least
       half of that was left, else of the next;
    3. the grace comes on top.
    """
    if duty.hours:
        start = done or since
        length = timedelta(hours=duty.hours)
        end = _opening(start, length, hours) if duty.open_only and hours else start + length
    else:
        begin, after = period_of(duty.period, local_day(done or since))
        late_start = done is None and (local_day(since) - begin) * 2 > after - begin
        if done is not None or late_start:
            begin, after = period_of(duty.period, after)
        end = start_of(after)
    if duty.grace_workdays:
        end = end_of(calendar.add(local_day(end - timedelta(microseconds=1)), duty.grace_workdays))
    return end + timedelta(hours=duty.grace_hours)


def period_of(period: str, day: date) -> tuple[date, date]:
    """The period that holds a day: its first day and the first day after it."""
    first = day.replace(day=1)
    match period:
        case "day":
            return day, day + timedelta(days=1)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case "halfmonth":
            return (first, day.replace(day=16)) if day.day < 16 else (day.replace(day=16), months_later(first, 1))
        case "month":
            return first, months_later(first, 1)
        case "quarter" | "halfyear":
            n = 3 if period == "quarter" else 6
            begin = first.replace(month=(day.month - 1) // n * n + 1)
            return begin, months_later(begin, n)
    begin = day.replace(month=1, day=1)
    return begin, begin.replace(year=day.year + 1)


def _opening(start: datetime, length: timedelta, hours: tuple[time, time]) -> datetime:
    """`length` of opening time after a moment."""
    day, left = local_day(start) - timedelta(days=1), length
    while True:
        a = datetime.combine(day, hours[0], ZONE)
        b = datetime.combine(day, hours[1], ZONE)
        if b <= a:
            b += timedelta(days=1)
        a = max(a, start)
        if a < b:
            if b - a >= left:
                return a + left
            left -= b - a
        day += timedelta(days=1)
