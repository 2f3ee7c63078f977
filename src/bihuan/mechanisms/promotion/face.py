"""What the room of promotion says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.files.filing import stream_of
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day, own_name

from .catalogue import light_schemes
from .models import Choice, DemandLink, FigureImport
from .panels import PANELS
from .services import LIGHTS, coordinates

COUNTS = {
    "new": N("new: %(n)s"),
    "changed": N("changed: %(n)s"),
    "same": N("unchanged: %(n)s"),
    "refused": N("refused: %(n)s"),
}


def _scheme(e: Event, names: Names) -> list[str]:
    found = light_schemes().get(e.data["scheme"])
    return [own_name(found) if found else e.data["scheme"]]


def _link(e: Event, names: Names) -> list[str]:
    until = e.data.get("until")
    return [names.unit(e.data["unit"]), *([_("until %(day)s") % {"day": day(until)}] if until else [])]


def _sheet(e: Event, names: Names) -> list[str]:
    return [e.data["name"], e.data["month"]]


def _counts(e: Event, names: Names) -> list[str]:
    return [e.data["name"], *(str(COUNTS[k]) % {"n": n} for k, n in e.data["counts"].items() if n)]


def _named(e: Event, names: Names) -> list[str]:
    return [e.data["name"]]


TYPES = (
    EventType("SchemeChosen", N("chose a scheme of lights"), {"scheme": "code"}, notes=_scheme),
    EventType("LinkMade", N("made a link for demands"), {"unit": "unit", "until": "date"}, notes=_link),
    EventType("LinkEnded", N("ended a link for demands"), {"unit": "unit"}, notes=_link),
    EventType("FiguresRead", N("brought a sheet of figures"), {"file": "hash", "name": "text", "month": "month"}, notes=_sheet),
    EventType(
        "FiguresImported", N("wrote a sheet of figures into the files"), {"file": "hash", "name": "text", "counts": "{int}"},
        notes=_counts,
    ),
    EventType("FiguresDropped", N("dropped a sheet of figures"), {"file": "hash", "name": "text"}, notes=_named),
)  # fmt: skip


def _lights_seen(viewer: Any, name: str) -> Sight | None:
    return Sight(_("Lights of projects"), "lights") if f"promotion:{name}" == LIGHTS and coordinates(viewer) else None


def _figures_seen(viewer: Any, name: str) -> Sight | None:
    rows = FigureImport.objects.filter(unit__code__in=viewer.acting)
    row = rows.filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.name, "figures", (row.pk,)) if row else None


def register() -> None:
    """Events and streams; links for demands are decided by the streams of their projects."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("promotion", N("schemes of lights"), seen=_lights_seen, tables=(Table(Choice, lambda c: LIGHTS),)),
        StreamKind(
            "figures", N("sheets of figures"), seen=_figures_seen, tables=(Table(FigureImport, lambda f: f"figures:{f.pk}"),)
        ),
    )  # fmt: skip
    streams.extend("subject", Table(DemandLink, lambda x: stream_of(x.subject)))
