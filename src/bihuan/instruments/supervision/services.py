"""Writing supervision: object, decide, draw, look again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.domain.months import first_day, months_later
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.selectors import public_seed, stream
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.models import Involvement, Matter
from bihuan.kernel.matters.services import act, load, raise_matter
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.registry.registry import Registry

from . import rules
from .models import Draw, Objection, SecondLook

LOOKERS = ("supervision", "coordinate.promotion", "coordinate.counselling", "coordinate.fire")
"""Functions whose units look again, the first that had no part in the matter."""


def objectionable(matter: Matter) -> dict[str, tuple[str, datetime]]:
    """What of a matter's present round can be objected to: for each its unit (a code) and when it happened."""
    found: dict[str, tuple[str, datetime]] = {}
    state, _, told = load(matter.number)
    for event in told.events:
        if event.type == "Reopened":
            found = {}
        elif event.type == "Escalated" and event.data["step"] in ("interview", "circular"):
            found[event.data["step"]] = (str(event.data.get("owed_by") or state.lead), event.at)
        elif event.type == "Withdrawn" and state.raiser != event.unit:
            found["declined"] = (state.raiser, event.at)
    return found


def object_to(
    *, units: frozenset[str], person: str, matter: Matter, against: str, reason: str, at: datetime
) -> Objection:
    """Object, in the name of the unit that it concerns. Refused for others, without a reason, after thirty days, twice."""
    unit, happened = objectionable(matter).get(against, ("", at))
    if unit not in units or not unit:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    decider = function_unit("supervision")
    if decider in (unit, matter.assigner.code) and against == "declined":
        decider = next(u for u in map(function_unit, LOOKERS) if u not in (unit, matter.assigner.code))
    made = Objection(matter=matter, against=against, round=matter.round)
    return file(made, unit=unit, decider=decider, person=person, reason=reason, happened=happened, at=at)


def file(
    made: Objection, *, unit: str, decider: str, person: str, reason: str, happened: datetime, at: datetime
) -> Objection:
    """File an objection of a unit against what happened then, to be decided by another. Refused without a reason, after thirty
    days, twice."""
    need(reason, "reason")
    if at > happened + timedelta(days=rules.OBJECT_WITHIN):
        raise Refused(N_("The time for objecting, %(n)s days, is over."), n=rules.OBJECT_WITHIN)
    made.unit, made.decider = Unit.objects.get(code=unit), Unit.objects.get(code=decider)
    made.reason, made.person, made.at = reason.strip(), person, at
    made.due = local_day(at) + timedelta(days=rules.DECIDE_WITHIN)
    try:
        with transaction.atomic():
            made.save()
            _tell(made, "Objected", person, unit, at, reason=made.reason, tell=[decider], due=made.due.isoformat())
    except IntegrityError:
        raise Refused(N_("There is an objection to this already.")) from None
    return made


UPHELD: Registry[Callable[[Objection, Viewer, datetime], None]] = Registry("what an upheld objection takes back")
"""By the word before the colon of what it is about."""


def stream_of(o: Objection) -> str:
    """The name of an objection's stream: all of one matter stand in one."""
    return f"objection:{o.matter_id}" if o.matter_id else f"objection:{o.about}"


def _tell(o: Objection, type_: str, person: str, unit: str, at: datetime, **data: Any) -> None:
    told = {
        "matter": o.matter_id, "against": o.against, "round": o.round, "title": str(o), "confidential": bool(o.matter and o.matter.confidential), **data,
    }  # fmt: skip
    note(stream=stream_of(o), event=Event(type_, at, person, unit, told), at=at)


@transaction.atomic
def decide(*, viewer: Viewer, objection: Objection, upheld: bool, answer: str, at: datetime) -> Objection:
    """Decide an objection, with an answer. An upheld one takes the measure back; a declined demand is raised anew.

    Refused for another unit than the decider, for whoever took the measure, without an answer, twice.
    """
    rows = Objection.objects.select_for_update(of=("self",)).select_related("decider", "unit", "matter")
    objection = rows.get(pk=objection.pk)
    must(objection.decider.code in viewer.acting)
    if objection.upheld is not None:
        raise Refused(N_("This objection was decided already."))
    need(answer, "answer")
    objection.upheld, objection.answer = upheld, answer.strip()
    objection.decided_by, objection.decided_at = viewer.person.username, at
    if upheld and objection.against == Objection.Against.DECLINED:
        objection.again = _again(objection, viewer, at)
    objection.save()
    if upheld and objection.about:
        UPHELD[objection.about.partition(":")[0]](objection, viewer, at)
    _tell(
        objection, "ObjectionDecided", viewer.person.username, objection.decider.code, at, upheld=upheld, answer=objection.answer,
        again=objection.again_id, tell=[objection.unit.code],
    )  # fmt: skip
    return objection


def _again(objection: Objection, viewer: Viewer, at: datetime) -> Matter:
    """The declined demand, raised anew in the same unit's name."""
    old = Matter.objects.select_related("subject__territory", "raiser").get(pk=objection.matter_id or 0)
    actor = c.Actor(viewer.person.username, frozenset({old.raiser.code}))
    return raise_matter(
        actor=actor, at=at, kind_id=old.kind, title=old.title, description=f"{old.description}\n#{old.number}: {objection.answer}".strip(),
        subject=old.subject, raiser=old.raiser,
    )  # fmt: skip


@transaction.atomic
def draw(*, viewer: Viewer, mechanism: str, month: str, percent: int, at: datetime) -> Draw:
    """Draw by lot among the matters of a month that has ended. The seed is the hash of the record's last event before
    this one, so nobody could choose it, and it stands in the event. Refused for units that do not coordinate or supervise."""
    must(bool(viewer.acting & {function_unit("supervision"), function_unit(f"coordinate.{mechanism}")}))
    if not 1 <= percent <= 100:
        raise Refused(N_("A share lies between 1 and 100 of a hundred."), field="percent")
    if month >= f"{local_day(at):%Y-%m}":
        raise Refused(N_("The month %(month)s has not ended."), field="month", month=month)
    if Draw.objects.filter(mechanism=mechanism, month=month).exists():
        raise Refused(N_("The lot of %(month)s was drawn already."), field="month", month=month)
    numbers = closed_in(mechanism, month)
    seed = public_seed(f"{mechanism}:{month}")
    try:
        with transaction.atomic():
            made = Draw.objects.create(
                mechanism=mechanism, month=month, percent=percent, seed=seed, closed=len(numbers), person=viewer.person.username, at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(N_("The lot of %(month)s was drawn already."), field="month", month=month) from None
    chosen = rules.drawn(numbers, percent, seed)
    parts: dict[int, set[str]] = {n: set() for n in chosen}
    for number, code in Involvement.objects.filter(matter__in=chosen).values_list("matter", "unit__code"):
        parts[number].add(code)
    units = {u.code: u for u in Unit.objects.filter(code__in={function_unit(f) for f in LOOKERS})}
    tell: set[str] = set()
    for number in chosen:
        looker = next((u for u in map(function_unit, LOOKERS) if u not in parts[number]), None)
        if looker is None:
            raise Refused(N_("No unit is left that had no part in matter %(n)s."), n=number)
        SecondLook.objects.create(draw=made, matter_id=number, unit=units[looker])
        tell.add(looker)
    data = {
        "mechanism": mechanism,
        "month": month,
        "percent": percent,
        "seed": seed,
        "among": numbers,
        "drawn": chosen,
        "title": month,
        "tell": sorted(tell),
    }
    happened = Event("LotDrawn", at, viewer.person.username, min(viewer.acting), data)
    note(stream=f"draw:{made.pk}", event=happened, at=at)
    return made


def closed_in(mechanism: str, month: str) -> list[int]:
    """Numbers of the matters of a mechanism that closed in a month and are closed still."""
    first = first_day(month)
    after = months_later(first, 1)
    rows = Matter.objects.filter(
        mechanism=mechanism, state=Matter.State.CLOSED, closed_at__gte=start_of(first), closed_at__lt=start_of(after)
    )
    return list(rows.order_by("number").values_list("number", flat=True))


@transaction.atomic
def look(*, viewer: Viewer, second: SecondLook, good: bool, findings: str, at: datetime) -> SecondLook:
    """What the second look found. A bad finding reopens the matter as a new round: whoever drew the lot gave that power.

    Refused for another unit than the one it fell to, without findings, twice.
    """
    second = SecondLook.objects.select_for_update().select_related("unit", "matter").get(pk=second.pk)
    must(second.unit.code in viewer.acting)
    if second.good is not None:
        raise Refused(N_("The second look at this matter is done."))
    need(findings, "findings")
    second.good, second.findings, second.person, second.at = good, findings.strip(), viewer.person.username, at
    second.save()
    data = {"matter": second.matter_id, "good": good, "findings": second.findings}
    note(
        stream=f"draw:{second.draw_id}",
        event=Event("LookedAgain", at, viewer.person.username, second.unit.code, data),
        at=at,
    )
    if not good and second.matter.state == Matter.State.CLOSED:
        actor = c.Actor(viewer.person.username, frozenset({second.unit.code}), superior=True)
        act(number=second.matter_id, command=c.Reopen(actor, at, second.findings))
    return second


def history(matter: Matter) -> list[Event]:
    """The events of a matter's objections."""
    return stream(f"objection:{matter.number}").events
