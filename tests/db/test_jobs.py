"""Tasks whose worker died, erred or was too slow: taken up once, given up with a sentence, visible to who looks after the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pkgutil import resolve_name
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bihuan.cli.working import run_tasks
from bihuan.instruments.documents.models import Paper
from bihuan.instruments.jobs import processes, running
from bihuan.instruments.jobs.job import JOBS
from bihuan.instruments.jobs.models import Lease
from bihuan.instruments.jobs.selectors import last_beat, stuck
from bihuan.kernel.domain.refusal import Refused

from ..support import District, differences, work_off
from ..waiting import CASES, Waiting
from .test_concurrency import together

PAPER = CASES["paper"]
WRITTEN = "bihuan.instruments.documents.services.written"
ELSEWHERE = "0123456789abcdef:4711:99"
"""A worker on another machine."""


@pytest.fixture(autouse=True)
def fresh() -> None:
    """As if the worker had just begun: it looks for what others left."""
    running._This.looked = running._This.beaten = None


def left_running(*workers: str) -> DBTaskResult:
    """The one task, as workers left it."""
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now(), worker_ids=list(workers))
    return DBTaskResult.objects.get()


@contextmanager
def failing_once(hook: str) -> Iterator[None]:
    """An error where a task calls `hook`; what is called after that goes well, also in telling of the error."""
    real, faults = resolve_name(hook), [RuntimeError("somewhere inside")]

    def fails(*args: object, **kwargs: object) -> object:
        if faults:
            raise faults.pop()
        return real(*args, **kwargs)

    with patch(hook, fails):
        yield


def dead(n: int = 1) -> str:
    """A process of this very place that has gone, and whose number another has."""
    return f"{processes.place()}:1:{n}"


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_error_in_a_task_is_told_where_somebody_waits_and_to_who_looks_after_the_system(
    d: District, at, case: Waiting
) -> None:
    row = case.make(d)
    with failing_once(case.hook):
        work_off()
    row.refresh_from_db()
    assert row.state == case.failed
    assert not JOBS[case.path].waits().exists()
    page = at(case.who).get(case.at(row)).content.decode()
    assert "程序出错" in page
    assert "somewhere inside" not in page
    [found] = stuck(timezone.now())
    assert (found.name, found.key, found.state) == (JOBS[case.path].name, row.pk, "failed")
    assert (found.tries, found.error) == (1, "builtins.RuntimeError")
    assert running.resume(now=timezone.now()) == 0
    assert differences() == [], "giving up has its event too"


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_over_is_not_given_up(d: District, case: Waiting) -> None:
    row = case.make(d)
    work_off()
    JOBS[case.path].given_up(row.pk, running.LOST, timezone.now())
    row.refresh_from_db()
    assert row.state == case.over
    case.done(row)


@pytest.mark.django_db
def test_a_paper_given_up_can_be_written_again(d: District, at) -> None:
    row = PAPER.make(d)
    with patch(WRITTEN, side_effect=RuntimeError):
        work_off()
    assert at("jfj1").post(f"/papers/{row.pk}/again/").status_code == 302
    work_off()
    row.refresh_from_db()
    assert row.state == "draft"


@pytest.mark.django_db
def test_a_worker_that_shall_stop_begins_no_other_task(d: District) -> None:
    for _ in range(2):
        PAPER.make(d)
    asked = iter([False, True])
    assert running.work(ended=lambda: next(asked)) == 1
    assert sorted(Paper.objects.values_list("state", flat=True)) == ["draft", "waiting"]


@pytest.mark.django_db
def test_a_refusal_is_told_in_its_own_words(d: District) -> None:
    row = PAPER.make(d)
    with patch(WRITTEN, side_effect=Refused("This meeting is over.")):
        work_off()
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "This meeting is over.")


@pytest.mark.django_db
def test_a_busy_database_is_tried_again_and_not_for_ever(d: District) -> None:
    row = PAPER.make(d)
    with patch(WRITTEN, side_effect=OperationalError("database is locked")) as tried:
        for n in range(1, running.TRIES + 1):
            with time_machine.travel(timezone.now() + timedelta(hours=n), tick=False):
                work_off()
                work_off()
            assert tried.call_count == n, "at once it is not tried again"
            row.refresh_from_db()
            assert row.state == ("failed" if n == running.TRIES else "waiting")
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            work_off()
        assert tried.call_count == running.TRIES


@pytest.mark.django_db
def test_a_task_that_ends_its_worker_each_time_is_given_up(d: District, at) -> None:
    row = PAPER.make(d)
    left_running(*(dead(n) for n in range(running.TRIES)))
    assert running.reclaim(now=timezone.now()) == 1
    with patch(WRITTEN) as never:
        work_off()
    assert not never.called
    row.refresh_from_db()
    assert row.state == "failed"
    assert "程序处理此事时多次中断" in at("jfj1").get(PAPER.at(row)).content.decode()
    [found] = stuck(timezone.now())
    assert (found.state, found.tries, found.error) == ("failed", running.TRIES, "")


@pytest.mark.django_db
def test_a_worker_elsewhere_is_believed_for_as_long_as_its_lease(d: District) -> None:
    PAPER.make(d)
    now = timezone.now()
    left_running(ELSEWHERE)
    Lease.objects.create(worker=ELSEWHERE, until=now + running.LEASE)
    assert running.reclaim(now=now) == running.reclaim(now=now + running.LEASE - timedelta(seconds=1)) == 0
    assert DBTaskResult.objects.get().status == "RUNNING"
    assert running.reclaim(now=now + running.LEASE) == 1
    assert DBTaskResult.objects.get().status == "READY"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "bihuan-4711", ELSEWHERE, f"{'0' * 16}:x:y"])
def test_a_worker_without_lease_or_process_is_gone(d: District, name: str) -> None:
    row = PAPER.make(d)
    left_running(*([name] if name else []))
    run_tasks()
    row.refresh_from_db()
    assert row.state == "draft"


@pytest.mark.django_db
def test_a_process_with_the_number_of_a_dead_one_is_another(d: District) -> None:
    PAPER.make(d)
    place, pid, begun = processes.me().split(":")
    assert processes.lives(processes.me())
    left_running(f"{place}:{pid}:{int(begun) + 1}")
    assert running.reclaim(now=timezone.now()) == 1


@pytest.mark.django_db
def test_what_a_busy_database_cut_off_is_taken_up_by_the_same_worker(d: District) -> None:
    """The task was done, the database too busy to write it down, and the worker lives on."""
    row = PAPER.make(d)
    with patch("bihuan.instruments.jobs.running._held", side_effect=OperationalError("database is locked")):
        run_tasks()
    task = DBTaskResult.objects.get()
    assert (task.status, task.worker_ids) == ("RUNNING", [processes.me()])
    run_tasks()
    task.refresh_from_db()
    row.refresh_from_db()
    assert (task.status, row.state) == ("SUCCESSFUL", "draft")


@pytest.mark.django_db
def test_a_worker_that_was_taken_for_dead_does_not_write_over_the_other(d: District) -> None:
    PAPER.make(d)

    def slow(**_: object) -> None:
        task = DBTaskResult.objects.get()
        left_running(*task.worker_ids, ELSEWHERE)
        Lease.objects.create(worker=ELSEWHERE, until=timezone.now() + running.LEASE)
        raise RuntimeError

    with patch(WRITTEN, slow):
        work_off()
    assert DBTaskResult.objects.get().status == "RUNNING"
    assert Paper.objects.get().state == "waiting"


@pytest.mark.django_db
def test_a_row_whose_task_is_nowhere_gets_one(d: District) -> None:
    row = PAPER.make(d)
    assert running.resume(now=timezone.now()) == 0, "its task waits"
    DBTaskResult.objects.all().delete()
    assert (running.resume(now=timezone.now()), running.resume(now=timezone.now())) == (1, 0)
    DBTaskResult.objects.update(task_path="bihuan.instruments.documents.tasks.write")
    work_off()
    assert DBTaskResult.objects.get().status == "FAILED", "there is no such task any longer"
    assert running.resume(now=timezone.now()) == 1
    work_off()
    row.refresh_from_db()
    assert row.state == "draft"


@pytest.mark.django_db
def test_a_row_that_waits_for_a_task_that_failed_is_given_up(d: District) -> None:
    row = PAPER.make(d)
    DBTaskResult.objects.update(status="FAILED")
    assert running.resume(now=timezone.now()) == 1
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", running.BROKEN)


@pytest.mark.django_db
def test_what_waits_with_no_worker_is_stuck_and_an_idle_worker_is_heard_of(d: District) -> None:
    now = timezone.now()
    assert last_beat() is None
    row = PAPER.make(d)
    assert stuck(now) == []
    [found] = stuck(now + timedelta(minutes=6))
    assert (found.state, found.key, found.tries) == ("waiting", row.pk, 0)
    run_tasks()
    heard = last_beat()
    assert heard is not None
    assert heard >= now
    assert stuck(now + timedelta(minutes=6)) == []


@pytest.mark.django_db(transaction=True)
def test_eight_that_look_at_once_take_a_lost_task_up_once(open_ledger) -> None:
    PAPER.make(District())
    left_running(dead())
    assert together(8, lambda i: str(running.reclaim(now=timezone.now()))) == {"1": 1, "0": 7}
    assert together(8, lambda i: "got" if running._claimed() else "none") == {"got": 1, "none": 7}


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_task_works(open_ledger, monkeypatch) -> None:
    row = PAPER.make(District())
    monkeypatch.setattr(running, "BEAT", timedelta(milliseconds=20))
    renewed = []

    def slow(**_: object) -> None:
        first = Lease.objects.get().until
        while Lease.objects.get().until == first:
            pass
        renewed.append(True)

    with patch(WRITTEN, slow):
        running.work()
    assert renewed == [True]
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert row.pk == Paper.objects.get().pk
