"""Registers become matters: all or nothing, the same again adds nothing, one cell changes one matter."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.utils import timezone

from bihuan.instruments.registers import planning, services, writing
from bihuan.instruments.registers.models import RegisterEntry, RegisterImport
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from ..support import DATA, District, differences, upload

pytestmark = pytest.mark.django_db


def bring(d: District, who: str, name: str, data: bytes | None = None) -> RegisterImport:
    viewer = d.viewer(who)
    data = data if data is not None else (DATA / name).read_bytes()
    return services.upload(viewer=viewer, unit=d.units[who.rstrip("12")], file=upload(name, data), at=timezone.now())


def answered(d: District, imported: RegisterImport, who: str) -> RegisterImport:
    """Every unknown unit is a new one."""
    names = planning.plan(imported, d.viewer(who)).open_questions
    corrected(d, imported, who, units=dict.fromkeys(names, 0))
    return imported


def corrected(d: District, imported: RegisterImport, who: str, **what) -> None:
    what = {"corrections": {}, "left_out": [], "units": {}, "as_of": None, **what}
    services.correct(imported=imported, viewer=d.viewer(who), at=timezone.now(), **what)


def taken(d: District, who: str, name: str, data: bytes | None = None) -> RegisterImport:
    imported = answered(d, bring(d, who, name, data), who)
    return services.confirm(imported=imported, viewer=d.viewer(who), at=timezone.now())


def edited(name: str, change: Callable[[object], None]) -> bytes:
    book = openpyxl.load_workbook(DATA / name)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def counts(d: District, who: str, imported: RegisterImport) -> dict[str, int]:
    return {k: v for k, v in planning.plan(imported, d.viewer(who)).counts.items() if v}


@pytest.mark.parametrize(
    ("who", "name", "rows"),
    [("jfj1", "promotion-problems.xlsx", 6), ("lzh1", "fire-hazards.xlsx", 5), ("rzb1", "whitelist.xlsx", 3)],
)
def test_every_row_becomes_a_matter_and_the_same_file_adds_nothing(d: District, who: str, name: str, rows: int) -> None:
    taken(d, who, name)
    assert Matter.objects.count() == rows
    assert all((m.lead and m.due_at) or m.state == "assigned" for m in Matter.objects.select_related("lead"))
    assert differences("matter") == []
    before = Event.objects.latest("id").id
    again = bring(d, who, name)
    assert counts(d, who, again) == {"same": rows}
    assert not planning.plan(again, d.viewer(who)).ready
    assert [e.type for e in Event.objects.filter(id__gt=before)] == ["RegisterBrought"]
    assert Event.objects.filter(type="RegisterImported").count() == 1


def test_what_a_register_calls_closed_still_waits_for_another_unit(d: District) -> None:
    taken(d, "jfj1", "promotion-problems.xlsx")
    m = Matter.objects.get(subject__name="海义东樾")
    assert (m.state, m.owed_by.code) == ("submitted", "jfj")
    own = Matter.objects.get(title="临时用电容量不足")
    assert own.verifier.code == "dcs", "the office leads this one itself"


def test_lateness_is_measured_where_the_register_says_it_was_done(d: District) -> None:
    taken(d, "lzh1", "fire-hazards.xlsx")
    assert Matter.objects.get(subject__name="甲商务楼").late == 0


@pytest.mark.parametrize(
    ("cell", "value", "what"),
    [("F5", "2024.6.30", "due_at"), ("E5", "建设局", "involved"), ("D8", "城市管理局", "lead_id"), ("G5", "完成80%", "version"), ("H5", "是", "state"), ("C5", "厂区东侧道路未贯通,影响设备和材料进场", "title")],
)  # fmt: skip
def test_one_edited_cell_changes_one_matter(d: District, cell: str, value: str, what: str) -> None:
    taken(d, "jfj1", "promotion-problems.xlsx")

    def picture() -> dict[int, tuple]:
        rows = {}
        for m in Matter.objects.all():
            parts = tuple(sorted(m.involvements.values_list("unit__code", "role")))
            rows[m.number] = {
                "version": m.version,
                "due_at": m.due_at,
                "lead_id": m.lead_id,
                "state": m.state,
                "title": m.title,
                "involved": parts,
            }
        return rows

    before = picture()
    second = bring(
        d, "jfj1", "promotion-problems.xlsx", edited("promotion-problems.xlsx", lambda ws: ws.__setitem__(cell, value))
    )
    assert counts(d, "jfj1", second) == {"changed": 1, "same": 5}
    services.confirm(imported=second, viewer=d.viewer("jfj1"), at=timezone.now())
    after = picture()
    changed = [n for n in after if after[n] != before.get(n)]
    assert len(changed) == 1
    assert len(after) == 6
    assert after[changed[0]][what] != before[changed[0]][what]
    assert differences("matter") == []
    assert counts(
        d,
        "jfj1",
        bring(
            d,
            "jfj1",
            "promotion-problems.xlsx",
            edited("promotion-problems.xlsx", lambda ws: ws.__setitem__(cell, value)),
        ),
    ) == {"same": 6}


def test_a_failure_half_way_leaves_nothing(d: District, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = answered(d, bring(d, "jfj1", "promotion-problems.xlsx"), "jfj1")
    real, seen = writing.raise_matter, []

    def failing(**kw):
        seen.append(kw)
        if len(seen) == 5:
            raise Refused("boom", field="x")
        return real(**kw)

    monkeypatch.setattr(writing, "raise_matter", failing)
    units, subjects = Unit.objects.count(), Subject.objects.count()
    with pytest.raises(Refused, match="Row 11: boom"):
        services.confirm(imported=imported, viewer=d.viewer("jfj1"), at=timezone.now())
    assert (Matter.objects.count(), RegisterEntry.objects.count()) == (0, 0)
    assert (Unit.objects.count(), Subject.objects.count()) == (units, subjects)
    assert not Event.objects.filter(stream__startswith="matter:").exists()


def test_confirming_twice_writes_once(d: District) -> None:
    imported = taken(d, "jfj1", "promotion-problems.xlsx")
    services.confirm(imported=imported, viewer=d.viewer("jfj1"), at=timezone.now())
    assert Matter.objects.count() == 6


def test_an_unknown_unit_is_asked_about_once_and_remembered(d: District) -> None:
    imported = bring(d, "jfj1", "promotion-problems.xlsx")
    plan = planning.plan(imported, d.viewer("jfj1"))
    assert "公交公司" in plan.open_questions
    with pytest.raises(Refused, match="公交公司"):
        services.confirm(imported=imported, viewer=d.viewer("jfj1"), at=timezone.now())
    answers = dict.fromkeys(plan.open_questions, d.units["gdgs"].pk)
    corrected(d, imported, "jfj1", units=answers)
    services.confirm(imported=imported, viewer=d.viewer("jfj1"), at=timezone.now())
    assert planning.plan(bring(d, "jfj1", "promotion-problems.xlsx"), d.viewer("jfj1")).open_questions == []


def test_refused_rows_are_corrected_or_left_out(d: District) -> None:
    data = edited("promotion-problems.xlsx", lambda ws: ws.__setitem__("F5", "2月30日"))
    imported = answered(d, bring(d, "jfj1", "promotion-problems.xlsx", data), "jfj1")
    with pytest.raises(Refused, match="1 rows are refused"):
        services.confirm(imported=imported, viewer=d.viewer("jfj1"), at=timezone.now())
    corrected(d, imported, "jfj1", left_out=[5])
    assert counts(d, "jfj1", imported) == {"new": 5, "left_out": 1}
    corrected(d, imported, "jfj1", corrections={"5:due": "2024-05-10"})
    assert counts(d, "jfj1", imported) == {"new": 6}


def test_a_matter_that_has_ended_is_not_changed_by_a_register(d: District) -> None:
    taken(d, "jfj1", "promotion-problems.xlsx")
    m = Matter.objects.get(subject__name="海义东樾")
    from bihuan.kernel.domain import commands as c

    d.do("jfj2", m, c.Verify, "属实", at=timezone.now())
    again = bring(
        d,
        "jfj1",
        "promotion-problems.xlsx",
        edited("promotion-problems.xlsx", lambda ws: ws.__setitem__("G7", "另有新情况")),
    )
    assert counts(d, "jfj1", again) == {"kept": 1, "same": 5}


def test_a_township_register_lies_in_its_own_territory(d: District) -> None:
    taken(d, "lzh1", "fire-hazards.xlsx")
    assert set(Matter.objects.values_list("territory__code", "lead__code")) == {("lzh", "lzh")}


def test_unreadable_files_leave_no_import(d: District) -> None:
    for name, data in [("x.xlsx", b"PK\x03\x04no"), ("y.csv", "甲,乙\n1,2".encode()), ("z.xlsx", b"")]:
        with pytest.raises(Refused) as refused:
            bring(d, "jfj1", name, data)
        assert refused.value.field == "file"
    assert not RegisterImport.objects.exists()


def test_another_unit_cannot_file_in_ones_name(d: District) -> None:
    with pytest.raises(Refused):
        services.upload(viewer=d.viewer("jfj1"), unit=d.units["lzh"], file=upload("a.xlsx", b"x"), at=timezone.now())
