"""In a real browser, desktop and phone: a project described, what if, a question at the table that becomes a matter; and the
pages of counselling are fit for a screen reader and for a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bihuan.instruments.meetings import services as meetings
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.counselling import followup, rules, services, sessions, together
from bihuan.mechanisms.counselling.models import Question, Reckoning, Session

from ..support import District
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@pytest.fixture
def office(town: District) -> District:
    Post.objects.filter(person__username="zwj1").update(scope_territory=town.root)
    return town


def fresh(d: District) -> Subject:
    return Subject.objects.select_related("file", "territory", "unit").get(pk=d.project.pk)


def called(d: District) -> Session:
    """A called session with the project."""
    who, now = d.viewer("zwj1"), timezone.now()
    services.describe(
        viewer=who, subject=d.project, at=now, told={"type": "CT", "facts": {"eia": "form", "fire_special": False}}
    )
    meeting = meetings.prepare(
        viewer=who, at=now, host=d.units["zwj"], kind="counselling", title="{year}年第{n}次辅导会", chair="负责人", starts_at=now + timedelta(minutes=5), place="二楼"
    )  # fmt: skip
    session = sessions.begin(viewer=who, meeting=meeting, at=now, phase="before", minutes=10)
    sessions.choose(viewer=who, session=session, at=now, subjects=[fresh(d)])
    sessions.arrange(viewer=who, session=session, at=now)
    meetings.call(viewer=who, meeting=meeting, at=now)
    return session


def test_a_project_is_described_and_its_path_reckoned(desk: Desk, office: District) -> None:
    page = desk.of("zwj1")
    page.goto(f"{desk.url}/subjects/{office.project.code}/")
    page.get_by_role("link", name="审批路径").click()
    page.get_by_role("link", name="填写项目事实").click()
    page.get_by_label("项目类型").select_option("CT")
    page.get_by_label("环评类别").select_option("form")
    with page.expect_navigation():
        page.get_by_role("button", name="查看路径").click()
    assert page.get_by_role("heading", name="关键线路").is_visible()
    goal = page.locator("dl.facts > div").filter(has=page.get_by_text("目标", exact=True)).locator("dd")
    before = goal.inner_text()
    page.get_by_label("目标").select_option("C14")
    with page.expect_navigation():
        page.get_by_role("button", name="推演").click()
    assert goal.inner_text() != before
    assert desk.faults == []


def test_a_question_taken_back_at_the_table_is_a_matter_at_once(desk: Desk, office: District) -> None:
    session = called(office)
    page = desk.of("zwj1")
    page.goto(f"{desk.url}/meetings/{session.meeting_id}/session/")
    page.get_by_label("项目", exact=True).select_option(office.project.code)
    page.get_by_label("单位", exact=True).select_option("jsj")
    page.get_by_label("问题", exact=True).fill("能否分阶段办理")
    page.get_by_label("答复", exact=True).select_option("taken")
    page.get_by_label("承诺日期").fill((timezone.localdate() + timedelta(days=7)).isoformat())
    with page.expect_navigation():
        page.get_by_role("button", name="记录").click()
    q = Question.objects.get()
    assert q.matter_id is not None
    assert page.get_by_role("link", name=f"#{q.matter_id}").is_visible()
    assert desk.faults == []


def test_pages_of_counselling_pass_axe_and_fit_the_width(desk: Desk, office: District) -> None:
    d = office
    session = called(d)
    who, now, day = d.viewer("zwj1"), timezone.now(), timezone.localdate() - timedelta(days=10)
    a = services.receive(viewer=who, subject=fresh(d), item="B07", day=day, at=now)
    services.record(viewer=who, application=a, told=services.Told(rules.GRANTED, day), at=now)
    b = services.receive(viewer=who, subject=fresh(d), item="P04", day=day, at=now)
    services.record(viewer=who, application=b, told=services.Told(rules.ACCEPTED, day), at=now)
    services.record(
        viewer=who,
        application=b,
        told=services.Told(rules.PAUSED, day, reason="experts", notice="1号", until=day + timedelta(days=30)),
        at=now,
    )
    q = sessions.ask(
        viewer=who, subject=fresh(d), unit=d.units["jsj"], text="能否容缺", at=now, item="C14", session=session
    )
    q = sessions.answer(viewer=who, question=q, kind="now", said="可以", at=now)
    followup.publish(viewer=who, question=q, at=now, asked="能否容缺", said="可以")
    row = Reckoning.objects.create(what="together", owner=d.people["zwj1"], at=now)
    together.reckon(row=row, at=now, seconds=0.2)
    root, meeting = f"/subjects/{d.project.code}/path", session.meeting_id
    for path in (
        "/", "/m/counselling/", f"{root}/", f"{root}/?goal=C14&mock=B01&late=P07&until=2030-01-01", f"{root}/facts/", f"{root}/B07/", f"{root}/P04/", f"{root}/C14/suppose/", f"{root}/P04/record/10/",
        f"{root}/A09/record/1/", f"/meetings/{meeting}/session/", f"/meetings/{meeting}/session/projects/", f"/counselling/questions/{q.pk}/answer/",
        f"/counselling/questions/{q.pk}/keep/", "/counselling/knowledge/", "/counselling/revisits/", f"/counselling/revisits/{a.pk}/7/", "/counselling/waits/",
        "/counselling/queues/", "/counselling/together/", "/counselling/catalogue/", "/counselling/exchange/",
    ):  # fmt: skip
        desk.accessible("zwj1", path)
    assert desk.faults == []
