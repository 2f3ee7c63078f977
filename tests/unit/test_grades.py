"""Grades of fires at every bound of every scale, across the change of 2025-05-01, and the window in which a death counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings

from bihuan.mechanisms.fire.grades import Casualty, grade, harm, head, shipped

CODES = shipped(settings.CATALOGUE / "fire" / "incidents.toml")
BEFORE, AFTER = date(2025, 4, 30), date(2025, 5, 1)
YUAN = 100


def dead(n: int, day: date, after: int = 0) -> list[Casualty]:
    return [Casualty(True, day + timedelta(days=after))] * n


def of(scale: str, day: date, people: list[Casualty] | None = None, yuan: float = 2_000) -> str:
    return grade(CODES.scale(scale, day), day, people or [], int(yuan * YUAN))


@pytest.mark.parametrize("scale", ["statistics", "accident"])
@pytest.mark.parametrize("day", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("n", "grade_"),
    [(1, "ordinary"), (2, "ordinary"), (3, "larger"), (9, "larger"), (10, "major"), (29, "major"), (30, "extra_major"), (31, "extra_major")],
)  # fmt: skip
def test_deaths_at_every_bound(scale: str, day: date, n: int, grade_: str) -> None:
    assert of(scale, day, dead(n, day)) == grade_


@pytest.mark.parametrize("scale", ["statistics", "accident"])
@pytest.mark.parametrize("day", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("n", "grade_"), [(9, "ordinary"), (10, "larger"), (49, "larger"), (50, "major"), (99, "major"), (100, "extra_major")]
)  # fmt: skip
def test_seriously_hurt_at_every_bound(scale: str, day: date, n: int, grade_: str) -> None:
    assert of(scale, day, [Casualty(True)] * n) == grade_
    assert of(scale, day, [Casualty(False)] * n) == "ordinary"


@pytest.mark.parametrize(
    ("scale", "day", "million", "grade_"),
    [
        ("statistics", BEFORE, 10, "larger"), ("statistics", BEFORE, 50, "major"), ("statistics", BEFORE, 100, "extra_major"),
        ("statistics", AFTER, 30, "larger"), ("statistics", AFTER, 100, "major"), ("statistics", AFTER, 300, "extra_major"),
        ("accident", BEFORE, 10, "larger"), ("accident", AFTER, 10, "larger"), ("accident", AFTER, 50, "major"), ("accident", AFTER, 100, "extra_major"),
    ],
)  # fmt: skip
def test_loss_at_every_bound_includes_it(scale: str, day: date, million: int, grade_: str) -> None:
    lower = {"larger": "ordinary", "major": "larger", "extra_major": "major"}[grade_]
    assert of(scale, day, yuan=million * 1e6) == grade_
    assert of(scale, day, yuan=million * 1e6 - 0.01) == lower


def test_the_same_loss_is_another_grade_from_the_first_of_may_on() -> None:
    assert [of("statistics", d, yuan=20e6) for d in (BEFORE, AFTER)] == ["larger", "ordinary"]
    assert [of("statistics", d, yuan=120e6) for d in (BEFORE, AFTER)] == ["extra_major", "major"]


def test_a_minor_fire_harms_nobody_and_costs_less_than_a_thousand_since_2025_05() -> None:
    assert of("statistics", AFTER, yuan=999.99) == "minor"
    assert of("statistics", AFTER, yuan=1_000) == "ordinary"
    assert of("statistics", AFTER, [Casualty(False)], yuan=1) == "ordinary"
    assert of("statistics", BEFORE, yuan=1) == "ordinary"
    assert of("accident", AFTER, yuan=1) == "ordinary"


@pytest.mark.parametrize(("after", "grade_"), [(0, "larger"), (29, "larger"), (30, "larger"), (31, "ordinary")])
def test_a_death_on_day_29_changes_the_grade_and_one_on_day_31_does_not(after: int, grade_: str) -> None:
    people = [*dead(2, AFTER), *dead(1, AFTER, after)]
    assert of("statistics", AFTER, people) == grade_


@pytest.mark.parametrize(
    ("day", "after", "grade_"), [(BEFORE, 7, "larger"), (BEFORE, 8, "ordinary"), (BEFORE, 29, "ordinary")]
)
def test_the_earlier_window_is_seven_days(day: date, after: int, grade_: str) -> None:
    assert of("statistics", day, [*dead(2, day), *dead(1, day, after)]) == grade_


def test_who_died_after_the_window_counts_as_seriously_hurt() -> None:
    scale = CODES.scale("statistics", AFTER)
    counted = harm(scale, AFTER, [*dead(1, AFTER), *dead(1, AFTER, 31), Casualty(False), Casualty(True)])
    assert (counted.dead, counted.serious, counted.hurt) == (1, 2, 3)
    assert of("statistics", AFTER, [*dead(1, AFTER, 31), *[Casualty(True)] * 9]) == "larger"


def test_there_is_no_scale_before_the_first_and_the_edition_follows_the_day_of_the_fire() -> None:
    with pytest.raises(LookupError):
        CODES.scale("statistics", date(1990, 1, 1))
    assert CODES.scale("statistics", BEFORE).window == 7
    assert CODES.scale("statistics", AFTER).window == 30


def test_a_household_bound_counts_once_the_district_enters_it() -> None:
    from dataclasses import replace

    scale = CODES.scale("statistics", AFTER)
    own = replace(scale, bounds=tuple((n, {**b, "households": 30} if n == "larger" else b) for n, b in scale.bounds))
    assert grade(scale, AFTER, [], 10**6, 30) == "ordinary"
    assert [grade(own, AFTER, [], 10**6, n) for n in (29, 30)] == ["ordinary", "larger"]


def test_words_bands_and_causes() -> None:
    assert [CODES.band(h) for h in (0, 5, 6, 13, 22, 23)] == ["b0", "b0", "b1", "b2", "b5", "b5"]
    assert head("010103") == "010000"
    assert all(head(code) in CODES.words["cause"] for code in CODES.words["cause"])
    assert not CODES.words["cause"]["030000"].confirmed
