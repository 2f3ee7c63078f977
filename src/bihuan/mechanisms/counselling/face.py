"""What the room of counselling says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.instruments.jobs import job
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from . import together
from .panels import PANELS

TYPES = (
    EventType(
        "Answered",
        N("answered a question"),
        {"due": "date|null", "edition": "month", "kind": "str", "matter": "int|null", "said": "str"},
    ),
    EventType(
        "ApprovalStep",
        N("recorded a step of an approval"),
        {
            "case": "str",
            "code": "int",
            "days": "str|null",
            "decides": "str",
            "edition": "month",
            "item": "str",
            "law": "int|null",
            "mode": "str",
            "n": "int",
            "notice": "str",
            "opinion": "str",
            "reason": "str",
            "subject": "str",
            "tell": "[unit]",
            "title": "str",
            "until": "date|null",
            "what": "str",
        },
        why="concerned",
        said=N("an approval went a step"),
    ),
    EventType("ApprovalWarned", N("warned of a clock"), None, why="owes", urgent=True, said=N("an approval falls due")),
    EventType(
        "Asked",
        N("put a question"),
        {
            "item": "str",
            "session": "int",
            "subject": "str",
            "tell": "[unit]",
            "text": "str",
            "title": "str",
            "to": "str",
        },
        why="owes",
        said=N("a question waits for your answer"),
    ),
    EventType("CallBackDue", N("reminded of a call-back"), None, why="owes", said=N("a call-back is due")),
    EventType(
        "CalledBack",
        N("called the enterprise back"),
        {"after": "int", "answers": "{}", "matters": "[]", "said": "str", "satisfaction": "int", "solved": "bool"},
    ),
    EventType(
        "LapseWarned",
        N("warned that a permit lapses"),
        None,
        why="concerned",
        urgent=True,
        said=N("a permit lapses soon"),
    ),
    EventType("OfficersSet", N("laid down how many officers decide"), None),
    EventType("Outdated", N("marked an answer as no longer true"), None),
    EventType(
        "Published",
        N("kept an answer for everybody"),
        {"basis": "str", "edition": "month", "from": "int", "item": "str", "question": "str", "said": "str"},
    ),
    EventType("SessionBegun", N("prepared a session"), {"minutes": "int", "phase": "str"}),
    EventType("SessionChosen", N("chose the projects of a session"), {"pairs": "int", "subjects": "[str]"}),
    EventType("TimetableMade", N("made the timetable"), {"bound": "int", "cost": "int", "end": "int", "pairs": "int"}),
)


def register() -> None:
    """Events and streams."""
    events.register(*TYPES)
    job.say(together.search)
    pages.register(*PANELS)
    streams.register(
        StreamKind("question", N("questions")),
        StreamKind("approval", N("approvals")),
        StreamKind("knowledge", N("kept answers")),
        StreamKind("lapse", N("permits that lapse")),
        StreamKind("counselling", N("officers who decide")),
    )
