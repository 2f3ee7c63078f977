"""H02 (holidays/definitions#370, NateScarlet/holiday-cn#301, opf/openproject#12767): libraries know days off, not the
weekends that work.

Kind: working days have two exceptions, and everything that counts them must agree.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..unit.test_workdays import CALENDAR


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2025-04-25", 3, "2025-04-29"), ("2025-09-26", 3, "2025-09-30"), ("2025-09-30", 3, "2025-10-11"),
        ("2026-02-13", 3, "2026-02-25"), ("2026-09-30", 2, "2026-10-09"), ("2025-01-24", 5, "2025-02-07"),
    ],
)  # fmt: skip
def test_the_reported_dates(start: str, n: int, due: str) -> None:
    assert CALENDAR.add(date.fromisoformat(start), n) == date.fromisoformat(due)


@given(st.dates(date(2019, 1, 2), date(2026, 6, 30)), st.integers(1, 60))
def test_adding_then_counting_gives_the_same_number_and_lands_on_a_working_day(start: date, n: int) -> None:
    due = CALENDAR.add(start, n)
    assert CALENDAR.count(start, due) == n
    assert CALENDAR.is_workday(due)
    assert n == sum(CALENDAR.is_workday(start + timedelta(days=i)) for i in range(1, (due - start).days + 1))


@pytest.mark.django_db
def test_the_page_marks_the_days_that_the_clock_counts(d, at) -> None:
    page = at("jfj1").get("/calendars/?year=2026").content.decode()
    for kind in ("makeup", "holiday"):
        special = sum(f.kind == kind for day, f in CALENDAR.special.items() if day.year == 2026)
        assert page.count(f'<li class="{kind}"') == special > 0
