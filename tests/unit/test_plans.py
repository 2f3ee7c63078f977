"""When plans fall due: the 31st is the last day, each period comes once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.instruments.plans.rules import occurrences


def days(every: str, day: int, start: str, until: str) -> list[str]:
    found = occurrences(every, day, date.fromisoformat(start), date.fromisoformat(until))
    return [f"{name} {d.isoformat()}" for name, d in found]


def test_the_31st_is_the_last_day_of_shorter_months() -> None:
    assert days("month", 31, "2024-01-15", "2024-05-01") == [
        "2024-01 2024-01-31", "2024-02 2024-02-29", "2024-03 2024-03-31", "2024-04 2024-04-30",
    ]  # fmt: skip
    assert days("month", 29, "2025-02-01", "2025-02-28") == ["2025-02 2025-02-28"]


@pytest.mark.parametrize(
    ("every", "day", "start", "until", "found"),
    [
        ("week", 1, "2026-11-25", "2026-12-10", ["2026-W49 2026-11-30", "2026-W50 2026-12-07"]),
        ("week", 5, "2026-12-31", "2027-01-10", ["2026-W53 2027-01-01", "2027-W01 2027-01-08"]),
        ("quarter", 5, "2026-02-01", "2026-12-31", ["2026-Q2 2026-04-05", "2026-Q3 2026-07-05", "2026-Q4 2026-10-05"]),
        ("half", 1, "2026-01-01", "2026-12-31", ["2026-H1 2026-01-01", "2026-H2 2026-07-01"]),
        ("year", 31, "2026-02-10", "2028-12-31", ["2026 2026-02-28", "2027 2027-02-28", "2028 2028-02-29"]),
        ("month", 5, "2026-03-06", "2026-04-04", []),
    ],
)
def test_periods_have_their_day(every: str, day: int, start: str, until: str, found: list[str]) -> None:
    assert days(every, day, start, until) == found


@given(
    st.sampled_from(["week", "month", "quarter", "half", "year"]),
    st.integers(1, 7),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 900),
)
def test_each_period_comes_once_in_order_and_in_bounds(every: str, day: int, start: date, length: int) -> None:
    found = list(occurrences(every, day, start, start + timedelta(days=length)))
    assert len({name for name, _ in found}) == len(found)
    assert [d for _, d in found] == sorted({d for _, d in found})
    assert all(start <= d <= start + timedelta(days=length) for _, d in found)
