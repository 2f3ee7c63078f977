"""What the room of administration says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

TYPES = (EventType("Denied", N("was refused"), None),)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    streams.register(
        StreamKind("denied", N("refused acts")),
    )
