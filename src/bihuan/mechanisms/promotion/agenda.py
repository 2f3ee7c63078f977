"""What a promotion meeting takes up, in the order of the rules: unsolved decisions of earlier meetings first, then red projects,
escalated matters, demands of enterprises."""

from __future__ import annotations

from datetime import datetime

from bihuan.instruments.meetings.models import Decision, Item, Meeting
from bihuan.instruments.meetings.selectors import before
from bihuan.instruments.meetings.services import Point
from bihuan.instruments.projects.selectors import key_projects
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import SubjectParty

from .selectors import standings


def guests(meeting: Meeting) -> list[Unit]:
    """The units that an agenda concerns: who answers for its projects and matters, and who was invited last time."""
    items = meeting.items.exclude(subject=None)
    found = set(items.values_list("subject__unit", flat=True)) | set(
        meeting.items.values_list("matter__lead", flat=True)
    )
    found |= set(SubjectParty.objects.filter(subject__in=items.values("subject")).values_list("unit", flat=True))
    last = before(meeting)
    if last is not None:
        found |= set(last.invitations.values_list("unit", flat=True))
    return list(Unit.objects.filter(pk__in=found - {None, meeting.host_id}, active=True).order_by("name"))


def propose(viewer: Viewer, meeting: Meeting, now: datetime) -> list[Point]:
    """The points; each matter and each red project once."""
    points: list[Point] = []
    met: set[int] = set()
    earlier = Decision.objects.filter(
        meeting__host=meeting.host, meeting__kind=meeting.kind, meeting__state=Meeting.State.HELD,
        meeting__starts_at__lt=meeting.starts_at, matter__open=True,
    )  # fmt: skip
    for decision in earlier.select_related("matter", "subject").order_by("due", "pk"):
        assert decision.matter is not None
        met.add(decision.matter.pk)
        points.append(Point(decision.task, Item.Why.UNSOLVED, decision.subject, decision.matter))
    subjects = list(key_projects(viewer))
    for standing in standings(subjects, now):
        if standing.light.colour == "red":
            points.append(Point(standing.subject.name, Item.Why.RED, standing.subject))
    mine = visible_to(viewer).filter(subject__in=[s.pk for s in subjects], open=True, mechanism="promotion")
    mine = mine.select_related("subject").order_by("due_at", "number")
    late = list(mine.filter(due_at__lte=now, paused=False).exclude(pk__in=met)[:400])
    streams = [f"matter:{m.number}" for m in late]
    climbed = set(
        Event.objects.filter(stream__in=streams, type="Escalated", body__contains='"step":"supervision"').values_list("stream", flat=True)
    )  # fmt: skip
    for matter in late:
        if f"matter:{matter.number}" in climbed:
            met.add(matter.pk)
            points.append(Point(matter.title, Item.Why.ESCALATED, matter.subject, matter))
    for matter in mine.filter(kind="demand").exclude(pk__in=met)[:100]:
        points.append(Point(matter.title, Item.Why.DEMAND, matter.subject, matter))
    return points
