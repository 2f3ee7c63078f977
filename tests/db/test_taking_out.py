"""Registers out and in again: our own export changes nothing, one edited cell changes one matter."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from bihuan.instruments.registers import planning, services
from bihuan.instruments.registers.export import of_import, schema_of, sheet
from bihuan.instruments.registers.models import RegisterEntry
from bihuan.kernel.domain import commands as c
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter

from ..support import DATA, District, upload

pytestmark = pytest.mark.django_db
SAMPLES = [("promotion-problems.xlsx", "jfj1"), ("whitelist.xlsx", "rzb1"), ("fire-hazards.xlsx", "lzh1")]


def bring(d: District, data: bytes, who: str, name: str = "台账.xlsx"):
    return services.upload(
        viewer=d.viewer(who), unit=d.units[who.rstrip("12")], file=upload(name, data), at=timezone.now()
    )


def confirmed(d: District, name: str, who: str):
    imported = bring(d, (DATA / name).read_bytes(), who, name)
    plan = planning.plan(imported, d.viewer(who))
    services.correct(
        imported=imported, viewer=d.viewer(who), at=timezone.now(), corrections={}, left_out=[], units=dict.fromkeys(plan.open_questions, 0),
        as_of=imported.as_of or plan.reading.preamble.as_of or d.now.date(),
    )  # fmt: skip
    return services.confirm(imported=imported, viewer=d.viewer(who), at=timezone.now())


def counts(d: District, data: bytes, who: str) -> dict[str, int]:
    return {k: n for k, n in planning.plan(bring(d, data, who), d.viewer(who)).counts.items() if n}


def edited(data: bytes, find: str, put: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    hits = [c for row in book.active.iter_rows() for c in row if c.value == find]
    assert hits, find
    hits[0].value = put
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "who"), SAMPLES)
def test_an_imported_register_comes_out_in_its_form_and_goes_in_without_change(
    d: District, name: str, who: str
) -> None:
    imported = confirmed(d, name, who)
    data = of_import(d.viewer(who), imported)
    n = RegisterEntry.objects.count()
    assert counts(d, data, who) == {"same": n}
    again = bring(d, data, who)
    events = Event.objects.count()
    services.confirm(imported=again, viewer=d.viewer(who), at=timezone.now())
    matters = Event.objects.exclude(stream__startswith="register:").count()
    assert (Event.objects.count() - events, Matter.objects.count()) == (1, n)
    assert matters == events - Event.objects.filter(stream__startswith="register:").count() + 1


def test_one_edited_cell_is_one_changed_matter(d: District) -> None:
    imported = confirmed(d, "promotion-problems.xlsx", "jfj1")
    data = edited(of_import(d.viewer("jfj1"), imported), "正在施工", "已完成七成")
    again = bring(d, data, "jfj1")
    plan = planning.plan(again, d.viewer("jfj1"))
    assert (plan.count("changed"), plan.count("new")) == (1, 0)
    before = Event.objects.filter(stream__startswith="matter:").count()
    services.confirm(imported=again, viewer=d.viewer("jfj1"), at=timezone.now())
    assert Event.objects.filter(stream__startswith="matter:").count() == before + 1


def test_what_happened_here_meanwhile_comes_out_and_is_no_change_when_it_comes_in(d: District) -> None:
    imported = confirmed(d, "promotion-problems.xlsx", "jfj1")
    m = Matter.objects.get(description="厂区东侧道路未贯通,影响设备进场")
    d.do("cgj1", m, c.Report, "沥青已摊铺")
    m = d.do("cgj1", m, c.AskExtension, 5, "雨季", "逾期后补办")
    d.do("jfj1", m, c.GrantExtension, 5)
    data = of_import(d.viewer("jfj1"), imported)
    values = [c.value for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows() for c in row]
    assert "沥青已摊铺" in values
    assert "正在施工" not in values
    assert counts(d, data, "jfj1") == {"same": 6}


def test_a_matter_raised_here_goes_out_as_a_register_and_comes_back_as_itself(d: District) -> None:
    m = d.handling(lead="cgj", supporting=("jsj",), title="管线迁改滞后")
    schema = schema_of(m.kind)
    assert schema is not None
    data = sheet(d.viewer("jfj1"), schema, [m], "一件", timezone.localdate())
    assert counts(d, data, "jfj1") == {"same": 1}
    changed = edited(data, "管线迁改滞后", "管线迁改滞后,需水务配合")
    again = bring(d, changed, "jfj1")
    assert planning.plan(again, d.viewer("jfj1")).count("changed") == 1
    services.confirm(imported=again, viewer=d.viewer("jfj1"), at=timezone.now())
    m.refresh_from_db()
    assert (m.title, Matter.objects.count()) == ("管线迁改滞后,需水务配合", 1)


def test_a_number_in_the_sheet_opens_nobody_elses_matter(d: District) -> None:
    mine = d.handling("hazard_general", lead="lzh", by="xab1", title="甲隐患")
    theirs = d.handling("hazard_general", lead="jcl", by="xab1", subject=d.far, title="乙隐患")
    schema = schema_of("hazard_general")
    assert schema is not None
    data = sheet(d.viewer("lzh1"), schema, [mine, theirs], "两件", timezone.localdate())
    values = [c.value for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows() for c in row]
    assert "乙隐患" not in values
    for number in (str(theirs.number), "99999", "x", "１２", "9" * 30):
        stolen = edited(data, str(mine.number), number)
        assert counts(d, stolen, "lzh1") == {"refused": 1}, number
    assert counts(d, edited(data, str(mine.number), ""), "lzh1") == {"new": 1}


def test_an_ended_matter_is_kept_whatever_the_sheet_says(d: District) -> None:
    m = d.closed(at=d.now - timedelta(days=1))
    schema = schema_of(m.kind)
    assert schema is not None
    data = sheet(d.viewer("jfj1"), schema, [m], "一件", timezone.localdate())
    assert counts(d, data, "jfj1") == {"same": 1}
    assert counts(d, edited(data, "道路未贯通", "道路未贯通了"), "jfj1") == {"kept": 1}
