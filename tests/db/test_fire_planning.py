"""Lists of premises and plans of inspections: through the services, with what must not happen."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from bihuan.engines import visits as engine
from bihuan.instruments.premises import imports, lists
from bihuan.instruments.premises.models import PremisesImport
from bihuan.kernel.domain.lots import by_lot
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.fire import planning
from bihuan.mechanisms.fire.models import Standing
from bihuan.mechanisms.fire.standing import refresh

from ..support import District, differences, upload, work_off

pytestmark = pytest.mark.django_db
HEAD = [
    "场所名称",
    "所属乡镇办",
    "地址",
    "用途",
    "建筑面积",
    "床位",
    "营业时间",
    "消防安全管理人",
    "经度",
    "纬度",
    "坐标系",
    "行业主管部门",
]
ROWS = [
    [
        "甲宾馆",
        "龙子湖办事处",
        "明理路1号",
        "宾馆",
        "3000㎡",
        "80",
        "00:00-24:00",
        "示例管理人",
        "113.7101",
        "34.7602",
        "GCJ-02",
        "城市管理局",
    ],
    ["乙超市", "", "明理路2号", "超市", "1,200", "", "08:00-22:00", "", "", "", "", ""],
]


def sheet(*rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    return out.getvalue().encode("utf-8-sig")


def take(d: District, *rows: list[str], who: str = "lzh1") -> PremisesImport:
    unit = d.units[who.rstrip("12")]
    return imports.take(viewer=d.viewer(who), unit=unit, upload=upload("清单.csv", sheet(*rows)), at=d.now)


def written(d: District, *rows: list[str]) -> dict[str, int]:
    made = take(d, *rows)
    imports.confirm(imported=made, at=d.now)
    work_off()
    made.refresh_from_db()
    assert made.state == "confirmed", made.trouble
    return made.counts


def test_a_list_becomes_files_with_labels_one_event_each(d: District) -> None:
    before = Event.objects.filter(stream__startswith="subject:").count()
    assert written(d, *ROWS)["new"] == 2
    assert Event.objects.filter(stream__startswith="subject:").count() == before + 2
    hotel = Subject.objects.select_related("file").get(name="甲宾馆")
    assert {x.label for x in hotel.labels.all()} >= {"重点单位", "公众聚集场所", "夜间有人住宿"}
    assert hotel.file.body["parties"]["sector"]["unit"] == "cgj"
    # GCJ-02 was turned into CGCS2000
    assert hotel.file.body["place"]["main"]["lon"] != "113.710100"
    assert Subject.objects.get(name="乙超市").file.body["facts"]["main"]["area"] == 1200
    assert not differences("subject")


def test_the_same_list_again_changes_nothing_and_one_edited_cell_is_one_change(d: District) -> None:
    written(d, *ROWS)
    made = take(d, *ROWS)
    assert lists.preview(made).counts == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    edited = [ROWS[0], [*ROWS[1][:4], "900", *ROWS[1][5:]]]
    assert written(d, *edited) == {"new": 0, "changed": 1, "same": 1, "refused": 0}
    assert "重点单位" not in {x.label for x in Subject.objects.get(name="乙超市").labels.all()}
    assert not differences("subject")


@pytest.mark.parametrize(
    ("column", "text", "word"),
    [(1, "祭城路办事处", "祭城路"), (3, "城堡", "城堡"), (4, "很大", "很大"), (6, "随时", "随时"), (8, "300", "300"), (10, "WGS72", "WGS72"), (11, "不存在局", "不存在局")],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named_and_nothing_is_written(
    d: District, column: int, text: str, word: str
) -> None:
    row = list(ROWS[0])
    row[column] = text
    made = take(d, row, ROWS[1])
    found = lists.preview(made)
    bad = [r for r in found.rows if r.status == "refused"]
    assert [r.number for r in bad] == [2]
    assert word in (bad[0].why % bad[0].params)
    with pytest.raises(Refused):
        imports.confirm(imported=made, at=d.now)
    assert not Subject.objects.filter(name="乙超市").exists()


def test_a_premises_that_stands_twice_is_refused(d: District) -> None:
    assert lists.preview(take(d, ROWS[0], ROWS[0])).counts["refused"] == 1


def test_a_failure_on_the_way_leaves_no_row(d: District) -> None:
    made = take(d, *ROWS)
    imports.confirm(imported=made, at=d.now)
    with patch("bihuan.instruments.premises.imports.note", side_effect=RuntimeError), pytest.raises(RuntimeError):
        imports.write(imported=made, at=d.now)
    assert not Subject.objects.filter(name__in=["甲宾馆", "乙超市"]).exists()


def test_stopped_before_writing_it_leaves_nothing(d: District) -> None:
    made = take(d, *ROWS)
    imports.confirm(imported=made, at=d.now)
    imports.stop(imported=made, at=d.now)
    assert imports.write(imported=made, at=d.now) == {}
    made.refresh_from_db()
    assert made.state == "dropped"
    assert not Subject.objects.filter(name="甲宾馆").exists()


def test_nobody_brings_a_list_in_the_name_of_others(d: District) -> None:
    with pytest.raises(Refused):
        imports.take(viewer=d.viewer("lzh1"), unit=d.units["jcl"], upload=upload("a.csv", sheet(*ROWS)), at=d.now)


# plans


def ask(d: District, who: str = "xfdd1", **kw):
    told = {
        "title": "抽查",
        "begins": timezone.localdate(),
        "days": 2,
        "teams": ["一组", "二组"],
        "minutes": 360,
        "visit": 40,
        "share": 50,
        **kw,
    }
    return planning.make(viewer=d.viewer(who), unit=d.units[who.rstrip("12")], at=d.now, **told)


def test_the_lot_can_be_drawn_again_by_anybody(d: District) -> None:
    for n in range(30):
        d.subject(f"场所{n:02d}", "premises", d.a)
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    last = Event.objects.order_by("-id").values_list("hash", flat=True).first()
    plan = planning.propose(plan=ask(d), at=d.now, seconds=0.5)
    assert last is not None
    asked = Event.objects.get(stream=f"visits:{plan.pk}", type="VisitsAsked")
    assert plan.seed in asked.body
    legal = set(plan.visits.filter(why="legal").values_list("subject__code", flat=True))
    others = set(Standing.objects.values_list("subject__code", flat=True)) - legal
    drawn = plan.result["drawn"]
    assert drawn
    assert drawn == by_lot(others, plan.seed)[: len(drawn)]
    assert plan.visits.count() == len(set(plan.visits.values_list("subject", flat=True)))


def test_a_plan_keeps_to_its_days_teams_and_minutes(d: District) -> None:
    for n in range(60):
        d.subject(f"场所{n:02d}", "premises", d.a)
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    plan = planning.propose(plan=ask(d, minutes=120), at=d.now, seconds=0.5)
    days = planning.workdays(plan.begins, 2)
    for day in days:
        for team in range(2):
            assert plan.visits.filter(day=day, team=team).count() <= 3
    assert set(plan.visits.values_list("day", flat=True)) <= set(days)


def test_a_plan_is_edited_by_its_unit_alone_and_a_drawn_visit_needs_a_reason(d: District) -> None:
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    plan = planning.propose(plan=ask(d), at=d.now, seconds=0.5)
    visit = plan.visits.filter(why="lot").first()
    assert visit is not None
    viewer, day = d.viewer("xfdd1"), planning.workdays(plan.begins, 2)[1]
    with pytest.raises(Refused):
        planning.move(viewer=d.viewer("lzh1"), visit=visit, day=day, team=1, at=d.now)
    with pytest.raises(Refused):
        planning.move(viewer=viewer, visit=visit, day=day + timedelta(days=30), team=1, at=d.now)
    planning.move(viewer=viewer, visit=visit, day=day, team=1, at=d.now)
    assert (visit.day, visit.team) == (day, 1)
    with pytest.raises(Refused):
        planning.drop(viewer=viewer, visit=visit, reason="", at=d.now)
    subject = visit.subject
    planning.drop(viewer=viewer, visit=visit, reason="已停业", at=d.now)
    planning.add(viewer=viewer, plan=plan, subject=subject, day=day, team=0, at=d.now)
    with pytest.raises(Refused):
        planning.add(viewer=viewer, plan=plan, subject=subject, day=day, team=0, at=d.now)
    assert Event.objects.filter(stream=f"visits:{plan.pk}", type="VisitsEdited").count() == 3


@pytest.mark.parametrize(
    "kw", [{"teams": []}, {"days": 0}, {"days": 21}, {"minutes": 30}, {"visit": 500}, {"share": 101}]
)
def test_a_plan_that_cannot_be_is_refused(d: District, kw) -> None:
    with pytest.raises(Refused):
        ask(d, **kw)


def test_a_plan_can_be_stopped_and_keeps_the_best_so_far(d: District) -> None:
    refresh(Subject.objects.values_list("pk", flat=True), d.now)
    plan = ask(d)
    with pytest.raises(Refused):
        planning.stop(viewer=d.viewer("lzh1"), plan=plan, at=d.now)
    planning.stop(viewer=d.viewer("xfdd1"), plan=plan, at=d.now)
    plan = planning.propose(plan=plan, at=d.now, seconds=20)
    assert plan.state == "ready"
    assert 1 <= plan.visits.count() <= 2


def work(**kw) -> engine.Work:
    return engine.Work(**{"teams": 2, "days": 2, "base": (113.7, 34.7), "minutes": 240, "seed": "x", **kw})


def site(n: int, last: int | None = None, **kw) -> engine.Site:
    return engine.Site(f"s{n:03d}", (113.7 + (n % 9) * 0.004, 34.7 + (n // 9) * 0.004), last, **kw)


def test_no_legal_period_is_missed_while_something_lesser_is_visited() -> None:
    sites = [site(n, 0 if n < 8 else None, weight=9) for n in range(80)]
    found = engine.plan(sites, work(share=40), 1)
    days = {v.key: v.day for v in found.visits}
    assert not found.missed
    assert all(days[f"s{n:03d}"] == 0 for n in range(8))


def test_what_cannot_be_kept_is_said_and_only_legal_visits_stand_in_its_way() -> None:
    found = engine.plan([site(n, 0) for n in range(40)], work(days=1, share=0), 1)
    assert len(found.missed) + len(found.visits) == 40
    assert found.missed
    assert {v.why for v in found.visits} == {"legal"}


def test_every_area_has_its_share() -> None:
    sites = [site(n, area="big" if n < 60 else "small") for n in range(80)]
    found = engine.plan(sites, work(share=0), 1)
    areas = [s.area for s in sites for v in found.visits if v.key == s.key]
    assert areas.count("small") >= len(areas) // 8


def test_a_tour_never_takes_longer_than_a_day() -> None:
    sites = [site(n) for n in range(70)]
    w = work(minutes=200)
    found = engine.plan(sites, w, 1)
    by = {s.key: s for s in sites}
    for day in range(2):
        for team in range(2):
            tour = [by[v.key] for v in sorted(found.visits, key=lambda v: v.order) if (v.day, v.team) == (day, team)]
            assert engine.minutes(tour, w) <= 200


def test_nothing_to_visit_is_an_empty_plan() -> None:
    assert engine.plan([], work(), 1).visits == ()
