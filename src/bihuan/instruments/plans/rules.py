"""When a plan falls due. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from bihuan.kernel.domain.workdays import Workdays

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months of a period; a week is none of them."""


def occurrences(every: str, day: int, start: date, until: date) -> Iterator[tuple[str, date]]:
    """The periods of a plan from `start` to `until`, each with its name and its day.

    Weekly, `day` is 1 (Monday) to 7. Else it is the day of the period's first month, 1 to 31, and the last day of a
    shorter month: the 31st of February is the 28th or 29th. Quarters and halves are those of the calendar year; a yearly
    plan falls in the month of `start`.
    """
    if every == "week":
        found = start + timedelta(days=(day - start.isoweekday()) % 7)
        while found <= until:
            year, week, _ = found.isocalendar()
            yield f"{year}-W{week:02}", found
            found += timedelta(days=7)
        return
    step = MONTHS[every]
    offset = (start.month - 1) % step if every == "year" else 0
    index = (start.year * 12 + start.month - 1 - offset) // step * step + offset
    while True:
        year, month = divmod(index, 12)
        found = date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
        if found > until:
            return
        if found >= start:
            yield _name(every, year, month), found
        index += step


def _name(every: str, year: int, month: int) -> str:
    return {
        "month": f"{year}-{month + 1:02}", "quarter": f"{year}-Q{month // 3 + 1}", "half": f"{year}-H{month // 6 + 1}", "year": str(year),
    }[every]  # fmt: skip


def on_workday(day: date, calendar: Workdays) -> date:
    """The day itself, or the next working day."""
    return day if calendar.is_workday(day) else calendar.add(day, 1)
