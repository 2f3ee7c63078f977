"""The clock guard: the worker does nothing that cannot be undone while its clock is in doubt, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from django.utils import timezone

from bihuan.cli import main
from bihuan.cli.working import _duties
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.clockguard import clock_accept, clock_state, running_backwards
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.services import append, end
from bihuan.kernel.registry.models import DutyRun

from ..support import District

LATER = timedelta(days=40)


def test_an_empty_record_lets_the_worker_act(db) -> None:
    assert clock_state(timezone.now() + LATER).state == "fine"


def test_a_clock_that_jumped_ahead_escalates_nothing(d: District) -> None:
    d.handling()
    now = timezone.now()
    assert clock_state(now).state == "fine"
    before = Recorded.objects.count()
    with time_machine.travel(now + LATER, tick=False):
        assert clock_state(timezone.now()).state == "ahead"
        _duties(timezone.now())
    assert Recorded.objects.count() == before
    assert list(DutyRun.objects.values_list("name", flat=True)) == ["beat"], "it shows that it lives"


def test_a_server_that_was_off_for_weeks_goes_on_once_somebody_says_so(d: District) -> None:
    d.handling()
    with time_machine.travel(timezone.now() + LATER, tick=False):
        with pytest.raises(Refused):
            clock_accept(by="admin", reason=" ", at=timezone.now())
        clock_accept(by="admin", reason="机房停电检修", at=timezone.now())
        assert clock_state(timezone.now()).state == "fine"
        with pytest.raises(Refused, match="not in doubt"):
            clock_accept(by="admin", reason="再说一次", at=timezone.now())
        _duties(timezone.now())
        assert Recorded.objects.filter(type="Escalated").exists()


def test_entries_of_a_wrong_clock_stop_the_worker_until_somebody_says_that_they_are(d: District) -> None:
    now = timezone.now()
    event = Event("AccountLocked", now, "security", "", {})
    append(stream="person:cgj1", events=[event], after=end("person:cgj1"), entered_at=now + LATER)
    assert clock_state(now).state == "behind"
    clock_accept(by="admin", reason="时钟曾被调快", at=now)
    assert clock_state(now).state == "fine"
    again = Event("AccountUnlocked", now, "security", "", {})
    append(stream="person:cgj1", events=[again], after=end("person:cgj1"), entered_at=now)
    assert [(e.stream, e.type) for e in running_backwards()] == [("person:cgj1", "AccountUnlocked")]
    assert "1 events were entered earlier" in CliRunner().invoke(main, ["verify"]).output


def test_what_people_enter_by_a_wrong_clock_does_not_set_the_worker_going(d: District) -> None:
    _duties(timezone.now())
    with time_machine.travel(timezone.now() + LATER, tick=False):
        d.now = timezone.now()
        d.raised()
        assert clock_state(timezone.now()).state == "ahead"


def test_only_the_system_administrator_says_it_on_the_page(d: District, at) -> None:
    d.handling()
    _duties(timezone.now())
    with time_machine.travel(timezone.now() + LATER, tick=True):
        for who in ("cgj1", "leader", "logs", "security"):
            assert at(who).post("/ledger/proven/clock/", {"reason": "x"}).status_code in (403, 404)
        desk = at("admin").get("/").content.decode()
        assert "时钟存疑" in desk
        at("admin").post("/ledger/proven/clock/", {"reason": ""})
        assert clock_state(timezone.now()).state == "ahead"
        page = at("admin").post("/ledger/proven/clock/", {"reason": "服务器停机两周"}, follow=True).content.decode()
        assert "时钟存疑" not in page
        assert clock_state(timezone.now()).state == "fine"
    told = Recorded.objects.get(stream="clock:worker")
    assert (told.type, "服务器停机两周" in told.body) == ("ClockAccepted", True)


def test_the_shell_shows_and_accepts(d: District) -> None:
    with time_machine.travel(timezone.now() + LATER, tick=False):
        run = CliRunner()
        assert run.invoke(main, ["clock", "show"]).exit_code == 1
        assert run.invoke(main, ["clock", "accept", "--by", "ops", "--reason", "停电"]).exit_code == 0
        assert run.invoke(main, ["clock", "show"]).exit_code == 0
