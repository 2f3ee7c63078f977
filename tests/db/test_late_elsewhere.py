"""The same rule for what else people date by hand: meetings, which are assessed, and days, which are only held to sense."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from bihuan.engines.scoring import Fact
from bihuan.instruments.assessment.metrics import year_span
from bihuan.instruments.assessment.sources import meeting_source
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.late import decide_meeting, waiting
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.premises import services as premises
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.projects import services as projects
from bihuan.instruments.projects.selectors import words
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.proving import differences
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import services as counselling
from bihuan.mechanisms.financing import services as financing
from bihuan.mechanisms.fire.incidents import Told, register
from bihuan.mechanisms.fire.models import Incident

from ..support import District

pytestmark = pytest.mark.django_db
ANCIENT, NEXT = date(1949, 9, 30), timedelta(days=1)


def prepared(d: District, starts_at: datetime, who: str = "lzh1", reason: str = "") -> Meeting:
    return meetings.prepare(
        viewer=d.viewer(who), at=d.now, host=d.units[who.rstrip("12")], kind="work", title="工作会议", chair="主任", starts_at=starts_at,
        place="会议室", reason=reason,
    )  # fmt: skip


def called(d: District, made: Meeting, who: str = "lzh1") -> Meeting:
    meetings.agenda_set(viewer=d.viewer(who), meeting=made, at=d.now, points=[meetings.Point("议题", "added")])
    meetings.invite(viewer=d.viewer(who), meeting=made, at=d.now, units=[d.units["jcl"]])
    meetings.call(viewer=d.viewer(who), meeting=made, at=d.now)
    return made


def head(d: District) -> str:
    person = Person.objects.create(username="lzh0", name="负责人lzh")
    d.people["lzh0"] = person
    Post.objects.create(
        unit=d.units["lzh"], title="主任", role="head", person=person, scope_territory=d.a, valid_from="2020-01-01"
    )
    return "lzh0"


def hosted(d: District) -> tuple[Fact | None, Fact | None]:
    """What counts of meetings held by the township, and of the office's meetings it came to."""
    facts = meeting_source("fire").measure(year_span(d.now.year, d.now), None)
    return facts["fire.meetings"].get(d.units["lzh"].pk), facts["fire.attended"].get(d.units["jcl"].pk)


@time_machine.travel(datetime(2026, 6, 15, 2, tzinfo=UTC), tick=False)
def test_a_meeting_that_is_entered_long_after_it_took_place_counts_once_confirmed(db: None) -> None:
    d = District()
    past = d.now - timedelta(days=20)
    with pytest.raises(Refused) as error:
        prepared(d, past)
    assert error.value.field == "reason"
    assert not Meeting.objects.exists()
    made = called(d, prepared(d, past, reason="会后补录"))
    assert (made.late, made.late_reason) == ("waiting", "会后补录")
    meetings.close(viewer=d.viewer("lzh2"), meeting=made, at=d.now)
    assert hosted(d) == (None, None)
    name = head(d)
    for who in ("lzh1", "lzh2", "jcl1", "xab1", "audit"):
        assert not waiting(d.viewer(who)), who
        with pytest.raises(Refused):
            decide_meeting(viewer=d.viewer(who), meeting=made, counts=True, words="", at=d.now)
    assert [m.pk for m in waiting(d.viewer(name))] == [made.pk]
    decide_meeting(viewer=d.viewer(name), meeting=made, counts=True, words="有会议纪要", at=d.now)
    assert hosted(d) == (Fact(1), None)
    decide_meeting(viewer=d.viewer("leader"), meeting=made, counts=False, words="纪要不实", at=d.now)
    assert hosted(d) == (None, None)
    assert Event.objects.filter(stream=f"meeting:{made.pk}", type__startswith="Late").count() == 2
    assert not list(differences("meeting"))


@time_machine.travel(datetime(2026, 6, 15, 2, tzinfo=UTC), tick=False)
def test_a_meeting_that_is_ended_long_after_it_began_is_late_too(db: None) -> None:
    d = District()
    made = called(d, prepared(d, d.now + timedelta(hours=1)))
    assert made.late == ""
    after = d.now + timedelta(days=9)
    with time_machine.travel(after, tick=False):
        with pytest.raises(Refused) as error:
            meetings.close(viewer=d.viewer("lzh2"), meeting=made, at=after)
        assert error.value.field == "reason"
        assert Meeting.objects.get().state == "called"
        meetings.close(viewer=d.viewer("lzh2"), meeting=made, at=after, reason="忘记结束")
        d.now = after
        assert Meeting.objects.get().late == "waiting"
        assert hosted(d) == (None, None)
        # who ended it is no second person, even as the head
        Post.objects.filter(person=d.people["lzh2"]).update(role="head")
        assert not waiting(d.viewer("lzh2"))
        decide_meeting(viewer=d.viewer(head(d)), meeting=made, counts=True, words="", at=after)
        assert hosted(d) == (Fact(1), None)
        assert not list(differences("meeting"))


def test_guests_of_the_office_are_not_absent_from_a_meeting_entered_when_it_was_over(d: District) -> None:
    made = called(d, prepared(d, d.now - timedelta(days=20), "xab1", reason="补录"), "xab1")
    meetings.close(viewer=d.viewer("xab1"), meeting=made, at=d.now)
    decide_meeting(viewer=d.viewer("leader"), meeting=made, counts=True, words="", at=d.now)
    facts = meeting_source("fire").measure(year_span(made.year, d.now), None)
    assert facts["fire.meetings"][d.units["xab"].pk] == Fact(1)
    assert not facts["fire.attended"]


@pytest.mark.parametrize("when", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])  # fmt: skip
def test_a_meeting_outside_sense_is_refused(d: District, when: datetime) -> None:
    with pytest.raises(Refused) as error:
        prepared(d, when, reason="x")
    assert error.value.field == "starts_at"
    assert not Meeting.objects.exists()


def test_a_meeting_of_this_week_or_to_come_is_in_time(d: District) -> None:
    for starts_at in (d.now - timedelta(days=2), d.now + timedelta(days=30)):
        assert prepared(d, starts_at).late == ""


def test_late_meetings_in_the_browser(d: District, at) -> None:
    client: Client = at("lzh1")
    when = (d.now - timedelta(days=20)).strftime("%Y-%m-%dT%H:%M")
    told = {"host": "lzh", "kind": "work", "title": "工作会议", "starts_at": when, "chair": "主任", "place": "会议室"}
    page = client.post("/meetings/new/", told)
    assert page.status_code == 200
    assert "请写明补录原因" in page.content.decode()
    for wrong in ("0001-01-01T00:00", "9999-12-31T23:59"):
        assert client.post("/meetings/new/", {**told, "starts_at": wrong, "reason": "x"}).status_code == 200
    assert client.post("/meetings/new/", {**told, "reason": "会后补录"}).status_code == 302
    made = Meeting.objects.get()
    assert "补录，待第二人确认" in client.get(f"/meetings/{made.pk}/").content.decode()
    assert "补录，待第二人确认" in client.get("/meetings/").content.decode()
    url = f"/meetings/{made.pk}/late/"
    for who, status in (("lzh1", 403), ("lzh2", 200), ("jcl1", 404), ("zgyh1", 404), ("admin", 404)):
        if who == "lzh2":
            Post.objects.filter(person=d.people["lzh2"]).update(role="head")
        assert at(who).get(url).status_code == status, who
    assert "场补录会议等待您确认" in at("lzh2").get("/").content.decode()
    assert "会后补录" in at("lzh2").get("/late/").content.decode()
    assert at("lzh2").post(url, {"counts": "yes"}).status_code == 302
    assert Meeting.objects.get().late == "confirmed"
    assert "场补录会议等待您确认" not in at("lzh2").get("/").content.decode()


def test_a_meeting_left_open_asks_for_the_reason_where_it_is_ended(d: District, at) -> None:
    made = called(d, prepared(d, d.now - timedelta(days=1)))
    Meeting.objects.filter(pk=made.pk).update(starts_at=d.now - timedelta(days=9))
    client: Client = at("lzh1")
    assert 'name="reason"' in client.get(f"/meetings/{made.pk}/").content.decode()
    assert client.post(f"/meetings/{made.pk}/close/").status_code == 302
    assert Meeting.objects.get().state == "called"
    assert client.post(f"/meetings/{made.pk}/close/", {"reason": "忘记结束"}).status_code == 302
    assert (Meeting.objects.get().state, Meeting.objects.get().late) == ("held", "waiting")


# days


def refused(field: str, act) -> None:
    with pytest.raises(Refused) as error:
        act()
    assert error.value.field == field


@pytest.mark.parametrize("wrong", ["ancient", "tomorrow"])
def test_days_of_premises_and_projects_are_held_to_sense(d: District, wrong: str) -> None:
    day = ANCIENT if wrong == "ancient" else local_day(d.now) + NEXT
    subject = Subject.objects.select_related("file", "territory", "unit").get(pk=d.premises.pk)
    who = d.viewer("lzh1")
    before = Event.objects.count()
    for part, values, field in (
        ("tenant", {"name": "甲店", "use": "shop", "since": day.isoformat()}, "since"), ("tenant", {"name": "甲店", "seen": day.isoformat()}, "seen"),
        ("facility", {"out": day.isoformat()}, "out"), ("post", {"vacant": day.isoformat()}, "vacant"),
    ):  # fmt: skip
        refused(
            field, lambda p=part, v=values: premises.file(viewer=who, subject=subject, at=d.now, entries=[(p, "x", v)])
        )
    assert Event.objects.count() == before
    project = Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)
    office, permit = d.viewer("jfj1"), words().permits[0].id
    refused(
        "actual_start",
        lambda: projects.file(
            viewer=office, subject=project, at=d.now, entries=[("node", "start", {"actual": day.isoformat()})]
        ),
    )
    refused(
        "day",
        lambda: projects.file(
            viewer=office, subject=project, at=d.now, entries=[("visit", "1", {"day": day.isoformat()})]
        ),
    )
    refused(
        "granted",
        lambda: projects.permit_add(viewer=office, subject=project, at=d.now, id=permit, number="1", granted=day),
    )
    assert Event.objects.count() == before


@pytest.mark.parametrize("wrong", ["ancient", "tomorrow"])
def test_days_of_approvals_and_files_are_held_to_sense(d: District, wrong: str) -> None:
    day = ANCIENT if wrong == "ancient" else local_day(d.now) + NEXT
    project = Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)
    counselling.describe(
        viewer=d.viewer("zwj1"), subject=project, at=d.now, told={"type": "CT", "facts": {"listed": False}}
    )
    refused("day", lambda: counselling.receive(viewer=d.viewer("zwj1"), subject=project, item="B07", day=day, at=d.now))
    refused(
        "day",
        lambda: financing.open_file(
            viewer=d.viewer("rzb1"), subject=project, developer=d.units["qy"], day=day, at=d.now
        ),
    )


@pytest.mark.parametrize("wrong", ["ancient", "tomorrow"])
def test_days_of_legal_steps_are_held_to_sense(d: District, wrong: str) -> None:
    day = ANCIENT if wrong == "ancient" else local_day(d.now) + NEXT
    matter = d.raised("hazard_general", by="xfdd1", title="喷淋失效")
    procedures.start(person="xfdd1", unit="xfdd", matter=matter, procedure="timed", at=d.now)
    values = {"number": "责改1", "served": day, "deadline": local_day(d.now) + timedelta(days=9)}
    refused(
        "served",
        lambda: procedures.record(
            viewer=d.viewer("xfdd1"), matter=matter, run=1, step="notice", at=d.now, values=values
        ),
    )


@pytest.mark.parametrize("when", [datetime(1, 1, 1, tzinfo=UTC), datetime(1949, 9, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])  # fmt: skip
def test_a_fire_outside_sense_is_refused(d: District, when: datetime) -> None:
    told = Told(when, d.a, "示例路1号", "city", "building", "dwelling", "010101")
    refused("at", lambda: register(viewer=d.viewer("xfdd1"), told=told, at=d.now))
    assert not Incident.objects.exists()


def test_a_fire_entered_late_shows_both_times_and_counts_at_once(d: District, at) -> None:
    told = Told(d.now - timedelta(days=9), d.a, "示例路1号", "city", "building", "dwelling", "010101")
    row = register(viewer=d.viewer("xfdd1"), told=told, at=d.now)
    assert "录入于" in at("xfdd1").get(reverse("incident", args=[row.pk])).content.decode()
