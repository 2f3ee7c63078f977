"""What the room of documents says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.jobs import job
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import own_name

from . import services
from .catalogue import kinds
from .models import Paper, Reader, Series, Template
from .panels import PANELS
from .selectors import papers_visible_to
from .services import stream_of_template


def kind_name(kind: str) -> str:
    """The name of a kind of paper in the reader's language; the kind itself where the catalogue does not know it."""
    found = kinds().get(kind)
    return own_name(found) if found else kind


def _asked(e: Event, names: Names) -> list[str]:
    told = [kind_name(e.data["kind"]), e.data["title"]]
    return [*told, _("for: %(units)s") % {"units": names.unit_list(e.data["readers"])}] if e.data["readers"] else told


def _kind(e: Event, names: Names) -> list[str]:
    return [kind_name(e.data["kind"]), e.data["name"]]


def _issued(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [d["number"] or d["title"]]
    return [*told, _("for: %(units)s") % {"units": names.unit_list(d["tell"])}] if d["tell"] else told


def _number(e: Event, names: Names) -> list[str]:
    return [e.data["number"]]


TYPES = (
    EventType(
        "PaperAsked", N("asked for a paper"), {"kind": "code", "title": "text", "about": "stream|''", "readers": "[unit]"}, notes=_asked
    ),
    EventType("PaperWritten", N("wrote the draft"), {"file": "hash", "template": "hash|''"}),
    EventType("PaperFailed", N("could not write the draft"), {"error": "text"}, tone="bad", text="error"),
    EventType("PaperAskedAgain", N("asked for the draft once more")),
    EventType("PaperEdited", N("replaced the draft"), {"file": "hash", "title": "text"}),
    EventType("PaperDropped", N("dropped the draft")),
    EventType(
        "PaperIssued", N("issued the paper"),
        {
            "kind": "code", "title": "text", "number": "text", "file": "hash", "template": "hash|''", "edited": "bool", "about": "stream|''",
            "tell": "[unit]", "confidential": "bool",
        },
        notes=_issued, tone="good", why="reader", said=N("a paper was issued"),
    ),
    EventType("NumberGiven", N("gave a number"), {"paper": "id", "number": "text"}, notes=_number),
    EventType("TemplateTaken", N("brought a template"), {"kind": "code", "name": "text", "file": "hash"}, notes=_kind),
)  # fmt: skip


def _paper_seen(viewer: Any, name: str) -> Sight | None:
    row = papers_visible_to(viewer).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.title, "paper", (row.pk,)) if row else None


def _series_seen(viewer: Any, name: str) -> Sight | None:
    """People of the unit that gives the numbers."""
    mine = Series.objects.filter(unit__in=viewer.units)
    row = mine.filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(f"{kind_name(row.kind)} {row.year}", "papers") if row else None


def _template_seen(viewer: Any, name: str) -> Sight | None:
    """People who act for the unit that brought it."""
    unit, _mark, kind = name.partition(":")
    rows = Template.objects.filter(unit__code=unit, kind=kind, unit__code__in=viewer.acting)
    return Sight(kind_name(kind), "template", (kind,)) if rows.exists() else None


def register() -> None:
    """Events, streams and panels of papers."""
    events.register(*TYPES)
    job.say(services.write)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "paper", N("official papers"), seen=_paper_seen,
            tables=(Table(Paper, lambda p: f"paper:{p.pk}"), Table(Reader, lambda r: f"paper:{r.paper_id}")),
        ),
        StreamKind("series", N("numbers of papers"), seen=_series_seen, tables=(Table(Series, lambda s: f"series:{s.pk}"),)),
        StreamKind("template", N("templates of papers"), seen=_template_seen, tables=(Table(Template, stream_of_template),)),
    )  # fmt: skip
