"""Duties of the worker: each runs apart, at its own interval; what fails is named, counted and tried again with growing pauses."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Q

from bihuan.kernel.domain.clocks import ZONE, local_day

from .models import DutyRun
from .registry import Registry

log = structlog.get_logger()
PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=2))
"""After so many failures in a row a duty waits so long; the last pause stays."""
CLAIMED_FOR = timedelta(hours=3)
"""A duty that one worker began this long ago and never ended is taken by another."""


@dataclass(frozen=True)
class Duty:
    """What the worker does again and again.

    `run(now)` does it and says how much it did; every `every`, or once a day from the local time `daily` on, or at each look. `alone`:
    only one worker at a time.
    `order`: what decides comes before what tells of it.
    """

    name: str
    title: Any
    run: Callable[[datetime], Any]
    every: timedelta | None = None
    daily: time | None = None
    alone: bool = False
    order: int = 100


duties: Registry[Duty] = Registry("duty")


def register(*found: Duty) -> None:
    """Say duties."""
    for duty in found:
        duties.add(duty.name, duty)


def run_due(now: datetime, only: Container[str] | None = None) -> dict[str, Any]:
    """Do every duty that is due, or those of these names, each apart; what each said it did. Nothing that one of them raises keeps another from its turn."""
    have = {r.name: r for r in DutyRun.objects.all()}
    done = {}
    for duty in sorted(duties, key=lambda d: d.order):
        row = have.get(duty.name)
        if only is not None and duty.name not in only:
            continue
        if row is None or _due(duty, row, now):
            said = _run(duty, row, now)
            if said:
                done[duty.name] = said
    return done


def _due(duty: Duty, row: DutyRun, now: datetime) -> bool:
    if row.next_at is not None and row.failures and now < row.next_at:
        return False
    if row.done_at is None or row.failures:
        return True
    if duty.daily is not None:
        return row.done_at < _last(duty.daily, now)
    if duty.every is None:
        return True
    return now >= row.done_at + duty.every or now < row.done_at


def _last(at: time, now: datetime) -> datetime:
    """The last moment before now at which this local time came."""
    today = datetime.combine(local_day(now), at, ZONE)
    return today if today <= now else today - timedelta(days=1)


def _run(duty: Duty, row: DutyRun | None, now: datetime) -> Any:
    """Do one duty; None when another worker has it, or it failed."""
    if row is None:
        row, _ = DutyRun.objects.get_or_create(name=duty.name)
    if duty.alone and not _claimed(row, now):
        return None
    try:
        said = duty.run(now)
    except OperationalError as error:
        _end_transaction()
        log.warning("database busy", duty=duty.name, error=str(error))
        return _failed(duty, row, now, error, busy=True)
    except Exception as error:
        _end_transaction()
        log.error("duty failed", duty=duty.name, error=str(error), exc_info=True)
        return _failed(duty, row, now, error)
    if duty.every is not None or duty.daily is not None or row.failures or duty.alone:
        DutyRun.objects.filter(pk=row.pk).update(done_at=now, failures=0, error="", next_at=None, begun_at=None)
    return said


def _claimed(row: DutyRun, now: datetime) -> bool:
    free = Q(begun_at=None) | Q(begun_at__lt=now - CLAIMED_FOR)
    same = Q(done_at=row.done_at) if row.done_at else Q(done_at=None)
    return bool(DutyRun.objects.filter(free & same, pk=row.pk).update(begun_at=now))


def _end_transaction() -> None:
    """Leave nothing open that the fault left open."""
    if not connection.in_atomic_block and connection.connection is not None and not connection.is_usable():
        connection.close()


def _failed(duty: Duty, row: DutyRun, now: datetime, error: Exception, *, busy: bool = False) -> None:
    failures = row.failures + 1
    pause = timedelta(0) if busy and failures < 5 else PAUSES[min(failures, len(PAUSES)) - 1]
    told = f"{type(error).__name__}: {error}"[:500]
    try:
        with transaction.atomic():
            DutyRun.objects.filter(pk=row.pk).update(
                failures=failures, failed_at=now, error=told, next_at=now + pause, begun_at=None
            )
    except OperationalError as again:
        log.warning("database busy", duty=duty.name, error=str(again))
