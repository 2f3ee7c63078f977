"""kill -9 inside each task: the next worker finishes it, once; nothing says "running" for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bihuan.instruments.jobs import running
from bihuan.instruments.jobs.job import JOBS
from bihuan.instruments.jobs.selectors import stuck
from bihuan.kernel.ledger.verifying import Broken, verify

from ..regress.test_h24_chain import url
from ..support import District, differences
from ..waiting import CASES, Waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("open_ledger")]


@contextmanager
def inside(hook: str) -> Iterator[subprocess.Popen[str]]:
    """A worker of its own process, standing in its task where it calls `hook`."""
    env = {
        **os.environ,
        "DATABASE_URL": url(),
        "DJANGO_SETTINGS_MODULE": "bihuan.conf.settings",
        "BIHUAN_DATA": str(settings.DATA_DIR),
    }
    command = [sys.executable, "-m", "tests.db.dying", hook]
    worker = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "inside"
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def waiting(case: Waiting) -> Any:
    """The row, made in one transaction, as a request makes it."""
    with transaction.atomic():
        return case.make(District())


def another_worker() -> int:
    """What a worker does that starts now."""
    running._This.looked = None
    return running.work()


def test_the_cases_are_all_the_tasks_there_are() -> None:
    assert {c.path for c in CASES.values()} == {path for path in JOBS if path.startswith("bihuan.")}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_task_is_finished_once_after_its_worker_was_killed_inside_it(case: Waiting) -> None:
    row = waiting(case)
    with inside(case.hook) as worker:
        [task] = DBTaskResult.objects.all()
        assert (task.task_path, task.status) == (case.path, "RUNNING")
        assert running.reclaim(now=timezone.now()) == 0, "its worker lives"
        worker.kill()
        worker.wait()
        row.refresh_from_db()
        assert row.state != case.over
        [found] = stuck(timezone.now() + timedelta(minutes=10))
        assert (found.state, found.key, found.tries) == ("lost", row.pk, 1)
    assert another_worker() == 1
    row.refresh_from_db()
    assert row.state == case.over
    case.done(row)
    task.refresh_from_db()
    assert (task.status, len(task.worker_ids), task.finished_at is None) == ("SUCCESSFUL", 2, False)
    assert stuck(timezone.now()) == []
    assert not [b for b in verify() if isinstance(b, Broken)]
    assert differences() == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_same_task_twice_is_once(case: Waiting) -> None:
    row = waiting(case)
    assert another_worker() == 1
    JOBS[case.path].task.enqueue(row.pk)
    assert another_worker() == 1
    row.refresh_from_db()
    assert row.state == case.over
    case.done(row)
