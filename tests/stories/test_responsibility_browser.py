"""In a real browser, desktop and phone: a letter is read and signed by its named person, by keyboard; and the pages of the
responsibility year are fit for a screen reader and for a phone."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from bihuan.instruments.accountability import services as accountability
from bihuan.instruments.assessment import services as assessment
from bihuan.instruments.assessment.models import Appeal, Assessment
from bihuan.instruments.commendation import services as commendation
from bihuan.instruments.commendation.models import Nominee
from bihuan.instruments.letters import services as letters
from bihuan.instruments.letters.catalogue import templates
from bihuan.instruments.letters.models import Letter
from bihuan.kernel.orgs.models import Post
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.incidents import Told, register

from ..support import District
from .conftest import Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@pytest.fixture
def letter(town: District) -> Letter:
    """A letter that the heads (here the second officers) of both sides are to sign."""
    Post.objects.filter(person__username__in=["xab2", "lzh2"]).update(role="head")
    year, kind = timezone.localdate().year, templates()["fire.township"]
    batch = letters.draft(
        viewer=town.viewer("xab1"), template=kind.id, year=year, title="年度责任书", issuer=town.units["xab"], body=kind.wording(year), begins=date(year, 1, 1), ends=date(year, 12, 31),
        copies=2, parties=[town.units["lzh"], town.units["jcl"]], work="年度全区消防工作", at=town.now,
    )  # fmt: skip
    letters.offer(viewer=town.viewer("xab1"), letters=list(batch.letters.all()), at=town.now)
    assessment.open_year(
        viewer=town.viewer("xab1"), key=kind.id, year=year, units=[town.units["lzh"], town.units["jcl"]], at=town.now
    )
    return batch.letters.get(party__code="lzh")


def test_the_named_persons_sign_and_nobody_else_is_offered_to(desk: Desk, town: District, letter: Letter) -> None:
    page = desk.of("lzh1")
    page.goto(f"{desk.url}/letters/{letter.pk}/")
    assert page.get_by_text("签署此文本").count() == 0
    page = desk.of("lzh2")
    page.goto(desk.url)
    page.get_by_role("link", name="份责任书待您签字").click()
    page.get_by_role("link", name="阅读并签字").click()
    button = page.get_by_role("button", name="签署此文本")
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "文本指纹已存证" in page.inner_text("#said")
    office = desk.of("xab2")
    office.goto(f"{desk.url}/letters/")
    for box in office.get_by_role("checkbox").all():
        box.check()
    with office.expect_navigation():
        office.get_by_role("button", name="按现文本签署所选责任书").click()
    letter.refresh_from_db()
    assert letter.state == "signed"
    assert Letter.objects.exclude(pk=letter.pk).get().state == "offered"  # its other side has no named person yet
    assert letter.tasks.count() == 2
    assert desk.faults == []


def test_pages_of_the_year_pass_axe_and_fit_the_width(desk: Desk, town: District, letter: Letter) -> None:
    year, now = timezone.localdate().year, town.now
    office, a = town.viewer("xab1"), Assessment.objects.get(unit__code="lzh")
    letters.suggest(
        viewer=town.viewer("lzh1"), letter=letter, text="改一处", body={**letter.body, "reward": "按办法"}, at=now
    )
    assessment.mark(
        viewer=office, a=a, side="assessor", item="posts", points=-100, text="抽查", files=[town.photo("xab1")], at=now
    )
    appeal = Appeal.objects.create(
        assessment=a, item="posts", text="不服", person="x", at=now, decider=town.units["dcs"], due=timezone.localdate()
    )
    measure = accountability.propose(
        viewer=office,
        mechanism="fire",
        kind="interview",
        unit=town.units["lzh"],
        basis="考核",
        text="事实",
        assessment=a,
        at=now,
    )
    round_ = commendation.open_round(
        viewer=office, mechanism="fire", year=year, title="表扬", units=1, people=1, level="good", notice_days=5, at=now
    )
    Nominee.objects.create(
        round=round_,
        unit=town.units["lzh"],
        reason="扎实",
        by=town.units["xab"],
        checks=[{"name": "final", "ok": True, "told": ""}],
        person="x",
        at=now,
    )
    fire = register(
        viewer=town.viewer("xfdd1"),
        told=Told(
            now,
            town.a,
            "示例路1号",
            "city",
            "building",
            "dwelling",
            "010101",
            (Casualty(True),),
            100_000,
            subject=town.premises,
        ),
        at=now,
    )
    assessment.follow(at=now)
    for path in (
        "/", "/year/", "/year/meeting/", "/letters/", "/letters/new/fire.township/", f"/letters/{letter.pk}/", f"/letters/{letter.pk}/reword/", "/assessments/",
        f"/assessments/{a.pk}/", f"/assessments/{a.pk}/rows/fire.covered/", f"/assessments/{a.pk}/items/posts/assessor/", f"/assessments/{a.pk}/veto/", "/assessments/open/fire.unit/",
        "/schemes/", f"/schemes/fire.township/{year}/", f"/schemes/fire.township/{year}/load/", "/measures/", f"/measures/new/?assessment={a.pk}&unit=lzh", f"/measures/{measure.pk}/", "/commendations/", "/commendations/new/",
        f"/commendations/{round_.pk}/", f"/commendations/{round_.pk}/nominate/", "/fire/fires/", "/fire/fires/new/", f"/fire/fires/{fire.pk}/", f"/fire/fires/{fire.pk}/edit/",
        "/fire/situation/", "/fire/situation/past/", f"/subjects/{town.premises.code}/?tab=done",
    ):  # fmt: skip
        desk.accessible("xab1", path)
    desk.accessible("leader", "/year/")
    desk.accessible("leader", f"/measures/{measure.pk}/decide/")
    desk.accessible("dcs1", f"/assessments/appeals/{appeal.pk}/")
    desk.accessible("lzh1", "/year/")
    assert desk.faults == []
