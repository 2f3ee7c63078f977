"""What the room of measures says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.supervision.services import UPHELD
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from .models import Measure, Point
from .panels import PANELS
from .services import measures_visible_to, taken_back

ABOUT = {"kind": "code", "unit": "unit", "title": "text"}
"""What every event of a measure says: which kind, about whom, and its title."""


def _proposed(e: Event, names: Names) -> list[str]:
    what = f"{Measure.Kind(e.data['kind']).label} {names.unit(e.data['unit'])}"
    return [what, e.data["basis"], *(f"{p['text']} {day(p['due'])}" for p in e.data["points"])]


def _decided(e: Event, names: Names) -> list[str]:
    matters = [f"#{n}" for n in e.data["matters"]]
    return [_("approved") if e.data["approved"] else _("not approved"), e.data["post"], *matters]


TYPES = (
    EventType(
        "MeasureProposed", N("proposed the measure"),
        {**ABOUT, "basis": "text", "text": "text", "points": "[{}]", "assessment": "id|null"}, notes=_proposed, text="text",
    ),
    EventType(
        "MeasureDecided", N("decided on the measure"),
        {**ABOUT, "approved": "bool", "answer": "text", "post": "text", "matters": "[id]", "tell": "[unit]"}, notes=_decided,
        text="answer", why="concerned", urgent=True, said=N("a measure was decided"),
    ),
    EventType(
        "MeasureHeld", N("recorded that it was held"), {**ABOUT, "text": "text", "tell": "[unit]"}, text="text", why="concerned",
        said=N("it was held"),
    ),
    EventType(
        "MeasureTakenBack", N("took the measure back"), {**ABOUT, "answer": "text", "tell": "[unit]"}, text="answer", why="concerned",
        urgent=True, said=N("the measure is taken back"),
    ),
)  # fmt: skip


def _seen(viewer: Any, name: str) -> Sight | None:
    row = measures_visible_to(viewer).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(str(row), "measure", (row.pk,)) if row else None


def register() -> None:
    """Events and streams of measures; what an upheld objection does to one."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "measure", N("measures"), seen=_seen,
            tables=(Table(Measure, lambda m: f"measure:{m.pk}"), Table(Point, lambda p: f"measure:{p.measure_id}")),
        )
    )  # fmt: skip
    UPHELD.add("measure", taken_back)
