"""Reading meetings: those of one's own unit, those it is invited to, those that a scope covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.kernel.access.viewer import Viewer, scope_q
from bihuan.kernel.domain.clocks import start_of
from bihuan.kernel.matters.models import Matter

from .models import Decision, Invitation, Meeting


def meetings_visible_to(viewer: Viewer) -> QuerySet[Meeting]:
    """Meetings that the viewer may see: hosted, invited to once called, or overseen."""
    if viewer.admin:
        return Meeting.objects.none()
    invited = Invitation.objects.filter(meeting=OuterRef("pk"), unit__in=viewer.units)
    called = ~Q(state=Meeting.State.PREPARED)
    scoped = scope_q(viewer, "territory", "sector")
    if scoped == Q():
        return Meeting.objects.all()
    return Meeting.objects.filter(Q(host__in=viewer.units) | (called & Exists(invited)) | scoped)


def hosts(viewer: Viewer, meeting: Meeting) -> bool:
    """Whether the viewer works for the host."""
    return meeting.host.code in viewer.acting


def sees_whole(viewer: Viewer, meeting: Meeting) -> bool:
    """Whether the viewer sees agenda, guests and decisions: of a guarded meeting only its host, and whoever oversees it and is cleared."""
    if not meeting.guarded or meeting.host_id in viewer.units:
        return True
    return any(s.clearance and s.covers(meeting.territory_id, meeting.sector) for s in viewer.scopes)


def coming(viewer: Viewer, now: datetime, today: date) -> QuerySet[Meeting]:
    """Meetings of the next seven days, and those of today."""
    until = start_of(today + timedelta(days=8))
    mine = meetings_visible_to(viewer).filter(starts_at__gte=start_of(today), starts_at__lt=until)
    return mine.exclude(state=Meeting.State.CANCELLED).order_by("starts_at")


def before(meeting: Meeting) -> Meeting | None:
    """The meeting of the same kind and host that was held last before this one."""
    held = Meeting.objects.filter(host=meeting.host, kind=meeting.kind, state=Meeting.State.HELD)
    return held.filter(starts_at__lt=meeting.starts_at).order_by("-starts_at", "-id").first()


@dataclass(frozen=True)
class Kept:
    """How the decisions of a meeting stand: `open` are the matters that are not ended."""

    meeting: Meeting
    total: int
    open: int
    late: int

    @property
    def closed(self) -> int:
        """Ended."""
        return self.total - self.open

    @property
    def rate(self) -> int | None:
        """Open of a hundred; None when nothing was decided."""
        return round(100 * self.open / self.total) if self.total else None


def kept(meetings: list[Meeting], now: datetime) -> list[Kept]:
    """How the decisions of meetings stand now, in one query."""
    found: dict[int, list[Matter]] = {m.pk: [] for m in meetings}
    rows = Decision.objects.filter(meeting__in=meetings, matter__isnull=False).select_related("matter")
    for decision in rows:
        assert decision.matter is not None
        found[decision.meeting_id].append(decision.matter)
    return [
        Kept(
            m,
            len(found[m.pk]),
            sum(x.open for x in found[m.pk]),
            sum(x.open and not x.paused and x.due_at is not None and x.due_at <= now for x in found[m.pk]),
        )
        for m in meetings
    ]
