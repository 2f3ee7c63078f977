"""H10 (go-gitea/gitea#5566, scinote-web#1516, frappe/erpnext#38745): a date kept as midnight, or compared in UTC.

Kind: what is due today is not overdue today, wherever the server stands.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.matters.services import act, assignment, load

from ..support import District, local

SCRIPT = """
from datetime import datetime, UTC, date
from bihuan.kernel.domain.clocks import end_of, light, local_day, last_day
due = end_of(date(2026, 3, 12))
for at in (datetime(2026, 3, 12, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 12, 16, tzinfo=UTC)):
    print(light(at, due, None), local_day(at), last_day(due))
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"])
def test_the_servers_time_zone_is_nobodys_business(zone: str) -> None:
    out = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
    )
    assert out.stdout.split("\n")[:2] == ["green 2026-03-12 2026-03-12", "red 2026-03-13 2026-03-12"]


@pytest.mark.django_db(transaction=True)
def test_due_today_is_a_state_of_its_own_until_the_day_ends(open_ledger, client) -> None:
    with time_machine.travel(local(2026, 3, 5, 9), tick=False):
        d = District()
        m = d.raised()
        state, kind, _ = load(m.number)
        command = c.Assign(
            d.actor("jfj1"), d.now, "cgj", (), limit=Limit("workdays", 5), reason="x", **assignment(kind, state, "cgj")
        )
        m = act(number=m.number, command=command)
    assert m.due_at == datetime(2026, 3, 12, 16, tzinfo=UTC)
    for at, late in ((m.due_at - timedelta(seconds=1), False), (m.due_at, True)):
        with time_machine.travel(at, tick=False):
            client.force_login(d.people["cgj1"], backend="django.contrib.auth.backends.ModelBackend")
            red = client.get("/matters/?light=red").content.decode()
            assert (m.title in red) is late
            today = client.get("/matters/?due=2026-03-12").content.decode()
            assert m.title in today
