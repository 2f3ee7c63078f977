"""Lights of projects by the published schemes, at their very thresholds; the typed reading of a file; drawing by lot."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.instruments.projects.rules import Project, catalogue, read, running
from bihuan.instruments.supervision.rules import drawn
from bihuan.kernel.calendars import rules as calendars
from bihuan.kernel.domain.money import FEN_OF_WAN, spoken, wan
from bihuan.kernel.domain.months import month_before, months_later
from bihuan.mechanisms.promotion import lights
from bihuan.mechanisms.promotion.catalogue import light_schemes, presets, reporting, score_schemes

ROOT = Path(__file__).parents[2]
WORDS = catalogue(ROOT / "catalogue" / "projects" / "project.toml")
CALENDAR = calendars.calendar_of(calendars.shipped(ROOT / "catalogue" / "holidays"))
TODAY = date(2024, 8, 15)


def project(**parts) -> Project:
    """A file with a plan of 1200 万元 for 2024 since January."""
    body = {"identity": {"main": {"since": "2024-01"}}, "year": {"2024": {"plan": 1200 * FEN_OF_WAN}}, **parts}
    return read(body, WORDS)


def months(*actual: float, plan: int | None = None) -> dict:
    found = {}
    for n, value in enumerate(actual, 1):
        found[f"2024-{n:02}"] = {"actual": int(value * FEN_OF_WAN), "reported": "2024-02-01", "progress": "x"}
        if plan is not None:
            found[f"2024-{n:02}"]["plan"] = plan * FEN_OF_WAN
    return found


def colour(scheme: str, p: Project, today: date = TODAY, **matters: int) -> str:
    seen = lights.Seen(p, lights.Matters(**matters), today, "2024-07", CALENDAR, light_schemes()[scheme])
    return lights.light(seen).colour


@pytest.mark.parametrize(
    ("short", "want"), [(0, "green"), (9.9, "green"), (10, "amber"), (30, "amber"), (30.1, "red"), (58, "red")]
)
def test_pace_of_yinchuan_counts_points_of_the_year(short: float, want: str) -> None:
    spent = 700 - 12 * short  # planned to July: 700 of 1200, a point is 12
    assert colour("yinchuan", project(month=months(spent, *[0] * 6))) == want


@pytest.mark.parametrize(
    ("planned", "want"),
    [("2024-08-15", "green"), ("2024-08-14", "amber"), ("2024-05-16", "amber"), ("2024-05-15", "red")],
)
def test_start_of_works_is_amber_when_due_and_red_after_three_months(planned: str, want: str) -> None:
    p = project(node={"start": {"planned": planned}}, month=months(*[100] * 7))
    assert colour("yinchuan", p) == want


@pytest.mark.parametrize(
    ("start", "want"),
    [
        ("2024-07-16", "green"),
        ("2024-07-15", "green"),
        ("2024-07-14", "amber"),
        ("2024-06-15", "amber"),
        ("2024-06-14", "red"),
    ],
)
def test_statistics_are_amber_after_one_month_and_red_after_two(start: str, want: str) -> None:
    p = project(node={"start": {"planned": start, "actual": start}}, month=months(*[100] * 7))
    assert colour("yinchuan", p) == want
    entered = {"main": {"since": "2024-01", "statistics": start}}
    assert (
        colour("yinchuan", project(identity=entered, node={"start": {"actual": start}}, month=months(*[100] * 7)))
        == "green"
    )


@pytest.mark.parametrize(
    ("actual", "want"), [(2000, "green"), (1999, "amber"), (1000, "amber"), (999, "red"), (0, "red")]
)
def test_sanya_looks_at_what_is_short_of_the_month_s_plan(actual: float, want: str) -> None:
    assert colour("sanya", project(month=months(*[2000] * 6, actual, plan=2000))) == want


def test_sanya_leaves_small_plans_out_and_counts_missing_months() -> None:
    assert colour("sanya", project(month=months(*[100] * 7, plan=999))) == "none"
    assert colour("sanya", project(month=months(*[2000] * 6, plan=2000))) == "amber"
    assert colour("sanya", project(month=months(*[2000] * 5, plan=2000))) == "red"


@pytest.mark.parametrize(("actual", "want"), [(80, "green"), (79.9, "amber"), (60, "amber"), (59.9, "red")])
def test_xinhuang_looks_at_the_month_s_task(actual: float, want: str) -> None:
    assert colour("xinhuang", project(month=months(*[100] * 6, actual, plan=100))) == want


@pytest.mark.parametrize(
    ("late", "want"), [(0, "green"), (1, "blue"), (2, "blue"), (3, "amber"), (7, "amber"), (8, "red")]
)
def test_huating_gives_slips(late: int, want: str) -> None:
    assert colour("huating", project(month=months(*[100] * 7)), late=late) == want


@pytest.mark.parametrize(("left", "want"), [(31, "green"), (30, "amber"), (16, "amber"), (15, "red"), (-2, "red")])
def test_a_permit_that_lapses_shows_until_works_begin(left: int, want: str) -> None:
    permit = {"a": {"id": "works_plan", "granted": "2023-09-01", "lapses": (TODAY + timedelta(days=left)).isoformat()}}
    assert colour("bihuan", project(permit=permit, month=months(*[100] * 7))) == want
    started = {"main": {"since": "2024-01", "statistics": "2024-08-01"}}
    p = project(permit=permit, identity=started, node={"start": {"actual": "2024-08-01"}}, month=months(*[100] * 7))
    assert running(p) == []
    assert colour("bihuan", p) == "green"


def test_the_worst_wins_with_all_reasons_and_an_excuse_makes_it_grey_until_its_day() -> None:
    parts = {"node": {"start": {"planned": "2024-01-01"}}, "month": months(*[60] * 7)}
    seen = lights.Seen(project(**parts), lights.Matters(late=2), TODAY, "2024-07", CALENDAR, light_schemes()["bihuan"])
    found = lights.light(seen)
    assert found.colour == "red"
    assert [r.colour for r in found.reasons] == sorted((r.colour for r in found.reasons), key=lights.ORDER.index)
    assert len(found.reasons) >= 3
    excused = {**parts, "excuse": {"main": {"reason": "征地", "until": "2024-08-15"}}}
    assert colour("bihuan", project(**excused)) == "grey"
    assert (
        colour("bihuan", project(**{**excused, "excuse": {"main": {"reason": "征地", "until": "2024-08-14"}}})) == "red"
    )


def test_an_empty_file_is_not_rated_and_an_early_month_not_asked_of_a_late_file() -> None:
    assert colour("bihuan", read({}, WORDS)) == "none"
    late = {"main": {"since": "2024-08"}}
    assert colour("yinchuan", project(identity=late)) == "green"
    assert lights.missing(project(identity=late), "2024-07") == []


def test_reports_are_due_on_the_fifth_or_the_next_working_day() -> None:
    rule = reporting()
    # 5 October 2024 lies in the holidays: the 8th
    assert lights.due_day("2024-09", rule.day, rule.workday, CALENDAR) == date(2024, 10, 8)
    assert lights.last_due(date(2024, 10, 8), rule.day, rule.workday, CALENDAR) == "2024-08"
    assert lights.last_due(date(2024, 10, 9), rule.day, rule.workday, CALENDAR) == "2024-09"


def test_the_curve_of_a_year_ends_at_its_plan_and_stops_at_the_last_report() -> None:
    curve = project(month=months(100, 100, 50)).curve(2024)
    assert curve[-1][1] == 1200 * FEN_OF_WAN
    assert [s for _, _, s in curve[:4]] == [100 * FEN_OF_WAN, 200 * FEN_OF_WAN, 250 * FEN_OF_WAN, None]
    own = project(month={"2024-01": {"plan": 600 * FEN_OF_WAN}})
    assert own.month_plan("2024-02") == 54 * FEN_OF_WAN  # what 600 leave, in eleven whole shares


@given(st.integers(0, 10**13))
def test_money_in_wan_is_exact(fen: int) -> None:
    whole, _, rest = wan(fen).partition(".")
    assert int(whole) * FEN_OF_WAN + int(rest.ljust(6, "0") or 0) == fen


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "0万元"),
        (FEN_OF_WAN, "1万元"),
        (12_345_678, "12.35万元"),
        (10_000 * FEN_OF_WAN, "1亿元"),
        (123_456 * FEN_OF_WAN, "12.35亿元"),
    ],
)
def test_money_as_people_say_it(fen: int, text: str) -> None:
    assert spoken(fen) == text


def test_months_and_permits_end_as_the_calendar_does() -> None:
    assert months_later(date(2024, 11, 30), 3) == date(2025, 2, 28)
    assert months_later(date(2024, 1, 31), 12) == date(2025, 1, 31)
    assert month_before("2024-01") == "2023-12"


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=60), st.integers(1, 100), st.text(max_size=8))
def test_a_lot_is_the_same_for_everybody_who_draws_it(numbers: list[int], percent: int, seed: str) -> None:
    found = drawn(numbers, percent, seed)
    assert found == drawn(reversed(numbers), percent, seed)
    assert set(found) <= set(numbers)
    assert len(found) == -(-len(numbers) * percent // 100)


def test_the_catalogue_is_whole() -> None:
    assert {"yinchuan", "sanya", "xinhuang", "huating"} <= set(light_schemes())
    assert sum(p.points for p in score_schemes()["three_batches"].parts) == 100
    assert {p.id for p in presets()} >= {
        "13710-general",
        "37-supporting",
        "37-lead",
        "51530-simple",
        "51530-cross",
        "51530-hard",
    }
    assert all(s.source for s in light_schemes().values())
