"""Whether an installation works, in one answer: the worker's duties, the record's proof, the key, the copy, the disk."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from bihuan.instruments.jobs.selectors import last_beat, stuck
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.clockguard import clock_state
from bihuan.kernel.registry.duties import duties
from bihuan.kernel.registry.models import DutyRun

from . import integrity

STALE = timedelta(days=2)
"""A nightly check that was not made for so long is a fault."""
QUIET = timedelta(minutes=5)
"""A worker that gave no sign for so long does not run."""
LITTLE = 500 * 2**20
"""Bytes that must be free on the disk of the evidence."""


def worker_silent(now: datetime) -> tuple[bool, datetime | None]:
    """Whether no worker gave a sign of life lately, and when one last did (None: never). Inside a long task its lease is the sign."""
    signs = [DutyRun.objects.filter(pk="beat").values_list("done_at", flat=True).first(), last_beat()]
    last = max((s for s in signs if s), default=None)
    return last is None or now - last > QUIET, last


def state(now: datetime) -> dict[str, Any]:
    """What holds and what does not, ready for JSON.

    {ok, at, faults: [sentence], checks: {name: {at, held_at, found, faults, looked_at}}, duties: {name: {done_at, failures, error}},
    tasks: [{name, key, state, since, tries, error}], …}.
    """
    faults: list[str] = []
    checks: dict[str, Any] = {}
    for kind, row in integrity.latest():
        if row is None:
            checks[kind.name] = None
            continue
        checks[kind.name] = {
            "at": row.at.isoformat(), "held_at": row.held_at.isoformat() if row.held_at else None, "found": row.found,
            "faults": row.faults, "looked_at": row.looked_at,
        }  # fmt: skip
        if row.found:
            faults.append(f"{kind.name}: {row.found} faults, first: {row.faults[0]}")
        elif now - row.at > STALE:
            faults.append(f"{kind.name}: last made {row.at.isoformat()}")
    runs = {r.name: r for r in DutyRun.objects.all()}
    told = {}
    for duty in duties:
        run = runs.get(duty.name)
        told[duty.name] = {
            "done_at": run.done_at.isoformat() if run and run.done_at else None, "failures": run.failures if run else 0,
            "error": run.error if run else "",
        }  # fmt: skip
        if run and run.failures:
            faults.append(f"duty {duty.name}: failed {run.failures} times in a row, {run.error}")
    if worker_silent(now)[0]:
        faults.append("worker: no sign of life in the last five minutes")
    tasks = stuck(now)
    faults += [
        f"task {t.name} {t.key}: {t.state} since {t.since.isoformat()}, begun {t.tries} times"
        + (f", {t.error}" if t.error else "")
        for t in tasks
    ]
    clock = clock_state(now)
    if clock.state != "fine":
        faults.append(
            f"clock: {clock.state} of the newest entry {clock.seen}; the worker waits for “bihuan clock accept”"
        )
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LITTLE:
        faults.append(f"disk: {free // 2**20} MiB free")
    head = checkpoints.latest()
    return {
        "ok": not faults, "at": now.isoformat(), "faults": faults, "checks": checks, "duties": told,
        "tasks": [{**asdict(t), "name": str(t.name), "since": t.since.isoformat()} for t in tasks], "free_bytes": free, "clock": clock.state,
        "checkpoint": {"size": head.size, "at": head.at.isoformat()} if head else None,
    }  # fmt: skip
