"""Proposing, approving and holding measures; each act is an event of `measure:<id>`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.supervision.models import Objection
from bihuan.instruments.supervision.services import file
from bihuan.kernel.access.viewer import Viewer, oversees_all
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import Limit, local_day
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.services import act, promise
from bihuan.kernel.orgs.models import Post, Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.subjects.models import Subject

from .models import Measure, Point

State = Measure.State


@dataclass(frozen=True)
class Wanted:
    """A point that is to be put right."""

    text: str
    due: date
    item: str = ""


def measures_visible_to(viewer: Viewer) -> QuerySet[Measure]:
    """Measures about one's own units once approved, those of one's office, and all for whoever oversees the mechanism."""
    if viewer.admin:
        return Measure.objects.none()
    wide = {
        m for m in Measure.objects.order_by().values_list("mechanism", flat=True).distinct() if oversees_all(viewer, m)
    }
    mine = Q(unit__in=viewer.units) & ~Q(state__in=[State.PROPOSED, State.REFUSED])
    return Measure.objects.filter(mine | Q(office__in=viewer.units) | Q(mechanism__in=wide))


def _tell(m: Measure, type_: str, person: str, unit: str, at: datetime, **data: Any) -> None:
    told = {"kind": m.kind, "unit": m.unit.code, "title": f"{m.get_kind_display()} {m.unit.name}", **data}
    note(stream=f"measure:{m.pk}", event=Event(type_, at, person, unit, told), at=at)


def approves(viewer: Viewer, measure: Measure) -> bool:
    """Whether the viewer may approve: a district leader who oversees the sector, who did not propose it."""
    return viewer.oversees(None, measure.mechanism) and viewer.person.username != measure.person


@transaction.atomic
def propose(
    *, viewer: Viewer, mechanism: str, kind: str, unit: Unit, basis: str, text: str, points: Sequence[Wanted] = (), assessment: Assessment | None = None,
    at: datetime,
) -> Measure:  # fmt: skip
    """Propose a measure; a leader approves it. Refused for other units, without basis or words, for a list without points, for days that
    are past, and against oneself."""
    office = function_unit(f"coordinate.{mechanism}")
    must(office in viewer.acting)
    for field, value in (("basis", basis), ("text", text)):
        need(value, field)
    if unit.code == office:
        raise Refused(N_("An office does not hold itself to account."), field="unit")
    if kind == Measure.Kind.RECTIFY and not points:
        raise Refused(N_("A list to put right needs at least one point."), field="points")
    if any(p.due <= local_day(at) for p in points):
        raise Refused(N_("A point falls due before it begins."), field="points")
    made = Measure.objects.create(
        kind=kind, mechanism=mechanism, unit=unit, office=Unit.objects.get(code=office), assessment=assessment, basis=basis.strip(), text=text.strip(),
        person=viewer.person.username, at=at,
    )  # fmt: skip
    Point.objects.bulk_create(Point(measure=made, text=p.text[:150], due=p.due, item=p.item) for p in points)
    told = [{"text": p.text, "due": p.due.isoformat(), "item": p.item} for p in points]
    _tell(
        made,
        "MeasureProposed",
        viewer.person.username,
        office,
        at,
        basis=made.basis,
        text=made.text,
        points=told,
        assessment=assessment.pk if assessment else None,
    )
    return made


def _locked(measure: Measure, *states: str) -> Measure:
    row: Measure = Measure.objects.select_for_update(of=("self",)).select_related("unit", "office").get(pk=measure.pk)
    if row.state not in states:
        raise Refused(N_("It stands at “%(state)s”: this can no longer be done."), state=State(row.state).label)
    return row


@transaction.atomic
def decide(
    *, viewer: Viewer, measure: Measure, approve: bool, answer: str, subject: Subject | None, at: datetime
) -> Measure:
    """A leader approves or refuses. The points of an approved list become matters that the office verifies; they hang on `subject`.

    Refused for anybody but a leader, for whoever proposed it, and for a refusal without words.
    """
    row = _locked(measure, State.PROPOSED)
    if not approves(viewer, row):
        raise Refused(N_("A district leader approves it, and not who proposed it."), allowed=False)
    if not approve and not answer.strip():
        raise Refused(N_("Please write it down: this field is empty."), field="answer")
    post = next(p for p in viewer.posts if p.role == Post.Role.LEADER)
    row.state = State.APPROVED if approve else State.REFUSED
    row.approver, row.approver_post, row.approved_at, row.answer = (
        viewer.person.username,
        f"{post.unit.name}{post.title}",
        at,
        answer.strip(),
    )
    row.save()
    made = [_matter(p, row, subject, at) for p in row.points.all()] if approve and subject else []
    tell = [row.office.code, *([row.unit.code] if approve else [])]
    _tell(
        row,
        "MeasureDecided",
        viewer.person.username,
        post.unit.code,
        at,
        approved=approve,
        answer=row.answer,
        post=row.approver_post,
        matters=made,
        tell=tell,
    )
    return row


def _matter(point: Point, row: Measure, subject: Subject, at: datetime) -> int:
    actor = c.Actor(row.person, frozenset({row.office.code}))
    matter = promise(
        actor=actor, at=at, kind_id="rectify_point", title=point.text, description=f"{row.basis}\n{row.text}", subject=subject, raiser=row.office,
        lead=row.unit.code, limit=Limit("date", until=point.due), reason=row.basis,
    )  # fmt: skip
    point.matter_id = matter.number
    point.save(update_fields=["matter"])
    return matter.number


@transaction.atomic
def held(*, viewer: Viewer, measure: Measure, answer: str, at: datetime) -> None:
    """An interview was held, a circular sent: what was said. Refused for other units and without words."""
    row = _locked(measure, State.APPROVED)
    must(row.office.code in viewer.acting)
    need(answer, "answer")
    row.state, row.answer = State.HELD, answer.strip()
    row.save(update_fields=["state", "answer"])
    _tell(row, "MeasureHeld", viewer.person.username, row.office.code, at, text=row.answer, tell=[row.unit.code])


def decider_of(measure: Measure) -> str:
    """Who decides an objection: supervision, or where the measure is about supervision itself the promotion office."""
    return next(
        u for u in (function_unit("supervision"), function_unit("coordinate.promotion")) if u != measure.unit.code
    )


def object_to(*, viewer: Viewer, measure: Measure, reason: str, at: datetime) -> Objection:
    """The unit objects, within thirty days of the approval. Refused for others, and before the approval."""
    row = Measure.objects.select_related("unit").get(pk=measure.pk)
    if row.unit.code not in viewer.acting or row.approved_at is None or row.state not in (State.APPROVED, State.HELD):
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    decider = decider_of(row)
    made = Objection(about=f"measure:{row.pk}", name=f"{row.get_kind_display()} {row.unit.name}", against=row.kind)
    return file(
        made,
        unit=row.unit.code,
        decider=decider,
        person=viewer.person.username,
        reason=reason,
        happened=row.approved_at,
        at=at,
    )


def taken_back(objection: Objection, viewer: Viewer, at: datetime) -> None:
    """An upheld objection takes the measure back; the matters of its list that are open are withdrawn."""
    row = (
        Measure.objects.select_for_update(of=("self",))
        .select_related("unit", "office")
        .get(pk=int(objection.about.partition(":")[2]))
    )
    row.state = State.TAKEN_BACK
    row.save(update_fields=["state"])
    actor = c.Actor(viewer.person.username, frozenset({row.office.code}))
    for point in row.points.select_related("matter").filter(matter__state="assigned"):
        assert point.matter is not None
        act(number=point.matter.number, command=c.Withdraw(actor, at, objection.answer))
    _tell(
        row,
        "MeasureTakenBack",
        viewer.person.username,
        objection.decider.code,
        at,
        answer=objection.answer,
        tell=[row.unit.code, row.office.code],
    )


def standing(unit: Unit, mechanism: str, year: int) -> QuerySet[Measure]:
    """Interviews and circulars about a unit approved in a year and not taken back."""
    found = Measure.objects.filter(
        unit=unit, mechanism=mechanism, kind__in=["interview", "circular"], approved_at__year=year
    )
    return found.filter(state__in=[State.APPROVED, State.HELD])
