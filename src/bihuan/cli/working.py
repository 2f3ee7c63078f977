"""The worker: its duties, each apart, and the tasks that wait."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any

import structlog
from django.db import OperationalError
from django.utils import timezone

from bihuan.instruments.jobs.running import BUSY, work
from bihuan.kernel.ledger.clockguard import clock_state, mark
from bihuan.kernel.registry.duties import run_due

log = structlog.get_logger()
TASKS_EVERY = 0.5
"""Seconds between looks for papers to be written: somebody sits and waits for them."""


def run_tasks(ended: Callable[[], bool] = lambda: False) -> None:
    """Do what waits in the queue of tasks, one after the other, until `ended`; a busy database is tried again at the next look."""
    try:
        work(ended=ended)
    except BUSY as error:
        log.warning("database busy", error=str(error))


def _rest(seconds: float, ended: Callable[[], bool]) -> None:
    """Wait, but do tasks that come meanwhile."""
    asked = begun = time.monotonic()
    while not ended() and time.monotonic() < begun + seconds:
        time.sleep(0.1)
        if time.monotonic() > asked + TASKS_EVERY:
            asked = time.monotonic()
            run_tasks(ended)


def _duties(now: datetime) -> dict[str, Any]:
    """Do what is due, unless the clock is in doubt: what the worker does cannot be undone, so it shows that it lives and waits."""
    clock = clock_state(now)
    if clock.state != "fine":
        log.error(
            "the clock is in doubt: the system administrator must say that it is right",
            state=clock.state,
            seen=str(clock.seen),
        )
        return run_due(now, only={"beat"})
    mark(now)
    return run_due(now)


def run_worker(every: float, once: bool) -> None:
    """Do what is due again and again until told to stop."""
    stop = False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    parent = os.getppid()
    while not stop:
        try:
            done = _duties(timezone.now())
        except OperationalError as error:
            log.warning("database busy", error=str(error))
        else:
            if done:
                log.info("duties", **done)
        run_tasks(lambda: stop)
        if once:
            return
        _rest(every, lambda: stop or os.getppid() != parent)
        if os.getppid() != parent:
            return  # whoever started this worker is gone
