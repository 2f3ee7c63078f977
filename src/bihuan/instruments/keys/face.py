"""What the room of keys says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from .models import Key


def _name(e: Event, names: Names) -> list[str]:
    return [e.data["name"]]


TYPES = (
    EventType("KeyMade", N("made a key for another system"), {"name": "text"}, notes=_name),
    EventType("KeyEnded", N("ended a key"), {}),
)


def stream_of(key: Any) -> str:
    """The name of a key's stream."""
    return f"key:{key.pk}"


def _seen(viewer: Any, name: str) -> Sight | None:
    row = Key.objects.filter(owner=viewer.person, pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.name, "keys") if row else None


def register() -> None:
    """Events and streams of keys."""
    events.register(*TYPES)
    streams.register(
        StreamKind(
            "key", N("keys of other systems"), seen=_seen,
            tables=(
                Table(Key, stream_of, undecided={"used": N("only tells when the key was used last, and holds no right")}),
            ),
        )
    )  # fmt: skip
