"""What the room of supervision says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from .models import Draw, Objection, SecondLook
from .panels import PANELS
from .selectors import draws_visible_to, looks_visible_to, objections_visible_to
from .services import stream_of

ABOUT = {
    "matter": "id|null", "against": "code", "round": "int", "title": "text", "confidential": "bool", "tell": "[unit]",
}  # fmt: skip
"""What every event of an objection says: about which matter or what else, against which step of which round."""


def _against(e: Event) -> list[str]:
    return [str(Objection.Against(e.data["against"]).label), e.data["title"]]


def _objected(e: Event, names: Names) -> list[str]:
    return [*_against(e), _("to be decided until %(day)s") % {"day": day(e.data["due"])}]


def _decided(e: Event, names: Names) -> list[str]:
    told = [_("upheld") if e.data["upheld"] else _("not upheld"), *_against(e)]
    return [*told, _("raised anew as #%(n)s") % {"n": e.data["again"]}] if e.data["again"] else told


def _drawn(e: Event, names: Names) -> list[str]:
    d = e.data
    share = _("%(n)s of %(of)s closed matters, %(percent)s of a hundred") % {"n": len(d["drawn"]), "of": len(d["among"]), "percent": d["percent"]}  # fmt: skip
    return [d["month"], share, "、".join(f"#{n}" for n in d["drawn"])]


def _looked(e: Event, names: Names) -> list[str]:
    return [f"#{e.data['matter']}", _("really solved") if e.data["good"] else _("not solved")]


TYPES = (
    EventType(
        "Objected", N("objected"), {**ABOUT, "reason": "text", "due": "date"}, notes=_objected, text="reason", why="decider",
        urgent=True, said=N("an objection waits to be decided"),
    ),
    EventType(
        "ObjectionDecided", N("decided an objection"), {**ABOUT, "upheld": "bool", "answer": "text", "again": "id|null"},
        notes=_decided, text="answer", why="objector", urgent=True, said=N("the objection is decided"),
    ),
    EventType(
        "LotDrawn", N("drew a lot"),
        {
            "mechanism": "code", "month": "month", "percent": "percent", "seed": "hash", "among": "[id]", "drawn": "[id]", "title": "text",
            "tell": "[unit]",
        },
        notes=_drawn, why="looker", said=N("second looks fell to your unit"),
    ),
    EventType("LookedAgain", N("looked again"), {"matter": "id", "good": "bool", "findings": "text"}, notes=_looked, text="findings"),
)  # fmt: skip


def _objection_seen(viewer: Any, name: str) -> Sight | None:
    """Whoever sees all objections of the stream; one matter may have several, of different units."""
    if name.isascii() and name.isdigit():
        rows = Objection.objects.filter(matter=int(name))
    else:
        rows = Objection.objects.filter(about=name, matter=None).exclude(about="")
    found = list(rows)
    if not found or objections_visible_to(viewer).filter(pk__in=[o.pk for o in found]).count() < len(found):
        return None
    return Sight(_("Objection to %(n)s") % {"n": found[0]}, "objections")


def _draw_seen(viewer: Any, name: str) -> Sight | None:
    """Whoever sees all looks of the lot: its events tell what each of them found."""
    row = draws_visible_to(viewer).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    if row is None or looks_visible_to(viewer).filter(draw=row).count() < row.looks.count():
        return None
    return Sight(_("Second looks, %(month)s") % {"month": row.month}, "second_looks")


def register() -> None:
    """Events, streams and panels of objections and lots."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "objection", N("objections"), seen=_objection_seen, opens=lambda name: ("objections", ()), tables=(Table(Objection, stream_of),),
        ),
        StreamKind(
            "draw", N("second looks drawn by lot"), seen=_draw_seen, opens=lambda name: ("second_looks", ()),
            tables=(Table(Draw, lambda d: f"draw:{d.pk}"), Table(SecondLook, lambda s: f"draw:{s.draw_id}")),
        ),
    )  # fmt: skip
