"""H24 (FootprintAI/Containarium#1326, LegionIO#149, jazzband/django-auditlog#515, DefectDojo#2388): the chain forks, a hash
over digits that the database does not keep, deletion unseen, bulk changes unlogged.

Kind: a log under load and under attack. The kinds of tampering stand in tests/db/test_checkpoints.py; here the load.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from bihuan.kernel.domain import commands as c
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.verifying import Broken, verify

from ..support import District, differences

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


def broken() -> list[Broken]:
    return [b for b in verify() if isinstance(b, Broken)]


def url() -> str:
    """The test's database, as a process of its own reaches it."""
    s = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{s['NAME']}"
    return f"postgres://{s['USER']}@{s['HOST']}:{s['PORT']}/{s['NAME']}"


def test_eight_processes_of_fifty_appends_from_empty_make_one_chain() -> None:
    env = {**os.environ, "DATABASE_URL": url(), "DJANGO_SETTINGS_MODULE": "bihuan.conf.settings"}
    command = [sys.executable, "-m", "tests.regress.appender", "seen:race"]
    running = [
        subprocess.Popen([*command, f"p{i}", "50"], env=env, stderr=subprocess.PIPE, text=True) for i in range(8)
    ]
    for p in running:
        assert p.communicate(timeout=120)[1] == ""
    rows = list(Event.objects.filter(stream="seen:race").order_by("seq").values_list("seq", flat=True))
    assert rows == list(range(1, 401))
    assert broken() == []
    made = checkpoints.make(at=timezone.now())
    assert made is not None
    assert made.size == Event.objects.count()
    assert broken() == []


def test_twenty_threads_write_without_one_locked_database() -> None:
    d = District()
    faults: list[str] = []

    def work(i: int) -> None:
        try:
            for j in range(5):
                m = d.raised(title=f"{i}-{j}")
                d.do("jfj1", m, c.Amend, {"title": f"{i}-{j}改"}, "写错")
        except Exception as error:  # noqa: BLE001  whatever it is, the test names it
            faults.append(repr(error))
        finally:
            connection.close()

    threads = [Thread(target=work, args=(i,)) for i in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    assert faults == []
    assert Event.objects.filter(stream__startswith="matter:").count() == 200
    assert broken() == []
    assert differences("matter") == []


def test_closing_two_hundred_at_once_is_two_hundred_events(client) -> None:
    d = District()
    numbers = [d.submitted(title=f"第{i}件").number for i in range(200)]
    client.force_login(d.people["jfj2"], backend="django.contrib.auth.backends.ModelBackend")
    for start in range(0, 200, 50):
        client.post("/matters/verify/", {"chosen": numbers[start : start + 50], "findings": "逐件核查属实"})
    assert Event.objects.filter(type="Verified").count() == 200
    assert broken() == []


def test_times_verify_after_the_database_has_kept_them() -> None:
    """Microseconds, whole seconds and the last microsecond of a day all survive the way through the database."""
    d = District()
    m = d.handling(at=d.now - timedelta(hours=1))
    for micro in (0, 1, 999_999, 500_000):
        d.do("cgj1", m, c.Report, f"{micro}", at=d.now.replace(microsecond=micro) - timedelta(seconds=2))
    assert broken() == []
