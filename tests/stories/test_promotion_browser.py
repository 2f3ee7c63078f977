"""In a real browser, desktop and phone: a month is reported, a meeting held, a paper written while one waits, a demand
sent by its link; and the pages of key projects are fit for a screen reader and for a phone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from bihuan.cli.working import run_tasks
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Item, Meeting
from bihuan.instruments.supervision.models import Draw, Objection, SecondLook
from bihuan.kernel.files import filing
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.promotion.services import link_make

from ..support import District, jpeg
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@pytest.fixture
def project(town: District) -> Subject:
    subject, today = town.project, timezone.localdate()
    filing.subject_change(
        subject=subject, person="x", unit="jfj", at=town.now, entered_at=town.now, changes={}, labels=["重点项目"]
    )
    entries = [
        filing.Entry(subject, "identity", "main", {"since": f"{today.year}-01", "total": 10**11, "industry": "先进制造"}),
        filing.Entry(subject, "year", str(today.year), {"plan": 12 * 10**9}),
        filing.Entry(subject, "month", f"{today.year}-01", {"actual": 10**9, "progress": "桩基施工", "reported": today.isoformat()}),
        filing.Entry(subject, "parties", "owner", {"unit": "qy"}),
        filing.Entry(subject, "node", "permit", {"planned": "2024-01-10", "actual": "2024-02-10"}),
        filing.Entry(subject, "node", "start", {"planned": "2024-03-10", "forecast": (today + timedelta(days=40)).isoformat()}),
        filing.Entry(subject, "element", "land", {"state": "blocked", "note": "30亩指标"}),
        filing.Entry(subject, "permit", "works-1", {"id": "works", "granted": "2024-02-10", "lapses": "2024-05-10", "number": "甲1"}),
    ]  # fmt: skip
    filing.file_entries(entries=entries, person="x", unit="jfj", at=town.now)
    return subject


@pytest.fixture
def meeting(town: District, project: Subject) -> Meeting:
    who = town.viewer("jfj1")
    made = meetings.prepare(
        viewer=who,
        at=town.now,
        host=town.units["jfj"],
        kind="promotion",
        title="{year}年第{n}次项目推进会",
        chair="分管领导",
        starts_at=town.now,
        place="一号会议室",
    )
    points = [meetings.Point("东微电子", Item.Why.RED, project), meetings.Point("其他事项", Item.Why.ADDED)]
    meetings.agenda_set(viewer=who, meeting=made, at=town.now, points=points)
    meetings.invite(viewer=who, meeting=made, at=town.now, units=[town.units["cgj"], town.units["qy"]])
    meetings.call(viewer=who, meeting=made, at=town.now)
    return made


@pytest.fixture
def worker() -> Iterator[None]:
    """The queue of tasks, worked off beside the server."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.2):
            run_tasks()
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_the_enterprise_reports_its_month_and_asks_for_help(desk: Desk, project: Subject, tmp_path: Path) -> None:
    (tmp_path / "现场.jpg").write_bytes(jpeg())
    page = desk.of("qy1")
    page.goto(desk.url + "/reports/")
    page.click("main .go-on")
    assert page.input_value("#id_progress") == "桩基施工"
    page.fill("#id_actual", "1.2亿")
    page.fill("#id_problem", "临时用电容量不足")
    page.check("#id_ask")
    page.set_input_files("#id_files", tmp_path / "现场.jpg")
    page.wait_for_selector("#staged input[name=staged]", state="attached")
    page.click("main form button.btn-primary")
    page.wait_for_selector("#said .note")
    body = Subject.objects.get(pk=project.pk).file.body["month"]
    told = [m for m in body.values() if m["actual"] == 12_000 * 10**6]
    assert [m["progress"] for m in told] == ["桩基施工"]
    assert Matter.objects.get(kind="obstacle").title == "临时用电容量不足"
    assert project.photos.count() == 1
    assert desk.faults == []


def test_a_decision_is_typed_on_the_wall_by_keyboard_and_is_a_matter(
    desk: Desk, town: District, meeting: Meeting
) -> None:
    page = desk.of("jfj1")
    page.goto(f"{desk.url}/meetings/{meeting.pk}/screen/")
    assert page.locator(".wall-now h1").inner_text() == "东微电子"
    page.focus("#id_lead")
    for text in ("城市管理局", "打通园区北路", "10个工作日"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.focus("#id_due")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wall-now .rows li")
    matter = Matter.objects.get(kind="meeting_task")
    assert (matter.lead.code, matter.state) == ("cgj", "assigned")
    page.keyboard.press("Escape")
    page.locator(".wall-now h1").click()
    page.keyboard.press("PageDown")
    page.wait_for_url("**/screen/?n=2")
    assert page.locator(".wall-now h1").inner_text() == "其他事项"
    assert desk.faults == []


def test_a_paper_is_written_while_one_waits(desk: Desk, meeting: Meeting, worker: None) -> None:
    page = desk.of("jfj1")
    page.goto(f"{desk.url}/meetings/{meeting.pk}/")
    page.click("main .ticks ~ button.btn")
    page.wait_for_function("[...document.querySelectorAll('#papers .tag')].every((t) => t.textContent === '草稿')")
    assert set(Paper.objects.values_list("state", flat=True)) == {"draft"}
    assert desk.faults == []


def test_a_demand_by_link_needs_no_account(desk: Desk, town: District, project: Subject) -> None:
    link = link_make(viewer=town.viewer("jfj1"), subject=project, unit=town.units["qy"], at=town.now)
    page = desk.nobody()
    page.goto(f"{desk.url}/demand/{link.code}/")
    page.fill("#id_title", "门前停车位不足")
    page.click("main form button.btn-primary")
    page.wait_for_selector(".stepper")
    matter = Matter.objects.get(kind="demand")
    assert (matter.raiser.code, matter.subject_id) == ("qy", project.pk)
    desk.accessible("", f"/demand/{link.code}/")


def test_pages_of_key_projects_pass_axe_and_fit_the_width(
    desk: Desk, town: District, project: Subject, meeting: Meeting
) -> None:
    matter = town.handling(lead="cgj", at=town.now - timedelta(days=60))
    now = timezone.now()
    decision = meetings.decide(
        viewer=town.viewer("jfj1"),
        meeting=meeting,
        at=now,
        subject=project,
        lead=town.units["cgj"],
        task="打通北路",
        due=timezone.localdate(),
    )
    meetings.confirm(viewer=town.viewer("jfj1"), decision=decision, at=now)
    objection = Objection.objects.create(
        matter=matter,
        against="circular",
        round=1,
        unit=town.units["cgj"],
        decider=town.units["dcs"],
        reason="迟延",
        person="x",
        at=now,
        due=timezone.localdate(),
    )
    draw = Draw.objects.create(
        mechanism="promotion", month="2024-01", percent=10, seed="0" * 64, closed=1, person="x", at=now
    )
    look = SecondLook.objects.create(draw=draw, matter=matter, unit=town.units["jfj"])
    code, root = project.code, f"/meetings/{meeting.pk}"
    for path in (
        "/", "/m/promotion/", "/m/promotion/?tab=waits", "/m/promotion/?tab=scores&part=signing", "/m/promotion/?tab=decisions", "/lights/", "/reports/",
        "/figures/", f"/subjects/{code}/", f"/subjects/{code}/?tab=done", f"/subjects/{code}/?tab=who", f"/subjects/{code}/file/", f"/subjects/{code}/report/",
        f"/subjects/{code}/enter/permit/", f"/subjects/{code}/enter/party/", f"/subjects/{code}/demands/", "/meetings/", "/meetings/new/", f"{root}/",
        f"{root}/screen/", f"{root}/invite/", "/papers/", "/papers/templates/", "/papers/templates/minutes/", "/objections/", "/second-looks/",
        f"/second-looks/{look.pk}/", f"/matters/{matter.number}/",
    ):  # fmt: skip
        desk.accessible("jfj1", path)
    desk.accessible("dcs1", f"/objections/{objection.pk}/")
    desk.accessible("leader", f"/subjects/{code}/excuse/")
    desk.accessible("", f"/door/{meeting.code}/")
    assert desk.faults == []
