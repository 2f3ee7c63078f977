"""The register of fires, the situation of a period against the year before, sheets of past years."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from bihuan.adapters.excel import Column, xlsx
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.domain.months import period_of
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger import proving
from bihuan.kernel.ledger.selectors import stream
from bihuan.mechanisms.fire import incidents, pastfigures
from bihuan.mechanisms.fire.grades import Casualty
from bihuan.mechanisms.fire.incidents import Told, incidents_visible_to, register, review, review_from
from bihuan.mechanisms.fire.models import Incident, PastFigure
from bihuan.mechanisms.fire.papers import bulletin
from bihuan.mechanisms.fire.situation import change, situation

from ..forging import plainly
from ..support import District, differences

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year - 1
LATE = start_of(date(YEAR + 1, 1, 2))


def moment(month: int, day: int = 10, hour: int = 3, year: int = YEAR) -> datetime:
    return start_of(date(year, month, day)) + timedelta(hours=hour)


def fire(d: District, at: datetime, **more) -> Incident:
    told = {
        "territory": d.a,
        "address": "示例路1号",
        "area": "city",
        "object": "building",
        "place": "dwelling",
        "cause": "010101",
        "loss": 500_000_00,
        **more,
    }
    return register(viewer=d.viewer("xfdd1"), told=Told(at, **told), at=at + timedelta(hours=1))


def test_a_fire_is_provisional_until_it_is_reviewed_after_the_window(d: District) -> None:
    at = moment(6)
    row = fire(d, at, people=(Casualty(True, local_day(at)),) * 2)
    assert (row.state, row.statistics, row.accident) == ("provisional", "ordinary", "ordinary")
    with pytest.raises(Refused, match="Deaths count"):
        review(viewer=d.viewer("xfdd1"), incident=row, findings="查明", failed=[], at=at + timedelta(days=20))
    later = incidents.change(
        viewer=d.viewer("xfdd1"), incident=row, at=at + timedelta(days=29), reason="医院通报一人死亡",
        told=Told(at, d.a, "示例路1号", "city", "building", "dwelling", "010101", (*[Casualty(True, local_day(at))] * 2, Casualty(True, local_day(at) + timedelta(days=29))), 500_000_00),
    )  # fmt: skip
    assert later.statistics == "larger"
    assert later.accident == "ordinary"  # the accident scale counts seven days
    final = review(
        viewer=d.viewer("xfdd1"),
        incident=later,
        findings="网格未巡查",
        failed=[d.units["lzh"]],
        at=start_of(review_from(later)),
    )
    assert (final.state, [u.code for u in final.failed.all()]) == ("final", ["lzh"])
    assert [e.type for e in stream(f"incident:{row.pk}").events] == [
        "IncidentRegistered",
        "IncidentChanged",
        "IncidentReviewed",
    ]
    assert not differences("incident")


def test_rows_that_differ_from_their_events_are_named(d: District) -> None:
    row = fire(d, moment(6))
    plainly(Incident).filter(pk=row.pk).update(loss=1)
    assert [d.column for d in proving.differences("incident")] == ["loss"]


def test_what_cannot_be_entered(d: District) -> None:
    for more, word in (
        ({"cause": "000000"}, "no code"), ({"area": "moon"}, "no code"), ({"address": " "}, "empty"), ({"loss": -1}, "cannot be"),
        ({"people": (Casualty(True, date(YEAR, 6, 9)),)}, "before the fire"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=word):
            fire(d, moment(6), **more)
    with pytest.raises(Refused, match="future"):
        fire(d, timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="No scale"):
        fire(d, moment(6, year=1999))
    told = Told(moment(6), d.a, "示例路1号", "city", "building", "dwelling", "010101")
    for who in ("lzh1", "jsj1", "leader", "dcs1"):
        with pytest.raises(Refused):
            register(viewer=d.viewer(who), told=told, at=moment(6))
    row = fire(d, moment(6))
    for who in ("lzh1", "leader"):
        with pytest.raises(Refused):
            incidents.annul(viewer=d.viewer(who), incident=row, reason="x", at=LATE)
    incidents.annul(viewer=d.viewer("xab1"), incident=row, reason="重复登记", at=LATE)
    with pytest.raises(Refused, match="annulled"):
        incidents.change(viewer=d.viewer("xfdd1"), incident=row, told=told, reason="x", at=LATE)
    assert not Incident.objects.exclude(state="annulled").exists()


def test_who_sees_which_fires(d: District) -> None:
    fire(d, moment(6))
    fire(d, moment(7), territory=d.b)
    seen = {
        w: incidents_visible_to(d.viewer(w)).count()
        for w in ("xfdd1", "xab1", "leader", "audit", "lzh1", "jcl1", "jsj1", "jfj1", "zgyh1", "admin")
    }
    assert seen == {
        "xfdd1": 2,
        "xab1": 2,
        "leader": 2,
        "audit": 2,
        "lzh1": 1,
        "jcl1": 1,
        "jsj1": 0,
        "jfj1": 0,
        "zgyh1": 0,
        "admin": 0,
    }


def test_the_situation_counts_by_every_class_and_against_the_year_before(d: District) -> None:
    fire(d, moment(2, hour=1))
    fire(d, moment(3, hour=14), territory=d.b, cause="040000", people=(Casualty(False),))
    fire(d, moment(5))
    annulled = fire(d, moment(3))
    incidents.annul(viewer=d.viewer("xfdd1"), incident=annulled, reason="误报", at=LATE)
    fire(d, moment(2, year=YEAR - 1))
    found = situation(d.viewer("leader"), f"{YEAR}Q1", LATE)
    assert (found.total.fires, found.total.hurt, found.total.loss) == (2, 1, 1_000_000_00)
    assert found.before is not None
    assert (found.before.fires, found.past, found.provisional) == (1, False, 2)
    assert {x.key: x.now.fires for x in found.tables["cause"]} == {"010000": 1, "040000": 1}
    assert {x.key: x.now.fires for x in found.tables["band"] if x.now.fires} == {"b0": 1, "b3": 1}
    assert {x.key: x.now.fires for x in found.tables["territory"]} == {"lzh": 1, "jcl": 1}
    for lines in found.tables.values():
        assert sum(x.now.fires for x in lines) == 2
    assert sum(found.statistics.values()) == sum(found.accident.values()) == 2
    assert situation(d.viewer("lzh1"), f"{YEAR}Q1", LATE).total.fires == 1
    assert change(3, 2) == 50.0
    assert change(3, 0) is None


def test_a_running_period_is_compared_with_as_much_of_the_year_before(d: District) -> None:
    fire(d, moment(2, 1, year=YEAR - 1))
    fire(d, moment(11, 1, year=YEAR - 1))
    fire(d, moment(1, 5))
    assert situation(d.viewer("leader"), str(YEAR), moment(3)).before.fires == 1  # type: ignore[union-attr]
    assert situation(d.viewer("leader"), str(YEAR), LATE).before.fires == 2  # type: ignore[union-attr]


HEADS = ["年度", "季度", "分类", "名称", "起火数", "死亡", "受伤", "直接财产损失(万元)", "较大以上"]


def sheet(tmp_path, *rows: list[str], heads: list[str] | None = None):
    path = tmp_path / "往年.xlsx"
    path.write_bytes(xlsx("往年", [Column(h) for h in heads or HEADS], rows))
    return path


def test_figures_of_a_past_year_come_from_a_sheet_and_again_changes_nothing(d: District, tmp_path) -> None:
    rows = [
        [str(YEAR - 1), "1", "合计", "", "12", "1", "2", "35.25", "0"], [str(YEAR - 1), "1", "原因", "电气", "5", "0", "0", "20", "0"],
        [str(YEAR - 1), "第一季度", "乡镇办", "龙子湖办事处", "3", "0", "0", "1,000", "0"],
    ]  # fmt: skip
    path = sheet(tmp_path, *rows)
    first = pastfigures.take(viewer=d.viewer("xfdd1"), path=path, name="往年.xlsx", at=LATE)
    again = pastfigures.take(viewer=d.viewer("xfdd1"), path=path, name="往年.xlsx", at=LATE)
    assert (first.new, again.same, again.new, again.changed) == (3, 3, 0, 0)
    rows[0][4] = "13"
    changed = pastfigures.take(viewer=d.viewer("xfdd1"), path=sheet(tmp_path, *rows), name="往年.xlsx", at=LATE)
    assert (changed.changed, changed.same) == (1, 2)
    found = situation(d.viewer("leader"), f"{YEAR}Q1", LATE)
    assert found.past
    assert found.before is not None
    assert (found.before.fires, found.before.dead, found.before.loss) == (13, 1, 35_250_000)
    assert {x.key: x.before.fires for x in found.tables["cause"] if x.before} == {"010000": 5}
    assert not situation(d.viewer("lzh1"), f"{YEAR}Q1", LATE).past  # a township does not see the district's sheet


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["2025", "5", "合计", "", "1", "0", "0", "0", "0"], "Row 2: year, quarter"), (["2025", "1", "星座", "", "1", "0", "0", "0", "0"], "Row 2: year, quarter"),
        (["2025", "1", "原因", "外星人", "1", "0", "0", "0", "0"], "not known"), (["2025", "1", "合计", "", "很多", "0", "0", "0", "0"], "no number"), (["2025", "1", "合计", "", "-1", "0", "0", "0", "0"], "no number"),
    ],
)  # fmt: skip
def test_a_sheet_with_a_bad_row_is_refused_whole_with_its_place(
    d: District, tmp_path, row: list[str], word: str
) -> None:
    good = ["2025", "2", "合计", "", "1", "0", "0", "0", "0"]
    with pytest.raises(Refused) as refused:
        pastfigures.take(viewer=d.viewer("xfdd1"), path=sheet(tmp_path, row, good), name="x", at=LATE)
    assert word in refused.value.message % refused.value.params
    assert not PastFigure.objects.exists()


def test_a_sheet_without_the_head_and_from_others_is_refused(d: District, tmp_path) -> None:
    with pytest.raises(Refused, match="No row names"):
        pastfigures.take(viewer=d.viewer("xfdd1"), path=sheet(tmp_path, ["1"], heads=["别的"]), name="x", at=LATE)
    with pytest.raises(Refused):
        pastfigures.take(
            viewer=d.viewer("lzh1"),
            path=sheet(tmp_path, ["2025", "1", "合计", "", "1", "0", "0", "0", "0"]),
            name="x",
            at=LATE,
        )
    broken = tmp_path / "x.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(Refused, match="damaged"):
        pastfigures.take(viewer=d.viewer("xfdd1"), path=broken, name="x", at=LATE)


def test_the_bulletin_says_what_the_page_says(d: District) -> None:
    fire(d, moment(2))
    fire(d, moment(2, 12), cause="040000")
    fire(d, moment(2, year=YEAR - 1))
    title, told = bulletin(d.viewer("xab1"), f"{YEAR}Q1", LATE)
    assert title == f"{YEAR}年第一季度火灾形势通报"
    assert (told["total"]["fires"], told["report"]["provisional"]) == (2, 2)
    assert "火灾起数上升100%" in told["report"]["change"]
    assert "电气1起（50%）" in next(f["text"] for f in told["features"] if f["name"] == "起火原因")


def test_periods() -> None:
    assert period_of("2026Q4") == (date(2026, 10, 1), date(2026, 12, 31))
    assert period_of("2024H1") == (date(2024, 1, 1), date(2024, 6, 30))
    assert period_of("2024") == (date(2024, 1, 1), date(2024, 12, 31))
    for text in ("2024Q5", "24Q1", "2024-01", ""):
        with pytest.raises(Refused):
            period_of(text)
