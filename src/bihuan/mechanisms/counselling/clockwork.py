"""What time alone brings: clocks that ran out in silence, warnings before and after they do, permits that lapse, call-backs.

Each warning is an event that is written once; whoever owes something is told through it. The worker does this.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bihuan.instruments.projects.selectors import project_of, writers
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.subjects.models import Subject

from .catalogue import approvals, words
from .followup import callbacks, lapsing, permits
from .models import Application
from .paths import OFFICE, described
from .services import catch_up, locked

CLOCK = "clock"
REMEMBERED = timedelta(days=120)
"""How long after a permit the office is still told of a call-back."""


def follow(*, now: datetime) -> int:
    """Tell what a new day has changed: papers that count as accepted since nobody answered, due days that moved; how many."""
    today = local_day(now)
    moved = 0
    for pk in list(Application.objects.filter(due__lt=today, decided=None).values_list("pk", flat=True)):
        with transaction.atomic():
            moved += catch_up(locked(pk), CLOCK, now)
    return moved


def warn(*, now: datetime) -> int:
    """Tell the deciding unit once for every due day that it comes near, and once that it has passed; how many."""
    today = local_day(now)
    near = calendar_for().add(today, words().clock.warn)
    rows = Application.objects.filter(due__lte=near, decided=None).select_related("subject", "unit")
    by_token = {once(f"approval:{a.pk}:{a.due}:{a.due < today}"): a for a in rows if a.due}
    have = set(Recorded.objects.filter(token__in=by_token).values_list("token", flat=True))
    told = 0
    for token, a in by_token.items():
        if token in have or a.due is None:
            continue
        title = f"{approvals().items[a.item].name} {a.subject.name}"[:120]
        data = {"due": a.due.isoformat(), "over": a.due < today, "title": title, "tell": [a.unit.code]}
        event = Event("ApprovalWarned", now, CLOCK, a.unit.code, data)
        told += note(stream=f"approval:{a.pk}", event=event, at=now, token=token)
    return told


def daily(*, now: datetime) -> int:
    """Permits of projects that lapse within 60, 30 and 15 days, told to whoever keeps the project, once a step; call-backs that
    are due, told to the office, once each; how many."""
    today = local_day(now)
    office = min(carriers(OFFICE), default="")
    told = 0
    for x in lapsing(described(Subject.objects.all()), today):
        if x.left < 0 or x.permit.lapses is None:
            continue
        data = {
            "permit": x.permit.id, "lapses": x.permit.lapses.isoformat(), "left": x.left, "title": x.subject.name,
            "tell": sorted(writers(x.subject, project_of(x.subject))),
        }  # fmt: skip
        name = f"lapse:{x.subject.code}"
        event = Event("LapseWarned", now, CLOCK, office, data)
        told += note(stream=name, event=event, at=now, token=once(f"{name}:{x.permit.key}:{x.step}"))
    for c in callbacks(permits(Application.objects.all(), today - REMEMBERED), today):
        a = c.application
        data = {"after": c.after, "title": f"{a.subject.name} {c.item}"[:120], "tell": [office]}
        event = Event("CallBackDue", now, CLOCK, office, data)
        told += note(stream=f"approval:{a.pk}", event=event, at=now, token=once(f"callback:{a.pk}:{c.after}"))
    return told


def new_day(now: datetime) -> int:
    """What a new day brings; again on the same day brings nothing. How much."""
    return follow(now=now) + daily(now=now)
