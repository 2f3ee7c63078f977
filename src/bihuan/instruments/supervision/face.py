"""What the room of supervision says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType("LookedAgain", N("looked again"), None),
    EventType(
        "LotDrawn",
        N("drew a lot"),
        {
            "among": "[int]",
            "drawn": "[int]",
            "mechanism": "str",
            "month": "month",
            "percent": "int",
            "seed": "str",
            "tell": "[unit]",
            "title": "month",
        },
        why="looker",
        said=N("second looks fell to your unit"),
    ),
    EventType("Objected", N("objected"), None, why="decider", urgent=True, said=N("an objection waits to be decided")),
    EventType(
        "ObjectionDecided",
        N("decided an objection"),
        None,
        why="objector",
        urgent=True,
        said=N("the objection is decided"),
    ),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("objection", N("objections")),
        StreamKind("draw", N("second looks drawn by lot")),
    )
