"""Months as `2024-04`, and days some months on."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

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
