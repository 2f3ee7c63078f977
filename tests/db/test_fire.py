"""Premises, records, hazards in their course, complaints, standings: through the services."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.services import gather
from bihuan.instruments.premises import services as premises
from bihuan.instruments.premises.models import RuleTable
from bihuan.instruments.premises.selectors import premises_of
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.procedures.models import OpenStep
from bihuan.instruments.procedures.selectors import course, mine
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import blindspots, campaigns, cases, centres, complaints
from bihuan.mechanisms.fire.inspections import Entered, Found, enter
from bihuan.mechanisms.fire.models import Campaign, Complainant, Record, Standing
from bihuan.mechanisms.fire.selectors import checklist, missing, record_files, records_visible_to
from bihuan.mechanisms.fire.standing import follow, refresh
from tests.forging import plainly
from tests.support import District, differences

pytestmark = pytest.mark.django_db


def fresh(subject: Subject) -> Subject:
    return Subject.objects.select_related("file", "territory", "unit").get(pk=subject.pk)


def facts(d: District, who: str = "lzh1", subject: Subject | None = None, **told) -> Subject:
    subject = subject or d.premises
    premises.file(viewer=d.viewer(who), subject=fresh(subject), at=d.now, entries=[("facts", "main", told)])
    return fresh(subject)


def inspection(d: District, who: str = "lzh1", *findings: Found, subject: Subject | None = None, **kw) -> Record:
    told = {
        "client": uuid4(),
        "what": "inspection",
        "kind": "township",
        "at": d.now,
        "people": ("甲某", "乙某"),
        "findings": findings,
        **kw,
    }
    return enter(viewer=d.viewer(who), subject=subject or d.premises, entered=Entered(**told))


# premises


def test_facts_give_labels_and_labels_by_hand_stay(d):
    subject = facts(d, use="hotel", rooms=60, beds=100, area=5000)
    names = {x.label for x in subject.labels.all()}
    assert {"重点单位", "公众聚集场所", "人员密集场所", "夜间有人住宿"} <= names
    subject = facts(d, rooms=20, beds=30)
    names = {x.label for x in subject.labels.all()}
    assert "重点单位" not in names
    assert "小旅馆" in names
    assert not differences("subject")


def test_another_township_keeps_no_file_here(d):
    with pytest.raises(Refused) as error:
        facts(d, "jcl1", use="shop")
    assert not error.value.allowed
    assert not fresh(d.premises).labels.exists()


@pytest.mark.parametrize("told", [{"use": "castle"}, {"area": -1}, {"area": "much"}, {"hours": "always"}, {"width": 3}])
def test_facts_that_cannot_be_are_refused(d, told):
    with pytest.raises(Refused):
        facts(d, **told)


def test_a_changed_tenant_asks_to_be_verified_again(d):
    viewer = d.viewer("lzh1")
    since = local_day(d.now) - timedelta(days=40)
    premises.tenant_set(
        viewer=viewer, subject=fresh(d.premises), at=d.now, key="t1", name="示例商户", use="shop", since=since
    )
    refresh([d.premises.pk], d.now)
    standing = Standing.objects.get(subject=d.premises)
    assert standing.tenant_since == since
    assert standing.why["tenant"] == 2
    inspection(d, tenants=("t1",))
    assert Standing.objects.get(subject=d.premises).tenant_since is None
    premises.tenant_set(
        viewer=viewer,
        subject=fresh(d.premises),
        at=d.now,
        key="t1",
        name="示例商户",
        use="restaurant",
        since=local_day(d.now),
    )
    assert not premises_of(fresh(d.premises)).unseen, "verified today, changed today"
    premises.file(
        viewer=viewer, subject=fresh(d.premises), at=d.now, entries=[("tenant", "t1", {"seen": (since).isoformat()})]
    )
    assert premises_of(fresh(d.premises)).unseen


def test_only_the_fire_offices_load_tables_and_a_bad_one_leaves_nothing(d):
    text = '[[table]]\nlabel = "key_unit"\nprovince = "河南"\nvalid_from = 2020-01-01\nsource = "本省"\nconfirmed = true\nany = [{ use = ["shop"], area_min = 50 }]\n'
    with pytest.raises(Refused):
        premises.table_load(viewer=d.viewer("lzh1"), name="labels", title="河南", text=text, at=d.now)
    for wrong in ("nonsense [", "[[table]]\nlabel = 3\n", ""):
        with pytest.raises(Refused):
            premises.table_load(viewer=d.viewer("xfdd1"), name="labels", title="河南", text=wrong, at=d.now)
    assert not RuleTable.objects.exists()
    premises.table_load(viewer=d.viewer("xfdd1"), name="labels", title="河南", text=text, at=d.now)
    assert "重点单位" in {x.label for x in facts(d, use="shop", area=60).labels.all()}


# records


def test_one_entry_meets_the_duty_and_no_other_form_is_needed(d):
    subject = facts(d, use="shop", area=100)
    Subject.objects.filter(pk=subject.pk).update(created=d.now - timedelta(days=800))
    assert "watch_small" in {e.duty.id for e in missing(fresh(subject), d.now)}
    inspection(d)
    assert "watch_small" not in {e.duty.id for e in missing(fresh(subject), d.now)}


def test_sent_ten_times_it_is_one_record_and_one_hazard(d):
    client = uuid4()
    for _ in range(10):
        inspection(d, "lzh1", Found("exit_clear", place="二层"), client=client)
    assert Record.objects.count() == 1
    assert Matter.objects.filter(kind="hazard_general").count() == 1
    with pytest.raises(Refused):
        inspection(d, "lzh2", client=client)


def test_two_people_without_network_are_both_kept_and_one_hazard_joins_both(d):
    first = inspection(d, "lzh1", Found("exit_clear", place="二层"))
    second = inspection(d, "lzh2", Found("exit_clear", place="二层"))
    assert Record.objects.count() == 2
    a, b = first.findings.get(), second.findings.get()
    assert a.matter_id == b.matter_id
    assert (a.again, b.again) == (False, True)
    other = inspection(d, "lzh2", Found("exit_clear", place="三层")).findings.get()
    assert other.matter_id != a.matter_id


def test_corrected_on_the_spot_it_stays_a_violation(d):
    record = inspection(d, "lzh1", Found("extinguisher", spot=True))
    assert record.findings.get().matter is None
    assert not Matter.objects.filter(kind__startswith="hazard").exists()


def test_nothing_is_kept_until_every_photo_has_arrived(d):
    photo = d.photo("lzh1")
    with pytest.raises(Refused):
        inspection(d, "lzh1", Found("exit_clear", photos=(photo.file_id, "0" * 64)))
    assert not Record.objects.exists()
    assert not Matter.objects.exists()
    record = inspection(d, "lzh1", Found("exit_clear", photos=(photo.file_id,)))
    finding = record.findings.get()
    assert finding.matter is not None
    assert finding.matter.attachments.count() == 1
    assert finding.files.count() == 1


def test_nobody_enters_another_persons_upload(d):
    photo = d.photo("jcl1")
    with pytest.raises(Refused):
        inspection(d, "lzh1", Found("exit_clear", photos=(photo.file_id,)))


def test_the_brigade_inspects_by_two(d):
    with pytest.raises(Refused):
        inspection(d, "xfdd1", people=("甲某",))
    record = inspection(d, "xfdd1", Found("alarm_works"), kind="double_random")
    assert record.by == "brigade"
    step = OpenStep.objects.get()
    assert (step.step, step.unit.code) == ("notice", "xfdd")


def test_a_failed_item_that_is_measured_wants_the_value_or_a_photo(d):
    with pytest.raises(Refused):
        inspection(d, "lzh1", Found("hydrant"))
    inspection(d, "lzh1", Found("hydrant", measured="0.05"))


def test_an_unknown_item_or_result_is_refused(d):
    for kw in (
        {"items": {"nothing": "ok"}},
        {"items": {"exit_clear": "fine"}},
        {"findings": (Found("nothing"),)},
        {"what": "nap"},
    ):
        with pytest.raises(Refused):
            inspection(d, "lzh1", **kw)


def test_a_device_clock_ahead_of_time_loses_nothing(d):
    ahead = d.now + timedelta(minutes=5)
    record = inspection(d, "lzh1", Found("exit_clear"), at=ahead, device_at=ahead)
    assert record.at < ahead
    assert record.device_at == ahead
    far = d.now + timedelta(days=3)
    with pytest.raises(Refused) as error:
        inspection(d, "lzh1", Found("wiring"), at=far, device_at=far)
    assert error.value.field == "at", "the device keeps it and asks for the time"
    assert Record.objects.count() == 1


def test_rows_equal_their_events(d):
    inspection(d, "lzh1", Found("exit_clear"), Found("extinguisher", spot=True))
    inspection(d, "xfdd1", kind="double_random")
    assert not differences("premises")
    plainly(Record).update(note="changed")
    assert ["note" in x for x in differences("premises")] == [True, True]
    Record.objects.all().delete()
    assert differences("premises")


def test_strangers_see_no_records_and_no_photos(d):
    photo = d.photo("lzh1")
    inspection(d, "lzh1", Found("exit_clear", photos=(photo.file_id,)))
    assert records_visible_to(d.viewer("xab1")).count() == 1
    assert record_files(d.viewer("xab1")).count() == 1
    assert not records_visible_to(d.viewer("jcl1")).exists()
    assert not record_files(d.viewer("jcl1")).exists()


def test_the_checklist_of_a_file_without_facts_is_that_of_every_premises(d):
    assert {i.id for i in checklist(fresh(d.premises), premises_of(fresh(d.premises)))} == {
        "exit_clear", "extinguisher", "wiring", "explosive_goods",
    }  # fmt: skip


# the legal course


def brigade_hazard(d, **kw) -> Matter:
    finding = inspection(d, "xfdd1", Found("alarm_works", **kw), kind="double_random").findings.get()
    return Matter.objects.get(pk=finding.matter_id)


def step(d, who: str, matter: Matter, name: str, run: int = 1, at=None, files=(), **values):
    return cases.step(
        viewer=d.viewer(who),
        matter=Matter.objects.get(pk=matter.pk),
        run=run,
        name=name,
        at=at or d.now,
        values=values,
        files=files,
    )


def files(d) -> tuple[dict[str, str], ...]:
    staged = d.photo("lzh1")
    return ({"sha256": staged.file_id, "name": staged.name, "type": "image/jpeg"},)


def under_way(d, matter: Matter) -> None:
    d.do("xab1", matter, c.Assign, "lzh", (), "xfdd", "dcs")
    d.do("lzh1", matter, c.Accept)


def test_a_notice_sets_the_limit_and_only_the_starter_records_it(d):
    matter = brigade_hazard(d)
    under_way(d, matter)
    last = local_day(d.now) + timedelta(days=20)
    told = {"number": "消责改〔2026〕1号", "served": local_day(d.now), "deadline": last}
    with pytest.raises(Refused):
        step(d, "lzh1", matter, "notice", **told)
    step(d, "xfdd1", matter, "notice", **told)
    state, _, _ = load(matter.pk)
    assert state.limit == Limit("date", until=last)
    with pytest.raises(Refused):
        step(d, "xfdd1", matter, "notice", **told)
    assert not [x for x in mine(d.viewer("xfdd1")) if x.step == "notice"]


def test_the_verifier_amends_the_limit_and_nothing_else(d):
    matter = d.raised("hazard_general", by="xab1")
    under_way(d, matter)
    d.do("xfdd2", matter, c.Amend, {"limit": Limit("days", 3)}, "通知书载明")
    with pytest.raises(Refused) as error:
        d.do("xfdd2", matter, c.Amend, {"title": "别的"}, "改")
    assert not error.value.allowed


def test_what_the_loop_does_moves_the_steps(d):
    matter = brigade_hazard(d)
    under_way(d, matter)
    d.do("lzh1", matter, c.Attach, files(d))
    d.do("lzh1", matter, c.Submit, "已整改")
    procedures.follow(now=d.now + timedelta(seconds=1))
    assert {x.step for x in OpenStep.objects.filter(procedure__matter=matter)} == {"notice", "recheck"}
    d.do("xfdd2", matter, c.SendBack, "仍有故障")
    procedures.follow(now=d.now + timedelta(seconds=1))
    assert {x.step for x in OpenStep.objects.filter(procedure__matter=matter)} == {"notice"}
    assert procedures.follow(now=d.now + timedelta(seconds=1)) == 0


def test_handing_over_is_a_transfer_and_the_receipt_its_acceptance(d):
    matter = brigade_hazard(d)
    under_way(d, matter)
    procedures.start_as(
        viewer=d.viewer("lzh1"),
        matter=matter,
        procedure="handover",
        at=d.now,
        values={"found": local_day(d.now), "grave": False},
    )
    run = matter.procedures.get(name="handover").number
    with pytest.raises(Refused):
        step(d, "jcl1", matter, "hand_over", run, to="cgj", number="移1", reason="行业主管")
    step(d, "lzh1", matter, "hand_over", run, to="cgj", number="移1", reason="行业主管")
    assert load(matter.pk)[0].lead == "cgj"
    at = course(matter.pk, d.now)
    assert [s.spec.id for u in at.under for s in u.steps if s.spec.id == "receipt" and s.done is None]
    d.do("cgj1", matter, c.Accept)
    at = course(matter.pk, d.now)
    assert not [s for u in at.under for s in u.steps if s.spec.id == "receipt" and s.done is None]


def test_the_lead_of_other_kinds_still_cannot_transfer(d):
    matter = d.handling()
    with pytest.raises(Refused) as error:
        d.do("cgj1", matter, c.Transfer, "jsj", "不归我")
    assert not error.value.allowed


def test_a_procedure_that_is_not_mine_cannot_be_started(d):
    matter = brigade_hazard(d)
    with pytest.raises(Refused):
        procedures.start_as(
            viewer=d.viewer("lzh1"),
            matter=matter,
            procedure="seal",
            at=d.now,
            values={"ground": "exits", "urgent": True, "part": "二层"},
        )


def test_steps_of_a_stranger_are_not_shown(d):
    brigade_hazard(d)
    assert mine(d.viewer("xfdd1")).count() == 1
    assert not mine(d.viewer("jcl1")).exists()


def test_a_judgement_of_today_is_refused_until_the_edition_is_filled(d):
    matter = brigade_hazard(d, grade="major")
    step(d, "xfdd1", matter, "report", text="疑似")
    told = {
        "people": ["甲", "乙", "丙"],
        "outcome": "determined",
        "findings": "符合",
        "place": "crowded",
        "direct": ["6.5"],
    }
    with pytest.raises(Refused) as error:
        step(d, "xfdd1", matter, "discussion", **told)
    assert "2025" in str(error.value.params)
    step(d, "xfdd1", matter, "discussion", **{**told, "outcome": "rejected"})


def test_a_clock_that_runs_out_is_told_once_to_whoever_owes_it(d):
    matter = brigade_hazard(d)
    assert procedures.warn(now=d.now) == 0
    OpenStep.objects.update(warn_at=d.now)
    assert procedures.warn(now=d.now) == 1
    procedures.sync(matter.pk, now=d.now)
    OpenStep.objects.update(warn_at=d.now)
    procedures.warn(now=d.now)
    assert Event.objects.filter(stream=f"procedure:{matter.pk}", type="StepWarned").count() == 1
    while gather(at=d.now + timedelta(seconds=5)):
        pass
    told = Notice.objects.filter(type="StepWarned")
    assert {n.person.username for n in told} == {"xfdd1", "xfdd2"}


def test_the_next_step_is_told_to_its_owner(d):
    matter = brigade_hazard(d, grade="major")
    step(d, "xfdd1", matter, "report", text="疑似")
    while gather(at=d.now + timedelta(seconds=5)):
        pass
    assert {n.person.username for n in Notice.objects.filter(type="StepRecorded")} == {"xfdd2"}


EDITION = """
[[edition]]
id = "GB35181-2025"
name = "GB 35181-2025(测试条文,非标准原文)"
valid_from = 2025-11-01
filled = true
source = "测试"
confirmed = false
excluded = []
people = 3
experts = 7
share = [2, 3]
place = [{ id = "crowded", name = "人员密集场所", name_en = "Crowded place" }]
direct = [{ id = "5.1", text = "测试条文", confirmed = false }]
item = [{ id = "6.1", text = "测试要素", confirmed = false, measure = "比例", limits = [{ over = 0.3 }] }]
threshold = [{ places = ["crowded"], least = 1, among = [], confirmed = false }]
"""


def test_once_the_brigade_has_loaded_the_edition_of_2025_it_judges_and_is_kept(d):
    matter = brigade_hazard(d, grade="major")
    step(d, "xfdd1", matter, "report", text="疑似")
    told = {"people": ["甲", "乙", "丙"], "outcome": "determined", "findings": "符合", "place": "crowded"}
    for wrong in (
        EDITION.replace("least = 1, among = []", 'least = 1, among = ["9.9"]'),
        EDITION.replace("direct = [{", "directs = [{"),
    ):
        with pytest.raises(Refused):
            premises.table_load(viewer=d.viewer("xfdd1"), name="judgement", title="2025", text=wrong, at=d.now)
    premises.table_load(viewer=d.viewer("xfdd1"), name="judgement", title="2025", text=EDITION, at=d.now)
    with pytest.raises(Refused):
        step(d, "xfdd1", matter, "discussion", **told)
    step(d, "xfdd1", matter, "discussion", **told, measures={"6.1": "0.4"})
    done = course(matter.pk, d.now).done("discussion")
    assert done is not None
    assert (done.data["edition"], done.data["items"]) == ("GB35181-2025", ["6.1 (0.4 > 0.3)"])


# complaints


def complaint(d, about: str = "exits", **kw) -> Matter:
    told = {
        "source": "12345",
        "name": "示例群众",
        "phone": "037100000000",
        "title": "通道被堵",
        "text": "二层",
        "at": d.now,
        **kw,
    }
    return complaints.take(viewer=d.viewer("lzh1"), subject=d.premises, about=about, **told)


def test_blocked_exits_are_looked_at_within_a_day_and_the_rest_in_three_working_days(d):
    assert complaint(d).kind == "complaint_urgent"
    assert complaint(d, "other").kind == "complaint"


def test_the_complainant_is_masked_and_never_in_the_ledger(d):
    matter = complaint(d)
    assert complaints.told_to(d.viewer("lzh1"), matter) == ("示例群众", "037100000000", "12345", True)
    assert complaints.told_to(d.viewer("xab1"), matter) == ("示***", "037******", "12345", False)
    assert not Event.objects.filter(body__contains="示例群众").exists()
    assert not Event.objects.filter(body__contains="037100000000").exists()
    with pytest.raises(Refused):
        complaint(d, text="示例群众来电")


def test_two_complaints_make_a_cluster_and_points(d):
    complaint(d)
    complaint(d, "other")
    assert [x["n"] for x in complaints.clusters(d.viewer("xab1"), d.now + timedelta(seconds=1))] == [2]
    assert not complaints.clusters(d.viewer("jcl1"), d.now + timedelta(seconds=1))
    refresh([d.premises.pk], d.now)
    assert Standing.objects.get(subject=d.premises).why["complaints"] == 3


def test_a_complaint_closes_only_when_the_complainant_was_told(d):
    matter = complaint(d)
    d.do("xab1", matter, c.Assign, "lzh", (), "xfdd", "dcs")
    d.do("lzh1", matter, c.Accept)
    with pytest.raises(Refused):
        d.do("lzh1", matter, c.Submit, "已核查")
    step(d, "lzh1", matter, "checked", day=local_day(d.now), outcome="true", findings="属实")
    step(d, "lzh1", matter, "told", how="impossible", answer="号码为空,无法告知")
    d.do("lzh1", matter, c.Submit, "已核查并告知")
    assert Complainant.objects.count() == 1


# blind spots, centres, campaigns


def test_blind_spots_count_and_list_the_same(d):
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    rows = Standing.objects.all()
    found = blindspots.counts(rows, d.now)
    assert found["all"] == 2
    assert found["never"] == 2
    assert found["unmanaged"] == 2
    for name in blindspots.SPOTS:
        assert len(blindspots.listed(rows, name, d.now)) == found[name]
    inspection(d)
    assert blindspots.counts(rows, d.now)["never"] == 1


def test_inspections_that_say_the_same_everywhere_are_a_question(d):
    others = [d.subject(f"商铺{n}", "premises", d.a) for n in range(3)]
    for subject in others:
        inspection(d, subject=subject, items={"exit_clear": "ok", "wiring": "ok"}, note="符合")
    found = blindspots.questions(d.viewer("xab1"), d.now + timedelta(seconds=1))
    assert [(q.why, len(q.records)) for q in found] == [("same", 3)]
    assert not blindspots.questions(d.viewer("jcl1"), d.now + timedelta(seconds=1))


def test_a_route_that_nobody_travels_is_a_question(d):
    inspection(d, place=(113.70, 34.76), at=d.now - timedelta(minutes=4))
    inspection(d, subject=d.subject("另一处", "premises", d.a), place=(113.90, 34.76))
    assert [q.why for q in blindspots.questions(d.viewer("xab1"), d.now + timedelta(seconds=1))] == ["route"]


def test_the_worker_reckons_what_moved(d):
    assert follow(now=d.now) == 2
    assert follow(now=d.now) == 0
    d.raised("hazard_general", by="xab1")
    assert follow(now=d.now + timedelta(seconds=2)) >= 0
    assert Standing.objects.count() == 2


def test_needs_of_a_centre_are_those_of_its_area(d):
    unit = d.units["lzh"]
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    assert [n["standing"].subject_id for n in centres.needs(d.viewer("xab1"), unit, d.now)] == [d.premises.pk]
    assert not centres.needs(d.viewer("jcl1"), unit, d.now)


def test_a_campaign_counts_from_the_record(d):
    today = local_day(d.now)
    made = campaigns.save(
        viewer=d.viewer("xab1"), at=d.now,
        campaign=Campaign(
            name="治本攻坚", begins=today - timedelta(days=300), ends=today + timedelta(days=300), stock_day=today,
            targets=[{"name": "存量清零", "metric": "major_stock", "value": 0, "until": "2026-12-31"}, {"name": "机制常态", "metric": ""}],
        ),
    )  # fmt: skip
    d.raised("hazard_major", by="xab1")
    assert [t["now"] for t in campaigns.targets(d.viewer("xab1"), made, today)] == [1, None]
    assert campaigns.stock(d.viewer("xab1"), made).count() == 1
    with pytest.raises(Refused):
        campaigns.save(viewer=d.viewer("lzh1"), campaign=made, at=d.now)
    with pytest.raises(Refused):
        campaigns.report(viewer=d.viewer("lzh1"), campaign=made, period=f"{today.year}H3", text="", at=d.now)
    with pytest.raises(Refused):
        campaigns.report(viewer=d.viewer("lzh1"), campaign=made, period=f"{today.year + 1}Q1", text="", at=d.now)
    campaigns.report(viewer=d.viewer("lzh1"), campaign=made, period=f"{today.year - 1}Q4", text="推进", at=d.now)
    with pytest.raises(Refused):
        campaigns.report(viewer=d.viewer("lzh1"), campaign=made, period=f"{today.year - 1}Q4", text="推进", at=d.now)
    assert campaigns.reports_visible_to(d.viewer("jcl1"), made).count() == 0
    assert campaigns.reports_visible_to(d.viewer("xab1"), made).count() == 1


def test_key_points_are_an_outline():
    assert campaigns.outline("一、主线\n  责任\n\n\t能力\n二") == [(0, "一、主线"), (1, "责任"), (1, "能力"), (0, "二")]
