"""What the room of commendation says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType(
        "Commended",
        N("commended"),
        {"nominee": "int", "of": "str", "post": "str", "tell": "[unit]", "title": "str"},
        why="concerned",
        said=N("commended"),
    ),
    EventType(
        "Nominated",
        N("nominated"),
        {"checks": "[{}]", "nominee": "int", "of": "str", "post": "str", "tell": "[unit]", "title": "str"},
        why="decider",
        said=N("a nomination came in"),
    ),
    EventType(
        "NominationsCalled",
        N("called for nominations"),
        {"level": "str", "people": "int", "tell": "[unit]", "title": "str", "units": "int", "year": "int"},
        why="reader",
        said=N("nominations are called for"),
    ),
    EventType(
        "NomineeReviewed",
        N("reviewed a nominee"),
        {"nominee": "int", "passed": "bool", "stage": "str", "tell": "[unit]", "text": "str", "title": "str"},
        why="concerned",
        said=N("a nominee was reviewed"),
    ),
    EventType(
        "NoticePosted",
        N("put up a public notice"),
        {"nominee": "int", "stage": "str", "tell": "[unit]", "title": "str", "until": "date"},
        why="concerned",
        said=N("a public notice runs"),
    ),
    EventType(
        "Spoken",
        N("spoke against a nominee"),
        None,
        why="decider",
        urgent=True,
        said=N("somebody spoke against a nominee"),
    ),
    EventType(
        "VoiceAnswered", N("answered what was said"), None, why="concerned", said=N("what you said was answered")
    ),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("commendation", N("commendations")),
    )
