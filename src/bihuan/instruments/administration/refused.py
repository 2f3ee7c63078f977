"""Refused acts: the first of a person, deed and hour is an event at once, so that an attack is seen while it lasts and whatever
becomes of the worker; the rest is counted, and the total is one more event when the hour is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from bihuan.kernel.domain.state import Event, stamp
from bihuan.kernel.ledger.services import note, once

from .models import DeniedCount

HOUR, SLOW = timedelta(hours=1), timedelta(minutes=5)
"""An hour is settled when the slowest request of it has long been answered."""
MOST_DEEDS = 30
"""So many deeds of a person are told apart within an hour; what comes beyond is counted together as `OTHERS`."""
OTHERS = "others"


def hour_of(at: datetime) -> datetime:
    """The full hour before a moment."""
    return at.replace(minute=0, second=0, microsecond=0)


@transaction.atomic
def denied(*, person: str, at: datetime, deed: str, path: str, status: int) -> bool:
    """Record that somebody was refused a deed (method and the name of the address); whether it is an event of its own.

    One row for a person, deed and hour holds the count; the database lets nobody make a second one. So there are at most
    2 × (MOST_DEEDS + 1) events of a person in an hour, whatever addresses were tried.
    """
    hour, deed = hour_of(at), deed[:100]
    if _counted(person, deed, hour, at):
        return False
    if DeniedCount.objects.filter(person=person, hour=hour).count() >= MOST_DEEDS:
        deed = OTHERS
        if _counted(person, deed, hour, at):
            return False
    _row, fresh = DeniedCount.objects.get_or_create(person=person, deed=deed, hour=hour, defaults={"last": at})
    if not fresh:  # another request of the same person made it a moment ago
        _counted(person, deed, hour, at)
        return False
    data = {"deed": deed, "path": path[:300], "status": status}
    note(stream=f"denied:{person}", event=Event("Denied", at, person, "", data), at=at)
    return True


def _counted(person: str, deed: str, hour: datetime, at: datetime) -> bool:
    """Add one to a count that is there."""
    rows = DeniedCount.objects.filter(person=person, deed=deed, hour=hour)
    return bool(rows.update(n=F("n") + 1, last=Greatest(F("last"), at)))


def settle(now: datetime) -> int:
    """Write the totals of hours that are over and forget their rows; how many events. What was refused once needs no total: its
    event stands already. The worker does this; done twice, or by two workers, each total is written once."""
    written = 0
    for pk in list(
        DeniedCount.objects.filter(hour__lte=now - HOUR).order_by("hour", "pk").values_list("pk", flat=True)
    ):
        with transaction.atomic():
            row = DeniedCount.objects.select_for_update().filter(pk=pk).first()
            if row is None:  # another worker was first
                continue
            if row.n > 1:
                data = {"deed": row.deed, "hour": stamp(row.hour), "n": row.n, "last": stamp(row.last)}
                event = Event("DeniedOften", row.last, row.person, "", data)
                token = once(f"denied:{row.person}:{row.deed}:{stamp(row.hour)}")
                written += note(stream=f"denied:{row.person}", event=event, at=now, token=token)
            row.delete()
    return written


def running() -> list[DeniedCount]:
    """What is being counted now, the most first: for the auditor."""
    return list(DeniedCount.objects.order_by("-n", "person", "deed"))
