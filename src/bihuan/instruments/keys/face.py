"""What the room of keys says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

TYPES = (
    EventType("KeyMade", N("made a key for another system"), {"name": "text"}),
    EventType("KeyEnded", N("ended a key"), {}),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    streams.register(
        StreamKind("key", N("keys of other systems")),
    )
