"""What the room of plans says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

TYPES = (
    EventType(
        "PlanMade",
        N("made a recurring plan"),
        {
            "day": "int",
            "end": "str|null",
            "every": "str",
            "kind": "str",
            "lead": "str",
            "start": "date",
            "subject": "str",
            "title": "str",
            "workday": "bool",
        },
    ),
    EventType("PlanStopped", N("stopped a recurring plan"), None),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    streams.register(
        StreamKind("plan", N("recurring plans")),
    )
