"""What the room of documents says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType("PaperEdited", N("replaced the draft"), None),
    EventType(
        "PaperIssued",
        N("issued the paper"),
        {
            "about": "str",
            "confidential": "bool",
            "edited": "bool",
            "file": "str",
            "kind": "str",
            "number": "str",
            "tell": "[unit]",
            "template": "str",
            "title": "str",
        },
        why="reader",
        said=N("a paper was issued"),
    ),
    EventType("TemplateTaken", N("brought a template"), None),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("paper", N("official papers")),
        StreamKind("template", N("templates of papers")),
    )
