"""What the room of meetings says of itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.lateness import events as late
from bihuan.kernel.domain.state import Event, moment
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.streams import Sight, StreamKind, Table
from bihuan.kernel.registry.words import day

from .models import Decision, Helper, Invitation, Item, Meeting, SignIn, Venue
from .panels import PANELS
from .selectors import meetings_visible_to, sees_whole


def _prepared(e: Event, names: Names) -> list[str]:
    d = e.data
    return [
        str(Meeting.Kind(d["kind"]).label),
        d["title"],
        day(moment(d["starts"])),
        "、".join([d["place"], *d["branches"]]),
    ]


def _titles(e: Event, names: Names) -> list[str]:
    return list(e.data["titles"])


def _units(e: Event, names: Names) -> list[str]:
    return [names.unit_list(e.data["units"])]


def _told(e: Event, names: Names) -> list[str]:
    return [names.unit_list(e.data["tell"])] if e.data["tell"] else []


def _venue(e: Event, names: Names) -> list[str]:
    return [e.data["venue"]] if e.data["venue"] else []


def _decided(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [_("Lead: %(unit)s") % {"unit": names.unit(d["lead"])}]
    if d.get("supporting"):
        told.append(_("Supporting: %(units)s") % {"units": names.unit_list(d["supporting"])})
    return [*told, _("due %(day)s") % {"day": day(d["due"])}]


def _matter(e: Event, names: Names) -> list[str]:
    return [f"#{e.data['matter']}"]


def _held(e: Event, names: Names) -> list[str]:
    return [_("%(n)s came") % {"n": e.data["came"]}, *(f"#{n}" for n in e.data["matters"])]


TYPES = (
    EventType(
        "MeetingPrepared", N("prepared a meeting"),
        {"kind": "code", "title": "text", "serial": "int", "starts": "moment", "place": "text", "branches": "[text]", "late?": "bool", "reason?": "text"},
        notes=_prepared, text="reason",
    ),
    EventType("AgendaSet", N("set the agenda"), {"titles": "[text]"}, notes=_titles),
    EventType("AgendaOrdered", N("ordered the agenda"), {"titles": "[text]"}, notes=_titles),
    EventType("Invited", N("invited units"), {"units": "[unit]"}, notes=_units),
    EventType("Uninvited", N("took an invitation back"), {"units": "[unit]"}, notes=_units),
    EventType(
        "MeetingCalled", N("called the meeting"), {"title": "text", "tell": "[unit]"}, notes=_told, why="invited", urgent=True,
        said=N("the meeting is called"),
    ),
    EventType(
        "MeetingCancelled", N("cancelled the meeting"), {"reason": "text", "title": "text", "tell": "[unit]"}, notes=_told, tone="bad",
        text="reason", why="invited", urgent=True, said=N("the meeting is cancelled"),
    ),
    EventType("SignedIn", N("came to the meeting"), {"venue": "text"}, notes=_venue),
    EventType(
        "Decided", N("took a decision down"),
        {"decision": "id", "subject": "code", "lead": "unit", "supporting": "[unit]", "task": "text", "due": "date"}, notes=_decided,
        text="task",
    ),
    EventType("DecisionStruck", N("struck a decision"), {"decision": "id", "task": "text"}, text="task"),
    EventType("DecisionConfirmed", N("confirmed a decision"), {"decision": "id", "matter": "id"}, notes=_matter),
    EventType(
        "MeetingHeld", N("ended the meeting"), {"matters": "[id]", "came": "int", "late?": "bool", "reason?": "text"}, notes=_held, text="reason",
    ),
)  # fmt: skip


def stream_of(row: Any) -> str:
    """The name of the stream of a meeting, by a row that belongs to it."""
    return f"meeting:{row.meeting_id}"


def _seen(viewer: Any, name: str) -> Sight | None:
    """Whoever sees the whole meeting: guests of a guarded one are not to learn of each other."""
    row = meetings_visible_to(viewer).filter(pk=int(name)).first() if name.isascii() and name.isdigit() else None
    return Sight(row.title, "meeting", (row.pk,)) if row and sees_whole(viewer, row) else None


def register() -> None:
    """Events, streams and panels of meetings."""
    events.register(*TYPES, late.CONFIRMED, late.DECLINED)
    pages.register(*PANELS)
    streams.register(
        StreamKind(
            "meeting", N("meetings"), seen=_seen, opens=lambda name: ("meeting", (name,)),
            tables=(
                Table(Meeting, lambda m: f"meeting:{m.pk}"), Table(Venue, stream_of), Table(Invitation, stream_of), Table(Item, stream_of),
                Table(SignIn, stream_of), Table(Decision, stream_of), Table(Helper, lambda h: stream_of(h.decision)),
            ),
        )
    )  # fmt: skip
