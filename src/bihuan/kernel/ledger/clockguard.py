"""The clock guard: what the worker does cannot be undone, so it does not act when now lies far from what the record saw last.

A server whose clock jumped a month ahead would escalate, score and warn a month too early, and nothing takes an event back. The guard
compares now with the newest entry in the record; where it lies further off than the setting allows, forward or back, the worker
waits until the system administrator has said that the clock is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, QuerySet, Window
from django.db.models.functions import Lag

from bihuan.kernel.domain.refusal import N_, Refused, need
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.domain.state import stamp
from bihuan.kernel.registry.models import DutyRun

from .checkpoints import latest
from .models import Event
from .services import note

STREAM = "clock:worker"
BACKWARDS = timedelta(minutes=5)
"""Clocks of servers differ by seconds; more than this is no difference of servers."""


@dataclass(frozen=True)
class ClockState:
    """How now stands to the record: `seen` is the newest entry, None in an empty record."""

    state: Literal["fine", "ahead", "behind"]
    now: datetime
    seen: datetime | None = None

    @property
    def days(self) -> int:
        """Whole days between now and the newest entry."""
        return abs((self.now - self.seen).days) if self.seen else 0


class _Known:
    """The newest entry among the events up to `through` that count; a process reads only what came since."""

    through, since = 0, 0
    at: datetime | None = None


def newest() -> datetime | None:
    """The newest moment of entry that the record knows: of events, and of the newest checkpoint. What was entered before somebody said
    that the clock is right counts no longer, since a wrong clock may have entered it."""
    accepted = Event.objects.filter(stream=STREAM).order_by("-seq").values_list("id", flat=True).first() or 0
    if accepted != _Known.since or not Event.objects.filter(pk=_Known.through).exists():
        _Known.through, _Known.since, _Known.at = accepted - 1 if accepted else 0, accepted, None
    found = Event.objects.filter(id__gt=_Known.through).aggregate(at=Max("entered_at"), top=Max("id"))
    if found["top"] is not None:
        _Known.at = max(t for t in (_Known.at, found["at"]) if t is not None)
        _Known.through = found["top"]
    head = latest()
    signed = head.at if head and head.through >= accepted else None
    return max((t for t in (_Known.at, signed) if t is not None), default=None)


MARK = "acted"
"""The row of the worker's duties that says when it acted last by a clock that was not in doubt."""


def clock_state(now: datetime) -> ClockState:
    """Whether the worker may act.

    `ahead`: since it acted last (in a record where it never did: since the newest entry) more time went by than the setting allows; what
    people enter meanwhile by a wrong clock proves nothing. `behind`: there are entries from later than now. An empty record lets it act.
    """
    seen, acted = newest(), DutyRun.objects.filter(pk=MARK).values_list("done_at", flat=True).first()
    last = acted or seen
    if last is None:
        return ClockState("fine", now)
    latest_ = max(t for t in (acted, seen) if t is not None)
    if now < latest_ - BACKWARDS:
        return ClockState("behind", now, latest_)
    if now > last + timedelta(days=settings.CLOCK_DAYS):
        return ClockState("ahead", now, last)
    return ClockState("fine", now, last)


def mark(now: datetime) -> None:
    """Note that the worker acts by this clock, at most once a minute."""
    if not DutyRun.objects.filter(pk=MARK, done_at__gt=now - timedelta(minutes=1), done_at__lte=now).exists():
        DutyRun.objects.update_or_create(name=MARK, defaults={"done_at": now})


@transaction.atomic
def clock_accept(*, by: str, reason: str, at: datetime) -> None:
    """Say that the clock is right, so that the worker acts again. Refused without a reason, and where nothing is in doubt.

    Where the record holds entries from later than now, a wrong clock made them: they stay as they are and count no longer.
    """
    need(reason, "reason")
    found = clock_state(at)
    if found.state == "fine":
        raise Refused(N_("The clock is not in doubt."))
    data = {"seen": stamp(found.seen) if found.seen else None, "now": stamp(at), "reason": reason.strip()}
    note(stream=STREAM, event=Happened("ClockAccepted", at, by, "", data), at=at)
    DutyRun.objects.update_or_create(name=MARK, defaults={"done_at": at})


def running_backwards() -> QuerySet[Event]:
    """Events that were entered earlier, by more than clocks differ, than the event before them in their stream."""
    before = Window(Lag("entered_at"), partition_by="stream", order_by="seq")
    return Event.objects.annotate(before=before).filter(before__gt=F("entered_at") + BACKWARDS)
