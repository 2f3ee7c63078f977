"""Meetings that were entered or ended long after they took place: who may be the second person, and the deed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.instruments.lateness.models import Late
from bihuan.instruments.lateness.services import TYPES, decide, judge, second_unit, spans
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.late import plannable
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.ledger.services import entry_time, note

from .models import Meeting
from .selectors import meetings_visible_to


def judge_meeting(starts_at: datetime, reason: str, at: datetime) -> tuple[str, str]:
    """How a meeting stands that is entered, or ended, now: its `late` and the reason; one to come is in time. Refused outside
    sense, and for what comes late without a reason."""
    entered = entry_time(at)
    if starts_at > entered:
        plannable(starts_at, entered, spans(entered), "starts_at")
        return "", ""
    found = judge(at=starts_at, entered=entered, reason=reason, field="starts_at")
    return found.late, found.reason


def decider(viewer: Viewer, meeting: Meeting) -> str:
    """The unit in whose name the viewer may say whether a late meeting counts; empty when not."""
    if not meeting.late:
        return ""
    wrote = Recorded.objects.filter(stream=f"meeting:{meeting.pk}", type__in=["MeetingPrepared", "MeetingHeld"])
    names = {meeting.person, *(happened(body).by for body in wrote.values_list("body", flat=True))}
    return second_unit(viewer, meeting.host, meeting.territory_id, meeting.sector, names)


def waiting(viewer: Viewer) -> list[Meeting]:
    """Late meetings that wait for the viewer as the second person."""
    rows = meetings_visible_to(viewer).filter(late=Late.WAITING).exclude(state=Meeting.State.CANCELLED)
    return [m for m in rows.select_related("host").order_by("starts_at", "pk") if decider(viewer, m)]


@transaction.atomic
def decide_meeting(*, viewer: Viewer, meeting: Meeting, counts: bool, words: str, at: datetime) -> Meeting:
    """Say, as the second person, whether a meeting that came late counts; the caller has checked that the viewer sees it. Under
    the lock of its row; refused for whoever prepared or ended it, and for others who do not oversee it."""
    row: Meeting = Meeting.objects.select_for_update(of=("self",)).select_related("host").get(pk=meeting.pk)
    unit = decider(viewer, row)
    row.save(update_fields=decide(row, viewer=viewer, unit=unit, counts=counts, words=words, at=at))
    event = Event(TYPES[counts], at, viewer.person.username, unit, {"text": words.strip()})
    note(stream=f"meeting:{row.pk}", event=event, at=at)
    return row
