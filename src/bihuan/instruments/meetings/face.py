"""What the room of meetings says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType("AgendaOrdered", N("ordered the agenda"), None),
    EventType("AgendaSet", N("set the agenda"), {"titles": "[str]"}),
    EventType(
        "Decided",
        N("took a decision down"),
        {"decision": "int", "due": "date", "lead": "str", "subject": "str", "task": "str"},
    ),
    EventType("DecisionConfirmed", N("confirmed a decision"), {"decision": "int", "matter": "int"}),
    EventType("DecisionStruck", N("struck a decision"), None),
    EventType("Invited", N("invited units"), {"units": "[str]"}),
    EventType(
        "MeetingCalled",
        N("called the meeting"),
        {"tell": "[unit]", "title": "str"},
        why="invited",
        urgent=True,
        said=N("the meeting is called"),
    ),
    EventType(
        "MeetingCancelled",
        N("cancelled the meeting"),
        None,
        why="invited",
        urgent=True,
        said=N("the meeting is cancelled"),
    ),
    EventType("MeetingHeld", N("ended the meeting"), {"came": "int", "matters": "[int]"}),
    EventType(
        "MeetingPrepared",
        N("prepared a meeting"),
        {"branches": "[str]", "kind": "str", "place": "str", "serial": "int", "starts": "moment", "title": "str"},
    ),
    EventType("SignedIn", N("came to the meeting"), {"venue": "str"}),
    EventType("Uninvited", N("took an invitation back"), None),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("meeting", N("meetings")),
    )
