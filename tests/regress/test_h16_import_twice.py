"""H16 (django-import-export#1130, barcradio/ultra-tracker#325, akutishevsky/nutrition-mcp#96): repeated keys win silently, a
second import doubles, half a batch stays.

Kind: bringing the same thing again. It is the same, or exactly what differs; and a batch is whole or not at all.
"""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.utils import timezone

from bihuan.instruments.registers import planning, services, writing
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.models import Matter

from ..support import District, upload

pytestmark = pytest.mark.django_db
HEAD = ["项目名称", "存在问题", "牵头单位", "办理时限"]


def book(rows: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    for row in (HEAD, *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bring(d: District, rows: list[list[object]]):
    data = book(rows)
    made = services.upload(
        viewer=d.viewer("jfj1"), unit=d.units["jfj"], file=upload("台账.xlsx", data), at=timezone.now()
    )
    services.correct(
        imported=made, viewer=d.viewer("jfj1"), at=timezone.now(), corrections={}, left_out=[], units={}, as_of=timezone.localdate()
    )  # fmt: skip
    return made


def rows(n: int) -> list[list[object]]:
    return [[f"项目{i}", f"问题{i}", "城市管理局", "2027-05-10"] for i in range(n)]


def test_the_preview_is_the_result_and_the_same_again_is_nothing(d: District) -> None:
    made = bring(d, rows(9))
    promised = planning.plan(made, d.viewer("jfj1")).counts
    services.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    assert (promised["new"], Matter.objects.count()) == (9, 9)
    again = planning.plan(bring(d, rows(9)), d.viewer("jfj1"))
    assert (again.counts["same"], again.counts["new"], again.counts["changed"]) == (9, 0, 0)
    edited = rows(9)
    edited[4][3] = "2027-06-01"
    plan = planning.plan(bring(d, edited), d.viewer("jfj1"))
    assert (plan.counts["same"], plan.counts["changed"]) == (8, 1)


def test_a_key_that_stands_twice_in_one_file_is_refused(d: District) -> None:
    twice = [*rows(3), rows(3)[1]]
    made = bring(d, twice)
    assert planning.plan(made, d.viewer("jfj1")).counts["refused"] >= 1
    with pytest.raises(Refused):
        services.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    assert not Matter.objects.exists()


def test_a_fault_late_in_the_file_leaves_nothing(d: District, monkeypatch) -> None:
    made = bring(d, rows(60))
    real, calls = writing.raise_matter, [0]

    def breaks(**kw):
        calls[0] += 1
        if calls[0] == 55:
            raise Refused("the 55th fails")
        return real(**kw)

    monkeypatch.setattr(writing, "raise_matter", breaks)
    before = Event.objects.count()
    with pytest.raises(Refused, match="Row 56"):
        services.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    assert (Matter.objects.count(), Event.objects.count()) == (0, before)


def test_an_import_is_one_event_with_the_hash_of_its_file_and_one_for_each_change(d: District) -> None:
    made = bring(d, rows(3))
    services.confirm(imported=made, viewer=d.viewer("jfj1"), at=timezone.now())
    [event] = Event.objects.filter(type="RegisterImported")
    assert made.file_id in event.body
    edited = rows(3)
    edited[0][3] = "2027-06-01"
    before = Event.objects.filter(stream__startswith="matter:").count()
    services.confirm(imported=bring(d, edited), viewer=d.viewer("jfj1"), at=timezone.now())
    assert Event.objects.filter(stream__startswith="matter:").count() == before + 1
