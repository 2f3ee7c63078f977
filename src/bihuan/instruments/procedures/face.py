"""What the room of procedures says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType(
        "ProcedureStarted",
        N("started a procedure"),
        {"confidential": "bool", "matter": "int", "procedure": "str", "run": "int", "title": "str", "values": "{}"},
    ),
    EventType(
        "StepRecorded",
        N("recorded a step"),
        {
            "confidential": "bool",
            "files": "[{}]",
            "late": "bool",
            "matter": "int",
            "run": "int",
            "step": "str",
            "tell": "[unit]",
            "title": "str",
            "values": "{}",
        },
        why="owes",
        said=N("a legal step is yours"),
    ),
    EventType(
        "StepWarned", N("warned of a legal clock"), None, why="owes", urgent=True, said=N("a legal clock runs out soon")
    ),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("procedure", N("legal procedures")),
    )
