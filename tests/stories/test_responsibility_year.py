"""One whole responsibility year through the pages: letters in spring, work, quarterly scores, the self-review of December, January's
results, an appeal upheld, a commendation, next year's letters prefilled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from bihuan.instruments.assessment import services
from bihuan.instruments.assessment.models import Appeal, Assessment, Kept, Reckoned, Score
from bihuan.instruments.assessment.told import scored
from bihuan.instruments.commendation.models import Nominee, Round
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.letters.models import Letter
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Meeting
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE, Limit
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load, raise_matter
from bihuan.kernel.orgs.models import Person, Post
from bihuan.mechanisms.fire.inspections import Entered, enter

from ..support import District, differences, jpeg, upload, work_off

pytestmark = pytest.mark.django_db
YEAR, TOWN = 2025, "fire.township"


def at_noon(month: int, day: int, year: int = YEAR) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=ZONE)


@contextmanager
def on(month: int, day: int, year: int = YEAR) -> Iterator[None]:
    """It is noon of that day."""
    with time_machine.travel(at_noon(month, day, year), tick=False):
        yield


@pytest.fixture
def town() -> District:
    with on(1, 6):
        d = District()
        for code in ("xab", "lzh", "jcl"):
            person = Person.objects.create(username=f"{code}0", name=f"测试{code}0")
            place = {"xab": d.root, "lzh": d.a, "jcl": d.b}[code]
            Post.objects.create(
                unit=d.units[code],
                title="负责人",
                role="head",
                person=person,
                valid_from=date(2020, 1, 1),
                scope_territory=place,
            )
            d.people[f"{code}0"] = person
    return d


@pytest.fixture
def desk(town: District) -> Callable[[str], Client]:
    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(town.people[who], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def filled(response: Any) -> dict[str, Any]:
    """What a form would send as it stands."""
    found = {}
    for field in response.context["form"]:
        value = field.value()
        if isinstance(value, list | tuple):
            found[field.html_name] = [getattr(v, "code", v) for v in value]
        elif value is not None and value is not False:
            found[field.html_name] = (
                getattr(value, field.field.to_field_name, value)
                if hasattr(field.field, "to_field_name") and field.field.to_field_name
                else value
            )
    return found


def good(response: Any) -> Any:
    assert response.status_code == 302, (
        response.context["form"].errors if response.context and "form" in response.context else response.status_code
    )
    return response


def letters_signed(d: District, desk: Callable[[str], Client]) -> None:
    """March: drafted for all townships, one negotiated and signed on the screen, one on paper."""
    with on(3, 10):
        office = desk("xab1")
        page = office.get(f"/letters/new/{TOWN}/?year={YEAR}")
        assert "待核对" in page.content.decode()
        good(office.post(f"/letters/new/{TOWN}/?year={YEAR}", filled(page)))
        batch = Letter.objects.first().batch  # type: ignore[union-attr]
        assert sorted(batch.letters.values_list("party__code", flat=True)) == ["jcl", "lzh"]
        assert desk("lzh0").get("/letters/").context["all"] == 0
        good(office.post(f"/letters/batches/{batch.pk}/offer/"))
    mine, other = Letter.objects.get(party__code="lzh"), Letter.objects.get(party__code="jcl")
    with on(3, 12):
        told = filled(desk("lzh1").get(f"/letters/{mine.pk}/suggest/"))
        told |= {"text": "请按辖区实际调整", "targets": told["targets"].replace("≥90", "≥80")}
        good(desk("lzh1").post(f"/letters/{mine.pk}/suggest/", told))
        assert "建议修改文本" in desk("xab1").get(f"/letters/{mine.pk}/").content.decode()
        good(desk("xab1").post(f"/letters/{mine.pk}/sign/", {"act": "take"}))
    with on(3, 20):
        mine.refresh_from_db()
        assert "辖区场所检查覆盖率" in str(mine.body)
        for who in ("lzh1", "lzh0", "xab0"):
            answer = desk(who).post(f"/letters/{mine.pk}/sign/", {"act": "sign", "digest": mine.digest})
            assert answer.status_code == (403 if who == "lzh1" else 302)
        good(
            desk("jcl1").post(f"/letters/{other.pk}/scan/", {"names": "主任", "files": upload("责任书.jpg", jpeg(33))})
        )
    assert set(Letter.objects.values_list("state", flat=True)) == {"signed"}
    assert Matter.objects.filter(kind="letter_task", lead__code="lzh").count() == 2
    with on(4, 1):
        told = filled(desk("lzh1").get(f"/letters/new/fire.unit/?year={YEAR}")) | {
            "parties": [],
            "names": "示例社区一\n示例社区二",
        }
        good(desk("lzh1").post(f"/letters/new/fire.unit/?year={YEAR}", told))
        down = Letter.objects.filter(batch__issuer__code="lzh").first()
        assert down is not None
        good(
            desk("lzh1").post(f"/letters/{down.pk}/scan/", {"names": "社区主任", "files": upload("社区.jpg", jpeg(34))})
        )
        tree = desk("leader").get(f"/letters/?year={YEAR}").context
        assert (
            {n.letter.party.code: len(n.below) for n in tree["nodes"]},
            [n.letter.party.code for n in tree["stops"]],
        ) == ({"lzh": 2, "jcl": 0}, ["jcl"])
        told = filled(desk("xab1").get(f"/assessments/open/{TOWN}/?year={YEAR}"))
        assert sorted(told["units"]) == ["jcl", "lzh"]
        good(desk("xab1").post(f"/assessments/open/{TOWN}/?year={YEAR}", told))


def hazard(d: District, lead: str, month: int, done: int) -> None:
    """A hazard with ten days, handed in after `done`."""
    at = at_noon(month, 5)
    with time_machine.travel(at, tick=False):
        subject = d.premises if lead == "lzh" else d.far
        matter = raise_matter(
            actor=d.actor("xab1"),
            at=at,
            kind_id="hazard_general",
            title="通道堵塞",
            description="",
            subject=subject,
            raiser=d.units["xab"],
        )
        state, kind, _ = load(matter.number)
        limit = Limit("date", until=date(YEAR, month, 15))
        act(
            number=matter.number,
            command=c.Assign(
                d.actor("xab1"), at, lead, (), limit=limit, reason="test", **assignment(kind, state, lead)
            ),
        )
        act(number=matter.number, command=c.Accept(d.actor(f"{lead}1"), at))
    finish(d, matter.number, lead, at + timedelta(days=done), "xfdd1")


def finish(d: District, number: int, lead: str, at: datetime, verifier: str) -> None:
    with time_machine.travel(at, tick=False):
        photo = d.photo(f"{lead}1")
        files = ({"sha256": photo.file_id, "name": photo.name, "type": "image/jpeg"},)
        act(number=number, command=c.Attach(d.actor(f"{lead}1"), at, files))
        act(number=number, command=c.Submit(d.actor(f"{lead}1"), at, "已完成"))
        act(number=number, command=c.Verify(d.actor(verifier), at, "属实"))


def work(d: District) -> None:
    """The year's work: lzh keeps its times, jcl does not; heads inspect; meetings; quarters are taken as they end."""
    for month in (2, 5, 8):
        hazard(d, "lzh", month, 6)
        hazard(d, "jcl", month, 25)
    for month in (4, 9):
        with on(month, 18):
            enter(
                viewer=d.viewer("lzh0"),
                subject=d.premises,
                entered=Entered(
                    uuid4(), "inspection", timezone.now(), kind="township", people=("甲某", "乙某"), items={}
                ),
            )
    with on(6, 18):
        enter(
            viewer=d.viewer("lzh1"),
            subject=d.premises,
            entered=Entered(uuid4(), "training", timezone.now(), people=("甲某",)),
        )
    for month in (2, 5, 8):
        with on(month, 20):
            now, viewer = timezone.now(), d.viewer("lzh1")
            row = meetings.prepare(
                viewer=viewer,
                at=now,
                host=d.units["lzh"],
                kind="work",
                title="消防例会",
                chair="主任",
                starts_at=now,
                place="会议室",
            )
            meetings.agenda_set(viewer=viewer, meeting=row, at=now, points=[meetings.Point("形势", "added")])
            meetings.invite(viewer=viewer, meeting=row, at=now, units=[d.units["jcl"]])
            meetings.call(viewer=viewer, meeting=row, at=now)
            meetings.close(viewer=viewer, meeting=Meeting.objects.get(pk=row.pk), at=now)
    for task in Matter.objects.filter(kind="letter_task", lead__code="lzh"):
        assert task.due_at is not None
        with time_machine.travel(task.due_at - timedelta(days=9), tick=False):
            act(number=task.pk, command=c.Accept(d.actor("lzh1"), timezone.now()))
        finish(d, task.pk, "lzh", task.due_at - timedelta(days=8), "xab1")


def every_point_opens_its_rows(d: District, client: Client, a: Assessment) -> int:
    """Each reason's figure is the count of the rows behind it, whoever of the two sides looks."""
    page = client.get(f"/assessments/{a.pk}/")
    seen = 0
    for part in page.context["sheet"].computed.parts:
        for item in part.items:
            for reason in item.reasons:
                rows = client.get(f"/assessments/{a.pk}/rows/{reason.rule.metric}/")
                fact = reason.fact
                assert f"/assessments/{a.pk}/rows/{reason.rule.metric}/" in page.content.decode()
                assert rows.context["n"] == (fact.num if fact.den is None else fact.den), reason.rule.metric
                assert sum(r.good for r in rows.context["rows"]) == fact.num or reason.rule.less, reason.rule.metric
                seen += rows.context["n"]
    return seen


def test_a_whole_year(town: District, desk: Callable[[str], Client]) -> None:
    d = town
    letters_signed(d, desk)
    for quarter, month in ((1, 4), (2, 7), (3, 10)):
        if quarter == 1:
            hazard(d, "lzh", 1, 6)
        with on(month, 2):
            services.follow(at=timezone.now())
        assert Score.objects.filter(period=f"{YEAR}Q{quarter}").count() == 2
    first = Score.objects.get(period=f"{YEAR}Q1", assessment__unit__code="lzh")
    work(d)
    with on(11, 20):
        services.follow(at=timezone.now())
        mine = desk("lzh1").get(f"/year/?year={YEAR}").context["mine"]
        assert [s.assessment.unit.code for s, _gains in mine] == ["lzh"]
        assert desk("jcl1").get(f"/assessments/{mine[0][0].assessment.pk}/").status_code == 404
    assert Score.objects.get(pk=first.pk).body == first.body  # what was taken stays
    with on(12, 15):
        good(desk("xab1").post(f"/assessments/years/{TOWN}/{YEAR}/review/"))
        a = Assessment.objects.get(unit__code="lzh")
        claim = {"points": "1.5", "text": "另有一次现场会未录入", "files": upload("签到.jpg", jpeg(44))}
        good(desk("lzh1").post(f"/assessments/{a.pk}/items/meetings/self/", claim))
        for code in ("lzh", "jcl"):
            good(desk(f"{code}1").post(f"/assessments/{Assessment.objects.get(unit__code=code).pk}/reviewed/"))
    results(d, desk, a)
    commended(d, desk)
    with on(3, 25, YEAR + 1):
        page = desk("xab1").get(f"/letters/new/{TOWN}/?year={YEAR + 1}")
        told = filled(page)
        assert f"已按{YEAR}年责任书带出" in page.content.decode()
        assert (sorted(told["parties"]), f"{YEAR + 1}-06-30" in told["tasks"], f"{YEAR + 1}年度" in told["basis"]) == (
            ["jcl", "lzh"],
            True,
            True,
        )
        good(desk("xab1").post(f"/letters/new/{TOWN}/?year={YEAR + 1}", told))
        assert Letter.objects.filter(batch__year=YEAR + 1).count() == 2
        annual(d, desk)
        assert not differences("matter")
        assert not [x for x in verify() if isinstance(x, Broken)]


def results(d: District, desk: Callable[[str], Client], a: Assessment) -> None:
    """January: computed twice the same, a finding with evidence, announced, appealed, upheld, final."""
    with on(1, 12, YEAR + 1):
        before = scored(YEAR, "", timezone.now())
        Kept.objects.all().delete()
        Reckoned.objects.all().delete()
        again = scored(YEAR, "", timezone.now())
        assert before["units"] == again["units"]
        totals = {u["unit"]: u["total"] for u in again["units"]}
        assert totals["龙子湖办事处"] > totals["祭城路办事处"]
        finding = {"points": "-1", "text": "现场抽查一处不实", "files": upload("抽查.jpg", jpeg(55))}
        good(desk("xab1").post(f"/assessments/{a.pk}/items/posts/assessor/", finding))
        assert (
            "请添加文件"
            in desk("xab1")
            .post(f"/assessments/{a.pk}/items/covered/assessor/", {"points": "-1", "text": "无凭据"})
            .content.decode()
        )
        good(desk("xab1").post(f"/assessments/years/{TOWN}/{YEAR}/announce/"))
        a.refresh_from_db()
        assert a.state == "announced"
        announced = a.total
    with on(1, 14, YEAR + 1):
        for who in ("lzh1", "xab1", "leader"):
            assert every_point_opens_its_rows(d, desk(who), a) > 5
        page = desk("lzh1").get(f"/assessments/{a.pk}/").content.decode()
        assert re.search(r"自评</span>\s*<b class=\"give\">\+1.5", page)
        good(
            desk("lzh1").post(
                f"/assessments/{a.pk}/items/meetings/appeal/",
                {"text": "有签到和照片", "files": upload("照片.jpg", jpeg(66))},
            )
        )
        appeal = Appeal.objects.get()
        assert desk("xab1").get(f"/assessments/appeals/{appeal.pk}/").status_code == 403
        assert desk("jcl1").get(f"/assessments/appeals/{appeal.pk}/").status_code == 404
        good(
            desk("dcs1").post(
                f"/assessments/appeals/{appeal.pk}/", {"upheld": "yes", "points": "1.5", "answer": "核实属实"}
            )
        )
    with on(1, 30, YEAR + 1):
        good(desk("xab1").post(f"/assessments/years/{TOWN}/{YEAR}/finish/"))
    a.refresh_from_db()
    assert (a.state, a.total) == ("final", announced + 150)  # type: ignore[operator]
    types = [e.type for e in stream(f"assessment:{a.pk}").events]
    assert types[-4:] == ["ResultAnnounced", "Appealed", "AppealDecided", "ResultFinal"]


def commended(d: District, desk: Callable[[str], Client]) -> None:
    """February: the one whom the record allows goes through two reviews and three notices; the other is refused by the record."""
    with on(2, 2, YEAR + 1):
        good(
            desk("xab1").post(
                f"/commendations/new/?year={YEAR}", filled(desk("xab1").get(f"/commendations/new/?year={YEAR}"))
            )
        )
        round_ = Round.objects.get().pk
        told = {"reason": "全年按期整改", "name": "", "post": ""}
        good(desk("lzh1").post(f"/commendations/{round_}/nominate/", {**told, "unit": "lzh"}))
        refused = desk("jcl1").post(f"/commendations/{round_}/nominate/", {**told, "unit": "jcl"})
        assert "记录不允许" in refused.content.decode()
    n, day = Nominee.objects.get(), date(YEAR + 1, 2, 3)
    for who, name in (
        ("xab1", "notice"),
        ("xab1", "review"),
        ("xab1", "notice"),
        ("dcs1", "review"),
        ("xab1", "notice"),
        ("leader", "commend"),
    ):
        with on(day.month, day.day, YEAR + 1):
            good(desk(who).post(f"/commendations/{round_}/{n.pk}/{name}/", {"passed": "yes", "text": "属实"}))
        n.refresh_from_db()
        day = (n.until or day) + timedelta(days=1)
    assert (n.state, n.stage) == ("commended", "commended")


def annual(d: District, desk: Callable[[str], Client]) -> None:
    """The next annual meeting: branch venues, agenda, and papers from the data."""
    told = {
        "starts_at": f"{YEAR + 1}-04-24T09:00",
        "chair": "分管领导",
        "place": "第一会议室",
        "branches": "on",
        "speakers": ["lzh"],
    }
    good(desk("xab1").post(f"/year/meeting/?year={YEAR + 1}", told))
    row = Meeting.objects.get(kind="annual")
    assert list(row.venues.values_list("name", flat=True)) == ["第一会议室", "祭城路办事处分会场", "龙子湖办事处分会场"]
    assert row.items.count() == 8
    work_off()
    papers = {p.kind: p for p in Paper.objects.filter(about=f"meeting:{row.pk}")}
    assert {"meeting_notice", "agenda", "signin", "bulletin", "commendation", "handover"} <= set(papers)
    assert {p.state for p in papers.values()} == {"draft"}
    assert papers["commendation"].context["units"] == [{"unit": "龙子湖办事处"}]
    assert papers["handover"].context["list"]["total"] == 2
