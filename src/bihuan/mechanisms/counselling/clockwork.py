"""What time alone brings: clocks that ran out in silence, warnings before and after they do, permits that lapse, call-backs.

Each warning is an event that is written once; whoever owes something is told through it. The worker does this.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from bihuan.instruments.projects.rules import running
from bihuan.instruments.projects.selectors import project_of, writers
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import end
from bihuan.kernel.ledger.services import append, entry_time
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals, words
from .models import Application
from .paths import OFFICE
from .services import refold

CLOCK = "clock"


def _once(stream: str, name: str, event: Event, at: datetime) -> bool:
    """Write an event once, by its name; whether it is new."""
    token = str(uuid5(NAMESPACE_URL, name))
    with transaction.atomic():
        if Recorded.objects.filter(token=token).exists():
            return False
        append(stream=stream, events=[event], after=end(stream), entered_at=entry_time(at), token=token)
    return True


def follow(*, now: datetime, most: int = 500) -> int:
    """Fold again what time alone has changed: clocks that ran out in silence, delays that grew; how many."""
    today = local_day(now)
    rows = (
        Application.objects.filter(due__lt=today, decided=None)
        .select_related("subject__territory")
        .prefetch_related("steps")
    )
    moved = 0
    for row in rows[:most]:
        before = row.state, row.late
        refold(row, today)
        moved += (row.state, row.late) != before
    return moved


def warn(*, now: datetime, most: int = 500) -> int:
    """Tell the deciding unit once for every due day that it comes near, and once that it has passed; how many."""
    today = local_day(now)
    near = calendar_for().add(today, words().clock.warn)
    rows = Application.objects.filter(due__lte=near, decided=None).select_related("subject", "unit")
    told = 0
    for a in rows[:most]:
        assert a.due is not None
        over = a.due < today
        title = f"{approvals().items[a.item].name} {a.subject.name}"[:120]
        data = {"due": a.due.isoformat(), "over": over, "title": title, "tell": [a.unit.code]}
        told += _once(
            f"approval:{a.pk}",
            f"approval:{a.pk}:{a.due}:{over}",
            Event("ApprovalWarned", now, CLOCK, a.unit.code, data),
            now,
        )
    return told


def daily(*, now: datetime) -> int:
    """Permits of projects that lapse within 60, 30 and 15 days, told to whoever keeps the project, once a step; call-backs that
    are due, told to the office, once each; how many."""
    today = local_day(now)
    office = min(carriers(OFFICE), default="")
    steps = sorted(words().lapse_days)
    told = 0
    rows = Subject.objects.filter(type=Subject.Type.PROJECT, file__body__approval__facts__isnull=False).select_related(
        "file", "unit"
    )
    for subject in rows.iterator(500):
        project = project_of(subject)
        for permit in running(project):
            assert permit.lapses is not None
            left = (permit.lapses - today).days
            reached = next((s for s in steps if left <= s), None)
            if reached is None or left < 0:
                continue
            data = {
                "permit": permit.id,
                "lapses": permit.lapses.isoformat(),
                "left": left,
                "title": subject.name,
                "tell": sorted(writers(subject, project)),
            }
            told += _once(
                f"lapse:{subject.code}",
                f"lapse:{subject.code}:{permit.key}:{reached}",
                Event("LapseWarned", now, CLOCK, office, data),
                now,
            )
    items = [i.id for i in approvals().approvals if i.revisit]
    for a in (
        Application.objects.filter(item__in=items, granted=True, decided__gte=today - timedelta(days=120))
        .exclude(mode="mock")
        .select_related("subject")
    ):
        assert a.decided is not None
        for n in words().revisit_days:
            if a.decided + timedelta(days=n) <= today and not a.revisits.filter(after=n).exists():
                data = {
                    "after": n,
                    "title": f"{a.subject.name} {approvals().items[a.item].name}"[:120],
                    "tell": [office],
                }
                told += _once(
                    f"approval:{a.pk}", f"callback:{a.pk}:{n}", Event("CallBackDue", now, CLOCK, office, data), now
                )
    return told
