"""What the room of commendation says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.assessment.face import LEVELS
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from .models import Nominee, Round, Voice
from .panels import PANELS
from .services import rounds_visible_to

STAGE_NAMES = {
    "nominated": N("nominated"), "notice1": N("first notice"), "review1": N("first review"), "notice2": N("second notice"),
    "review2": N("second review"), "notice3": N("third notice"), "commended": N("commended"),
}  # fmt: skip
"""Stages in words, in their order."""
CHECK_NAMES = {
    "final": N("final result of the year"), "level": N("level reached"), "veto": N("no veto"),
    "measures": N("no interview or circular that stands"), "late": N("nothing overdue"),
}  # fmt: skip
"""What the record is asked about a nominee, in words."""
WHO = {"title": "text", "nominee": "id", "of": "unit"}
"""What every event of a nominee says: the round's title, which nominee, and of which unit."""


def _called(e: Event, names: Names) -> list[str]:
    most = _("at most %(u)s units and %(p)s persons") % {"u": e.data["units"], "p": e.data["people"]}
    return [str(e.data["year"]), most, str(LEVELS[e.data["level"]])]


def _who(e: Event, names: Names) -> list[str]:
    return [names.unit(e.data["of"])] if "of" in e.data else []


def _named(e: Event, names: Names) -> list[str]:
    return [*_who(e, names), *([e.data["post"]] if e.data["post"] else [])]


def _posted(e: Event, names: Names) -> list[str]:
    return [*_who(e, names), str(STAGE_NAMES[e.data["stage"]]), _("until %(day)s") % {"day": day(e.data["until"])}]


def _reviewed(e: Event, names: Names) -> list[str]:
    return [
        *_who(e, names),
        str(STAGE_NAMES[e.data["stage"]]),
        _("passed the review") if e.data["passed"] else _("did not pass the review"),
    ]


TYPES = (
    EventType(
        "NominationsCalled", N("called for nominations"),
        {"title": "text", "year": "int", "units": "int", "people": "int", "level": "code", "tell": "[unit]"}, notes=_called, why="reader",
        said=N("nominations are called for"),
    ),
    EventType(
        "Nominated", N("nominated"), {**WHO, "post": "text", "checks": "[{}]", "tell": "[unit]"}, notes=_named, why="decider",
        said=N("a nomination came in"),
    ),
    EventType(
        "NoticePosted", N("put up a public notice"), {**WHO, "stage": "code", "until": "date", "tell": "[unit]"}, notes=_posted,
        why="concerned", said=N("a public notice runs"),
    ),
    EventType(
        "NomineeReviewed", N("reviewed a nominee"), {**WHO, "stage": "code", "passed": "bool", "text": "text", "tell": "[unit]"},
        notes=_reviewed, text="text", why="concerned", said=N("a nominee was reviewed"),
    ),
    EventType(
        "Spoken", N("spoke against a nominee"), {**WHO, "text": "text", "tell": "[unit]"}, tone="bad", notes=_who, text="text",
        why="decider", urgent=True, said=N("somebody spoke against a nominee"),
    ),
    EventType(
        "VoiceAnswered", N("answered what was said"), {**WHO, "text": "text", "tell": "[unit]"}, notes=_who, text="text", why="concerned",
        said=N("what you said was answered"),
    ),
    EventType(
        "Commended", N("commended"), {**WHO, "post": "text", "tell": "[unit]"}, tone="good", notes=_named, why="concerned",
        said=N("commended"),
    ),
)  # fmt: skip


def _seen(viewer: Any, name: str) -> Sight | None:
    """The whole record of a round tells of nominees before their first notice and of what reviewers wrote: it is its office's own."""
    pk = int(name) if name.isascii() and name.isdigit() else 0
    row = rounds_visible_to(viewer).filter(pk=pk, office__in=viewer.units).first()
    return Sight(row.title, "commendation", (row.pk,)) if row else None


def register() -> None:
    """Events and streams of rounds."""
    events.register(*TYPES)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "commendation", N("commendations"), seen=_seen, opens=lambda name: ("commendation", (int(name),)),
            tables=(
                Table(Round, lambda r: f"commendation:{r.pk}"),
                Table(Nominee, lambda n: f"commendation:{n.round_id}"),
                Table(Voice, lambda v: f"commendation:{v.nominee.round_id}"),
            ),
        )
    )  # fmt: skip
