"""Reading a notice of holidays: from TOML to a checked value. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.workdays import Notice, Workdays


@dataclass(frozen=True)
class NoticeFile:
    """A notice as it is published."""

    year: int
    number: str
    issued: date
    days_off: Mapping[str, str]
    makeup_days: Mapping[str, str]


def parse(text: str) -> NoticeFile:
    """A notice from TOML. Refused names what is wrong: form, a day out of its year, a day both off and made up,
    a make-up day that is a weekday."""
    try:
        data = tomllib.loads(text)
        year, number, issued = int(data["year"]), str(data["number"]), data["issued"]
        days = {d: name for name, listed in data["days_off"].items() for d in listed}
        makeup = list(data["makeup_days"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(N_("This is not a notice of holidays: %(why)s."), field="notice", why=error) from None
    if any(not isinstance(d, date) or isinstance(d, datetime) for d in [*days, *makeup, issued]):
        raise Refused(N_("Every day of a notice is a date such as 2027-01-01."), field="notice")
    for day in [*days, *makeup]:
        if not date(year - 1, 12, 20) <= day <= date(year + 1, 1, 10):
            raise Refused(N_("%(day)s lies outside the year %(year)s."), field="notice", day=day, year=year)
    for day in makeup:
        if day in days:
            raise Refused(N_("%(day)s is both a day off and a make-up day."), field="notice", day=day)
        if day.weekday() < 5:
            raise Refused(N_("%(day)s is a make-up day but no weekend."), field="notice", day=day)
    return NoticeFile(
        year,
        number,
        issued,
        {d.isoformat(): n for d, n in sorted(days.items())},
        {d.isoformat(): "" for d in sorted(makeup)},
    )


def as_notice(
    year: int, number: str, days_off: Mapping[str, str], makeup_days: Mapping[str, str], *, local: bool = False
) -> Notice:
    """Stored text dates as a notice of the domain."""
    return Notice(
        year, number, {date.fromisoformat(d): n for d, n in days_off.items()},
        {date.fromisoformat(d): n for d, n in makeup_days.items()}, local,
    )  # fmt: skip


def closure(days: Iterable[date], number: str, year: int) -> Notice:
    """A local closure as a notice."""
    return Notice(year, number, dict.fromkeys(days, number), {}, True)


def shipped(folder: Path) -> list[NoticeFile]:
    """The notices that the catalogue brings."""
    return [parse(p.read_text("utf-8")) for p in sorted(folder.glob("*.toml"))]


def calendar_of(files: Iterable[NoticeFile]) -> Workdays:
    """A calendar from notice files alone, for use without a database."""
    return Workdays.of(as_notice(f.year, f.number, f.days_off, f.makeup_days) for f in files)


def span(first: date, last: date) -> list[date]:
    """All days from first to last. Refused when inverted or longer than 60 days."""
    if last < first:
        raise Refused(N_("The range ends before it begins."), field="last")
    if (last - first).days > 60:
        raise Refused(N_("A closure of more than 60 days is not a closure."), field="last")
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
