"""What the room of promotion says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType("FiguresImported", N("brought a sheet of figures"), None),
    EventType("LinkEnded", N("ended a link for demands"), None),
    EventType("LinkMade", N("made a link for demands"), {"unit": "str", "until": "date"}),
    EventType("SchemeChosen", N("chose a scheme of lights"), None),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("promotion", N("schemes of lights")),
        StreamKind("figures", N("sheets of figures")),
    )
