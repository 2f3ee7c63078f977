"""What the room of evidence says of itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind, Table, for_audit

from . import services
from .models import Look, Staged, StoredFile


def tidy(now: datetime) -> int:
    """Drop what no form claimed and what nothing names; how much."""
    return services.sweep(at=now) + services.strays(at=now)


def register() -> None:
    """Events, streams and duties of files."""
    events.register(
        EventType("FileStored", N("brought a file"), {"size": "int", "type": "code"}),
        EventType("FileDropped", N("dropped a file that nothing names")),
    )
    streams.register(
        StreamKind(
            "file",
            N("files"),
            seen=for_audit(N("files")),
            tables=(Table(StoredFile, lambda f: services.stream_of(f.pk)),),
        )
    )
    streams.leave_out(N("waits for a form for two days at most"), Staged)
    streams.leave_out(N("follows from the picture"), Look)
    duties.register(
        duties.Duty(
            "tidy", N("dropping uploads that nobody claimed"), tidy, every=timedelta(days=1), alone=True, order=15
        )
    )
