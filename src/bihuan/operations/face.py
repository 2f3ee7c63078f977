"""What operations say of themselves."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import StreamKind, for_audit

from . import integrity
from .models import Check


def _found(e: Event, names: Names) -> list[str]:
    title = next((str(k.title) for k in integrity.CHECKS if k.name == e.data["check"]), e.data["check"])
    return [title, _("%(n)s faults") % {"n": e.data["found"]} if e.data["found"] else _("all holds")]


def beat(now: datetime) -> None:
    """A sign of life of the worker."""


def register() -> None:
    """Events, streams and duties of operations."""
    events.register(EventType("Proven", N("checked the record"), {"check": "code", "found": "int"}, notes=_found))
    streams.register(StreamKind("proof", N("checks of the record"), seen=for_audit(N("checks of the record"))))
    streams.leave_out(N("how each check went last; the event of the check is in the record"), Check)
    duties.register(
        duties.Duty("beat", N("a sign of life"), beat, every=timedelta(minutes=1), order=1),
        duties.Duty(
            "proof",
            N("the nightly check of the whole record"),
            lambda now: integrity.prove(now),
            daily=time(2, 0),
            alone=True,
            order=200,
        ),
    )
