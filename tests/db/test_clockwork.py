"""The clock: escalations once, resumptions, new notices, closures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from bihuan.kernel.calendars import rules
from bihuan.kernel.calendars.services import closure_declare, notice_load
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.clockwork import reclock, tick
from bihuan.kernel.matters.models import Matter

from ..support import District, differences, local

pytestmark = pytest.mark.django_db
NOTICE = 'year = 2027\nnumber = "国办发明电〔2026〕测试号"\nissued = 2026-11-25\nmakeup_days = [2027-01-09]\n[days_off]\n"元旦" = [2027-01-01, 2027-01-04]\n'


def events(m: Matter, type_: str) -> int:
    return Event.objects.filter(stream=f"matter:{m.number}", type=type_).count()


def test_reminder_and_slip_come_once_however_often_the_worker_looks() -> None:
    with time_machine.travel(local(2026, 3, 2, 9), tick=False):
        d = District()
        m = d.handling()
    with time_machine.travel(local(2026, 3, 23, 18), tick=False):
        assert tick(at=timezone.now()) == 0, "the last day is still in time"
    with time_machine.travel(local(2026, 3, 24, 0), tick=False):
        assert [tick(at=timezone.now()) for _ in range(3)] == [1, 0, 0]
    with time_machine.travel(local(2026, 3, 26, 9), tick=False):
        assert [tick(at=timezone.now()) for _ in range(3)] == [1, 0, 0]
        assert events(m, "Escalated") == 2
    with time_machine.travel(local(2026, 6, 1, 9), tick=False):
        assert tick(at=timezone.now()) == 0, "from the interview up a person decides"
        assert differences("matter") == []


def test_a_pause_ends_at_its_planned_end() -> None:
    with time_machine.travel(local(2026, 3, 2, 9), tick=False):
        d = District()
        m = d.do("jfj1", d.handling(), c.Pause, "不可抗力", date(2026, 3, 10))
        assert m.paused
    with time_machine.travel(local(2026, 3, 9, 23), tick=False):
        assert tick(at=timezone.now()) == 0
    with time_machine.travel(local(2026, 3, 10, 1), tick=False):
        assert tick(at=timezone.now()) == 1
    m.refresh_from_db()
    assert not m.paused


def test_a_new_notice_moves_provisional_dates_with_one_event_each() -> None:
    with time_machine.travel(local(2026, 12, 28, 9), tick=False):
        d = District()
        far, near = d.handling("obstacle"), d.handling("question", lead="cgj")
        assert far.provisional
        before = far.due_at
        notice = notice_load(notice=rules.parse(NOTICE), actor="admin", at=timezone.now())
        asked: list[tuple[int, int]] = []
        moved = reclock(at=timezone.now(), notice=notice.number, progress=lambda done, of: not asked.append((done, of)))
        assert moved == 2, "both dates had crossed into the year"
        assert asked[-1] == (2, 2)
        far.refresh_from_db()
        near.refresh_from_db()
        assert far.due_at == before + timedelta(days=1), "two days off and one make-up day"
        assert not far.provisional
        assert not near.provisional
        assert events(far, "Reclocked") == 1
        assert reclock(at=timezone.now(), notice="again") == 0
        with pytest.raises(Refused, match="loaded already"):
            notice_load(notice=rules.parse(NOTICE), actor="admin", at=timezone.now())


def test_re_clocking_can_be_cancelled() -> None:
    with time_machine.travel(local(2026, 12, 28, 9), tick=False):
        d = District()
        d.handling()
        notice_load(notice=rules.parse(NOTICE), actor="admin", at=timezone.now())
        assert reclock(at=timezone.now(), notice="x", progress=lambda done, of: False) == 0


def test_a_closure_moves_only_its_own_territory() -> None:
    with time_machine.travel(local(2026, 3, 2, 9), tick=False):
        d = District()
        here = d.handling()
        there = d.handling(subject=d.subject("远处项目", "project", d.b))
        closure_declare(
            territory=d.a,
            first=date(2026, 3, 10),
            last=date(2026, 3, 11),
            reason="暴雪停工",
            actor="admin",
            at=timezone.now(),
        )
        assert reclock(at=timezone.now(), notice="暴雪停工", territory_path=d.a.path) == 1
        old, moved = there.due_at, here.due_at + timedelta(days=2)
        here.refresh_from_db()
        there.refresh_from_db()
        assert (here.due_at, there.due_at) == (moved, old)
        with pytest.raises(Refused, match="before it begins"):
            closure_declare(
                territory=d.a, first=date(2026, 3, 10), last=date(2026, 3, 9), reason="x", actor="a", at=timezone.now()
            )


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_zone_of_the_server_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", zone)
    time.tzset()
    with time_machine.travel(local(2026, 3, 2, 23, 30), tick=False):
        m = District().handling()
        assert m.due_at == local(2026, 3, 24)
    monkeypatch.undo()
    time.tzset()
