"""Four stories of fire safety, each to its end: a hazard to its revisit, a major hazard with every clock, a complaint, a
premises whose tenant changes. Through the services, on days of the past, with what must not be possible in between."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import pytest

from bihuan.instruments.premises import services as premises
from bihuan.instruments.premises.selectors import premises_of
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.procedures.models import OpenStep
from bihuan.instruments.procedures.selectors import course
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import ZONE, Limit, local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.services import entered_as_happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import cases, complaints
from bihuan.mechanisms.fire.inspections import Entered, Found, enter
from bihuan.mechanisms.fire.models import Standing
from bihuan.mechanisms.fire.selectors import missing
from bihuan.mechanisms.fire.standing import refresh

from ..support import District, differences

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _entered():
    with entered_as_happened():
        yield


def moment(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=ZONE)


class Case:
    """A matter and short ways to give it commands and steps on a day."""

    def __init__(self, d: District, number: int) -> None:
        self.d, self.number = d, number

    @property
    def matter(self) -> Matter:
        return Matter.objects.get(pk=self.number)

    def do(self, who: str, day: str, command: type[c.Command], *args, clock: str = "10:00") -> None:
        self.d.do(who, self.matter, command, *args, at=moment(day, clock))

    def step(self, who: str, on: str, name: str, /, run: int = 1, clock: str = "10:00", files=(), **values) -> None:
        cases.step(
            viewer=self.d.viewer(who),
            matter=self.matter,
            run=run,
            name=name,
            at=moment(on, clock),
            values=values,
            files=files,
        )

    def due(self, name: str, day: str) -> date | None:
        """The last day of an open step, as of a day."""
        found = [
            s for u in course(self.number, moment(day)).under for s in u.steps if s.spec.id == name and s.done is None
        ]
        return found[0].due.day if found else None

    def proof(self, who: str, day: str) -> None:
        staged = self.d.photo(who)
        self.do(who, day, c.Attach, ({"sha256": staged.file_id, "name": staged.name, "type": "image/jpeg"},))

    def sound(self) -> None:
        """Everything equals its events."""
        assert not differences("matter", "subject", "procedure", "premises")


def found(d: District, who: str, day: str, finding: Found, kind: str = "double_random") -> Case:
    told = Entered(uuid4(), "inspection", moment(day), kind=kind, people=("甲某", "乙某"), findings=(finding,))
    record = enter(viewer=d.viewer(who), subject=d.premises, entered=told)
    number = record.findings.get().matter_id
    assert number is not None
    return Case(d, number)


def test_a_hazard_from_discovery_to_revisit(d: District) -> None:
    case = found(d, "xfdd1", "2026-03-02", Found("alarm_works", place="一层"))
    assert case.due("notice", "2026-03-02") == date(2026, 3, 5)
    case.step("xfdd1", "2026-03-03", "notice", number="责改1", served=date(2026, 3, 3), deadline=date(2026, 3, 20))
    case.do("xab1", "2026-03-03", c.Assign, "lzh", (), "xfdd", "dcs")
    case.do("lzh1", "2026-03-04", c.Accept)
    # the served paper's last day is the limit, once somebody with the right says so
    case.do("xfdd2", "2026-03-04", c.Amend, {"limit": Limit("date", until=date(2026, 3, 20))}, "责改1")
    assert load(case.number)[0].due is not None
    case.do("lzh1", "2026-03-16", c.AskExtension, 5, "配件未到")
    case.do("xab1", "2026-03-16", c.GrantExtension)
    with pytest.raises(Refused):
        case.do("lzh1", "2026-03-18", c.Submit, "已修复")
    case.proof("lzh1", "2026-03-18")
    case.do("lzh1", "2026-03-18", c.Submit, "已修复")
    assert case.due("recheck", "2026-03-18") == date(2026, 3, 23)
    with pytest.raises(Refused):
        case.do("lzh2", "2026-03-19", c.Verify, "合格")
    case.do("xfdd2", "2026-03-19", c.SendBack, "二层仍有故障")
    case.proof("lzh1", "2026-03-20")
    case.do("lzh1", "2026-03-20", c.Submit, "全部修复")
    case.do("xfdd2", "2026-03-23", c.Verify, "复查合格")
    state = load(case.number)[0]
    assert (state.state, state.revisit_due) == ("closed", date(2026, 4, 22))
    case.do("dcs1", "2026-04-22", c.Revisit, False, "又有故障")
    assert load(case.number)[0].round == 2
    refresh([d.premises.pk], d.now)
    assert Standing.objects.get(subject=d.premises).why["sent_back"] == 2
    case.sound()


def major(d: District) -> Case:
    return found(
        d, "xfdd1", "2025-06-03", Found("sprinkler", text="未按规定设置自动喷水灭火系统", grade="major"), kind="special"
    )


JUDGED = {
    "outcome": "determined",
    "findings": "符合直接判定",
    "place": "crowded",
    "direct": ["6.6"],
    "deadline": date(2025, 9, 30),
}


def test_a_major_hazard_from_suspicion_to_striking_off_with_every_clock(d: District) -> None:
    case = major(d)
    assert case.due("report", "2025-06-03") == date(2025, 6, 5)
    with pytest.raises(Refused):
        case.step("xfdd1", "2025-06-04", "discussion", people=["甲", "乙", "丙"], **JUDGED)
    case.step("xfdd1", "2025-06-04", "report", text="疑似重大隐患")
    with pytest.raises(Refused):
        case.step("xfdd1", "2025-06-05", "discussion", people=["甲", "乙"], **{**JUDGED, "outcome": "experts"})
    case.step("xfdd1", "2025-06-05", "discussion", people=["甲", "乙", "丙"], **{**JUDGED, "outcome": "experts"})
    assert case.due("experts", "2025-06-05") == date(2025, 6, 19)
    seven = [f"专家{n}" for n in range(7)]
    with pytest.raises(Refused):
        case.step("xfdd1", "2025-06-16", "experts", people=seven, agree=4, **JUDGED)
    with pytest.raises(Refused):
        case.step(
            "xfdd1", "2025-06-16", "experts", people=seven, agree=5, **{**JUDGED, "direct": [], "items": ["7.3.1"]}
        )
    case.step("xfdd1", "2025-06-16", "experts", people=seven, agree=5, **JUDGED)
    told = course(case.number, d.now).done("experts")
    assert told is not None
    assert (told.data["edition"], told.data["items"]) == ("GB35181-2017", ["6.6"])
    # K8 from the determination; K7 from the inspection, ten working days longer for the experts
    assert case.due("notice", "2025-06-16") == date(2025, 6, 19)
    assert case.due("proposal", "2025-06-16") == date(2025, 6, 26)
    case.step("xfdd1", "2025-06-18", "notice", number="重改1", served=date(2025, 6, 18), deadline=date(2025, 9, 30))
    case.step("xfdd1", "2025-06-20", "proposal", number="请1", day=date(2025, 6, 20), ask="list")
    assert case.due("decision", "2025-06-20") == date(2025, 7, 1)
    with pytest.raises(Refused):
        case.step("xfdd1", "2025-06-25", "decision", outcome="list", number="督1", day=date(2025, 6, 25))
    case.step("xab1", "2025-06-25", "decision", outcome="list", number="督1", day=date(2025, 6, 25))
    case.step(
        "xab1", "2025-06-26", "listing", level="county", unit="区消安委", person="示例责任人", until=date(2025, 9, 30)
    )
    case.do("xab1", "2025-06-26", c.Assign, "lzh", (), "xfdd", "dcs", Limit("date", until=date(2025, 9, 30)), "重改1")
    case.do("lzh1", "2025-06-27", c.Accept)
    case.step(
        "lzh1",
        "2025-06-30",
        "plan",
        measure="增设喷淋",
        person="示例责任人",
        money="120万元",
        until=date(2025, 9, 1),
        protection="停用三层",
    )
    case.proof("lzh1", "2025-08-20")
    with pytest.raises(Refused):
        case.step("xab1", "2025-08-20", "strike_off", number="销1", day=date(2025, 8, 20), findings="x")
    case.do("lzh1", "2025-08-20", c.Submit, "已安装")
    assert case.due("acceptance", "2025-08-20") == date(2025, 8, 25)
    case.do("xfdd2", "2025-08-22", c.Verify, "验收合格")
    assert case.due("strike_off", "2025-08-22") == date(2025, 8, 29)
    off = {"number": "销1", "day": date(2025, 8, 25), "findings": "资料齐全"}
    with pytest.raises(Refused):
        case.step("xab1", "2025-08-25", "strike_off", **off)
    with pytest.raises(Refused):
        case.step("xfdd1", "2025-08-25", "strike_off", files=(d.photo("xfdd1"),), **off)
    case.step("xab1", "2025-08-25", "strike_off", files=(d.photo("xab1"),), **off)
    case.step("xfdd1", "2025-08-26", "plaque", day=date(2025, 8, 26))
    assert not OpenStep.objects.filter(procedure__matter=case.number).exists()
    # three, six and twelve months after closing
    for day, after in (("2025-11-20", date(2026, 2, 18)), ("2026-02-18", date(2026, 8, 22)), ("2026-08-24", None)):
        case.do("dcs1", day, c.Revisit, True, "保持良好")
        assert load(case.number)[0].revisit_due == after
    case.sound()


def test_a_seal_warns_before_it_lapses_and_is_lifted_after_a_check(d: District) -> None:
    case = major(d)
    ask = {"ground": "exits", "urgent": True, "part": "二层"}
    procedures.start_as(
        viewer=d.viewer("xfdd1"), matter=case.matter, procedure="seal", at=moment("2025-06-07", "16:00"), values=ask
    )
    at = course(case.number, moment("2025-06-07", "17:00"))
    decision = next(s for u in at.under for s in u.steps if s.spec.id == "decision" and u.run.procedure == "seal")
    assert decision.due.moment == moment("2025-06-08", "16:00")
    case.step("xfdd1", "2025-06-08", "decision", 2, number="封1", served=date(2025, 6, 8), people=["甲", "乙"])
    lift = next(s for u in course(case.number, d.now).under for s in u.steps if s.spec.id == "lift")
    assert lift.due.day == date(2025, 7, 8)
    assert lift.warn is not None
    assert local_day(lift.warn) == date(2025, 7, 4)
    case.step("xfdd1", "2025-07-01", "applied", 2, day=date(2025, 7, 1))
    assert case.due("checked", "2025-07-01") == date(2025, 7, 4)
    case.step("xfdd1", "2025-07-02", "checked", 2, outcome="removed", findings="已疏通")
    assert case.due("lifted", "2025-07-02") == date(2025, 7, 7)
    case.step("xfdd1", "2025-07-03", "lift", 2, outcome="lifted", number="解1", served=date(2025, 7, 3))
    assert case.due("lift", "2025-07-03") is None
    assert case.due("lifted", "2025-07-03") is None


def test_a_complaint_is_checked_answered_and_closed(d: District) -> None:
    made = complaints.take(
        viewer=d.viewer("lzh1"), subject=d.premises, about="exits", title="安全出口上锁", text="", source="12345", name="示例群众", phone="",
        at=moment("2026-03-07", "20:00"),
    )  # fmt: skip
    case = Case(d, made.pk)
    state = load(case.number)[0]
    case.do("xab1", "2026-03-07", c.Assign, "lzh", (), "xfdd", "dcs", clock="20:10")
    # twenty-four hours run through the weekend, from when it was taken
    assert load(case.number)[0].due == moment("2026-03-08", "20:00")
    assert state.raiser == "lzh"
    case.do("lzh1", "2026-03-08", c.Accept, clock="08:00")
    with pytest.raises(Refused):
        case.do("lzh1", "2026-03-08", c.Submit, "已处理", clock="09:00")
    case.step("lzh1", "2026-03-08", "checked", day=date(2026, 3, 8), outcome="true", findings="属实,当场开锁")
    with pytest.raises(Refused):
        case.do("lzh1", "2026-03-08", c.Submit, "已处理", clock="11:00")
    case.step("lzh1", "2026-03-08", "told", clock="11:30", how="phone", answer="已开锁并处罚")
    case.do("lzh1", "2026-03-08", c.Submit, "已处理并答复", clock="12:00")
    assert load(case.number)[0].late == 0
    case.do("xfdd1", "2026-03-09", c.Verify, "属实")
    case.sound()


def test_a_premises_whose_tenant_changes(d: District) -> None:
    who = d.viewer("lzh1")

    def file(day: str, part: str, key: str, values: dict) -> None:
        premises.file(viewer=who, subject=fresh(), at=moment(day), entries=[(part, key, values)])

    def fresh() -> Subject:
        return Subject.objects.select_related("file", "territory", "unit").get(pk=d.premises.pk)

    file("2026-01-05", "facts", "main", {"use": "shop", "area": 90})
    premises.tenant_set(
        viewer=who,
        subject=fresh(),
        at=moment("2026-01-05"),
        key="t1",
        name="示例书店",
        use="shop",
        since=date(2026, 1, 3),
    )
    premises.tenant_seen(viewer=who, subject=fresh(), key="t1", at=moment("2026-01-06"))
    assert not premises_of(fresh()).unseen
    # the shop becomes a restaurant: new name and use, to be verified anew; the labels and the duties follow
    premises.tenant_set(
        viewer=who,
        subject=fresh(),
        at=moment("2026-05-20"),
        key="t1",
        name="示例火锅",
        use="restaurant",
        since=date(2026, 5, 20),
    )
    file("2026-05-20", "facts", "main", {"use": "restaurant", "seats": 60, "gas": True})
    assert [t.name for t in premises_of(fresh()).unseen] == ["示例火锅"]
    names = {x.label for x in fresh().labels.all()}
    assert {"小餐饮", "餐饮", "公众聚集场所"} <= names
    assert "小商店" not in names
    refresh([d.premises.pk], moment("2026-07-01"))
    assert Standing.objects.get(subject=d.premises).why["tenant"] == 2
    assert "flue" in {e.duty.id for e in missing(fresh(), moment("2026-11-01"))}
    with pytest.raises(Refused):
        premises.tenant_seen(viewer=d.viewer("jcl1"), subject=fresh(), key="t1", at=moment("2026-07-02"))
    told = Entered(
        uuid4(),
        "inspection",
        moment("2026-07-02"),
        kind="township",
        people=("甲某",),
        items={"gas": "ok"},
        tenants=("t1",),
    )
    enter(viewer=who, subject=fresh(), entered=told)
    assert not premises_of(fresh()).unseen
    assert "tenant" not in Standing.objects.get(subject=d.premises).why
    premises.tenant_set(
        viewer=who,
        subject=fresh(),
        at=moment("2026-09-01"),
        key="t1",
        name="示例火锅",
        use="restaurant",
        since=date(2026, 5, 20),
        left=date(2026, 9, 1),
    )
    assert not premises_of(fresh()).unseen
    # a post falls vacant
    file("2026-09-02", "post", "消防安全管理人", {"vacant": "2026-09-01"})
    refresh([d.premises.pk], moment("2026-09-28"))
    standing = Standing.objects.get(subject=d.premises)
    assert (standing.vacant_since, standing.why["post"]) == (date(2026, 9, 1), 2)
    assert not differences("subject", "premises")
