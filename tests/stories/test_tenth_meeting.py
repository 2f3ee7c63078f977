"""The district's tenth promotion meeting of the year, from its agenda to the last matter closed and verified, with every
paper: written, issued, its layout checked; and with LibreOffice at hand turned into pages, each of which is looked at."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.utils import timezone

from bihuan.adapters import word
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.meetings.models import Decision, Item, Meeting
from bihuan.instruments.notices import services as notices
from bihuan.kernel.domain import commands as c
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.files import filing
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.orgs.services import unit_add

from ..support import DATA, District, differences, work_off

FACTS = json.loads((DATA / "facts.json").read_text("utf-8"))["promotion_meeting"]
OFFICE = shutil.which("soffice")


def post(d: District, who: str, unit: str, role: str) -> None:
    person = Person.objects.create(username=who, name=f"测试{who}")
    Post.objects.create(unit=d.units[unit], title="负责人", role=role, person=person, valid_from="2020-01-01")
    d.people[who] = person


@pytest.fixture
def story(d: District) -> District:
    """The units of the meeting, a head, and its six projects with plans, one of them late."""
    for code, name, kind in (("tcj", "投资促进局", "bureau"), ("pt", "国有平台公司", "platform")):
        d.units[code] = unit_add(name=name, kind=kind, code=code)
    post(d, "jfjhead", "jfj", "head")
    post(d, "dcshead", "dcs", "head")
    d.projects = [
        d.project if name == d.project.name else d.subject(name, "project", d.a) for name in FACTS["projects"]
    ]
    today = timezone.localdate()
    for i, subject in enumerate(d.projects):
        filing.subject_change(
            subject=subject, person="test", unit="jfj", at=d.now, entered_at=d.now, changes={}, labels=["重点项目"]
        )
        start = today - timedelta(days=200 if i == 0 else -60)
        entries = [
            filing.Entry(subject, "identity", "main", {"since": f"{today:%Y-%m}", "total": 10**11}),
            filing.Entry(subject, "year", str(today.year), {"plan": 24 * 10**9}),
            filing.Entry(subject, "parties", "owner", {"unit": "qy"}),
            filing.Entry(subject, "node", "start", {"planned": start.isoformat()}),
        ]  # fmt: skip
        filing.file_entries(entries=entries, person="test", unit="jfj", at=d.now)
    return d


def written() -> None:
    work_off()
    assert not Paper.objects.filter(state__in=["waiting", "failed"]).exists()


@pytest.mark.django_db
def test_the_tenth_meeting_from_agenda_to_the_last_matter(story: District, at) -> None:
    d = story
    office, today = at("jfj1"), timezone.localdate()
    # nine came before: the tenth is called by its number
    begins = timezone.localtime() + timedelta(hours=1)
    response = office.post("/meetings/new/", {
        "host": "jfj", "kind": "promotion", "title": "{year}年第{n}次项目推进会", "serial": 10, "starts_at": f"{begins:%Y-%m-%dT%H:%M}",
        "chair": "分管领导", "place": "第一会议室", "branches": "各乡(镇)办事处", "usual": "on",
    })  # fmt: skip
    meeting = Meeting.objects.get()
    assert response["Location"] == f"/meetings/{meeting.pk}/"
    assert meeting.title == FACTS["title"].replace("2024", str(today.year))
    # the red project stands on the agenda by itself, and the units that answer for it are invited
    assert [(i.why, i.title) for i in meeting.items.all()] == [("red", FACTS["projects"][0])]
    assert {i.unit.code for i in meeting.invitations.all()} == {"qy"}
    for name in FACTS["projects"][1:]:
        code = next(s.code for s in d.projects if s.name == name)
        office.post(f"/meetings/{meeting.pk}/agenda/", {"add": "1", "subject": code})
    assert {i.title for i in meeting.items.all()} == set(FACTS["projects"])
    invited = ["tcj", "jsj", "cgj", "lzh", "jcl", "pt"]
    office.post(f"/meetings/{meeting.pk}/invite/", {"units": invited})
    assert at("cgj1").get(f"/meetings/{meeting.pk}/").status_code == 404
    office.post(f"/meetings/{meeting.pk}/call/")
    assert at("cgj1").get(f"/meetings/{meeting.pk}/").status_code == 200
    # notice, agenda, sheet
    office.post(f"/meetings/{meeting.pk}/papers/", {"kind": ["meeting_notice", "agenda", "signin"]})
    assert set(Paper.objects.values_list("state", flat=True)) == {"waiting"}
    written()
    # at the door: with an account in one tap, and without one by unit and name
    meeting.refresh_from_db()
    door = f"/door/{meeting.code}/"
    assert at("jsj1").get(door).status_code == 200
    at("jsj1").post(door, {"unit": "jsj", "name": "测试jsj1"})
    from django.test import Client

    assert "示例代表" in Client().post(door, {"unit": "pt", "name": "示例代表"}).content.decode()
    assert {(s.unit.code, s.person) for s in meeting.sign_ins.all()} == {("jsj", "jsj1"), ("pt", "")}
    # on the wall, project by project; decisions typed as unit, task, due become matters at once
    for n in range(1, 7):
        assert meeting.items.all()[n - 1].title in office.get(f"/meetings/{meeting.pk}/screen/?n={n}").content.decode()
    tasks = [
        ("建设局", "打通园区北路", "10个工作日"),
        ("城市管理局", "办结占道审批", "5个工作日"),
        ("国有平台公司", "完成管网接入", "15个工作日"),
    ]
    for item, (unit, task, due) in zip(meeting.items.all(), tasks, strict=False):
        office.post(f"/meetings/{meeting.pk}/decide/", {
            "subject": item.subject.code, "lead": unit, "task": task, "due": due, "supporting": "投资促进局", "item": item.pk, "confirm": "1",
        })  # fmt: skip
    matters = list(Matter.objects.filter(kind="meeting_task").order_by("number"))
    assert [(m.title, m.lead.name, m.state) for m in matters] == [(task, unit, "assigned") for unit, task, _ in tasks]
    office.post(f"/meetings/{meeting.pk}/close/")
    # minutes and slips; the minutes wait for the head of the office
    office.post(f"/meetings/{meeting.pk}/papers/", {"kind": ["minutes"]})
    office.post(f"/matters/{matters[0].number}/paper/", {"kind": "assignment"})
    office.post("/papers/report/", {"kind": "weekly"})
    office.post("/papers/report/", {"kind": "monthly"})
    written()
    minutes = Paper.objects.get(kind="minutes")
    assert at("cgj1").get(f"/papers/{minutes.pk}/").status_code == 404
    assert office.post(f"/papers/{minutes.pk}/issue/").status_code == 403
    assert at("jfjhead").post(f"/papers/{minutes.pk}/issue/").status_code == 302
    minutes.refresh_from_db()
    assert minutes.number == f"经济发展局纪要〔{today.year}〕1号"
    assert at("cgj1").get(f"/papers/{minutes.pk}/").status_code == 200
    issued = stream(f"paper:{minutes.pk}").events[-1]
    assert (issued.type, issued.by, issued.data["file"], issued.data["number"]) == ("PaperIssued", "jfjhead", minutes.file_id, minutes.number)  # fmt: skip
    assert office.get(f"/receipts/paper/{minutes.pk}/1/").status_code == 200
    assert at("zgyh1").get(f"/receipts/paper/{minutes.pk}/1/").status_code == 404
    while notices.gather(at=timezone.now()):
        pass
    told = at("cgj1").get("/notices/").content.decode()
    assert meeting.title in told
    assert "公文已签发" in told
    assert minutes.title not in at("zgyh1").get("/notices/").content.decode()
    _late(d, at, matters[1])
    _worked(d, matters)
    assert set(Matter.objects.filter(kind="meeting_task").values_list("state", flat=True)) == {"closed"}
    assert Decision.objects.filter(matter__open=True).count() == 0
    assert "0%" in office.get("/m/promotion/?tab=decisions").content.decode()
    assert [b for b in verify() if isinstance(b, Broken)] == []
    assert [*differences("matter", "subject")] == []
    _every_paper(at)
    assert Item.objects.count() == 6


def _late(d: District, at, matter: Matter) -> None:
    """One task is late: slip, interview and circular, each with its paper; the unit objects to the circular."""
    due = matter.due_at + timedelta(days=6)
    import time_machine

    with time_machine.travel(due, tick=False):
        office, leader = at("jfj1"), at("leader")
        for step in ("supervision", "interview", "circular"):
            page = leader.get(f"/matters/{matter.number}/escalate/").content.decode()
            version = page.split('name="version" value="')[1].split('"')[0]
            response = leader.post(f"/matters/{matter.number}/escalate/", {
                "step": step, "basis": "会议纪要要求按期办结,经批准", "version": version, "token": f"00000000-0000-4000-8000-0000000000{len(step):02}",
            })  # fmt: skip
            assert response.status_code == 302, response.content.decode()[:4000]
            assert office.post(f"/matters/{matter.number}/paper/", {"kind": step})["Location"].startswith("/papers/")
        written()
        lead = at("cgj1")
        assert "circular" in lead.get(f"/matters/{matter.number}/").content.decode()
        lead.post(f"/matters/{matter.number}/object/circular/", {"reason": "迟延由上游审批造成"})
        objection = matter.objections.get()
        assert objection.decider.code == "dcs"
        assert at("jfj1").get(f"/objections/{objection.pk}/").status_code == 404
        at("dcs1").post(f"/objections/{objection.pk}/", {"upheld": "no", "answer": "前期未申请延期"})
        objection.refresh_from_db()
        assert (objection.upheld, objection.decided_by) == (False, "dcs1")


def _worked(d: District, matters: list[Matter]) -> None:
    """Every unit does its task and another one verifies it."""
    d.people["tcj1"], d.people["pt1"] = (Person.objects.create(username=u, name=u) for u in ("tcj1", "pt1"))
    for who, unit in (("tcj1", "tcj"), ("pt1", "pt")):
        Post.objects.create(
            unit=d.units[unit], title="经办", role="officer", person=d.people[who], valid_from="2020-01-01"
        )
    for matter in matters:
        lead = f"{matter.lead.code}1"
        now = timezone.now()
        for who, command, *told in (
            (lead, c.Accept), ("tcj1", c.Report, "配合事项已落实"), (lead, c.Submit, "已办结"), ("dcs2", c.Verify, "现场核查属实"),
        ):  # fmt: skip
            d.do(who, matter, command, *told, at=now)


def _every_paper(at) -> None:
    """All kinds were written; each keeps the layout; each is issued by whoever may."""
    kinds = {
        "meeting_notice",
        "agenda",
        "signin",
        "minutes",
        "assignment",
        "supervision",
        "interview",
        "circular",
        "weekly",
        "monthly",
    }
    assert set(Paper.objects.values_list("kind", flat=True)) == kinds
    by = {"officer": "jfj1", "head": "jfjhead", "leader": "leader"}
    from bihuan.instruments.documents.catalogue import kinds as catalogue

    for paper in Paper.objects.filter(state="draft"):
        assert at(by[catalogue()[paper.kind].issuer]).post(f"/papers/{paper.pk}/issue/").status_code == 302, paper.kind
    for paper in Paper.objects.all():
        assert paper.state == "issued", paper.kind
        assert word.check(path_of(paper.file_id).read_bytes()) == [], paper.kind
    if OFFICE:
        _pages()


def _pages() -> None:
    """Each paper as pages: A4, numbered, nothing outside the type area, no tag and no mark left over, nothing blank."""
    folder = path_of("0").parents[1] / "pages"
    folder.mkdir()
    for paper in Paper.objects.all():
        shutil.copy(path_of(paper.file_id), folder / f"{paper.kind}.docx")
    run = [
        OFFICE,
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
    ]
    subprocess.run([*run, *map(str, sorted(folder.glob("*.docx")))], check=True, capture_output=True, timeout=240)
    for paper in Paper.objects.all():
        _look(folder / f"{paper.kind}.pdf", paper)
    shutil.rmtree(folder)


def _look(path: Path, paper: Paper) -> None:
    mm = 72 / 25.4
    with pypdfium2.PdfDocument(path) as pdf:
        for n, page in enumerate(pdf, 1):
            where = f"{paper.kind} page {n}"
            assert [round(x / mm) for x in page.get_size()] == [210, 297], where
            text = page.get_textpage()
            words = text.get_text_bounded()
            plain = "".join(words.split())
            assert f"—{n}—" in plain, where
            assert not {"{{", "{%", "〔编号待定〕", "〔印发日期待定〕"} & set(words.split()), where
            assert len(plain) > 8, where
            assert "built-in" not in words, where
            boxes = [text.get_charbox(i) for i in range(text.count_chars()) if text.get_text_range(i, 1).strip()]
            assert min(b[0] for b in boxes) > 26 * mm, where
            signs = [text.get_text_range(i, 1) for i in range(text.count_chars()) if text.get_text_range(i, 1).strip()]
            hanging = {s for s, b in zip(signs, boxes, strict=True) if b[2] > (210 - 26 + 0.5) * mm}
            assert hanging <= set("，。、；：）》”"), where  # punctuation may hang over the edge, by half a character
            assert max(b[2] for b in boxes) < (210 - 26 + 2.9) * mm, where
            assert max(b[3] for b in boxes) < (297 - 35) * mm, where
        first = "".join(pdf[0].get_textpage().get_text_bounded().split())
        title = {"minutes": "会议纪要", "assignment": "交办单", "supervision": "督办单"}.get(paper.kind, "")
        assert title in first, paper.kind
        if paper.number:
            everything = "".join("".join(p.get_textpage().get_text_bounded().split()) for p in pdf)
            assert paper.number in everything or paper.kind == "meeting_notice", paper.kind
