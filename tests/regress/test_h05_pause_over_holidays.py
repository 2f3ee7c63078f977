"""H05 (glpi#10594 #14937 #1912, frappe/helpdesk#2449, frappe/erpnext#47029 #49414 #51111): a pause measured by the wall
clock and added to a clock of working days.

Kind: a pause shifts the due date by what the clock itself would have counted meanwhile, however pauses lie.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.domain.clocks import Limit, due, shift

from ..support import local
from ..unit.test_workdays import CALENDAR

FIVE = Limit("workdays", 5)


def test_the_reported_weekend() -> None:
    assert due(local(2026, 3, 5, 9), FIVE, CALENDAR).day == date(2026, 3, 12)
    pause = (local(2026, 3, 6, 9), local(2026, 3, 9, 9))
    assert due(local(2026, 3, 5, 9), FIVE, CALENDAR, pauses=[pause]).day == date(2026, 3, 13)


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [((2026, 2, 13), (2026, 2, 24), 2), ((2026, 3, 6), (2026, 3, 6), 0), ((2026, 9, 30), (2026, 10, 8), 1), ((2026, 2, 13), (2026, 2, 14), 1)],
)  # fmt: skip
def test_pauses_over_holidays_and_make_up_days(begin: tuple, end: tuple, days: int) -> None:
    assert shift([(local(*begin, 9), local(*end, 17))], "workdays", CALENDAR) == days


@given(st.dates(date(2025, 1, 2), date(2026, 6, 1)), st.integers(0, 40), st.integers(0, 40), st.integers(1, 20))
def test_the_shift_is_the_working_days_after_the_pause_up_to_the_resumption(
    start: date, wait: int, length: int, n: int
) -> None:
    begin = local(start.year, start.month, start.day, 9) + timedelta(days=wait)
    end = begin + timedelta(days=length)
    counted = sum(CALENDAR.is_workday((begin + timedelta(days=i)).date()) for i in range(1, length + 1))
    assert shift([(begin, end)], "workdays", CALENDAR) == counted
    twice = [(begin, end), (begin + (end - begin) / 3, end)]
    assert shift(twice, "workdays", CALENDAR) == counted
