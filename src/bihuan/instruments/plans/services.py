"""Making plans, stopping them, and making the matters of the periods that have come."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain import commands as c
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note, once
from bihuan.kernel.matters.catalogue import kind_on
from bihuan.kernel.matters.services import promise
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from . import rules
from .models import Period, Plan

AT_ONCE = 200
"""Periods that one look makes at most; the next look goes on."""


def plans_of(viewer: Viewer) -> QuerySet[Plan]:
    """Plans that the viewer's units made or lead."""
    return Plan.objects.filter(Q(unit__in=viewer.units) | Q(lead__in=viewer.units))


@transaction.atomic
def plan_make(
    *, viewer: Viewer, at: datetime, unit: Unit, lead: Unit, subject: Subject, kind: str, title: str, every: str, day: int,
    start: date, workday: bool = False, end: date | None = None,
) -> Plan:  # fmt: skip
    """A new plan. The caller has checked that the viewer may see the subject. Refused for another unit's name, for a day
    that no period has, for a kind that hangs on something else, and where nobody but the lead unit could verify."""
    must(unit.code in viewer.acting)
    if not 1 <= day <= (7 if every == "week" else 31):
        raise Refused(N_("A week has the days 1 to 7, a month at most 31."), field="day")
    if end is not None and end < start:
        raise Refused(N_("The last day lies before the first."), field="end")
    if start < local_day(at):
        raise Refused(N_("A plan begins today at the earliest."), field="start")
    if kind_on(kind, local_day(at)).subject != subject.type:
        raise Refused(N_("This kind hangs on another type of subject."), field="kind")
    plan = Plan.objects.create(
        unit=unit, lead=lead, subject=subject, kind=kind, title=title, every=every, day=day, workday=workday, start=start,
        end=end, person=viewer.person.username,
    )  # fmt: skip
    data = {
        "lead": lead.code, "subject": subject.code, "kind": kind, "title": title, "every": every, "day": day, "workday": workday,
        "start": start.isoformat(), "end": end.isoformat() if end else None,
    }  # fmt: skip
    note(stream=f"plan:{plan.pk}", event=Event("PlanMade", at, viewer.person.username, unit.code, data), at=at)
    return plan


@transaction.atomic
def plan_stop(*, viewer: Viewer, at: datetime, plan: Plan, reason: str) -> None:
    """No more periods from today on; matters that were made go on."""
    must(plan.unit.code in viewer.acting)
    plan.end = local_day(at)
    plan.save(update_fields=["end"])
    happened = Event("PlanStopped", at, viewer.person.username, plan.unit.code, {"reason": reason})
    note(stream=f"plan:{plan.pk}", event=happened, at=at)


def run(*, at: datetime) -> int:
    """Make the matters of every period whose day has come; how many. Any number of workers may run."""
    today, made = local_day(at), 0
    for plan in (
        Plan.objects.filter(start__lte=today)
        .select_related("unit", "lead", "subject__territory")
        .prefetch_related("periods")
    ):
        have = {period.name for period in plan.periods.all()}
        calendar = calendar_for(plan.subject.territory.path)
        until = min(today, plan.end) if plan.end else today
        for name, planned in rules.occurrences(plan.every, plan.day, plan.start, until):
            day = rules.on_workday(planned, calendar) if plan.workday else planned
            if name in have or day > today:
                continue
            made += _period(plan, name, day, now=at, late=day < today)
            if made >= AT_ONCE:
                return made
    return made


def _period(plan: Plan, name: str, day: date, *, now: datetime, late: bool) -> int:
    """One period, in one transaction. The matter counts from the period's own day, also when it is made late."""
    at, actor = start_of(day), c.Actor("clock", frozenset({plan.unit.code}))
    token = once(f"plan:{plan.pk}:{name}")
    try:
        with transaction.atomic():
            matter = promise(
                actor=actor, at=at, kind_id=plan.kind, title=f"{plan.title}({name})", description="", subject=plan.subject, raiser=plan.unit,
                lead=plan.lead.code, reason="plan", token=token,
            )  # fmt: skip
            Period.objects.create(plan=plan, name=name, day=day, late=late, matter=matter)
            told = {"name": name, "day": day.isoformat(), "late": late, "matter": matter.number}
            note(stream=f"plan:{plan.pk}", event=Event("PeriodMade", now, "clock", plan.unit.code, told), at=now)
    except IntegrityError:
        return 0  # another worker made this period in the same moment
    return 1
