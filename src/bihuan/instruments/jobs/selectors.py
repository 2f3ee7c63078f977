"""How the work of the worker stands, for who looks after the system."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max
from django_tasks_db.models import DBTaskResult

from .job import JOBS
from .models import Lease
from .running import LEASE, Row, lives

PATIENCE = timedelta(minutes=5)
"""How long a task may wait or lie with a dead worker before that is worth a word."""


@dataclass(frozen=True)
class Stuck:
    """A task that failed for good, waits with nobody to do it, or lies with a worker that died.

    `name` is a msgid, `key` that of the row worked on, `state` failed, waiting or lost; `error` the class of the error, if any.
    """

    name: str
    key: int
    state: str
    since: datetime
    tries: int
    error: str


def stuck(now: datetime) -> list[Stuck]:
    """What does not go on by itself, the newest first. What failed stays for as long as results are kept (14 days)."""
    found = [_stuck(r, "failed", r.finished_at or now) for r in DBTaskResult.objects.failed()]
    found += [
        _stuck(r, "waiting", r.enqueued_at) for r in DBTaskResult.objects.ready().filter(enqueued_at__lt=now - PATIENCE)
    ]
    for r in DBTaskResult.objects.running().filter(started_at__lt=now - PATIENCE):
        if not lives(r.worker_ids[-1] if r.worker_ids else "", now):
            found.append(_stuck(r, "lost", r.started_at or now))
    return sorted(found, key=lambda s: s.since, reverse=True)


def _stuck(row: Row, state: str, since: datetime) -> Stuck:
    with suppress(ImportError):
        _ = row.task  # imports the module in which the job stands
    known = JOBS.get(row.task_path)
    args = row.args_kwargs["args"]
    return Stuck(
        known.name if known else row.task_path,
        args[0] if args else 0,
        state,
        since,
        len(row.worker_ids),
        row.exception_class_path,
    )


def last_beat() -> datetime | None:
    """When a worker was last heard of; None when never."""
    until: datetime | None = Lease.objects.aggregate(last=Max("until"))["last"]
    return until - LEASE if until else None
