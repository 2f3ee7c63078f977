"""Meetings: from the agenda that builds itself to decisions that are matters, and what must not be possible."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.instruments.meetings import services
from bihuan.instruments.meetings.models import Decision, Item, Meeting
from bihuan.instruments.meetings.selectors import before, kept, meetings_visible_to
from bihuan.instruments.projects import services as projects
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.numerals import chinese
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.mechanisms.promotion.agenda import propose

from ..support import District

pytestmark = pytest.mark.django_db


def meeting(d: District, days: int = 0, **kw) -> Meeting:
    kw = {
        "kind": "promotion",
        "title": "{year}年第{n}次项目推进会",
        "chair": "分管领导",
        "place": "第一会议室",
        "branches": ["龙子湖分会场"],
        "reason": "补录" if days < 0 else "",
        **kw,
    }
    return services.prepare(
        viewer=d.viewer("jfj1"), at=d.now, host=d.units["jfj"], starts_at=d.now + timedelta(days=days), **kw
    )


def called(d: District, **kw) -> Meeting:
    made = meeting(d, **kw)
    who = d.viewer("jfj1")
    services.agenda_set(
        viewer=who, meeting=made, at=d.now, points=[services.Point("东微电子", Item.Why.ADDED, d.project)]
    )
    services.invite(viewer=who, meeting=made, at=d.now, units=[d.units["cgj"], d.units["jsj"]])
    services.call(viewer=who, meeting=made, at=d.now)
    return made


def decided(d: District, made: Meeting, lead: str = "cgj", days: int = 10) -> Decision:
    return services.decide(
        viewer=d.viewer("jfj1"), meeting=made, at=d.now, subject=d.project, lead=d.units[lead], task="打通园区北路",
        due=timezone.localdate() + timedelta(days=days), item=made.items.first(), supporting=[d.units["jsj"]],
    )  # fmt: skip


def test_titles_number_themselves_in_chinese(d: District) -> None:
    for n in range(1, 11):
        made = meeting(d)
        assert made.serial == n
    assert made.title == f"{made.year}年第十次项目推进会"
    with pytest.raises(Refused, match="exists already"):
        meeting(d, serial=3)


@pytest.mark.parametrize(
    ("n", "word"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (100, "100")]
)
def test_chinese_numbers(n: int, word: str) -> None:
    assert chinese(n) == word


def test_a_confirmed_decision_is_a_matter_at_once_with_unit_and_due_day(d: District) -> None:
    made = called(d)
    decision = decided(d, made)
    matter = services.confirm(viewer=d.viewer("jfj1"), decision=decision, at=d.now)
    assert (matter.kind, matter.state, matter.lead.code, matter.verifier.code) == (
        "meeting_task",
        "assigned",
        "cgj",
        "dcs",
    )
    assert services.confirm(viewer=d.viewer("jfj1"), decision=decision, at=d.now).pk == matter.pk
    assert Matter.objects.count() == 1
    assert "DecisionConfirmed" in [e.type for e in stream(f"meeting:{made.pk}").events]
    with pytest.raises(Refused, match="matter already"):
        services.undecide(viewer=d.viewer("jfj1"), decision=Decision.objects.get(), at=d.now)


def test_ending_a_meeting_confirms_what_is_open(d: District) -> None:
    made = called(d)
    decided(d, made)
    decided(d, made, lead="jsj")
    assert services.close(viewer=d.viewer("jfj1"), meeting=made, at=d.now) == 2
    assert Matter.objects.filter(kind="meeting_task", state="assigned").count() == 2
    with pytest.raises(Refused, match="over"):
        services.invite(viewer=d.viewer("jfj1"), meeting=made, at=d.now, units=[d.units["yslj"]])


def test_the_next_agenda_begins_with_what_was_not_done_then_red_projects_then_demands(d: District) -> None:
    first = called(d, days=-20)
    open_, done = decided(d, first), decided(d, first, lead="jsj")
    services.close(viewer=d.viewer("jfj1"), meeting=first, at=d.now)
    done.refresh_from_db()
    for who, command in (("jsj1", c.Accept), ("jsj1", c.Submit), ("dcs1", c.Verify)):
        d.do(who, done.matter, command, *([] if command is c.Accept else ["已办"]))
    demand = d.assigned("demand", lead="cgj", by="jfj1", title="门前停车位不足")
    day = timezone.localdate() - timedelta(days=120)
    from bihuan.kernel.subjects.models import SubjectLabel

    SubjectLabel.objects.create(subject=d.project, label="重点项目")
    projects.file(
        viewer=d.viewer("jfj1"), subject=d.project, at=d.now, entries=[("node", "start", {"planned": day.isoformat()})]
    )
    second = meeting(d)
    assert before(second) == first
    points = propose(d.viewer("jfj1"), second, d.now)
    assert [(p.why, p.title) for p in points] == [
        ("unsolved", open_.task), ("red", "东微电子"), ("demand", demand.title),
    ]  # fmt: skip
    assert kept([first], d.now)[0].rate == 50


def test_a_decision_that_stays_open_comes_back_until_it_is_done(d: District) -> None:
    first = called(d, days=-40)
    open_ = decided(d, first)
    services.close(viewer=d.viewer("jfj1"), meeting=first, at=d.now)
    between = called(d, days=-20)
    services.close(viewer=d.viewer("jfj1"), meeting=between, at=d.now)
    points = propose(d.viewer("jfj1"), meeting(d), d.now)
    assert [(p.why, p.title) for p in points] == [("unsolved", open_.task)]


def test_agendas_are_reordered_and_points_left_out_are_gone(d: District) -> None:
    made = meeting(d)
    who = d.viewer("jfj1")
    points = [services.Point(t, Item.Why.ADDED) for t in ("甲", "乙", "丙")]
    assert services.agenda_set(viewer=who, meeting=made, at=d.now, points=points) == 3
    assert services.agenda_set(viewer=who, meeting=made, at=d.now, points=points) == 0
    a, b, c_ = made.items.values_list("pk", flat=True)
    services.agenda_order(viewer=who, meeting=made, at=d.now, order=[c_, a])
    assert [i.title for i in made.items.all()] == ["丙", "甲"]
    other = meeting(d)
    services.agenda_set(viewer=who, meeting=other, at=d.now, points=points)
    with pytest.raises(Refused):
        services.agenda_order(viewer=who, meeting=made, at=d.now, order=[other.items.first().pk])
    assert b


def test_who_sees_a_meeting(d: District) -> None:
    made = meeting(d)
    seen = {
        who
        for who in ("jfj1", "cgj1", "jcl1", "leader", "zgyh1", "admin")
        if meetings_visible_to(d.viewer(who)).exists()
    }
    assert seen == {"jfj1", "leader"}
    services.agenda_set(viewer=d.viewer("jfj1"), meeting=made, at=d.now, points=[services.Point("甲", Item.Why.ADDED)])
    services.invite(viewer=d.viewer("jfj1"), meeting=made, at=d.now, units=[d.units["cgj"]])
    assert not meetings_visible_to(d.viewer("cgj1")).exists()
    services.call(viewer=d.viewer("jfj1"), meeting=made, at=d.now)
    assert meetings_visible_to(d.viewer("cgj1")).exists()
    assert not meetings_visible_to(d.viewer("jcl1")).exists()


def test_only_the_host_works_on_a_meeting(d: District) -> None:
    made = called(d)
    with pytest.raises(Refused):
        services.prepare(
            viewer=d.viewer("cgj1"), at=d.now, host=d.units["jfj"], kind="promotion", title="x", chair="x", starts_at=d.now, place="x"
        )  # fmt: skip
    for act in (
        lambda who: services.invite(viewer=who, meeting=made, at=d.now, units=[d.units["yslj"]]),
        lambda who: services.cancel(viewer=who, meeting=made, at=d.now, reason="x"),
        lambda who: services.close(viewer=who, meeting=made, at=d.now),
        lambda who: services.decide(
            viewer=who,
            meeting=made,
            at=d.now,
            subject=d.project,
            lead=d.units["cgj"],
            task="x",
            due=timezone.localdate(),
        ),
    ):
        with pytest.raises(Refused) as refused:
            act(d.viewer("cgj1"))
        assert not refused.value.allowed
    assert not Decision.objects.exists()


def test_signing_in_is_for_the_invited_on_the_day_and_once(d: District) -> None:
    made = called(d)
    for _ in range(2):
        services.sign_in(meeting=made, at=d.now, unit=d.units["cgj"], name="  示例 甲 ")
    assert [(s.name, s.venue.name) for s in made.sign_ins.all()] == [("示例 甲", "第一会议室")]
    with pytest.raises(Refused, match="not invited"):
        services.sign_in(meeting=made, at=d.now, unit=d.units["yslj"], name="乙")
    with pytest.raises(Refused, match="three hours"):
        services.sign_in(meeting=made, at=d.now + timedelta(days=2), unit=d.units["cgj"], name="丙")


@pytest.mark.parametrize(("task", "days"), [("", 3), ("长" * 181, 3), ("办", -1)])
def test_decisions_that_cannot_be_are_refused(d: District, task: str, days: int) -> None:
    made = called(d)
    with pytest.raises(Refused):
        services.decide(
            viewer=d.viewer("jfj1"), meeting=made, at=d.now, subject=d.project, lead=d.units["cgj"], task=task,
            due=timezone.localdate() + timedelta(days=days),
        )  # fmt: skip


def test_two_at_once_a_page_shown_before_the_other_ended_or_cancelled_the_meeting_changes_nothing(d: District) -> None:
    who = d.viewer("jfj1")
    made = called(d)
    shown = Meeting.objects.get(pk=made.pk)
    services.cancel(viewer=who, meeting=made, at=d.now, reason="改期")
    for late in (
        lambda: decided(d, shown),
        lambda: services.invite(viewer=who, meeting=shown, at=d.now, units=[d.units["yslj"]]),
        lambda: services.call(viewer=who, meeting=shown, at=d.now),
        lambda: services.close(viewer=who, meeting=shown, at=d.now),
    ):
        shown.state = Meeting.State.CALLED
        with pytest.raises(Refused):
            late()
    assert not made.decisions.exists()


def test_a_meeting_without_agenda_cannot_be_called_and_one_with_matters_not_cancelled(d: District) -> None:
    with pytest.raises(Refused, match="agenda"):
        services.call(viewer=d.viewer("jfj1"), meeting=meeting(d), at=d.now)
    made = called(d)
    services.confirm(viewer=d.viewer("jfj1"), decision=decided(d, made), at=d.now)
    with pytest.raises(Refused, match="matters already"):
        services.cancel(viewer=d.viewer("jfj1"), meeting=made, at=d.now, reason="x")


def test_the_lead_unit_sees_the_matter_of_a_decision_and_a_stranger_does_not(d: District) -> None:
    matter = services.confirm(viewer=d.viewer("jfj1"), decision=decided(d, called(d)), at=d.now)
    assert visible_to(d.viewer("cgj1")).filter(pk=matter.pk).exists()
    assert not visible_to(d.viewer("jcl1")).filter(pk=matter.pk).exists()
