from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.domain import clocks
from bihuan.kernel.domain.clocks import Limit, due, light, remaining, shift, warn_at

from ..support import local
from .test_workdays import CALENDAR

FIVE = Limit("workdays", 5)


def test_the_start_day_is_not_counted() -> None:
    assert due(local(2026, 3, 5, 8), FIVE, CALENDAR).day == date(2026, 3, 12)


def test_a_pause_over_a_weekend_shifts_by_its_working_days() -> None:
    pause = (local(2026, 3, 6, 10), local(2026, 3, 9, 15))
    assert due(local(2026, 3, 5, 8), FIVE, CALENDAR, pauses=[pause]).day == date(2026, 3, 13)


def test_a_pause_over_the_spring_festival_shifts_by_two() -> None:
    assert shift([(local(2026, 2, 13, 9), local(2026, 2, 24, 9))], "workdays", CALENDAR) == 2


def test_pausing_and_resuming_on_one_day_shifts_nothing() -> None:
    assert shift([(local(2026, 3, 6, 9), local(2026, 3, 6, 17))], "workdays", CALENDAR) == 0


def test_overlapping_pauses_count_once() -> None:
    a, b = (local(2026, 3, 2), local(2026, 3, 6)), (local(2026, 3, 4), local(2026, 3, 10))
    assert shift([a, b], "workdays", CALENDAR) == shift([(a[0], b[1])], "workdays", CALENDAR)
    assert shift([a, b], "days", CALENDAR) == 8


def test_due_is_the_end_of_the_day_in_shanghai() -> None:
    moment = due(local(2026, 3, 5, 8), FIVE, CALENDAR).moment
    assert moment == datetime(2026, 3, 12, 16, tzinfo=UTC)
    assert light(datetime(2026, 3, 12, 15, 59, 59, tzinfo=UTC), moment, None) == "green"
    assert light(datetime(2026, 3, 12, 16, 0, 0, tzinfo=UTC), moment, None) == "red"


def test_hours_run_through_weekends_and_office_hours_do_not() -> None:
    friday = local(2026, 3, 6, 16)
    assert due(friday, Limit("hours", 24), CALENDAR).moment == local(2026, 3, 7, 16)
    # 1.5 h are left on Friday; Monday brings the other half hour
    assert due(friday, Limit("office_hours", 2), CALENDAR).moment == local(2026, 3, 9, 9)
    pause = [(local(2026, 3, 6, 17), local(2026, 3, 9, 8, 30))]
    assert due(friday, Limit("hours", 24), CALENDAR, pauses=pause).moment == local(2026, 3, 10, 7, 30)


def test_extensions_lengthen_the_limit() -> None:
    assert due(local(2026, 3, 5), Limit("days", 7), CALENDAR, extra=3).day == date(2026, 3, 15)
    fixed = Limit("date", until=date(2026, 3, 6))
    assert due(local(2026, 3, 1), fixed, CALENDAR).day == date(2026, 3, 6)
    assert due(local(2026, 3, 1), fixed, CALENDAR, extra=2).day == date(2026, 3, 10)
    assert due(local(2026, 3, 1), Limit("open"), CALENDAR).moment is None


def test_amber_is_counted_in_working_days() -> None:
    moment = due(local(2026, 3, 5), FIVE, CALENDAR).moment  # Thursday 12th
    assert warn_at(moment, "workdays", 3, CALENDAR) == local(2026, 3, 10)
    monday = due(local(2026, 3, 2), FIVE, CALENDAR).moment  # Monday 9th
    assert warn_at(monday, "workdays", 3, CALENDAR) == local(2026, 3, 5)
    assert warn_at(moment, "days", 3, CALENDAR) == local(2026, 3, 10)
    assert warn_at(None, "days", 3, CALENDAR) is None


def test_what_is_left_is_said_as_people_count() -> None:
    moment = due(local(2026, 3, 5), FIVE, CALENDAR).moment
    assert moment
    assert remaining(local(2026, 3, 12, 23), moment, "workdays", CALENDAR) == (0, "workdays")
    assert remaining(local(2026, 3, 6, 9), moment, "workdays", CALENDAR) == (4, "workdays")
    assert remaining(local(2026, 3, 14, 9), moment, "workdays", CALENDAR) == (-2, "days")


@pytest.mark.parametrize(
    "bad", [{"unit": "weeks"}, {"unit": "days", "n": -1}, {"unit": "date"}, {"unit": "days", "until": date(2026, 1, 1)}]
)
def test_an_odd_limit_is_refused(bad: dict) -> None:
    with pytest.raises(ValueError, match=r"limit|unit|date"):
        Limit(**bad)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1)).map(lambda m: m.replace(tzinfo=clocks.ZONE))


@given(MOMENTS, st.integers(0, 30), st.lists(st.tuples(MOMENTS, st.integers(0, 400)), max_size=4))
def test_pauses_never_bring_the_due_date_forward_and_order_is_nothing(start, n, raw) -> None:
    spans = [(a, a + timedelta(hours=h)) for a, h in raw]
    plain = due(start, Limit("workdays", n), CALENDAR).moment
    paused = due(start, Limit("workdays", n), CALENDAR, pauses=spans).moment
    assert paused >= plain
    assert paused == due(start, Limit("workdays", n), CALENDAR, pauses=spans[::-1]).moment


@given(MOMENTS, st.integers(0, 40))
def test_the_explanation_gives_the_same_date(start, n) -> None:
    limit = Limit("workdays", n)
    found = clocks.explain(start, limit, CALENDAR)
    assert found.due == due(start, limit, CALENDAR)
    assert found.counted == n
