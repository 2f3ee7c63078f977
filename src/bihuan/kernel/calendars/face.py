"""What the calendars say of themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import StreamKind, Table, for_everybody

from .models import HolidayNotice


def _number(e: Event, names: Names) -> list[str]:
    return [e.data["number"]]


def register() -> None:
    """Events and streams of notices and closures."""
    days = {"year": "int", "number": "text", "issued": "date", "days_off": "{text}", "makeup_days": "{text}"}
    events.register(
        EventType("NoticeLoaded", N("loaded a notice of holidays"), days, notes=_number),
        EventType("ClosureDeclared", N("declared a closure"), {**days, "territory": "code"}, notes=_number),
    )
    streams.register(
        StreamKind(
            "calendar",
            N("notices of holidays and closures"),
            seen=for_everybody(N("notices of holidays and closures"), "calendars"),
            tables=(Table(HolidayNotice, lambda n: f"calendar:{n.pk}"),),
        )
    )
