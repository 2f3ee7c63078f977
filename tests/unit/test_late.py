"""What came late, and what makes no sense: the pure rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bihuan.kernel.domain import late
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import Refused

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ENTRY = {
    "valid_from": date(2020, 1, 1), "ahead_minutes": 10, "shown_hours": 24, "late_hours": 72, "oldest_days": 800, "before_file_days": 400, "planned_days": 3650,
    "earliest": date(1949, 10, 1), "source": "x", "confirmed": False,
}  # fmt: skip
SPANS = late.editions([ENTRY], "test")[0]


def test_the_shipped_spans_can_be_read_and_say_that_they_are_to_be_checked() -> None:
    found = late.shipped(Path(__file__).parents[2] / "catalogue" / "record.toml")
    assert found
    assert all(s.source and not s.confirmed for s in found)


def test_an_edition_counts_from_its_day_on() -> None:
    found = late.editions([{**ENTRY, "valid_from": date(2027, 1, 1), "late_hours": 48}, ENTRY], "test")
    assert late.spans_on(found, date(2026, 12, 31)).late == timedelta(hours=72)
    assert late.spans_on(found, date(2027, 1, 1)).late == timedelta(hours=48)
    assert late.spans_on(found, date(2010, 1, 1)).late == timedelta(hours=72), "the first, before there was any"


@pytest.mark.parametrize(
    "wrong", [{"late_hours": 1}, {"oldest_days": 1}, {"ahead_minutes": -1}, {"before_file_days": -1}, {"shown_hours": "x"}]
)  # fmt: skip
def test_spans_that_contradict_one_another_are_no_catalogue(wrong) -> None:
    with pytest.raises(BadCatalogue):
        late.editions([{**ENTRY, **wrong}], "test")


@pytest.mark.parametrize("missing", sorted(set(ENTRY) - {"valid_from"}))
def test_a_span_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(BadCatalogue, match=missing):
        late.editions([{k: v for k, v in ENTRY.items() if k != missing}], "test")


def test_a_clock_a_little_ahead_is_now_and_one_far_ahead_is_refused() -> None:
    assert late.sensible(NOW + timedelta(minutes=10), NOW, SPANS) == NOW
    with pytest.raises(Refused) as error:
        late.sensible(NOW + timedelta(minutes=10, seconds=1), NOW, SPANS)
    assert error.value.field == "at"


@pytest.mark.parametrize(
    "at",
    [
        datetime(1970, 1, 1, tzinfo=UTC), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        NOW - timedelta(days=800, seconds=1),
    ],
)  # fmt: skip
def test_what_lies_beyond_sense_is_refused_and_never_breaks(at: datetime) -> None:
    with pytest.raises(Refused):
        late.sensible(at, NOW, SPANS)


def test_long_before_the_file_was_opened_nothing_was_done_there() -> None:
    opened = NOW - timedelta(days=10)
    assert late.sensible(NOW - timedelta(days=410), NOW, SPANS, opened)
    with pytest.raises(Refused):
        late.sensible(NOW - timedelta(days=411), NOW, SPANS, opened)


def test_the_spans_are_met_exactly() -> None:
    assert not late.both_shown(NOW - timedelta(hours=24), NOW, SPANS)
    assert late.both_shown(NOW - timedelta(hours=24, microseconds=1), NOW, SPANS)
    assert not late.came_late(NOW - timedelta(hours=72), NOW, SPANS)
    assert late.came_late(NOW - timedelta(hours=72, microseconds=1), NOW, SPANS)


def test_what_came_late_needs_a_reason_and_what_was_in_time_keeps_none() -> None:
    assert late.reason_given(" 现场\n无网络 ", True, SPANS) == "现场 无网络"
    assert late.reason_given("x", False, SPANS) == ""
    for reason in ("", " \n ", "字" * 301):
        with pytest.raises(Refused) as error:
            late.reason_given(reason, True, SPANS)
        assert error.value.field == "reason"


@pytest.mark.parametrize(
    ("name", "same"),
    [("王伟", True), ("王 伟", True), ("王伟(证号123)", True), ("Wang Wei", True), ("王伟强", False), ("小王伟", False), ("", False), ("u1", True)],
)  # fmt: skip
def test_a_named_person_is_known_however_the_name_is_written(name: str, same: bool) -> None:
    assert late.same_person(["别人", name], ["u1", "王伟", "wangwei"]) is same
    assert not late.same_person(["别人", name], ["", " "])


@pytest.mark.parametrize("day", [date(2026, 3, 3), date(1949, 9, 30), date.min, date.max])
def test_a_day_that_cannot_be_is_refused(day: date) -> None:
    with pytest.raises(Refused) as error:
        late.sensible_day(day, date(2026, 3, 2), SPANS, "served")
    assert error.value.field == "served"
    late.sensible_day(date(2026, 3, 2), date(2026, 3, 2), SPANS, "served")
