from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.calendars.rules import calendar_of, parse, shipped
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.workdays import Notice, Workdays

ROOT = Path(__file__).resolve().parents[2]
CALENDAR = calendar_of(shipped(ROOT / "catalogue/holidays"))
DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2025-04-25", 3, "2025-04-29"), ("2025-09-26", 3, "2025-09-30"), ("2025-09-30", 3, "2025-10-11"),
        ("2026-02-13", 3, "2026-02-25"), ("2026-09-30", 2, "2026-10-09"), ("2025-01-24", 5, "2025-02-07"),
        ("2024-09-27", 15, "2024-10-23"), ("2024-12-30", 3, "2025-01-03"), ("2024-02-29", 15, "2024-03-21"),
    ],
)  # fmt: skip
def test_published_vectors(start: str, n: int, due: str) -> None:
    assert CALENDAR.add(date.fromisoformat(start), n).isoformat() == due


def test_every_day_agrees_with_the_oracle() -> None:
    day = date(2019, 1, 1)
    while day <= date(2026, 12, 31):
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@given(DAYS, st.integers(1, 300))
def test_adding_then_counting_gives_the_number(start: date, n: int) -> None:
    due = CALENDAR.add(start, n)
    assert CALENDAR.count(start, due) == n
    assert CALENDAR.is_workday(due)


@given(DAYS, DAYS)
def test_counting_is_a_sum_of_days(a: date, b: date) -> None:
    if a <= b:
        days = [a + timedelta(days=i) for i in range(1, (b - a).days + 1)]
        assert CALENDAR.count(a, b) == sum(map(CALENDAR.is_workday, days)) == -CALENDAR.count(b, a)


@given(DAYS, st.integers(0, 60))
def test_the_explanation_accounts_for_every_day(start: date, n: int) -> None:
    due = CALENDAR.add(start, n)
    skipped = CALENDAR.explain(start, due)
    off = sum(s.kind != "makeup" for s in skipped)
    assert (due - start).days - off == n


def test_past_the_last_notice_it_counts_on_and_says_so() -> None:
    due = CALENDAR.add(date(2026, 12, 28), 10)
    assert due == date(2027, 1, 11)
    assert CALENDAR.is_provisional(due)
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


def test_a_gap_between_notices_is_provisional() -> None:
    gappy = Workdays.of([Notice(2020, "a", {}, {}), Notice(2022, "b", {}, {})])
    assert gappy.known_until == date(2020, 12, 31)


def test_it_refuses_what_lies_before_its_data() -> None:
    with pytest.raises(ValueError, match="2018-12-31"):
        CALENDAR.add(date(2018, 12, 31), 1)
    with pytest.raises(ValueError, match="-1"):
        CALENDAR.add(date(2020, 1, 1), -1)
    with pytest.raises(ValueError, match="at least one"):
        Workdays.of([])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nonsense", "not a notice"),
        ('year = 2027\nnumber = "x"\nissued = 2026-11-01\nmakeup_days = [2027-01-04]\n[days_off]\n', "no weekend"),
        (
            'year = 2027\nnumber = "x"\nissued = 2026-11-01\nmakeup_days = []\n[days_off]\n"元旦" = [2029-01-01]\n',
            "outside",
        ),
        (
            'year = 2027\nnumber = "x"\nissued = 2026-11-01\nmakeup_days = [2027-01-02]\n[days_off]\n"元旦" = [2027-01-02]\n',
            "both",
        ),
        ('year = 2027\nnumber = "x"\nissued = "soon"\nmakeup_days = []\n[days_off]\n', "is a date"),
        ('year = 2027\nnumber = "x"\n', "not a notice"),
    ],
)
def test_a_bad_notice_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse(text)
