"""What the room of premises says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .parts import register_parts

TYPES = (
    EventType("PremisesImported", N("brought a list of premises"), None),
    EventType("RulesLoaded", N("loaded a table of rules"), None),
)


def register() -> None:
    """Events and streams, and how the parts of a premises' file are told."""
    register_parts()
    events.register(*TYPES)
    streams.register(
        StreamKind("rules", N("tables of rules")),
        StreamKind("premises-import", N("lists of premises")),
    )
