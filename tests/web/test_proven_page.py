"""The page that says what is proven: who sees how much, and that it tells the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.kernel.matters.models import Matter
from bihuan.kernel.registry import duties
from bihuan.kernel.registry.models import DutyRun
from bihuan.operations import health, integrity

from ..forging import plainly
from ..support import District, work_off
from ..waiting import CASES

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


def test_the_system_administrator_is_told_of_a_silent_worker_and_of_work_that_does_not_go_on(d: District, at) -> None:
    assert "工作进程没有动静" in at("admin").get("/").content.decode()
    assert any("no sign of life" in f for f in health.state(timezone.now())["faults"])
    duties.run_due(timezone.now())
    assert "工作进程没有动静" not in at("admin").get("/").content.decode()
    row = CASES["paper"].make(d)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        desk = at("admin").get("/").content.decode()
        assert "停滞的后台任务" in desk
        page = at("admin").get("/ledger/proven/").content.decode()
        assert "等待工作进程" in page
        told = health.state(timezone.now())
        assert [(t["key"], t["state"]) for t in told["tasks"]] == [(row.pk, "waiting")]
        assert any(f.startswith("task ") for f in told["faults"])
        for who in ("security", "logs", "cgj1", "leader"):
            assert "停滞的后台任务" not in at(who).get("/ledger/proven/").content.decode(), who
    work_off()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert "停滞的后台任务" not in at("admin").get("/").content.decode()
        assert health.state(timezone.now())["tasks"] == []
