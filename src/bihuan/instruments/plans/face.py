"""What the room of plans says of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from . import services
from .models import Period, Plan


def _made(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [
        d["title"], f"{Plan.Every(d['every']).label} · {d['day']}", _("Lead: %(unit)s") % {"unit": names.unit(d["lead"])},
        _("from %(day)s") % {"day": day(d["start"])},
    ]  # fmt: skip
    return [*told, _("until %(day)s") % {"day": day(d["end"])}] if d["end"] else told


def _period(e: Event, names: Names) -> list[str]:
    told = [e.data["name"], f"#{e.data['matter']}"]
    return [*told, _("made late")] if e.data["late"] else told


TYPES = (
    EventType(
        "PlanMade", N("made a recurring plan"),
        {
            "lead": "unit", "subject": "code", "kind": "code", "title": "text", "every": "code", "day": "int", "workday": "bool",
            "start": "date", "end": "date|null",
        },
        notes=_made,
    ),
    EventType(
        "PeriodMade", N("raised the matter of a period"), {"name": "text", "day": "date", "late": "bool", "matter": "id"}, notes=_period
    ),
    EventType("PlanStopped", N("stopped a recurring plan"), {"reason": "text"}, text="reason"),
)  # fmt: skip


def stream_of(plan: Any) -> str:
    """The name of a plan's stream."""
    return f"plan:{plan.pk}"


def _seen(viewer: Any, name: str) -> Sight | None:
    row = services.plans_of(viewer).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.title, "plans") if row else None


def register() -> None:
    """Events, streams and the duty of plans."""
    events.register(*TYPES)
    streams.register(
        StreamKind(
            "plan", N("recurring plans"), seen=_seen, tables=(Table(Plan, stream_of), Table(Period, lambda p: f"plan:{p.plan_id}"))
        )
    )  # fmt: skip
    duties.register(
        duties.Duty(
            "plans", N("matters of recurring plans"), lambda now: services.run(at=now), every=timedelta(minutes=1), order=20
        )
    )  # fmt: skip
