"""What the room of notices says of itself: nothing here is decided by a stream, since notices only repeat what streams tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import duties, streams

from . import services
from .models import Channel, Cursor, Delivery, Notice


def gather(now: datetime) -> Any:
    """Read on until nothing new is left; how many events."""
    read = 0
    while n := services.gather(at=now):
        read += n
    return read


def register() -> None:
    """Tables outside the record, and the duties of telling people."""
    streams.leave_out(N("repeats to one person what an event tells, and when it was seen"), Notice)
    streams.leave_out(N("how far notices have read the record"), Cursor)
    streams.leave_out(
        N("a person's own way of being told, with its secret: a personal choice that nothing official follows"), Channel
    )
    streams.leave_out(N("messages on their way out of the house"), Delivery)
    duties.register(
        duties.Duty("notices", N("telling people what concerns them"), gather, order=80),
        duties.Duty(
            "messages", N("sending messages out of the house"), lambda now: services.send_due(at=now), order=81
        ),
    )
