"""What the room of assessment says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from .panels import PANELS

TYPES = (
    EventType(
        "AppealDecided",
        N("decided the appeal"),
        {
            "answer": "str",
            "item": "str",
            "key": "str",
            "level": "str",
            "points": "int",
            "tell": "[unit]",
            "title": "str",
            "total": "int",
            "unit": "str",
            "upheld": "bool",
            "year": "int",
        },
        why="assessed",
        urgent=True,
        said=N("the appeal is decided"),
    ),
    EventType(
        "Appealed",
        N("appealed"),
        {
            "due": "date",
            "files": "[str]",
            "item": "str",
            "key": "str",
            "tell": "[unit]",
            "text": "str",
            "title": "str",
            "unit": "str",
            "year": "int",
        },
        why="decider",
        urgent=True,
        said=N("an appeal waits to be decided"),
    ),
    EventType(
        "AssessmentOpened",
        N("opened the assessment"),
        {"key": "str", "tell": "[unit]", "title": "str", "unit": "str", "year": "int"},
    ),
    EventType(
        "Marked",
        N("changed an item"),
        {
            "files": "[str]",
            "item": "str",
            "key": "str",
            "points": "int",
            "side": "str",
            "tell": "[unit]",
            "text": "str",
            "title": "str",
            "unit": "str",
            "year": "int",
        },
        why="assessed",
        said=N("the assessor changed an item"),
    ),
    EventType(
        "ResultAnnounced",
        N("announced the result"),
        {
            "digest": "str",
            "key": "str",
            "level": "str",
            "tell": "[unit]",
            "title": "str",
            "total": "int",
            "unit": "str",
            "until": "date",
            "year": "int",
        },
        why="assessed",
        urgent=True,
        said=N("the result is announced; the time to appeal runs"),
    ),
    EventType(
        "ResultFinal",
        N("made the result final"),
        {"key": "str", "level": "str", "tell": "[unit]", "title": "str", "total": "int", "unit": "str", "year": "int"},
        why="assessed",
        said=N("the result is final"),
    ),
    EventType(
        "ReviewAsked",
        N("asked for the self-review"),
        {"key": "str", "tell": "[unit]", "title": "str", "unit": "str", "year": "int"},
        why="assessed",
        urgent=True,
        said=N("the self-review is due"),
    ),
    EventType("SchemeKept", N("kept an edition of the scheme"), None),
    EventType(
        "ScoreTaken",
        N("took the score"),
        {
            "digest": "str",
            "key": "str",
            "level": "str",
            "period": "str",
            "tell": "[unit]",
            "title": "str",
            "total": "int",
            "unit": "str",
            "year": "int",
        },
        why="assessed",
        said=N("the score of the period was taken"),
    ),
    EventType(
        "SelfReviewed",
        N("finished the self-review"),
        {"claims": "int", "key": "str", "title": "str", "unit": "str", "year": "int"},
    ),
    EventType(
        "Vetoed",
        N("used the veto or took it back"),
        None,
        why="assessed",
        urgent=True,
        said=N("the veto was used or taken back"),
    ),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind("assessment", N("assessments")),
        StreamKind("scheme", N("schemes of assessment")),
    )
