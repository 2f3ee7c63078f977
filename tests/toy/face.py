"""What the toy says of itself: all that anything else needs to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import duties, events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.pages import Line, Menu, Panel
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from .models import Vow
from .services import vows_keep


def _until(e: Event, names: Names) -> list[str]:
    return [names.unit(e.data["unit"]), e.data["until"]]


def _seen(viewer: Any, name: str) -> Sight | None:
    row = Vow.objects.filter(pk=name, unit__code__in=viewer.codes).first()
    return Sight(row.text, "mechanism", ("toy",)) if row else None


def _desk(viewer: Any, about: None, now: datetime) -> list[Line]:
    return [
        Line("vow", v.text, "mechanism", ("toy",)) for v in Vow.objects.filter(unit__code__in=viewer.acting, kept=False)
    ]


def register() -> None:
    """Everything."""
    events.register(
        EventType(
            "VowMade",
            "made a vow",
            {"unit": "unit", "text": "text", "until": "date", "title": "text", "tell": "[unit]"},
            notes=_until,
            text="text",
            why="concerned",
            said="a vow was made",
        ),
        EventType("VowKept", "kept the vow", {"unit": "unit"}, tone="good"),
    )
    streams.register(StreamKind("toy", "vows", seen=_seen, tables=(Table(Vow, lambda v: f"toy:{v.pk}"),)))
    duties.register(duties.Duty("toy", "keeping vows", vows_keep))
    pages.register(Menu("toy", "mechanisms", "Vows", "flame", "mechanism", ("toy",)), Panel("vows", "desk", _desk))
