"""Working days as data.

A notice of the State Council names days off and make-up days for one year. A `Workdays` calendar is built from notices
(and local overlays) once and answers with prefix sums; years without a notice count Monday to Friday and are *provisional*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

ONE_MORE_YEARS = 40
"""How far past the last notice a calendar reaches, in years: a limit in working days never asks for more."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One published arrangement: `days_off` and `makeup_days` map a date to its reason, for `year`."""

    year: int
    number: str
    days_off: Mapping[date, str]
    makeup_days: Mapping[date, str]
    local: bool = False
    """A local overlay (a closure declared by one territory) does not make its year known."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that a count passed over or took in against its weekday: `kind` is `weekend`, `holiday` or `makeup`."""

    day: date
    kind: str
    reason: str
    source: str


@dataclass(frozen=True)
class Workdays:
    """A calendar of working days. Equality is identity; build one with `Workdays.of`."""

    first: int
    prefix: list[int] = field(repr=False)
    """prefix[i] = working days in [first, first + i], by ordinal."""
    ordinals: list[int] = field(repr=False)
    """ordinals[k] = ordinal of the (k + 1)-th working day since `first`."""
    special: Mapping[date, Skipped] = field(repr=False)
    known: frozenset[int]

    @classmethod
    def of(cls, notices: Iterable[Notice]) -> Workdays:
        """Build the calendar; a later notice overrides an earlier one for the same day. ValueError when there is no notice."""
        notices = list(notices)
        known = frozenset(n.year for n in notices if not n.local)
        if not known:
            raise ValueError("a calendar needs at least one notice of holidays")
        special: dict[date, Skipped] = {}
        for notice in notices:
            for day, reason in notice.days_off.items():
                special[day] = Skipped(day, "holiday", reason, notice.number)
            for day, reason in notice.makeup_days.items():
                special[day] = Skipped(day, "makeup", reason, notice.number)
        first = date(min(known), 1, 1).toordinal()
        last = date(max(known) + ONE_MORE_YEARS, 12, 31).toordinal()
        makeup = {d.toordinal() for d, s in special.items() if s.kind == "makeup"}
        off = {d.toordinal() for d, s in special.items() if s.kind == "holiday"}
        prefix: list[int] = []
        ordinals: list[int] = []
        for o in range(first, last + 1):
            # ordinal 1 is a Monday, so (o - 1) % 7 is the weekday
            if o in makeup or ((o - 1) % 7 < 5 and o not in off):
                ordinals.append(o)
            prefix.append(len(ordinals))
        return cls(first, prefix, ordinals, special, known)

    @property
    def first_day(self) -> date:
        """The earliest day that can be asked about."""
        return date.fromordinal(self.first)

    @property
    def known_until(self) -> date:
        """The last day covered by a notice, with no gap before it."""
        year = min(self.known)
        while year + 1 in self.known:
            year += 1
        return date(year, 12, 31)

    def is_provisional(self, day: date) -> bool:
        """True when the day lies past the last notice without a gap."""
        return day > self.known_until

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day. ValueError before the first notice."""
        i = self._index(day)
        return self.prefix[i] - (self.prefix[i - 1] if i else 0) == 1

    def add(self, start: date, n: int) -> date:
        """The n-th working day after `start` (the start day is not counted); `start` itself when n is 0.

        ValueError when n is negative or the date lies outside the calendar.
        """
        if n <= 0:
            if n:
                raise ValueError(f"cannot add {n} working days")
            return start
        i = start.toordinal() - self.first
        if i < 0:
            raise ValueError(self._before(start))
        try:
            return date.fromordinal(self.ordinals[self.prefix[i] + n - 1])
        except IndexError:
            raise ValueError(f"{start} + {n} working days lies outside the calendar") from None

    def count(self, after: date, until: date) -> int:
        """Working days d with after < d <= until; negative when `until` lies before `after`."""
        return self.prefix[self._index(until)] - self.prefix[self._index(after)]

    def explain(self, after: date, until: date) -> list[Skipped]:
        """Days in (after, until] that differ from a plain count: weekends, holidays and make-up days, in order."""
        out = []
        for o in range(after.toordinal() + 1, until.toordinal() + 1):
            day = date.fromordinal(o)
            found = self.special.get(day)
            if found:
                out.append(found)
            elif day.weekday() >= 5:
                out.append(Skipped(day, "weekend", "", ""))
        return out

    def last_workday(self, day: date) -> date:
        """The working day at or before `day`."""
        return date.fromordinal(self.ordinals[bisect_left(self.ordinals, day.toordinal() + 1) - 1])

    def _index(self, day: date) -> int:
        i = day.toordinal() - self.first
        if i < 0:
            raise ValueError(self._before(day))
        if i >= len(self.prefix):
            raise ValueError(f"{day} lies outside the calendar")
        return i

    def _before(self, day: date) -> str:
        return f"{day} lies before {self.first_day}, the first day of the calendar"
