"""Tasks of the worker: claimed under a lock by a worker that renews its lease while it works. What a dead worker left running is
taken up by the next one; after `TRIES` it is given up, and the row that waits for it says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from traceback import format_exception
from typing import TypeAlias

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django_tasks_db.models import DBTaskResult

from bihuan.kernel.domain.refusal import N_, Refused

from . import processes
from .job import JOBS
from .models import Lease

Row: TypeAlias = "DBTaskResult[[int], None]"
log = structlog.get_logger()
LEASE = timedelta(minutes=2)
BEAT = timedelta(seconds=15)
TRIES = 3
"""How often a task is begun before it is given up."""
PAUSES = (timedelta(seconds=5), timedelta(minutes=1))
"""How long a task waits after the first and the second time that the database could not be written."""
KEPT = timedelta(days=7)
"""How long the lease of a worker that is gone stays, for who looks at the health of the system."""
RESULTS = timedelta(days=14)
"""How long the result of a task stays, for who looks at what failed."""
LOST = N_("The program broke off several times over this; it is not tried again by itself.")
BROKEN = N_("An error of the program stopped this; it is not tried again by itself.")
BUSY = (OperationalError, InterfaceError)
"""The database is busy or away: the same task may well succeed later."""


class _This:
    """What this process remembers of its own work."""

    alone = threading.Lock()
    """One thread of a process works; it is by the process that a worker is known."""
    beaten: float | None = None
    looked: float | None = None


def work(*, ended: Callable[[], bool] = lambda: False) -> int:
    """Do what waits, one after the other, until nothing waits or `ended`; how many tasks were begun.

    1. renew the lease, so that an idle worker can be told from none; 2. take up what dead workers left; 3. claim and run.
    Raises OperationalError when the database is too busy to say how a task ended; the task is then taken up at the next look.
    """
    if not _This.alone.acquire(blocking=False):
        return 0
    begun = 0
    try:
        if not connection.in_atomic_block:
            close_old_connections()
        if _over(_This.beaten):
            beat(timezone.now())
        if _over(_This.looked):
            reclaim(now=timezone.now())
            _This.looked = monotonic()
        while not ended() and (row := _claimed()) is not None:
            begun += 1
            _run(row)
        return begun
    except BaseException:
        _This.looked = None  # what was cut off here is still marked as running
        raise
    finally:
        _This.alone.release()


def _over(since: float | None) -> bool:
    return since is None or monotonic() - since > BEAT.total_seconds()


def beat(now: datetime) -> None:
    """Renew the lease of this worker."""
    Lease.objects.update_or_create(worker=processes.me(), defaults={"until": now + LEASE})
    _This.beaten = monotonic()


def lives(worker: str, now: datetime) -> bool:
    """Looked at where it can be; else for as long as its lease lasts."""
    seen = processes.lives(worker)
    return Lease.objects.filter(worker=worker, until__gt=now).exists() if seen is None else seen


def reclaim(*, now: datetime) -> int:
    """Take up what no living worker works on, to be run again or given up; how many. Called between tasks: what this very
    worker has running then was cut off too."""
    old = Lease.objects.filter(until__lt=now - KEPT)
    if old.exists():  # another may hold the lock of SQLite for long: nothing is written without need
        old.delete()
    taken = 0
    for row in DBTaskResult.objects.running():
        worker = row.worker_ids[-1] if row.worker_ids else ""
        if worker != processes.me() and lives(worker, now):
            continue
        with _held(row) as held:
            if held is None:
                continue
            taken += 1
            log.warning("task of a lost worker", task=row.task_path, id=str(row.pk), tries=len(row.worker_ids))
            if len(held.worker_ids) < TRIES:
                _again(held, now)
            else:
                _give_up(held, now, LOST)
    return taken


@contextmanager
def _held(row: Row) -> Iterator[Row | None]:
    """The row under its lock, if it still runs in the claim that was seen; None when another took it up or ended it."""
    with transaction.atomic():
        held = DBTaskResult.objects.select_for_update().filter(pk=row.pk).first()
        same = held is not None and held.status == "RUNNING" and held.worker_ids == row.worker_ids
        yield held if same else None


def _claimed() -> Row | None:
    ready = DBTaskResult.objects.ready()
    if not ready.exists():
        return None
    with transaction.atomic():
        found = ready.get_locked()
        if found is not None:
            now = timezone.now()
            beat(now)
            found.status, found.started_at, found.worker_ids = "RUNNING", now, [*found.worker_ids, processes.me()]
            found.save(update_fields=["status", "started_at", "worker_ids"])
    return found


def _run(row: Row) -> None:
    """Run a claimed task and say how it ended, unless it was taken from this worker meanwhile."""
    error: BaseException | None = None
    try:
        with _beating():
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except Exception as caught:  # whatever it is: it is kept and told, and the next task has its turn
        error = caught
        if not isinstance(caught, Refused):
            log.error("task failed", task=row.task_path, id=str(row.pk), tries=len(row.worker_ids), exc_info=caught)
        if not connection.in_atomic_block:
            close_old_connections()
    now, tries = timezone.now(), len(row.worker_ids)
    with _held(row) as held:
        if held is None:
            log.warning("task was taken up by another", task=row.task_path, id=str(row.pk))
        elif error is None:
            held.status, held.finished_at, held.exception_class_path, held.traceback = "SUCCESSFUL", now, "", ""
            held.save(update_fields=["status", "finished_at", "exception_class_path", "traceback"])
        elif isinstance(error, BUSY) and tries < TRIES:
            _again(held, now + PAUSES[tries - 1])
        else:
            _give_up(held, now, _why(error), error)


def _why(error: BaseException) -> str:
    """For the row that waits: what was refused in its own words, else that the program erred."""
    if not isinstance(error, Refused):
        return BROKEN
    return gettext(error.message) % error.params if error.params else error.message


def resume(*, now: datetime) -> int:
    """Rows that wait though nobody works on them and no task will (it went with a restored backup, or is of an older program):
    their task is enqueued anew, or they are given up where it failed; how many."""
    found = 0
    for path, known in JOBS.items():
        for pk in list(known.waits().values_list("pk", flat=True)):
            with transaction.atomic():
                if known.waits().select_for_update().filter(pk=pk).first() is None:
                    continue
                tasks = DBTaskResult.objects.filter(task_path=path)
                states = {t.status for t in tasks if t.args_kwargs["args"] == [pk]}
                if states & {"READY", "RUNNING"}:
                    continue
                found += 1
                if "FAILED" in states:
                    known.given_up(pk, BROKEN, now)
                else:
                    known.task.enqueue(pk)
    return found


def prune(*, now: datetime) -> int:
    """Forget the results of tasks that ended long ago; how many."""
    return DBTaskResult.objects.finished().filter(finished_at__lt=now - RESULTS).delete()[0]


def _again(held: Row, when: datetime) -> None:
    held.status, held.started_at, held.run_after = "READY", None, when
    held.save(update_fields=["status", "started_at", "run_after"])


def _give_up(held: Row, now: datetime, why: str, error: BaseException | None = None) -> None:
    """Failed for good: say so in the row of the task, and in the row that waits for it."""
    held.status, held.finished_at = "FAILED", now
    held.exception_class_path = f"{type(error).__module__}.{type(error).__qualname__}" if error is not None else ""
    held.traceback = "".join(format_exception(error)) if error is not None else why
    held.save(update_fields=["status", "finished_at", "exception_class_path", "traceback"])
    try:
        with transaction.atomic():
            _ = held.task  # imports the module in which the job stands
            JOBS[held.task_path].given_up(held.args_kwargs["args"][0], why, now)
    except Exception as other:  # the task itself is marked, and others have their turn
        log.error("row of a failed task", task=held.task_path, id=str(held.pk), exc_info=other)


@contextmanager
def _beating() -> Iterator[None]:
    """Renew the lease all the while, on a connection of its own."""
    ended = threading.Event()

    def beats() -> None:
        try:
            while not ended.wait(BEAT.total_seconds()):
                try:
                    beat(timezone.now())
                except BUSY as error:  # a task that writes much holds the lock of SQLite; its process is looked at then
                    log.warning("lease not renewed", error=str(error))
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beats, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LEASE.total_seconds())
