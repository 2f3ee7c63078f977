"""Writing meetings. Each act is an event of the meeting's stream."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.numerals import chinese
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event, stamp
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import promise
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.subjects.models import Subject

from .late import judge_meeting
from .models import Decision, Helper, Invitation, Item, Meeting, SignIn, Venue
from .selectors import hosts

EARLY, LATE = timedelta(hours=3), timedelta(hours=12)
"""How long before and after its beginning one may sign in to a meeting."""
MOST_ITEMS = 200


def _note(meeting: Meeting, type_: str, person: str, unit: str, at: datetime, **data: Any) -> None:
    note(stream=f"meeting:{meeting.pk}", event=Event(type_, at, person, unit, data), at=at)


def hosted(viewer: Viewer, meeting: Meeting) -> None:
    """Refused unless the viewer's unit hosts the meeting."""
    if not hosts(viewer, meeting):
        raise Refused(N_("Your unit does not host this meeting."), allowed=False)


def _locked(meeting: Meeting) -> None:
    """Take how the meeting stands now, held until the transaction ends: it may be over since the page was shown."""
    now = Meeting.objects.select_for_update().get(pk=meeting.pk)
    meeting.state, meeting.late = now.state, now.late


def _open(meeting: Meeting) -> None:
    _locked(meeting)
    if meeting.state in (Meeting.State.HELD, Meeting.State.CANCELLED):
        raise Refused(N_("This meeting is over."))


@transaction.atomic
def prepare(
    *, viewer: Viewer, at: datetime, host: Unit, kind: str, title: str, chair: str, starts_at: datetime, place: str,
    branches: Sequence[str] = (), serial: int | None = None, reason: str = "",
) -> Meeting:  # fmt: skip
    """A new meeting. `{n}` in the title becomes its number in the year. Refused in another unit's name, for a number that this
    year has already, for a time outside sense, and without a reason for one that took place long ago."""
    must(host.code in viewer.acting)
    late, why = judge_meeting(starts_at, reason, at)
    year = local_day(starts_at).year
    last = Meeting.objects.filter(host=host, kind=kind, year=year).aggregate(top=Max("serial"))["top"] or 0
    number = serial or last + 1
    if Meeting.objects.filter(host=host, kind=kind, year=year, serial=number).exists():
        raise Refused(N_("Meeting no. %(n)s of %(year)s exists already."), field="serial", n=number, year=year)
    meeting = Meeting.objects.create(
        kind=kind, title=title.replace("{n}", chinese(number)).replace("{year}", str(year)), year=year, serial=number, host=host,
        territory=host.territory or Territory.objects.get(parent=None), sector=host.sector, chair=chair, starts_at=starts_at,
        code=secrets.token_urlsafe(18), person=viewer.person.username, created_at=at, late=late, late_reason=why,
    )  # fmt: skip
    Venue.objects.create(meeting=meeting, name=place, main=True)
    for name in dict.fromkeys(b.strip()[:80] for b in branches if b.strip()):
        Venue.objects.create(meeting=meeting, name=name)
    _note(
        meeting, "MeetingPrepared", viewer.person.username, host.code, at, kind=kind, title=meeting.title, serial=number,
        starts=stamp(starts_at), place=place, branches=list(branches), **_late(late, why),
    )  # fmt: skip
    return meeting


def _late(late: str, why: str) -> dict[str, Any]:
    """What the event says of a meeting that came late."""
    return {"late": True, "reason": why} if late else {}


@dataclass(frozen=True)
class Point:
    """A point that an agenda may have."""

    title: str
    why: str
    subject: Subject | None = None
    matter: Matter | None = None


@transaction.atomic
def agenda_set(*, viewer: Viewer, meeting: Meeting, at: datetime, points: Sequence[Point]) -> int:
    """Put points on the agenda that are not there yet, behind those that are, in this order; how many."""
    hosted(viewer, meeting)
    _open(meeting)
    have = set(meeting.items.values_list("subject", "matter", "title"))
    last = meeting.items.aggregate(top=Max("place"))["top"] or 0
    fresh = [p for p in points if (p.subject.pk if p.subject else None, p.matter.pk if p.matter else None, p.title[:200]) not in have]  # fmt: skip
    if len(have) + len(fresh) > MOST_ITEMS:
        raise Refused(N_("An agenda has at most %(n)s points."), n=MOST_ITEMS)
    Item.objects.bulk_create(
        Item(meeting=meeting, place=last + i, title=p.title[:200], subject=p.subject, matter=p.matter, why=p.why)
        for i, p in enumerate(fresh, 1)
    )
    if fresh:
        _note(meeting, "AgendaSet", viewer.person.username, meeting.host.code, at, titles=[p.title for p in fresh])
    return len(fresh)


@transaction.atomic
def agenda_order(*, viewer: Viewer, meeting: Meeting, at: datetime, order: Sequence[int]) -> None:
    """Give the points this order, by their ids; those left out leave the agenda. Refused for a foreign id."""
    hosted(viewer, meeting)
    _open(meeting)
    items = {i.pk: i for i in meeting.items.all()}
    if set(order) - set(items):
        raise Refused(N_("This point is not on the agenda."), allowed=False)
    gone = set(items) - set(order)
    for place, pk in enumerate(dict.fromkeys(order), 1):
        items[pk].place = place
    Item.objects.bulk_update([items[pk] for pk in dict.fromkeys(order)], ["place"])
    Decision.objects.filter(item__in=gone).update(item=None)
    meeting.items.filter(pk__in=gone).delete()
    titles = [items[pk].title for pk in dict.fromkeys(order)]
    _note(meeting, "AgendaOrdered", viewer.person.username, meeting.host.code, at, titles=titles)


@transaction.atomic
def invite(*, viewer: Viewer, meeting: Meeting, at: datetime, units: Iterable[Unit], venue: Venue | None = None) -> int:
    """Invite units, those of the main venue without one; how many are new."""
    hosted(viewer, meeting)
    _open(meeting)
    have = set(meeting.invitations.values_list("unit", flat=True))
    place = venue or meeting.venues.filter(main=True).first()
    fresh = [u for u in {u.pk: u for u in units}.values() if u.pk not in have]
    Invitation.objects.bulk_create(Invitation(meeting=meeting, unit=u, venue=place) for u in fresh)
    if fresh:
        _note(meeting, "Invited", viewer.person.username, meeting.host.code, at, units=sorted(u.code for u in fresh))
    return len(fresh)


@transaction.atomic
def uninvite(*, viewer: Viewer, meeting: Meeting, at: datetime, unit: Unit) -> None:
    """Take an invitation back."""
    hosted(viewer, meeting)
    _open(meeting)
    if meeting.invitations.filter(unit=unit).delete()[0]:
        _note(meeting, "Uninvited", viewer.person.username, meeting.host.code, at, units=[unit.code])


@transaction.atomic
def call(*, viewer: Viewer, meeting: Meeting, at: datetime) -> None:
    """Call the meeting: the invited units see it from now on. Refused without agenda or guests."""
    hosted(viewer, meeting)
    _locked(meeting)
    if meeting.state != Meeting.State.PREPARED:
        raise Refused(N_("This meeting was called already."))
    if not meeting.items.exists() or not meeting.invitations.exists():
        raise Refused(N_("A meeting needs an agenda and invited units before it is called."))
    meeting.state = Meeting.State.CALLED
    meeting.save(update_fields=["state"])
    units = sorted(meeting.invitations.values_list("unit__code", flat=True))
    _note(meeting, "MeetingCalled", viewer.person.username, meeting.host.code, at, tell=units, title=meeting.title)


@transaction.atomic
def cancel(*, viewer: Viewer, meeting: Meeting, at: datetime, reason: str) -> None:
    """The meeting will not be held."""
    hosted(viewer, meeting)
    _open(meeting)
    if meeting.decisions.filter(matter__isnull=False).exists():
        raise Refused(N_("Decisions of this meeting are matters already."))
    called = meeting.state == Meeting.State.CALLED
    meeting.state = Meeting.State.CANCELLED
    meeting.save(update_fields=["state"])
    units = sorted(meeting.invitations.values_list("unit__code", flat=True)) if called else []
    _note(
        meeting,
        "MeetingCancelled",
        viewer.person.username,
        meeting.host.code,
        at,
        reason=reason,
        tell=units,
        title=meeting.title,
    )


def sign_in(
    *, meeting: Meeting, at: datetime, unit: Unit, name: str, venue: Venue | None = None, person: str = ""
) -> SignIn:  # fmt: skip
    """Somebody came. Again is no second time. Refused outside the hours of the meeting, and for a unit not invited."""
    if meeting.state not in (Meeting.State.CALLED, Meeting.State.HELD) or not (
        meeting.starts_at - EARLY <= at <= meeting.starts_at + LATE
    ):
        raise Refused(N_("One can sign in from three hours before the meeting until the end of its day."))
    name = " ".join(name.split())
    if not name or len(name) > 30:
        raise Refused(N_("A name has 1 to 30 characters."), field="name")
    invitation = meeting.invitations.filter(unit=unit).first()
    if invitation is None and unit.pk != meeting.host_id:
        raise Refused(N_("This unit is not invited."), field="unit")
    try:
        with transaction.atomic():
            made = SignIn.objects.create(
                meeting=meeting, unit=unit, name=name, person=person, at=at,
                venue=venue or (invitation.venue if invitation else None),
            )  # fmt: skip
            _note(meeting, "SignedIn", person or "door", unit.code, at, venue=made.venue.name if made.venue else "")
    except IntegrityError:
        return SignIn.objects.get(meeting=meeting, unit=unit, name=name)
    return made


@transaction.atomic
def decide(
    *, viewer: Viewer, meeting: Meeting, at: datetime, subject: Subject, lead: Unit, task: str, due: date,
    supporting: Sequence[Unit] = (), item: Item | None = None,
) -> Decision:  # fmt: skip
    """Take a decision down: unit, task, due day. The caller has checked that the viewer may see the subject."""
    hosted(viewer, meeting)
    _locked(meeting)
    if meeting.state not in (Meeting.State.CALLED, Meeting.State.HELD):
        raise Refused(N_("Decisions are taken at a meeting that was called."))
    if item is not None and item.meeting_id != meeting.pk:
        raise Refused(N_("This point is not on the agenda."), allowed=False)
    task = task.strip()
    if not task or len(task) > 180:
        raise Refused(N_("A task has 1 to 180 characters."), field="task")
    if due < local_day(at):
        raise Refused(N_("The due date lies in the past."), field="due")
    made = Decision.objects.create(
        meeting=meeting,
        item=item,
        subject=subject,
        lead=lead,
        task=task,
        due=due,
        person=viewer.person.username,
        at=at,
    )
    helping = {u.pk: u for u in supporting if u.pk != lead.pk}.values()
    Helper.objects.bulk_create(Helper(decision=made, unit=u) for u in helping)
    data = {
        "subject": subject.code, "lead": lead.code, "supporting": [u.code for u in helping], "task": task, "due": due.isoformat(),
    }  # fmt: skip
    _note(meeting, "Decided", viewer.person.username, meeting.host.code, at, decision=made.pk, **data)
    return made


@transaction.atomic
def undecide(*, viewer: Viewer, decision: Decision, at: datetime) -> None:
    """Strike a decision that was not confirmed. Twice is once."""
    meeting = decision.meeting
    hosted(viewer, meeting)
    row = Decision.objects.select_for_update().filter(pk=decision.pk).first()
    if row is None:
        return
    if row.matter_id is not None:
        raise Refused(N_("This decision is a matter already; withdraw that."))
    row.helpers.all().delete()
    row.delete()
    told = {"decision": decision.pk, "task": decision.task}
    _note(meeting, "DecisionStruck", viewer.person.username, meeting.host.code, at, **told)


@transaction.atomic
def confirm(*, viewer: Viewer, decision: Decision, at: datetime) -> Matter:
    """Confirm a decision: it becomes a matter with its unit and clock in this very moment. Twice is once."""
    decision = Decision.objects.select_for_update().select_related("meeting__host", "subject__territory", "lead").get(pk=decision.pk)  # fmt: skip
    meeting = decision.meeting
    hosted(viewer, meeting)
    if decision.matter is not None:
        return decision.matter
    actor = c.Actor(viewer.person.username, frozenset({meeting.host.code}))
    token = once(f"decision:{decision.pk}")
    matter = promise(
        actor=actor, at=at, kind_id="meeting_task", title=decision.task, description=meeting.title, subject=decision.subject, raiser=meeting.host,
        lead=decision.lead.code, supporting=[u.code for u in decision.supporting.all()], limit=Limit("date", until=decision.due),
        reason=meeting.title, token=token,
    )  # fmt: skip
    decision.matter = matter
    decision.save(update_fields=["matter"])
    _note(meeting, "DecisionConfirmed", viewer.person.username, meeting.host.code, at, decision=decision.pk, matter=matter.number)  # fmt: skip
    return matter


@transaction.atomic
def close(*, viewer: Viewer, meeting: Meeting, at: datetime, reason: str = "") -> int:
    """The meeting is over: decisions still open are confirmed; how many matters it led to. Refused without a reason long after
    it began: that it took place is then entered late."""
    hosted(viewer, meeting)
    _locked(meeting)
    if meeting.state != Meeting.State.CALLED:
        raise Refused(N_("Only a meeting that was called can end."))
    late, why = ("", "") if meeting.late else judge_meeting(meeting.starts_at, reason, at)
    if late:
        meeting.late, meeting.late_reason = late, why
    for decision in meeting.decisions.filter(matter=None):
        confirm(viewer=viewer, decision=decision, at=at)
    meeting.state = Meeting.State.HELD
    meeting.save(update_fields=["state", "late", "late_reason"] if late else ["state"])
    numbers = list(meeting.decisions.values_list("matter", flat=True))
    _note(meeting, "MeetingHeld", viewer.person.username, meeting.host.code, at, matters=numbers, came=meeting.sign_ins.count(), **_late(late, why))  # fmt: skip
    return len(numbers)
