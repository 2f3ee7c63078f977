"""Recurring plans make each period's matter once, and mark the late ones."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.instruments.plans import services
from bihuan.instruments.plans.models import Period, Plan
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter

from ..support import District, local

pytestmark = pytest.mark.django_db


def plan(d: District, **kw) -> Plan:
    values = {
        "viewer": d.viewer("jfj1"), "at": timezone.now(), "unit": d.units["jfj"], "lead": d.units["cgj"], "subject": d.project,
        "kind": "obstacle", "title": "现场巡查", "every": "month", "day": 31, "start": timezone.localdate(), **kw,
    }  # fmt: skip
    return services.plan_make(**values)


def test_each_period_exists_once_however_often_the_worker_looks(d: District) -> None:
    with time_machine.travel(local(2027, 1, 10)):
        made = plan(d)
        assert services.run(at=timezone.now()) == 0
    for when in (local(2027, 1, 31), local(2027, 2, 28)):
        with time_machine.travel(when):
            assert services.run(at=timezone.now()) == 1
            assert services.run(at=timezone.now()) == 0
    periods = list(Period.objects.order_by("day").values_list("name", "day", "late"))
    assert periods == [("2027-01", date(2027, 1, 31), False), ("2027-02", date(2027, 2, 28), False)]
    matters = Matter.objects.order_by("number")
    assert [m.title for m in matters] == ["现场巡查(2027-01)", "现场巡查(2027-02)"]
    assert {(m.state, m.lead.code, m.assigner.code) for m in matters} == {("assigned", "cgj", "jfj")}
    assert made.periods.count() == 2


def test_periods_that_were_missed_are_made_late_and_counted_from_their_day(d: District) -> None:
    with time_machine.travel(local(2027, 1, 10)):
        plan(d)
    with time_machine.travel(local(2027, 4, 2)):
        assert services.run(at=timezone.now()) == 3
    periods = Period.objects.order_by("day").select_related("matter")
    assert [p.late for p in periods] == [True, True, True]
    assert [local_day(p.matter.raised_at) for p in periods] == [p.day for p in periods]
    entered = Event.objects.filter(stream=f"matter:{periods[0].matter_id}", seq=1).get().entered_at
    assert local_day(entered) == date(2027, 4, 2)


def test_a_period_whose_row_was_lost_is_not_made_twice(d: District) -> None:
    with time_machine.travel(local(2027, 1, 31)):
        plan(d)
        services.run(at=timezone.now())
        Period.objects.all().delete()
        services.run(at=timezone.now())
    assert (Matter.objects.count(), Period.objects.count()) == (1, 1)


def test_on_a_holiday_the_next_working_day_where_wanted(d: District) -> None:
    with time_machine.travel(local(2026, 1, 1)):
        plan(d, day=1, workday=True)
        assert services.run(at=timezone.now()) == 0
    with time_machine.travel(local(2026, 1, 4)):
        assert services.run(at=timezone.now()) == 1
    assert Period.objects.get().day == date(2026, 1, 4)


def test_a_stopped_plan_makes_no_more(d: District) -> None:
    with time_machine.travel(local(2027, 1, 10)):
        made = plan(d)
        services.plan_stop(viewer=d.viewer("jfj2"), at=timezone.now(), plan=made, reason="项目竣工")
    with time_machine.travel(local(2027, 3, 31)):
        assert services.run(at=timezone.now()) == 0
    assert [e.type for e in Event.objects.filter(stream=f"plan:{made.pk}")] == ["PlanMade", "PlanStopped"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"day": 32}, "at most 31"), ({"day": 8, "every": "week"}, "1 to 7"), ({"start": date(2020, 1, 1)}, "today at the earliest"),
        ({"end": date(2020, 1, 1)}, "before the first"), ({"kind": "hazard_general"}, "another type"),
    ],
)  # fmt: skip
def test_impossible_plans_are_refused(d: District, values: dict, says: str) -> None:
    with pytest.raises(Refused, match=says):
        plan(d, **values)


def test_only_the_own_units_plans_are_seen_made_and_stopped(d: District, at) -> None:
    made = plan(d)
    with pytest.raises(Refused):
        plan(d, unit=d.units["jsj"])
    with pytest.raises(Refused):
        services.plan_stop(viewer=d.viewer("cgj1"), at=timezone.now(), plan=made, reason="x")
    assert "现场巡查" in at("jfj1").get("/plans/").content.decode()
    assert "现场巡查" in at("cgj1").get("/plans/").content.decode()
    assert "现场巡查" not in at("jsj1").get("/plans/").content.decode()
    assert (
        at("jsj1").get(f"/plans/{made.pk}/stop/").status_code
        == at("cgj1").get(f"/plans/{made.pk}/stop/").status_code
        == 404
    )
    assert at("leader").get("/plans/new/").status_code == 403


def test_a_plan_is_made_and_stopped_in_the_browser(d: District, at) -> None:
    form = {
        "unit": "jfj", "lead": d.units["cgj"].pk, "subject": d.project.code, "kind": "obstacle", "title": "每月巡查", "every": "month",
        "day": 31, "start": (timezone.localdate() + timedelta(days=1)).isoformat(), "workday": "on",
    }  # fmt: skip
    assert at("jfj1").post("/plans/new/", form).status_code == 302
    made = Plan.objects.get()
    assert made.workday
    assert at("jfj1").post("/plans/new/", {**form, "unit": "jsj"}).status_code == 404
    assert at("jfj1").post(f"/plans/{made.pk}/stop/", {"reason": "竣工"}).status_code == 302
    made.refresh_from_db()
    assert made.end == timezone.localdate()
