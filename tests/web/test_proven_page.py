"""The page that says what is proven: who sees how much, and that it tells the truth."""

from __future__ import annotations

import pytest
from django.utils import timezone

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.registry import duties
from bihuan.kernel.registry.models import DutyRun
from bihuan.operations import integrity

from ..forging import plainly
from ..support import District

pytestmark = pytest.mark.django_db


def test_everybody_reads_what_is_proven_and_those_who_audit_see_the_counts(d: District, at) -> None:
    d.raised()
    assert integrity.prove(timezone.now()) == 0
    for who in ("cgj1", "zgyh1"):
        page = at(who).get("/ledger/proven/").content.decode()
        assert "上次核验" in page
        assert "各类数据的数量" not in page
        assert at(who).post("/ledger/proven/").status_code == 403
    for who in ("leader", "audit", "admin", "security", "logs"):
        assert "各类数据的数量" in at(who).get("/ledger/proven/").content.decode()


def test_a_forged_row_is_told_to_the_three_administrators_the_next_morning(d: District, at) -> None:
    matter = d.raised(title="马克原文")
    plainly(Matter).filter(pk=matter.pk).update(title="马克伪造")
    assert integrity.prove(timezone.now()) == 1
    for who in ("admin", "security", "logs"):
        desk = at(who).get("/").content.decode()
        assert "存证不一致的地方" in desk
        page = at(who).get("/ledger/proven/").content.decode()
        assert f"matter:{matter.number}" in page
        assert "title" in page
        assert "马克" not in page, "administrators see no matters, and so not what stands in them"
    assert f"matter:{matter.number}" not in at("cgj1").get("/ledger/proven/").content.decode()


def test_the_worker_is_asked_and_does_it_at_its_next_look(d: District, at) -> None:
    duties.run_due(timezone.now())
    before = integrity.Check.objects.get(pk="rows").at
    page = at("audit").post("/ledger/proven/", follow=True).content.decode()
    assert "disabled" in page
    assert DutyRun.objects.get(pk="proof").done_at is None
    duties.run_due(timezone.now())
    assert integrity.Check.objects.get(pk="rows").at > before
    assert "disabled" not in at("audit").get("/ledger/proven/").content.decode()


def test_a_check_that_cannot_be_made_is_a_fault_and_hinders_no_other(d: District, monkeypatch) -> None:
    def broken(now: object) -> None:
        raise OSError("the disk does not answer")

    first, *rest = integrity.CHECKS
    monkeypatch.setattr(integrity, "CHECKS", (integrity.Kind(first.name, first.title, broken), *rest))
    assert integrity.prove(timezone.now()) == 1
    rows = {k.name: row for k, row in integrity.latest()}
    assert "the disk does not answer" in rows["chains"].faults[0]
    assert rows["rows"].found == 0
