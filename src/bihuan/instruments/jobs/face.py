"""What the room of long work says of itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import duties, streams

from . import running
from .models import Lease


def register() -> None:
    """Duties of long work."""
    streams.leave_out(N("says which worker lives; it is renewed all the while"), Lease)
    duties.register(
        duties.Duty(
            "jobs", N("what waits for a task that is nowhere"), lambda now: running.resume(now=now), every=timedelta(hours=1), order=60
        ),
        duties.Duty(
            "tasks", N("dropping the results of old tasks"), lambda now: running.prune(now=now), every=timedelta(days=1), order=61
        ),
    )  # fmt: skip
