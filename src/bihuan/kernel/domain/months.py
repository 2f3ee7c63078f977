"""Months as `2024-04`, periods as `2024Q1`, `2024H1`, `2024`, and days some months on."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from .refusal import N_, Refused

PATTERN = r"20\d\d-(0[1-9]|1[0-2])"
MONTH = re.compile(PATTERN)


def months_later(day: date, months: int) -> date:
    """The same day some months on, the last of a shorter month; a permit of that length holds through this day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_day(month: str) -> date:
    """2024-04 begins on 1 April. ValueError for what is no month."""
    return date(int(month[:4]), int(month[5:]), 1)


def month_before(month: str) -> str:
    """2024-01 follows 2023-12."""
    return f"{months_later(first_day(month), -1):%Y-%m}"


def month_after(month: str) -> str:
    """2023-12 comes before 2024-01."""
    return f"{months_later(first_day(month), 1):%Y-%m}"


PERIOD = re.compile(r"^(20\d\d)(?:Q([1-4])|H([12]))?$")


def period_of(text: str) -> tuple[date, date]:
    """First and last day of 2026Q1, 2026H1 or 2026. Refused for other texts."""
    hit = PERIOD.match(text)
    if hit is None:
        raise Refused(
            N_("“%(text)s” is no quarter, half-year or year; write 2026Q1, 2026H1 or 2026."), field="period", text=text
        )
    year, months = int(hit[1]), 3 if hit[2] else 6 if hit[3] else 12
    begin = date(year, (int(hit[2] or hit[3] or 1) - 1) * months + 1, 1)
    return begin, months_later(begin, months) - timedelta(days=1)


def year_before(period: str) -> str:
    """2025Q1 is what 2026Q1 is compared with."""
    return f"{int(period[:4]) - 1}{period[4:]}"
