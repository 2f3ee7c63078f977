"""Each duty of the worker runs apart: what one raises stays its own, is counted, shown and tried again with growing pauses."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import OperationalError

from bihuan.kernel.registry import duties
from bihuan.kernel.registry.duties import Duty, run_due
from bihuan.kernel.registry.models import DutyRun
from bihuan.kernel.registry.registry import Registry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)


class Bad(Exception):
    """A row that nobody expected."""


@pytest.fixture
def own(monkeypatch) -> Registry[Duty]:
    """A registry of its own."""
    found: Registry[Duty] = Registry("duty")
    monkeypatch.setattr(duties, "duties", found)
    return found


def test_whichever_duty_raises_all_the_others_have_their_turn(monkeypatch) -> None:
    every = [d.name for d in duties.duties]
    assert {"clock", "checkpoint", "proof", "beat", "tidy"} <= set(every)
    for bad in every:
        ran: list[str] = []
        found: Registry[Duty] = Registry("duty")
        for d in duties.duties:

            def run(now: datetime, name: str = d.name, bad: str = bad, ran: list[str] = ran) -> None:
                if name == bad:
                    raise Bad("one bad row")
                ran.append(name)

            found.add(d.name, Duty(d.name, d.title, run, every=d.every, daily=d.daily, alone=d.alone, order=d.order))
        with monkeypatch.context() as m:
            m.setattr(duties, "duties", found)
            DutyRun.objects.all().delete()
            run_due(NOW)
        assert set(ran) == set(every) - {bad}
        row = DutyRun.objects.get(pk=bad)
        assert (row.failures, row.error) == (1, "Bad: one bad row")


def test_what_fails_is_tried_again_with_growing_pauses_and_then_forgotten(own: Registry[Duty]) -> None:
    broken, tries = [True], []

    def run(now: datetime) -> None:
        tries.append(now)
        if broken:
            raise Bad("still")

    own.add("x", Duty("x", "x", run))
    now = NOW
    waits = []
    for _ in range(4):
        run_due(now)
        row = DutyRun.objects.get(pk="x")
        waits.append(row.next_at - now)
        run_due(row.next_at - timedelta(seconds=1))
        now = row.next_at
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert len(tries) == 4, "before its pause is over it is left alone"
    broken.clear()
    run_due(now)
    assert (DutyRun.objects.get(pk="x").failures, DutyRun.objects.get(pk="x").error) == (0, "")


def test_a_busy_database_is_tried_again_at_once(own: Registry[Duty]) -> None:
    tries = []

    def run(now: datetime) -> None:
        tries.append(now)
        raise OperationalError("database is locked")

    own.add("x", Duty("x", "x", run))
    for _ in range(3):
        run_due(NOW)
    assert len(tries) == 3


def test_a_duty_with_an_interval_waits_for_it_and_a_daily_one_for_its_hour(own: Registry[Duty]) -> None:
    ran: list[str] = []
    own.add("often", Duty("often", "", lambda now: ran.append("often"), every=timedelta(minutes=1)))
    own.add("nightly", Duty("nightly", "", lambda now: ran.append("nightly"), daily=time(2, 0)))
    own.add("always", Duty("always", "", lambda now: ran.append("always")))
    run_due(NOW)
    run_due(NOW + timedelta(seconds=30))
    assert sorted(ran) == ["always", "always", "nightly", "often"]
    ran.clear()
    run_due(NOW + timedelta(seconds=61))
    assert sorted(ran) == ["always", "often"]
    ran.clear()
    run_due(datetime(2026, 11, 30, 17, 59, tzinfo=UTC))  # 01:59 of the next day here
    assert "nightly" not in ran
    run_due(datetime(2026, 11, 30, 18, 1, tzinfo=UTC))
    assert "nightly" in ran


def test_what_is_for_one_worker_alone_is_not_begun_by_two(own: Registry[Duty]) -> None:
    ran = []

    def run(now: datetime) -> None:
        ran.append(now)
        run_due(now + timedelta(seconds=1))  # a second worker looks meanwhile

    own.add("x", Duty("x", "x", run, every=timedelta(minutes=1), alone=True))
    run_due(NOW)
    assert len(ran) == 1
    run_due(NOW + timedelta(minutes=2))
    assert len(ran) == 2


def test_a_worker_that_died_in_a_duty_does_not_hold_it_for_ever(own: Registry[Duty]) -> None:
    ran = []
    own.add("x", Duty("x", "x", lambda now: ran.append(now), every=timedelta(minutes=1), alone=True))
    DutyRun.objects.create(name="x", begun_at=NOW)
    run_due(NOW + timedelta(minutes=5))
    assert ran == []
    run_due(NOW + duties.CLAIMED_FOR + timedelta(minutes=1))
    assert len(ran) == 1
