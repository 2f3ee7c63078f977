"""Assessment: facts from the record, incremental reckoning, taken scores, self-review, findings with evidence, appeals, schemes."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from bihuan.adapters.excel import Column, xlsx
from bihuan.instruments.assessment import appeals, face, record, services
from bihuan.instruments.assessment import sheets as scheme_sheets
from bihuan.instruments.assessment.catalogue import body_of, cycle, read, schemes, shipped
from bihuan.instruments.assessment.metrics import Metric, Source, metrics, sources, year_span
from bihuan.instruments.assessment.metrics import register as brings
from bihuan.instruments.assessment.models import Assessment, Kept, Score
from bihuan.instruments.assessment.reckoning import known, refresh, sheets, tried
from bihuan.instruments.assessment.selectors import assessments_visible_to, full, rows_of
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, start_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.ledger.services import entered_as_happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import act, assignment, load, raise_matter
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.registry.duties import duties
from bihuan.kernel.registry.streams import kinds
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.incidents import Told, register, review
from bihuan.mechanisms.fire.inspections import Entered, enter
from bihuan.web.surface.history import history

from ..forging import proven
from ..support import District, differences

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1
KEY = "fire.township"
JAN = start_of(date(YEAR + 1, 1, 12)) + timedelta(hours=9)


def moment(month: int, day: int = 10) -> datetime:
    return start_of(date(YEAR, month, day)) + timedelta(hours=10)


@pytest.fixture
def year(d: District) -> District:
    """Two townships under assessment, whose premises exist since before the year."""
    Subject.objects.update(created=start_of(date(YEAR - 1, 6, 1)))
    services.open_year(
        viewer=d.viewer("xab1"), key=KEY, year=YEAR, units=[d.units["lzh"], d.units["jcl"]], at=moment(3)
    )
    return d


def hazard(
    d: District, lead: str, at: datetime, days: int = 5, done: int | None = 3, kind: str = "hazard_general"
) -> Matter:
    """A hazard assigned for `days` days and handed in after `done`; None leaves it open."""
    subject = d.premises if lead == "lzh" else d.far
    actor = d.actor("xab1")
    matter = raise_matter(
        actor=actor, at=at, kind_id=kind, title="通道堵塞", description="", subject=subject, raiser=d.units["xab"]
    )
    state, spec, _ = load(matter.number)
    limit = Limit("date", until=(at + timedelta(days=days)).date())
    act(
        number=matter.number,
        command=c.Assign(actor, at, lead, (), limit=limit, reason="test", **assignment(spec, state, lead)),
    )
    mine = d.actor(f"{lead}1")
    matter = act(number=matter.number, command=c.Accept(mine, at + timedelta(hours=1)))
    if done is None:
        return matter
    then = at + timedelta(days=done)
    files = tuple({"sha256": s.file_id, "name": s.name, "type": "image/jpeg"} for s in [d.photo(f"{lead}1")])
    act(number=matter.number, command=c.Attach(mine, then, files))
    act(number=matter.number, command=c.Submit(mine, then, "已整改"))
    return act(number=matter.number, command=c.Verify(d.actor("xfdd1"), then + timedelta(hours=3), "合格"))


def inspected(d: District, who: str, subject, at: datetime) -> None:
    with entered_as_happened():
        enter(
            viewer=d.viewer(who),
            subject=subject,
            entered=Entered(uuid4(), "inspection", at, kind="township", people=("甲某", "乙某"), items={}),
        )


def sheet(d: District, unit: str, at: datetime = JAN):
    refresh(YEAR, at)
    return sheets(full(Assessment.objects.filter(key=KEY, year=YEAR, unit=d.units[unit])), at)[0]


def test_every_shipped_scheme_adds_up_and_asks_only_for_figures_that_are_kept() -> None:
    found = schemes(YEAR)
    assert {s.audience for s in found} == {"township", "department", "unit", "utility"}
    assert all(not s.confirmed and s.source for s in found)
    assert len(metrics()) == sum(len(s.metrics) for s in sources())
    assert not cycle().confirmed


def test_nobody_brings_a_figure_or_a_source_that_another_brings_already() -> None:
    def source(id_: str, metric: str) -> Source:
        return Source(id_, (Metric(metric, metric, False),), lambda span, units: {}, lambda *a: [], lambda since: ())

    known = sources()
    with pytest.raises(ValueError, match="hazards_kept"):
        brings(source("toy.own", "fire.hazards_kept"))
    with pytest.raises(ValueError, match="twice"):
        brings(source("fire.matters", "toy.figure"))
    assert sources() == known


def test_the_score_comes_from_the_record_and_every_point_opens_its_rows(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(4))
    hazard(d, "lzh", moment(5), done=9)
    open_ = hazard(d, "lzh", moment(6), done=None)
    hazard(d, "jcl", moment(4))
    got = sheet(d, "lzh")
    fact = got.facts["fire.hazards_kept"]
    assert (fact.num, fact.den) == (1, 3)
    rows = rows_of(d.viewer("lzh1"), got, "fire.hazards_kept")
    assert (len(rows), sum(r.good for r in rows)) == (fact.den, fact.num)
    assert str(open_.pk) in {r.key for r in rows if not r.good}
    assert sheet(d, "jcl").facts["fire.hazards_kept"].num == 1


@pytest.mark.parametrize("metric", sorted(metrics()))
def test_each_figure_is_the_count_of_its_rows(year: District, metric: str) -> None:
    d = year
    _busy(d)
    for unit in ("lzh", "jcl"):
        got = sheet(d, unit)
        rows = rows_of(d.viewer("leader"), got, metric)
        fact = got.facts.get(metric)
        if fact is None:
            assert not rows
        elif fact.den is None:
            assert len(rows) == fact.num
        else:
            assert (len(rows), sum(r.good for r in rows)) == (fact.den, fact.num)


def _busy(d: District) -> None:
    head = d.people["lzh2"]
    Post.objects.filter(person=head).update(role="head")
    Post.objects.create(unit=d.units["jcl"], title="网格", role="officer", valid_from=date(YEAR, 2, 1))
    hazard(d, "lzh", moment(4))
    hazard(d, "lzh", moment(5), done=9)
    hazard(d, "jcl", moment(6), done=None)
    inspected(d, "lzh2", d.premises, moment(7))
    told = Entered(uuid4(), "training", moment(8), people=("甲某",))
    with entered_as_happened():
        enter(viewer=d.viewer("lzh1"), subject=d.premises, entered=told)
    fire = Told(
        moment(9),
        d.b,
        "示例路9号",
        "city",
        "building",
        "dwelling",
        "010101",
        tuple([Casualty(True, date(YEAR, 9, 10))] * 3),
        5_000_00,
        subject=d.far,
    )
    row = register(viewer=d.viewer("xfdd1"), told=fire, at=moment(9, 11))
    review(viewer=d.viewer("xfdd1"), incident=row, findings="网格未巡查", failed=[d.units["jcl"]], at=moment(12))


def test_a_larger_fire_with_a_failed_duty_decides_alone(year: District) -> None:
    d = year
    _busy(d)
    got = sheet(d, "jcl")
    assert (got.final.level, [v.id for v in got.final.vetoes]) == ("fail", ["failed_duty"])
    assert sheet(d, "lzh").final.level != "fail" or sheet(d, "lzh").final.total < 6_000


def test_the_same_facts_twice_give_the_same_score_however_they_were_reckoned(year: District) -> None:
    d = year
    _busy(d)
    first, body = sheet(d, "lzh"), None
    for model in (Kept,):
        model.objects.all().delete()
    from bihuan.instruments.assessment.models import Reckoned

    Reckoned.objects.all().delete()
    again = sheet(d, "lzh")
    assert (first.final, first.facts) == (again.final, again.facts)
    assert body is None


def test_only_whom_events_touched_is_reckoned_anew_and_it_gives_what_a_full_reckoning_gives(year: District) -> None:
    d = year
    hazard(d, "jcl", moment(4))
    refresh(YEAR, JAN)
    assert set(refresh(YEAR, JAN).values()) == {0}
    hazard(d, "lzh", moment(5), done=9)
    done = refresh(YEAR, JAN)
    assert 0 < (done["fire.matters"] or 99) <= 3
    assert done["fire.letters"] == 0
    kept = known(YEAR)
    Kept.objects.all().delete()
    from bihuan.instruments.assessment.models import Reckoned

    Reckoned.objects.all().delete()
    refresh(YEAR, JAN)
    assert known(YEAR) == kept


def test_after_a_moment_of_the_past_everything_is_reckoned_anew(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(5))  # stands in the ledger already when the facts of April are asked for
    refresh(YEAR, moment(4))
    assert "fire.hazards_kept" not in known(YEAR)[d.units["lzh"].pk]
    assert refresh(YEAR, moment(8))["fire.matters"] is None
    assert known(YEAR)[d.units["lzh"].pk]["fire.hazards_kept"].num == 1


def test_time_alone_makes_a_hazard_late(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(6), days=10, done=None)
    refresh(YEAR, moment(6, 12))
    assert "fire.hazards_kept" not in known(YEAR)[d.units["lzh"].pk]
    refresh(YEAR, moment(7))
    assert known(YEAR)[d.units["lzh"].pk]["fire.hazards_kept"].den == 1


def test_a_transfer_takes_the_matter_from_the_one_and_gives_it_to_the_other(year: District) -> None:
    d = year
    matter = hazard(d, "lzh", moment(6), days=10, done=None)
    refresh(YEAR, moment(7))
    act(number=matter.number, command=c.Transfer(d.actor("xab1"), moment(7, 20), "jcl", "属地划转"))
    refresh(YEAR, moment(8))
    found = known(YEAR)
    assert "fire.hazards_kept" not in found[d.units["lzh"].pk]
    assert found[d.units["jcl"].pk]["fire.hazards_kept"].den == 1


def test_quarters_are_taken_once_and_stay_as_they_were(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(2))
    with pytest.raises(Refused, match="has not ended"):
        services.take(year=YEAR, quarter=2, at=moment(5))
    assert services.take(year=YEAR, quarter=1, at=moment(4)) == 2
    assert services.take(year=YEAR, quarter=1, at=moment(4)) == 0
    before = Score.objects.get(assessment__unit=d.units["lzh"])
    hazard(d, "lzh", moment(3, 20), done=9)
    services.follow(at=moment(11))
    assert Score.objects.get(assessment__unit=d.units["lzh"], period=f"{YEAR}Q1").body == before.body
    assert set(Score.objects.values_list("period", flat=True)) == {f"{YEAR}Q1", f"{YEAR}Q2", f"{YEAR}Q3"}
    event = next(e for e in stream(f"assessment:{before.assessment_id}").events if e.type == "ScoreTaken")
    assert event.data["digest"] == services.digest(before.body)


def _to_review(d: District) -> Assessment:
    services.begin_review(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=moment(12, 15))
    return Assessment.objects.get(key=KEY, year=YEAR, unit=d.units["lzh"])


def test_self_and_assessor_stand_side_by_side_and_an_appeal_gives_back(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(5), done=9)
    with pytest.raises(Refused, match="begins on"):
        services.begin_review(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=moment(11))
    a = _to_review(d)
    files = [d.photo("lzh1", "会议照片.jpg")]
    services.mark(
        viewer=d.viewer("lzh1"),
        a=a,
        side="self",
        item="meetings",
        points=300,
        text="另有两次会议未录入",
        files=files,
        at=moment(12, 16),
    )
    services.reviewed(viewer=d.viewer("lzh1"), a=a, at=moment(12, 17))
    proof = [d.photo("xab1", "抽查记录.jpg", 20)]
    services.mark(
        viewer=d.viewer("xab1"),
        a=a,
        side="assessor",
        item="posts",
        points=-200,
        text="现场抽查不实",
        files=proof,
        at=moment(12, 20),
    )
    got = sheet(d, "lzh")
    assert got.own.items()["meetings"].points == got.computed.items()["meetings"].points + 300
    assert got.assessor.items()["posts"].points == got.computed.items()["posts"].points - 200
    assert got.assessor.items()["meetings"].points == got.computed.items()["meetings"].points
    assert services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN) == 2
    a.refresh_from_db()
    assert (a.state, a.total) == ("announced", got.assessor.total)
    made = appeals.appeal(
        viewer=d.viewer("lzh1"), a=a, item="meetings", text="会议有纪要", files=[], at=JAN + timedelta(days=1)
    )
    with pytest.raises(Refused, match="already"):
        appeals.appeal(viewer=d.viewer("lzh1"), a=a, item="meetings", text="再次", files=[], at=JAN + timedelta(days=1))
    with pytest.raises(Refused, match="lost nothing"):
        appeals.appeal(
            viewer=d.viewer("lzh1"), a=a, item="own_letter", text="没有扣", files=[], at=JAN + timedelta(days=1)
        )
    with pytest.raises(Refused):
        appeals.decide(
            viewer=d.viewer("xab1"), appeal=made, upheld=True, points=300, answer="属实", at=JAN + timedelta(days=2)
        )
    with pytest.raises(Refused, match="at most"):
        appeals.decide(
            viewer=d.viewer("dcs1"), appeal=made, upheld=True, points=9_900, answer="属实", at=JAN + timedelta(days=2)
        )
    with pytest.raises(Refused, match="appeal until"):
        services.finish(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN + timedelta(days=2))
    appeals.decide(
        viewer=d.viewer("dcs1"), appeal=made, upheld=True, points=300, answer="属实", at=JAN + timedelta(days=2)
    )
    assert services.finish(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN + timedelta(days=20)) == 2
    a.refresh_from_db()
    assert (a.state, a.total) == ("final", got.assessor.total + 300)
    kinds = [e.type for e in stream(f"assessment:{a.pk}").events]
    assert kinds == [
        "AssessmentOpened",
        "ReviewAsked",
        "Marked",
        "SelfReviewed",
        "Marked",
        "ResultAnnounced",
        "Appealed",
        "AppealDecided",
        "ResultFinal",
    ]


def test_an_announced_result_does_not_move_when_the_record_goes_on(year: District) -> None:
    d = year
    _to_review(d)
    services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN)
    before = sheet(d, "lzh").final
    hazard(d, "lzh", moment(5), done=9)
    assert sheet(d, "lzh").final == before


def test_a_result_that_is_not_the_one_that_was_announced_is_named(year: District) -> None:
    d = year
    a = _to_review(d)
    services.take(year=YEAR, quarter=1, at=JAN)
    services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN)
    assert differences("assessment") == []
    Assessment.objects.filter(pk=a.pk).update(total=9_999)
    Score.objects.filter(assessment=a, period=f"{YEAR}Q1").update(body={"facts": {}, "items": {}})
    Score.objects.filter(assessment=a, period=str(YEAR)).update(body={"facts": {}, "items": {}})
    found = [(c.stream, c.table.removeprefix("assessment_"), c.column) for c in record.contradictions()]
    told = f"assessment:{a.pk}"
    assert found == [
        (told, "assessment", "total"), (told, "score", "body"), (told, "score", "body"), (told, "assessment", "facts"),
    ]  # fmt: skip
    assert len(differences("assessment")) == len(found) + 3, "the rows differ from what their events wrote, besides"


def _walked(d: District) -> Assessment:
    """A year by every act: schemes, scores, self-review, findings, veto, result, appeal, final; the first of its two assessments."""
    hazard(d, "lzh", moment(5), done=9)
    ours, theirs, proof = d.viewer("xab1"), d.viewer("lzh1"), lambda who: [d.photo(who, "证明.jpg", 20)]
    for adopt in (False, True):
        services.scheme_save(viewer=ours, key=KEY, year=YEAR, body_=body_of(KEY, YEAR), adopt=adopt, at=moment(3, 12))
    services.take(year=YEAR, quarter=1, at=moment(4))
    a = _to_review(d)
    for text in ("另有一次会议", "另有两次会议"):
        told = {"viewer": theirs, "a": a, "side": "self", "item": "meetings", "points": 300, "text": text}
        services.mark(**told, files=proof("lzh1"), at=moment(12, 16))
    services.reviewed(viewer=theirs, a=a, at=moment(12, 17))
    services.mark(
        viewer=ours, a=a, side="assessor", item="posts", points=-200, text="现场抽查不实", files=proof("xab1"), at=moment(12, 20)
    )  # fmt: skip
    for text in ("台账造假", ""):
        services.veto(viewer=ours, a=a, text=text, files=proof("xab1") if text else [], at=moment(12, 21))
    services.announce(viewer=ours, key=KEY, year=YEAR, at=JAN)
    made = appeals.appeal(viewer=theirs, a=a, item="meetings", text="会议有纪要", files=proof("lzh1"), at=JAN)
    appeals.decide(viewer=d.viewer("dcs1"), appeal=made, upheld=True, points=300, answer="核实属实", at=JAN)
    services.finish(viewer=ours, key=KEY, year=YEAR, at=JAN + timedelta(days=20))
    return a


def test_what_is_written_to_assessments_and_schemes_is_decided_by_their_streams(year: District) -> None:
    a = _walked(year)
    told = Event.objects.filter(stream__startswith="assessment:").values_list("type", flat=True)
    assert {*told, "SchemeKept"} == {t.name for t in face.TYPES}
    proven("scheme", "assessment")
    body = Score.objects.get(assessment=a, period=f"{YEAR}Q1").body
    Kept.objects.all().delete()
    refresh(YEAR, JAN)
    assert differences("scheme", "assessment") == [], "what is reckoned anew decides nothing that was taken"
    assert Score.objects.get(assessment=a, period=f"{YEAR}Q1").body == body


def test_every_event_of_an_assessment_reads_as_a_sentence(year: District) -> None:
    a = _walked(year)
    events = stream(f"assessment:{a.pk}").events
    with translation.override("en"):
        told = [(e.event.type, e.notes, e.text) for e in history(events)[::-1]]
    a.refresh_from_db()
    assert told[0] == ("AssessmentOpened", ["龙子湖办事处"], "")
    assert told[1][1][0] == f"{YEAR}Q1"
    assert ("Marked", ["self-review", "A meeting each quarter", "+3", "files: 1"], "另有两次会议") in told
    assert ("Marked", ["assessor", "No post empty", "-2", "files: 1"], "现场抽查不实") in told
    assert ("SelfReviewed", ["items claimed: 1"], "") in told
    assert ("Vetoed", ["the whole result fails", "files: 1"], "台账造假") in told
    assert ("Vetoed", ["the veto is taken back"], "") in told
    with translation.override("en"):
        result = [f"{a.total / 100:g} points", str(face.LEVELS[a.level])]
    assert ("AppealDecided", ["A meeting each quarter", "upheld", "+3", *result], "核实属实") in told
    assert told[-1] == ("ResultFinal", result, "")
    announced = next(notes for type_, notes, _ in told if type_ == "ResultAnnounced")
    assert announced[2].startswith("appeals until ")
    with translation.override("zh-hans"):
        marked = next(e for e in history(events) if e.event.type == "Marked")
        scheme = history(stream(f"scheme:{KEY}").events)
    assert marked.notes == ["考核组", "岗位不空缺", "-2", "附件1个"]
    assert [e.notes for e in scheme] == [[f"{YEAR}/2", "已采用"], [f"{YEAR}/1", "草案"]]


def test_an_assessment_is_taken_along_by_whom_it_is_shown_to_and_schemes_by_the_office(year: District) -> None:
    d = year
    a = Assessment.objects.get(key=KEY, year=YEAR, unit=d.units["lzh"])
    who = ("xab1", "lzh1", "jcl1", "jsj1", "dcs1", "leader", "audit", "admin", "logs")

    def seen(kind: str, name: str) -> set[str]:
        look = kinds[kind].seen
        return {w for w in who if look(d.viewer(w), name)}

    assert seen("assessment", str(a.pk)) == {"xab1", "lzh1", "dcs1", "leader", "audit"}
    assert seen("scheme", KEY) == {"xab1"}
    sight = kinds["assessment"].seen(d.viewer("lzh1"), str(a.pk))
    assert (sight.page, sight.arguments) == ("assessment", (a.pk,))
    with translation.override("en"):
        assert kinds["scheme"].seen(d.viewer("xab1"), KEY).title == "Fire-safety assessment of townships"
    for kind, names in (("assessment", ("", "x", "²", "0")), ("scheme", ("", "nothing"))):
        assert [kinds[kind].seen(d.viewer("xab1"), n) for n in names] == [None] * len(names)


def test_the_worker_takes_the_scores_of_quarters_that_ended(year: District) -> None:
    assert duties["assessment"].run(moment(8)) == 4
    assert duties["assessment"].run(moment(8)) == 0
    assert set(Score.objects.values_list("period", flat=True)) == {f"{YEAR}Q1", f"{YEAR}Q2"}


def test_what_must_not_be(year: District) -> None:
    d = year
    a = Assessment.objects.get(unit=d.units["lzh"])
    for who in ("lzh1", "jcl1", "jsj1", "dcs1", "leader"):
        with pytest.raises(Refused):
            services.open_year(viewer=d.viewer(who), key=KEY, year=YEAR, units=[d.units["jsj"]], at=JAN)
        with pytest.raises(Refused):
            services.veto(viewer=d.viewer(who), a=a, text="x", files=[], at=JAN)
    with pytest.raises(Refused, match="assesses others"):
        services.open_year(viewer=d.viewer("xab1"), key=KEY, year=YEAR, units=[d.units["xab"]], at=JAN)
    with pytest.raises(Refused, match="not the time"):
        services.mark(
            viewer=d.viewer("lzh1"), a=a, side="self", item="meetings", points=100, text="x", files=[], at=JAN
        )
    a = _to_review(d)
    for item, points, text, word in (
        ("meetings", 100, " ", "empty"),
        ("meetings", 0, "x", "more than nothing"),
        ("meetings", 700, "x", "no more than"),
        ("meetings", 100, "x", "evidence"),
    ):
        with pytest.raises(Refused, match=word):
            services.mark(
                viewer=d.viewer("lzh1"), a=a, side="self", item=item, points=points, text=text, files=[], at=JAN
            )
    with pytest.raises(Refused):
        services.mark(
            viewer=d.viewer("jcl1"), a=a, side="self", item="meetings", points=-100, text="x", files=[], at=JAN
        )
    with pytest.raises(Refused, match="evidence"):
        services.mark(
            viewer=d.viewer("xab1"), a=a, side="assessor", item="meetings", points=-100, text="x", files=[], at=JAN
        )
    with pytest.raises(Refused, match="has not ended"):
        services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=moment(12, 20))
    with pytest.raises(Refused, match="self-review"):
        services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=start_of(date(YEAR + 1, 1, 5)))
    services.announce(viewer=d.viewer("xab1"), key=KEY, year=YEAR, at=JAN)
    with pytest.raises(Refused, match="ended on"):
        appeals.appeal(
            viewer=d.viewer("lzh1"), a=a, item="meetings", text="晚了", files=[], at=JAN + timedelta(days=30)
        )
    with pytest.raises(Refused):
        appeals.appeal(viewer=d.viewer("jcl1"), a=a, item="meetings", text="别人的", files=[], at=JAN)


def test_who_sees_which_assessment(year: District) -> None:
    d = year
    seen = {
        w: assessments_visible_to(d.viewer(w)).count()
        for w in ("xab1", "dcs1", "leader", "audit", "lzh1", "jcl1", "jsj1", "zgyh1", "admin", "jfj1")
    }
    assert seen == {
        "xab1": 2,
        "dcs1": 2,
        "leader": 2,
        "audit": 2,
        "lzh1": 1,
        "jcl1": 1,
        "jsj1": 0,
        "zgyh1": 0,
        "admin": 0,
        "jfj1": 0,
    }


def test_another_scheme_is_tried_on_last_year_before_it_is_adopted(year: District) -> None:
    d = year
    hazard(d, "lzh", moment(5), done=9)
    refresh(YEAR, JAN)
    body = deepcopy(body_of(KEY, YEAR))
    items = {i["id"]: i for p in body["part"] for i in p["item"]}
    items["hazards"]["points"], items["covered"]["points"] = 20, 2
    rows = full(Assessment.objects.filter(key=KEY, year=YEAR))
    found = {s.assessment.unit.code: (s.final.total, other.total) for s, other in tried(body, YEAR, rows, JAN)}
    lost = {k: a - b for k, (a, b) in found.items()}
    assert lost["lzh"] > lost["jcl"]
    assert body_of(KEY, YEAR) == shipped()[KEY]  # trying changes nothing
    services.scheme_save(viewer=d.viewer("xab1"), key=KEY, year=YEAR + 1, body_=body, adopt=True, at=JAN)
    assert body_of(KEY, YEAR) == shipped()[KEY]
    assert body_of(KEY, YEAR + 1) == body == body_of(KEY, YEAR + 2)
    assert read(body_of(KEY, YEAR + 1)).items()["hazards"].points == 2_000
    items["hazards"]["points"] = 21
    with pytest.raises(Refused, match="do not add up"):
        services.scheme_save(viewer=d.viewer("xab1"), key=KEY, year=YEAR + 1, body_=body, adopt=True, at=JAN)
    with pytest.raises(Refused):
        services.scheme_save(viewer=d.viewer("lzh1"), key=KEY, year=YEAR + 1, body_=shipped()[KEY], adopt=True, at=JAN)


def test_a_persons_veto_needs_evidence_and_can_be_taken_back(year: District) -> None:
    d = year
    a = Assessment.objects.get(unit=d.units["lzh"])
    with pytest.raises(Refused, match="evidence"):
        services.veto(viewer=d.viewer("xab1"), a=a, text="台账造假", files=[], at=JAN)
    services.veto(viewer=d.viewer("xab1"), a=a, text="台账造假", files=[d.photo("xab1")], at=JAN)
    assert sheet(d, "lzh").final.level == "fail"
    services.veto(viewer=d.viewer("xab1"), a=a, text="", files=[], at=JAN)
    assert sheet(d, "lzh").final.level == sheet(d, "lzh").computed.level


def test_a_span_counts_days_up_to_its_moment() -> None:
    span = year_span(2024, moment(1), 1)
    assert (span.begin, span.end) == (date(2024, 1, 1), date(2024, 3, 31))
    assert span.stop == start_of(date(2024, 4, 1))
    assert moment(5) < year_span(YEAR, moment(5)).stop <= moment(5) + timedelta(milliseconds=1)
    assert year_span(YEAR, JAN).day == date(YEAR, 12, 31)


def _sheet(tmp_path, lines: list[list[str]]):
    path = tmp_path / "方案.xlsx"
    path.write_bytes(xlsx("方案", [Column(h) for h in scheme_sheets.HEADS], lines))
    return path


@pytest.mark.parametrize("key", ["fire.township", "fire.department", "fire.unit", "fire.utility"])
def test_a_scheme_goes_out_to_excel_and_comes_back_the_same(db, tmp_path, key: str) -> None:
    body = shipped()[key]
    again = scheme_sheets.read(_sheet(tmp_path, list(scheme_sheets.rows(body))), body)
    assert read(again) == read(body)


def test_an_item_added_in_excel_is_part_of_the_scheme(db, tmp_path) -> None:
    body = shipped()[KEY]
    lines = [*scheme_sheets.rows(body)]
    place = next(i for i, x in enumerate(lines) if x[-1] == "deaths")
    lines[place][3] = "3"
    lines.insert(place + 1, ["", "", "本单位检查", "2", "缺项扣分", "fire.inspections", "0.5", "4", "", "", "", ""])
    found = read(scheme_sheets.read(_sheet(tmp_path, lines), body))
    item = next(i for i in found.items().values() if i.name == "本单位检查")
    assert (item.points, item.rules[0].points, item.rules[0].need) == (200, 50, 4)
    assert found.vetoes == read(body).vetoes


@pytest.mark.parametrize(
    ("row", "column", "text", "word"),
    [(0, 3, "很多", "Row 2.*no number"), (0, 4, "凭感觉", "Row 2.*no rule"), (0, 0, "", "Row 2.*part comes first"), (0, 2, "", "Row 2.*item comes first"), (0, 6, "-1", "Row 2.*no number")],
)  # fmt: skip
def test_a_line_of_a_scheme_that_cannot_be_read_is_named(
    db, tmp_path, row: int, column: int, text: str, word: str
) -> None:
    lines = [*scheme_sheets.rows(shipped()[KEY])]
    lines[row][column] = text
    with pytest.raises(Refused, match=word):
        scheme_sheets.read(_sheet(tmp_path, lines), shipped()[KEY])
