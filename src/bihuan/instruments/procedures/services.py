"""Writing procedures: start, record a step, keep the list of open steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from bihuan.instruments.lateness.services import sensible_day
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event, stamp
from bihuan.kernel.evidence.models import Staged
from bihuan.kernel.ledger.models import Event as Recorded
from bihuan.kernel.ledger.selectors import end
from bihuan.kernel.ledger.services import append, entry_time, note, once
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import not_future
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import unit_ids

from .models import OpenStep, Procedure, StepFile
from .rules import Fact, Step, sound, values_of
from .selectors import Course, Under, course, next_owners, owners, specs, startable, stream_of


def start(
    *, person: str, unit: str, matter: Matter, procedure: str, at: datetime, values: Mapping[str, Any] | None = None,
    token: str | None = None,
) -> Procedure:  # fmt: skip
    """Start a procedure in the name of a unit; the caller has checked that it may. Refused when a `once` one runs already."""
    not_future(at)
    spec = specs()[procedure]
    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=matter.pk)
        if spec.once and matter.procedures.filter(name=procedure).exists():
            raise Refused(N_("This procedure was started already."))
        number = matter.procedures.count() + 1
        data = {"procedure": procedure, "run": number, "values": values_of(spec.ask, values or {}), **_about(matter)}
        made = Procedure.objects.create(
            matter=matter, number=number, name=procedure, started_at=at, unit=Unit.objects.get(code=unit)
        )
        _append(matter.pk, Event("ProcedureStarted", at, person, unit, data), end(stream_of(matter.pk)), at, token)
        sync(matter.pk, now=max(at, timezone.now()))
    return made


def start_as(
    *, viewer: Viewer, matter: Matter, procedure: str, at: datetime, values: Mapping[str, Any], token: str | None = None
) -> Procedure:
    """Start as a viewer. Refused for units that may not."""
    now = course(matter.pk, at)
    spec = next((s for s in startable(viewer, matter, now) if s.id == procedure), None)
    if spec is None:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    by = (
        owners(spec.by, now.state, "") if spec.by else owners(("lead", "raiser", "verifier", "assigner"), now.state, "")
    )
    unit = next(u for u in by if u in viewer.acting)
    return start(
        person=viewer.person.username, unit=unit, matter=matter, procedure=procedure, at=at, values=values, token=token
    )


def open_step(at: Course, run: int, step: str) -> tuple[Under, Step]:
    """The step that is open now. Refused when it is not."""
    for under in at.under:
        for found in under.steps:
            if under.run.number == run and found.spec.id == step and found.done is None:
                return under, found
    raise Refused(N_("This step is not open."))


def may_record(viewer: Viewer, under: Under, step: Step, at: Course) -> str:
    """The unit in whose name the viewer may record a step; empty when none."""
    apart = set(owners(step.spec.apart, at.state, "")) if step.spec.apart else set()
    units = [
        u for u in owners(step.spec.owner, at.state, under.run.started.unit) if u in viewer.acting and u not in apart
    ]
    return units[0] if units and step.spec.recorded else ""


def record(
    *, viewer: Viewer, matter: Matter, run: int, step: str, at: datetime, values: Mapping[str, Any],
    files: Sequence[Staged] = (), token: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Record a step that is open; what was recorded. Refused for other units, for one that must stand apart, for a person who
    handled the matter where units stand apart, and when something is missing or does not suffice."""
    not_future(at)
    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=matter.pk)
        if token is not None and Recorded.objects.filter(token=token).exists():
            return {}
        now = course(matter.pk, at)
        under, found = open_step(now, run, step)
        unit = may_record(viewer, under, found, now)
        if not unit or (found.spec.apart and viewer.person.username in now.state.handlers):
            raise Refused(N_("Your unit has no part in this step."), allowed=False)
        if at < found.begun_by.at:
            raise Refused(N_("This lies before the step began."), field="at")
        told = values_of(found.spec.fields, values)
        for name in ("served", "day"):
            if told.get(name):
                sensible_day(date.fromisoformat(told[name]), at=at, field=name)
        sound(found.spec, told, len(files))
        data = {
            "run": run, "procedure": under.spec.id, "step": step, "values": told, "late": found.due.moment is not None and at >= found.due.moment,
            "files": [{"sha256": s.file_id, "name": s.name} for s in files], **_about(matter),
            "tell": next_owners(now, under, Fact(step, at, unit, viewer.person.username, told, run)),
        }  # fmt: skip
        after = end(stream_of(matter.pk))
        row = matter.procedures.get(number=run)
        StepFile.objects.bulk_create(StepFile(procedure=row, seq=after[0] + 1, file=s.file, name=s.name) for s in files)
        _append(matter.pk, Event("StepRecorded", at, viewer.person.username, unit, data), after, at, token)
        for staged in files:
            staged.delete()
        sync(matter.pk, now=max(at, timezone.now()))
    return told


def guard(number: int, command: c.Command) -> None:
    """Refused when a matter is submitted while a step that must come first is open."""
    if not isinstance(command, c.Submit) or not Procedure.objects.filter(matter=number).exists():
        return
    for under in course(number, command.at).under:
        for step in under.steps:
            if step.spec.before == "submit" and step.done is None:
                raise Refused(N_("“%(step)s” comes first."), step=step.spec.name)


def _about(matter: Matter) -> dict[str, Any]:
    return {"matter": matter.pk, "title": f"#{matter.pk} {matter.title}"[:120], "confidential": matter.confidential}


def _append(number: int, event: Event, after: tuple[int, str], at: datetime, token: str | None) -> None:
    append(stream=stream_of(number), events=[event], after=after, entered_at=entry_time(at), token=token)


def sync(number: int, *, now: datetime) -> None:
    """Reckon the open steps of a matter anew."""
    at = course(number, now)
    rows = {p.number: p for p in Procedure.objects.filter(matter=number)}
    version = Matter.objects.values_list("version", flat=True).get(pk=number)
    OpenStep.objects.filter(procedure__matter=number).delete()
    made = []
    for under in at.under:
        row = rows[under.run.number]
        row.seen, row.stale_at = version, at.state.due if at.state.due and at.state.due > now else None
        for step in under.steps:
            if step.done is None and not step.spec.optional:
                unit = owners(step.spec.owner, at.state, under.run.started.unit)[0]
                made.append(
                    OpenStep(
                        procedure=row,
                        step=step.spec.id,
                        unit_id=unit_ids([unit])[unit],
                        begun_at=step.begun,
                        due_at=step.due.moment,
                        warn_at=step.warn,
                    )
                )
    OpenStep.objects.bulk_create(made)
    Procedure.objects.bulk_update(rows.values(), ["seen", "stale_at"])


def warn(*, now: datetime, most: int = 500) -> int:
    """Tell whoever owes a step that its clock runs out soon, once for each due moment; how many. The worker does this."""
    rows = OpenStep.objects.filter(warn_at__lte=now, warned=False).select_related("procedure__matter", "unit")[:most]
    for row in rows:
        matter = row.procedure.matter
        token = once(f"warned:{matter.pk}:{row.procedure.number}:{row.step}:{row.due_at}")
        name = specs()[row.procedure.name].step(row.step).name
        data = {
            "run": row.procedure.number,
            "procedure": row.procedure.name,
            "step": row.step,
            "due": stamp(row.due_at) if row.due_at else None,
            **_about(matter),
            "title": f"{name} · {matter.title}"[:120],
            "tell": [row.unit.code],
        }
        note(
            stream=stream_of(matter.pk),
            event=Event("StepWarned", now, "clock", row.unit.code, data),
            at=now,
            token=token,
        )
        OpenStep.objects.filter(pk=row.pk).update(warned=True)
    return len(rows)


def follow(*, now: datetime, most: int = 500) -> int:
    """Reckon anew what the loop or the time has moved; how many matters. The worker does this."""
    moved = Procedure.objects.filter(~Q(seen=F("matter__version")) | Q(stale_at__lte=now))
    numbers = sorted(set(moved.values_list("matter", flat=True)[:most]))
    for number in numbers:
        with transaction.atomic():
            sync(number, now=now)
    return len(numbers)


def forget_steps(*, now: datetime) -> None:
    """Let the worker reckon anew the steps of every matter that is open or was closed within a year, whatever stands there."""
    recent = Q(matter__open=True) | Q(matter__closed_at__gte=now - timedelta(days=366))
    Procedure.objects.filter(recent).update(seen=0)
