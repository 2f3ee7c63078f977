"""What was entered late: a reason, a second person, and nothing that counts before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db.models import F

from bihuan.engines.scoring import Fact
from bihuan.instruments.assessment.metrics import year_span
from bihuan.instruments.premises import services as premises
from bihuan.instruments.premises.selectors import premises_of
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Person, Post
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import campaigns, centres, metrics
from bihuan.mechanisms.fire.inspections import Entered, Found, enter
from bihuan.mechanisms.fire.late import decide_record, decider, waiting
from bihuan.mechanisms.fire.models import Campaign, Record, Standing
from bihuan.mechanisms.fire.selectors import missing

from ..forging import plainly
from ..support import District, differences

pytestmark = pytest.mark.django_db


def fresh(d: District) -> Subject:
    return Subject.objects.select_related("file", "territory", "unit").get(pk=d.premises.pk)


def late(d: District, who: str = "lzh1", days: float = 10, reason: str = "现场无网络", **kw) -> Record:
    told = {"what": "inspection", "kind": "township", "people": ("甲某", "乙某"), **kw}
    entered = Entered(uuid4(), at=d.now - timedelta(days=days), reason=reason, **told)
    return enter(viewer=d.viewer(who), subject=fresh(d), entered=entered)


def decide(d: District, who: str, record: Record, counts: bool = True, words: str = "") -> Record:
    return decide_record(viewer=d.viewer(who), record=record, counts=counts, words=words, at=d.now)


def head(d: District, unit: str = "lzh") -> str:
    """The head of a unit, a third person in it."""
    name = f"{unit}0"
    person = Person.objects.create(username=name, name=f"负责人{unit}")
    d.people[name] = person
    scope = {"lzh": d.a, "jcl": d.b}.get(unit)
    Post.objects.create(
        unit=d.units[unit], title="主任", role="head", person=person, scope_territory=scope, valid_from="2020-01-01"
    )
    return name


def test_in_time_there_is_no_reason_and_no_second_person(d: District) -> None:
    record = late(d, days=2.9)
    assert (record.late, record.late_reason) == ("", "")
    assert record.counts
    assert not waiting(d.viewer("leader"))
    with pytest.raises(Refused):
        decide(d, head(d), record)


def test_late_without_a_reason_nothing_is_kept(d: District) -> None:
    with pytest.raises(Refused) as error:
        late(d, reason="  ", findings=(Found("exit_clear"),))
    assert error.value.field == "reason"
    assert not Record.objects.exists()
    assert not Matter.objects.exists()
    assert not Event.objects.filter(type="RecordEntered").exists()


@pytest.mark.parametrize("days", [801, 20_000, -0.1])
def test_outside_sense_it_is_refused_with_or_without_a_reason(d: District, days: float) -> None:
    Subject.objects.update(created=d.now - timedelta(days=900))
    with pytest.raises(Refused) as error:
        late(d, days=days)
    assert error.value.field == "at"
    assert not Record.objects.exists()


def test_it_may_lie_before_the_file_but_not_long_before(d: District) -> None:
    Subject.objects.update(created=d.now)
    assert late(d, days=399).late == "waiting"
    with pytest.raises(Refused):
        late(d, days=401)


@time_machine.travel(datetime(2026, 6, 15, 2, tzinfo=UTC), tick=False)
def test_until_it_is_confirmed_it_meets_no_duty_and_counts_nowhere(db: None) -> None:
    d = District()
    viewer = d.viewer("lzh1")
    premises.file(viewer=viewer, subject=fresh(d), at=d.now, entries=[("facts", "main", {"use": "shop", "area": 100})])
    Subject.objects.update(created=d.now - timedelta(days=800))
    Post.objects.filter(person=d.people["lzh1"]).update(role="head")
    span = year_span(d.now.year, d.now)
    campaign = Campaign(name="x", begins=local_day(d.now), ends=local_day(d.now), stock_day=local_day(d.now))
    since, unit = local_day(d.now - timedelta(days=60)), d.units["lzh"].pk

    def state() -> tuple[object, ...]:
        facts = metrics.measure(span, None)
        counted = [facts[m].get(unit) for m in (metrics.CHECKS, metrics.INSPECTED)]
        covered = facts[metrics.COVERED][unit].num
        rows = [len(metrics.rows(d.viewer("leader"), m, unit, span)) for m in (metrics.CHECKS, metrics.INSPECTED)]
        standing = Standing.objects.get(subject=d.premises)
        duties = "watch_small" in {e.duty.id for e in missing(fresh(d), d.now)}
        seen = campaigns.metric(d.viewer("leader"), campaign, "covered", since, local_day(d.now))
        return duties, standing.verified, standing.last_seen, counted, covered, rows, seen

    nothing = (True, False, None, [None, None], 0, [0, 0], 0)
    record = late(d)
    assert state() == nothing
    decide(d, "xab1", record, counts=False, words="无照片佐证")
    assert state() == nothing
    decide(d, "xab1", record, words="已补照片")
    assert state() == (False, True, record.at, [Fact(1), Fact(1)], 1, [1, 1], 100)
    decide(d, "leader", record, counts=False, words="查无此事")
    assert state() == nothing


def test_a_centre_counts_what_was_confirmed(d: District) -> None:
    centre = d.units["lzh"]
    centre.kind = "centre"
    centre.save()
    record = late(d)
    begin = local_day(d.now - timedelta(days=60))
    mine = next(c for c in centres.centres(d.viewer("leader"), begin, d.now) if c.unit == centre)
    assert (mine.done["inspection"], mine.reached) == (0, 0)
    decide(d, "xab1", record)
    mine = next(c for c in centres.centres(d.viewer("leader"), begin, d.now) if c.unit == centre)
    assert (mine.done["inspection"], mine.reached) == (1, 1)


def test_a_hazard_found_late_is_a_hazard_all_the_same(d: District) -> None:
    record = late(d, findings=(Found("exit_clear", place="二层"),))
    assert record.late == "waiting"
    assert record.findings.get().matter is not None


def test_a_tenant_is_verified_when_the_record_counts(d: District) -> None:
    since = local_day(d.now) - timedelta(days=40)
    premises.tenant_set(
        viewer=d.viewer("lzh1"), subject=fresh(d), at=d.now, key="t1", name="示例商户", use="shop", since=since
    )
    record = late(d, tenants=("t1",))
    assert premises_of(fresh(d)).unseen
    decide(d, "xab1", record)
    assert not premises_of(fresh(d)).unseen
    # a later visit is not undone by an earlier one that is confirmed after it
    older = late(d, days=20, tenants=("t1",))
    seen = premises_of(fresh(d)).tenants[0].seen
    decide(d, "xab1", older)
    assert premises_of(fresh(d)).tenants[0].seen == seen == local_day(record.at)


# the second person


@pytest.mark.parametrize("who", ["lzh1", "lzh2", "jcl1", "cgj1", "zgyh1", "qy1", "audit", "admin", "security", "logs", "xfdd1", "dcs1"])  # fmt: skip
def test_nobody_else_confirms(d: District, who: str) -> None:
    record = late(d)
    assert not decider(d.viewer(who), record)
    assert not waiting(d.viewer(who))
    with pytest.raises(Refused) as error:
        decide(d, who, record)
    assert not error.value.allowed
    assert Record.objects.get().late == "waiting"
    assert not Event.objects.filter(type__startswith="Late").exists()


@pytest.mark.parametrize(("who", "unit"), [("head", "lzh"), ("leader", "gwh"), ("xab1", "xab")])
def test_the_head_a_leader_and_the_office_confirm(d: District, who: str, unit: str) -> None:
    record = late(d)
    name = head(d) if who == "head" else who
    assert [r.pk for r in waiting(d.viewer(name))] == [record.pk]
    assert decide(d, name, record).counts
    event = Event.objects.get(type="LateConfirmed")
    told = happened(event.body)
    assert event.stream == f"premises:{d.premises.code}"
    assert (told.by, told.unit, told.data["record"]) == (name, unit, str(record.client))
    assert not waiting(d.viewer(name))
    assert not differences("premises")


def test_the_head_of_another_unit_does_not_confirm(d: District) -> None:
    record = late(d)
    name = head(d, "jcl")
    assert not waiting(d.viewer(name))
    with pytest.raises(Refused):
        decide(d, name, record)


def test_the_office_does_not_confirm_its_own_and_its_head_does(d: District) -> None:
    record = late(d, "xab1")
    with pytest.raises(Refused):
        decide(d, "xab2", record)
    decide(d, head(d, "xab"), record)


@pytest.mark.parametrize("named", ["负责人lzh", "负责人 lzh", "lzh0", "负责人lzh(证9)"])
def test_who_is_named_in_it_does_not_confirm_it(d: District, named: str) -> None:
    name = head(d)
    record = late(d, people=("甲某", named))
    assert not waiting(d.viewer(name))
    with pytest.raises(Refused):
        decide(d, name, record)
    decide(d, "leader", record)


def test_who_entered_it_does_not_confirm_it_even_as_the_head(d: District) -> None:
    name = head(d)
    record = late(d, name)
    assert not waiting(d.viewer(name))
    with pytest.raises(Refused):
        decide(d, name, record)
    decide(d, "leader", record)


def test_a_decision_stands_once_and_is_changed_by_another_with_words(d: District) -> None:
    record = late(d)
    with pytest.raises(Refused) as error:
        decide(d, "xab1", record, counts=False)
    assert error.value.field == "words"
    decide(d, "xab1", record)
    with pytest.raises(Refused):
        decide(d, "leader", record)
    with pytest.raises(Refused):
        decide(d, "leader", record, counts=False)
    row = decide(d, "leader", record, counts=False, words="查无此事")
    assert (row.late, row.late_by) == ("declined", "leader")
    with pytest.raises(Refused):
        decide(d, "xab1", record)
    types = list(Event.objects.filter(type__startswith="Late").order_by("id").values_list("type", flat=True))
    assert types == ["LateConfirmed", "LateDeclined"]
    assert not differences("premises")


@pytest.mark.parametrize("change", [{"late": ""}, {"late": "confirmed"}, {"late_by": "x"}, {"late_reason": "x"}])
def test_a_row_that_counts_without_its_event_is_found(d: District, change: dict[str, str]) -> None:
    late(d)
    assert not differences("premises")
    plainly(Record).update(**change)
    assert differences("premises")


def test_sent_again_it_is_the_same_late_record(d: District) -> None:
    client, at = uuid4(), d.now - timedelta(days=10)
    for _ in range(3):
        told = Entered(client, "inspection", at, people=("甲某",), reason="无网络")
        enter(viewer=d.viewer("lzh1"), subject=fresh(d), entered=told)
    assert Record.objects.get().late == "waiting"
    assert Record.objects.filter(entered_at__gt=F("at")).count() == 1


# what cannot be


@pytest.mark.parametrize(
    "people", [(), ("甲",), ("a", "b"), ("甲某", "甲某"), ("甲某", "甲 某"), ("Wang", "wang"), ("字" * 41,), tuple(f"某{i}人" for i in range(11))]
)  # fmt: skip
def test_people_of_an_inspection_are_different_people_with_names(d: District, people: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as error:
        late(d, days=0, people=people)
    assert error.value.field == "people"
    assert not Record.objects.exists()


@pytest.mark.parametrize("place", [(float("inf"), 1.0), (float("nan"), 1.0), (1.0, float("nan")), (180.1, 0.0), (0.0, -90.1)])  # fmt: skip
def test_a_place_that_is_none_is_refused(d: District, place: tuple[float, float]) -> None:
    with pytest.raises(Refused) as error:
        late(d, days=0, place=place)
    assert error.value.field == "place"
    assert not Record.objects.exists()
