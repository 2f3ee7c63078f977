"""Accountability and commendation are human acts: approver, basis, objection; nominations by the record, two reviews, three notices."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from bihuan.instruments.accountability import face as measures
from bihuan.instruments.accountability import services as accountability
from bihuan.instruments.accountability.models import Measure
from bihuan.instruments.accountability.services import Wanted, measures_visible_to
from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.commendation import face as rounds
from bihuan.instruments.commendation import services as commendation
from bihuan.instruments.commendation.models import Nominee
from bihuan.instruments.letters.services import work_of
from bihuan.instruments.supervision import services as supervision
from bihuan.instruments.supervision.models import Objection
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.registry.words import day
from bihuan.web.surface.history import history

from ..forging import proven
from ..support import District, differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(d: District) -> District:
    """The leader's scope has a second leader who proposed nothing."""
    person = Person.objects.create(username="leader2", name="测试leader2")
    Post.objects.create(
        unit=d.units["gwh"],
        title="主要领导",
        role="leader",
        person=person,
        valid_from=date(2020, 1, 1),
        scope_territory=d.root,
    )
    d.people["leader2"] = person
    return d


def proposed(d: District, kind: str = "rectify", unit: str = "lzh", **more) -> Measure:
    points = (Wanted("补齐岗位", local_day(d.now) + timedelta(days=30), "centre"),) if kind == "rectify" else ()
    told = {
        "viewer": d.viewer("xab1"),
        "mechanism": "fire",
        "kind": kind,
        "unit": d.units[unit],
        "basis": "2025年度考核",
        "text": "得分偏低",
        "points": points,
        "at": d.now,
        **more,
    }
    return accountability.propose(**told)


def approved(d: District, **more) -> Measure:
    row = proposed(d, **more)
    subject = work_of("2026年度全区消防工作", d.units["xab"], "xab1", d.now)
    return accountability.decide(
        viewer=d.viewer("leader"), measure=row, approve=True, answer="", subject=subject, at=d.now
    )


def test_a_list_to_put_right_becomes_matters_once_a_leader_approved_it(d: District) -> None:
    row = proposed(d)
    assert not Matter.objects.filter(kind="rectify_point").exists()
    for who in ("xab1", "lzh1", "dcs1", "audit"):
        with pytest.raises(Refused, match="leader"):
            accountability.decide(viewer=d.viewer(who), measure=row, approve=True, answer="", subject=None, at=d.now)
    row = approved(d)
    matter = row.points.get().matter
    assert matter is not None
    assert (matter.lead, matter.verifier, matter.state) == (d.units["lzh"], d.units["xab"], "assigned")
    assert row.approver_post == "管委会办公室经办"
    assert [e.type for e in stream(f"measure:{row.pk}").events] == ["MeasureProposed", "MeasureDecided"]


def test_a_unit_learns_of_a_measure_when_it_is_approved_and_may_object(d: District) -> None:
    row = proposed(d, kind="interview")
    assert not measures_visible_to(d.viewer("lzh1")).exists()
    with pytest.raises(Refused):
        accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="早了", at=d.now)
    row = approved(d, kind="interview")
    assert measures_visible_to(d.viewer("lzh1")).count() == 1
    assert not measures_visible_to(d.viewer("jcl1")).exists()
    for who in ("jcl1", "xab1", "leader"):
        with pytest.raises(Refused):
            accountability.object_to(viewer=d.viewer(who), measure=row, reason="x", at=d.now)
    made = accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="数据有误", at=d.now)
    with pytest.raises(Refused, match="already"):
        accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="再次", at=d.now)
    assert (made.decider, made.matter, str(made)) == (d.units["dcs"], None, str(row))
    supervision.decide(viewer=d.viewer("dcs1"), objection=made, upheld=True, answer="属实,撤销", at=d.now)
    row.refresh_from_db()
    assert row.state == "taken_back"
    assert not accountability.standing(d.units["lzh"], "fire", local_day(d.now).year).exists()


def test_an_upheld_objection_withdraws_the_matters_of_the_list(d: District) -> None:
    row = approved(d)
    made = accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="不属实", at=d.now)
    supervision.decide(viewer=d.viewer("dcs1"), objection=made, upheld=True, answer="成立", at=d.now)
    assert row.points.get().matter.state == "withdrawn"  # type: ignore[union-attr]


def test_an_objection_that_is_not_upheld_changes_nothing_and_comes_within_thirty_days(d: District) -> None:
    row = approved(d, kind="circular")
    with pytest.raises(Refused, match="is over"):
        accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="晚了", at=d.now + timedelta(days=31))
    made = accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="不服", at=d.now)
    supervision.decide(viewer=d.viewer("dcs1"), objection=made, upheld=False, answer="依据充分", at=d.now)
    row.refresh_from_db()
    assert (row.state, Objection.objects.get().upheld) == ("approved", False)
    accountability.held(viewer=d.viewer("xab1"), measure=row, answer="已印发", at=d.now)
    assert accountability.standing(d.units["lzh"], "fire", local_day(d.now).year).count() == 1


def test_what_cannot_be_proposed(d: District) -> None:
    for more, word in (
        ({"basis": " "}, "empty"), ({"text": ""}, "empty"), ({"points": ()}, "at least one"), ({"unit": "xab"}, "hold itself"),
        ({"points": (Wanted("x", local_day(d.now)),)}, "before it begins"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=word):
            proposed(d, **more)
    with pytest.raises(Refused):
        proposed(d, viewer=d.viewer("lzh1"))
    row = proposed(d)
    with pytest.raises(Refused, match="empty"):
        accountability.decide(viewer=d.viewer("leader"), measure=row, approve=False, answer="", subject=None, at=d.now)
    refused = accountability.decide(
        viewer=d.viewer("leader"), measure=row, approve=False, answer="依据不足", subject=None, at=d.now
    )
    assert refused.state == "refused"
    assert not measures_visible_to(d.viewer("lzh1")).exists()


YEAR = 2025


def round_(d: District, **more):
    told = {
        "viewer": d.viewer("xab1"),
        "mechanism": "fire",
        "year": YEAR,
        "title": "2025年度先进",
        "units": 1,
        "people": 1,
        "level": "good",
        "notice_days": 3,
        "at": d.now - timedelta(days=60),
        **more,
    }
    return commendation.open_round(**told)


def assessed(d: District, unit: str, level: str = "good", state: str = "final", veto: str = "") -> Assessment:
    return Assessment.objects.create(
        key="fire.township",
        mechanism="fire",
        year=YEAR,
        unit=d.units[unit],
        state=state,
        level=level,
        total=8_500,
        veto=veto,
        facts={},
        scheme=None,
    )


def nominated(d: District, r, unit: str = "lzh", by: str = "lzh", name: str = "", post: str = "") -> Nominee:
    return commendation.nominate(
        viewer=d.viewer(f"{by}1"),
        round_=r,
        unit=d.units[unit],
        name=name,
        post=post,
        reason="工作扎实",
        by=d.units[by],
        at=d.now - timedelta(days=50),
    )


def test_two_reviews_and_three_notices_then_a_leader(d: District) -> None:
    assessed(d, "lzh")
    r = round_(d)
    n = nominated(d, r)
    day = d.now - timedelta(days=48)
    with pytest.raises(Refused, match="notice comes first"):
        commendation.review(viewer=d.viewer("xab1"), nominee=n, passed=True, text="x", at=day)
    commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=day)
    with pytest.raises(Refused, match="runs until"):
        commendation.review(viewer=d.viewer("xab1"), nominee=n, passed=True, text="x", at=day)
    with pytest.raises(Refused, match="review comes first"):
        commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=day)
    voice = commendation.speak(viewer=d.viewer("jcl1"), nominee=n, text="有一处隐患未改", at=day + timedelta(hours=1))
    after = day + timedelta(days=10)
    with pytest.raises(Refused, match="no answer yet"):
        commendation.review(viewer=d.viewer("xab1"), nominee=n, passed=True, text="x", at=after)
    with pytest.raises(Refused):
        commendation.answer(viewer=d.viewer("lzh1"), voice=voice, text="已改", at=after)
    commendation.answer(viewer=d.viewer("xab1"), voice=voice, text="已核实整改", at=after)
    commendation.review(viewer=d.viewer("xab1"), nominee=n, passed=True, text="属实", at=after)
    with pytest.raises(Refused, match="Two reviews"):
        commendation.commend(viewer=d.viewer("leader"), nominee=n, at=after)
    commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=after)
    with pytest.raises(Refused):
        commendation.review(
            viewer=d.viewer("xab1"), nominee=n, passed=True, text="属实", at=after + timedelta(days=10)
        )  # the second is another unit's
    commendation.review(viewer=d.viewer("dcs1"), nominee=n, passed=True, text="同意", at=after + timedelta(days=10))
    commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=after + timedelta(days=11))
    with pytest.raises(Refused, match="No public notice"):
        commendation.speak(viewer=d.viewer("jcl1"), nominee=n, text="x", at=after + timedelta(days=30))
    for who in ("xab1", "dcs1", "lzh1", "audit"):
        with pytest.raises(Refused, match="leader"):
            commendation.commend(viewer=d.viewer(who), nominee=n, at=after + timedelta(days=25))
    done = commendation.commend(viewer=d.viewer("leader"), nominee=n, at=after + timedelta(days=25))
    assert done.state == "commended"
    types = [e.type for e in stream(f"commendation:{r.pk}").events]
    assert types.count("NoticePosted") == 3
    assert types.count("NomineeReviewed") == 2


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda d: None, "no final result"), (lambda d: assessed(d, "lzh", state="announced"), "no final result"), (lambda d: assessed(d, "lzh", level="pass"), "did not reach"),
        (lambda d: assessed(d, "lzh", veto="造假"), "vetoed"),
    ],
)  # fmt: skip
def test_the_record_says_who_is_eligible(d: District, make, word: str) -> None:
    make(d)
    with pytest.raises(Refused, match=word):
        nominated(d, round_(d))


def test_a_standing_interview_and_an_overdue_matter_exclude(d: District) -> None:
    assessed(d, "lzh")
    r = round_(d)
    row = approved(d, kind="interview")
    Measure.objects.filter(pk=row.pk).update(approved_at=row.at.replace(year=YEAR, month=6, day=1))
    with pytest.raises(Refused, match="interview"):
        nominated(d, r)
    Measure.objects.all().delete()
    d.handling("hazard_general", lead="lzh", by="xab1", at=d.now - timedelta(days=90))
    with pytest.raises(Refused, match="overdue"):
        nominated(d, r)


def test_who_nominates_whom_and_how_many(d: District) -> None:
    assessed(d, "lzh")
    assessed(d, "jcl")
    r = round_(d)
    with pytest.raises(Refused):
        nominated(d, r, unit="lzh", by="jcl")
    with pytest.raises(Refused, match="post of the person"):
        nominated(d, r, name="示例员")
    first = nominated(d, r, unit="lzh", by="xab")
    with pytest.raises(Refused, match="already"):
        nominated(d, r)
    person = nominated(d, r, name="示例员", post="网格长")
    other = nominated(d, r, unit="jcl", by="jcl")
    for n in (first, person, other):
        Nominee.objects.filter(pk=n.pk).update(stage="notice3", until=local_day(d.now) - timedelta(days=2))
    commendation.commend(viewer=d.viewer("leader"), nominee=first, at=d.now)
    commendation.commend(viewer=d.viewer("leader"), nominee=person, at=d.now)
    with pytest.raises(Refused, match="no more"):
        commendation.commend(viewer=d.viewer("leader"), nominee=other, at=d.now)


def test_nominees_are_public_from_their_first_notice_on(d: District) -> None:
    assessed(d, "lzh")
    n = nominated(d, round_(d))
    seen = {
        w: commendation.nominees_visible_to(d.viewer(w)).count()
        for w in ("lzh1", "xab1", "dcs1", "leader", "jcl1", "zgyh1", "admin")
    }
    assert seen == {"lzh1": 1, "xab1": 1, "dcs1": 1, "leader": 1, "jcl1": 0, "zgyh1": 0, "admin": 0}
    commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=d.now)
    assert [commendation.nominees_visible_to(d.viewer(w)).count() for w in ("jcl1", "zgyh1", "admin")] == [1, 1, 0]


def test_the_leader_who_proposed_cannot_approve(boss: District) -> None:
    d = boss
    row = proposed(d)
    Measure.objects.filter(pk=row.pk).update(person="leader")
    row.refresh_from_db()
    with pytest.raises(Refused, match="not who proposed"):
        accountability.decide(viewer=d.viewer("leader"), measure=row, approve=True, answer="", subject=None, at=d.now)
    accountability.decide(viewer=d.viewer("leader2"), measure=row, approve=False, answer="再议", subject=None, at=d.now)


def said(name: str, language: str) -> list[tuple[str, list[str], str]]:
    """The events of a stream in words, the oldest first: the verb, what their data tell, the words below."""
    with translation.override(language):
        return [(str(e.verb), e.notes, e.text) for e in history(stream(name).events)[::-1]]


def seen_by(kind: str, name: str, *who: str, d: District) -> set[str]:
    look = kinds[kind].seen
    return {w for w in who if look(d.viewer(w), name)}


def test_what_is_written_to_measures_is_decided_by_their_streams(d: District) -> None:
    row = approved(d)
    made = accountability.object_to(viewer=d.viewer("lzh1"), measure=row, reason="不属实", at=d.now)
    supervision.decide(viewer=d.viewer("dcs1"), objection=made, upheld=True, answer="成立", at=d.now)
    accountability.held(viewer=d.viewer("xab1"), measure=approved(d, kind="circular"), answer="已印发", at=d.now)
    refused = proposed(d, kind="interview")
    told = {"viewer": d.viewer("leader"), "approve": False, "subject": None, "at": d.now}
    accountability.decide(measure=refused, answer="依据不足", **told)
    types = Event.objects.filter(stream__startswith="measure:").values_list("type", flat=True)
    assert set(types) == {t.name for t in measures.TYPES}
    proven("measure")
    due = local_day(d.now) + timedelta(days=30)
    point = row.points.get()
    with translation.override("en"):
        shown = f"补齐岗位 {day(due)}"
    assert said(f"measure:{row.pk}", "en") == [
        ("proposed the measure", ["list to put right 龙子湖办事处", "2025年度考核", shown], "得分偏低"),
        ("decided on the measure", ["approved", "管委会办公室经办", f"#{point.matter_id}"], ""),
        ("took the measure back", [], "成立"),
    ]
    assert said(f"measure:{refused.pk}", "zh-hans")[1][1:] == (["未批准", "管委会办公室经办"], "依据不足")


def test_a_measure_is_taken_along_by_its_unit_once_it_is_approved(d: District) -> None:
    who = ("xab1", "lzh1", "jcl1", "dcs1", "leader", "admin")
    row = proposed(d, kind="interview")
    assert seen_by("measure", str(row.pk), *who, d=d) == {"xab1", "dcs1", "leader"}
    accountability.decide(viewer=d.viewer("leader"), measure=row, approve=True, answer="", subject=None, at=d.now)
    assert seen_by("measure", str(row.pk), *who, d=d) == {"xab1", "lzh1", "dcs1", "leader"}
    assert [kinds["measure"].seen(d.viewer("leader"), n) for n in ("", "x", "²", "0")] == [None] * 4


def _commended(d: District) -> Nominee:
    """A nominee spoken against, reviewed twice, put up three times and commended; another that did not pass."""
    assessed(d, "lzh")
    r = round_(d)
    n, other = nominated(d, r), nominated(d, r, name="示例员", post="网格长")
    at = d.now - timedelta(days=48)
    for row in (n, other):
        commendation.post_notice(viewer=d.viewer("xab1"), nominee=row, at=at)
    voice = commendation.speak(viewer=d.viewer("jcl1"), nominee=n, text="有一处隐患未改", at=at + timedelta(hours=1))
    commendation.answer(viewer=d.viewer("xab1"), voice=voice, text="已核实整改", at=at + timedelta(days=1))
    for reviewer in ("xab1", "dcs1"):
        at += timedelta(days=10)
        commendation.review(viewer=d.viewer(reviewer), nominee=n, passed=True, text="属实", at=at)
        commendation.post_notice(viewer=d.viewer("xab1"), nominee=n, at=at + timedelta(days=1))
    commendation.review(viewer=d.viewer("xab1"), nominee=other, passed=False, text="材料不全", at=at)
    return commendation.commend(viewer=d.viewer("leader"), nominee=n, at=at + timedelta(days=12))


def test_what_is_written_to_rounds_is_decided_by_their_streams(d: District) -> None:
    n = _commended(d)
    name = f"commendation:{n.round_id}"
    assert {e.type for e in stream(name).events} == {t.name for t in rounds.TYPES}
    proven("commendation")
    told = said(name, "en")
    assert told[0] == ("called for nominations", ["2025", "at most 1 units and 1 persons", "good"], "")
    assert told[2] == ("nominated", ["龙子湖办事处", "网格长"], "")
    assert told[3][1][:2] == ["龙子湖办事处", "first notice"]
    assert ("spoke against a nominee", ["龙子湖办事处"], "有一处隐患未改") in told
    assert ("answered what was said", ["龙子湖办事处"], "已核实整改") in told
    assert ("reviewed a nominee", ["龙子湖办事处", "first review", "did not pass the review"], "材料不全") in told
    assert told[-1] == ("commended", ["龙子湖办事处"], "")
    assert ("审核推荐对象", ["龙子湖办事处", "初审", "审核通过"], "属实") in said(name, "zh-hans")


def test_the_record_of_a_round_is_its_offices_own_and_notices_lead_everybody_to_its_page(d: District) -> None:
    assessed(d, "lzh")
    r = round_(d)
    nominated(d, r)
    assert seen_by("commendation", str(r.pk), "xab1", "lzh1", "jcl1", "dcs1", "leader", "admin", d=d) == {"xab1"}
    assert kinds["commendation"].opens(str(r.pk)) == ("commendation", (r.pk,))
    assert [kinds["commendation"].seen(d.viewer("xab1"), n) for n in ("", "x", "²", "0")] == [None] * 4


def test_a_nominee_whose_row_was_changed_is_named(d: District) -> None:
    n = _commended(d)
    assert differences("commendation") == []
    Nominee.objects.filter(pk=n.pk).update(state="refused")
    (line,) = differences("commendation")
    assert line.startswith(f"commendation · commendation:{n.round_id} · commendation_nominee {n.pk} · state: ")
