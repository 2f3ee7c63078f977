"""Plans of inspections: proposed by the planner, drawn in part by lot, edited by people, never binding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from bihuan.engines import visits as engine
from bihuan.engines.geo import Place
from bihuan.instruments.jobs.job import job
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.selectors import public_seed
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from .models import PlannedVisit, Standing, VisitPlan
from .selectors import standings

SECONDS = 12
UNDER_WAY = (VisitPlan.State.WAITING, VisitPlan.State.RUNNING)


def make(
    *, viewer: Viewer, unit: Unit, title: str, begins: date, days: int, teams: Sequence[str], minutes: int, visit: int, share: int, at: datetime,
) -> VisitPlan:  # fmt: skip
    """Ask for a plan. The seed of its lot is drawn now and stands in the ledger before anything is planned."""
    must(unit.code in viewer.acting)
    names = list(dict.fromkeys(t.strip() for t in teams if t.strip()))
    if not 1 <= len(names) <= 40 or not 1 <= days <= 20:
        raise Refused(N_("A plan has 1 to 40 teams and 1 to 20 days."), field="teams")
    if not (60 <= minutes <= 720 and 5 <= visit <= minutes):
        raise Refused(N_("A day has 60 to 720 minutes and a visit at least 5."), field="minutes")
    if not 0 <= share <= 100:
        raise Refused(N_("A share lies between 0 and 100 of a hundred."), field="share")
    with transaction.atomic():
        plan = VisitPlan.objects.create(
            unit=unit, owner=viewer.person, title=title.strip()[:80] or f"{begins}", begins=begins, days=days, teams=names, minutes=minutes,
            visit=visit, share=share, seed="", at=at,
        )  # fmt: skip
        plan.seed = public_seed(f"visits:{plan.pk}")
        plan.save(update_fields=["seed"])
        among = sorted(standings(viewer).values_list("subject__code", flat=True))
        digest = sha256("\n".join(among).encode()).hexdigest()
        data = {
            "title": plan.title, "begins": begins.isoformat(), "days": days, "teams": names, "share": share,
            "seed": plan.seed, "among": {"n": len(among), "sha256": digest},
        }  # fmt: skip
        _noted(plan, "VisitsAsked", viewer.person.username, at, data)
        search.enqueue(plan.pk)
    return plan


def stream_of(plan: VisitPlan) -> str:
    """The stream of a plan."""
    return f"visits:{plan.pk}"


def _noted(plan: VisitPlan, event: str, by: str, at: datetime, told: Mapping[str, Any]) -> None:
    note(stream=stream_of(plan), event=Event(event, at, by, plan.unit.code, {"plan": plan.pk, **told}), at=at)


def workdays(begins: date, days: int) -> list[date]:
    """The working days of a plan."""
    calendar = calendar_for()
    found: list[date] = []
    day = begins
    while len(found) < days:
        if calendar.is_workday(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def sites(rows: QuerySet[Standing], on: Sequence[date]) -> tuple[list[engine.Site], Place]:
    """The premises as sites, and the middle of them as the base. Those without a place lie at the middle of their area."""
    found = list(rows.values_list("subject__code", "lon", "lat", "watch_due", "weight", "points", "territory"))
    middles = _middles([(t, lon, lat) for _c, lon, lat, _d, _w, _p, t in found if lon is not None and lat is not None])
    base = middles.get(None, (113.77, 34.77))
    first, out = start_of(on[0]), []
    for code, lon, lat, due, weight, points, area in found:
        last = None
        if due is not None:
            # the last day of the plan before the moment from which the look is missing
            last = sum(start_of(day + timedelta(days=1)) <= due for day in on) - 1
            last = None if last >= len(on) - 1 and due > start_of(on[-1] + timedelta(days=1)) else last
            if due <= first:
                last = -1
        place = (lon, lat) if lon is not None and lat is not None else middles.get(area, base)
        out.append(engine.Site(code, place, last, min(9, weight + points // 3), str(area)))
    return out, base


def _middles(places: list[tuple[int, float, float]]) -> dict[int | None, Place]:
    sums: dict[int | None, list[float]] = {}
    for area, lon, lat in places:
        for key in (area, None):
            s = sums.setdefault(key, [0, 0, 0])
            s[0], s[1], s[2] = s[0] + lon, s[1] + lat, s[2] + 1
    return {k: (a / n, b / n) for k, (a, b, n) in sums.items()}


def _open() -> QuerySet[VisitPlan]:
    return VisitPlan.objects.filter(state__in=UNDER_WAY)


@transaction.atomic
def _given_up(pk: int, why: str, at: datetime) -> None:
    if _open().filter(pk=pk).update(state=VisitPlan.State.FAILED, progress=why[:120]):
        _noted(VisitPlan.objects.select_related("unit").get(pk=pk), "VisitsFailed", "planner", at, {"why": why})


@job(N_("Planning inspections"), waits=_open, given_up=_given_up)
def search(pk: int, at: datetime) -> None:
    """The worker's part: propose one plan."""
    propose(plan=VisitPlan.objects.select_related("owner", "unit").get(pk=pk), at=at)


@transaction.atomic
def _begun(plan: VisitPlan, at: datetime) -> bool:
    """Say that the search begins, once, also where another worker died over it; False for a plan that is over."""
    row: VisitPlan = VisitPlan.objects.select_for_update().get(pk=plan.pk)
    if row.state == VisitPlan.State.WAITING:
        row.state = VisitPlan.State.RUNNING
        row.save(update_fields=["state"])
        _noted(row, "VisitsBegun", "planner", at, {})
    return row.state == VisitPlan.State.RUNNING


def propose(*, plan: VisitPlan, at: datetime, seconds: float = SECONDS) -> VisitPlan:
    """Plan the visits and keep the proposal, once: a plan that is over stays as it is, with what people changed in it.

    Progress is told in the row, and the row can stop it with the best so far.
    """
    if not _begun(plan, at):
        return plan
    on = workdays(plan.begins, plan.days)
    found, base = sites(standings(viewer_of(plan.owner, local_day(at))), on)
    work = engine.Work(len(plan.teams), plan.days, base, plan.minutes, plan.visit, share=plan.share, seed=plan.seed)

    def told(better: int) -> bool:
        rows = VisitPlan.objects.filter(pk=plan.pk)
        rows.filter(state=VisitPlan.State.RUNNING).update(progress=str(better))
        return bool(rows.values_list("wanted", flat=True).get())

    planned = engine.plan(found, work, seconds, told)
    keys = dict(Subject.objects.filter(code__in=[v.key for v in planned.visits]).values_list("code", "pk"))
    result = {
        "metres": planned.metres, "visits": len(planned.visits), "missed": list(planned.missed), "among": len(found),
        "drawn": list(planned.drawn), "why": dict(Counter(v.why for v in planned.visits)),
    }  # fmt: skip
    with transaction.atomic():
        plan = VisitPlan.objects.select_for_update().get(pk=plan.pk)
        if plan.state != VisitPlan.State.RUNNING:
            return plan  # another worker was faster
        plan.visits.all().delete()
        PlannedVisit.objects.bulk_create(
            PlannedVisit(plan=plan, subject_id=keys[v.key], day=on[v.day], team=v.team, order=v.order, why=v.why)
            for v in planned.visits
        )
        plan.state, plan.result, plan.progress = VisitPlan.State.READY, result, ""
        plan.save(update_fields=["state", "result", "progress"])
        data = {
            "visits": [[v.key, on[v.day].isoformat(), v.team, v.why] for v in planned.visits], "metres": planned.metres,
            "drawn": list(planned.drawn), "missed": list(planned.missed),
        }  # fmt: skip
        _noted(plan, "VisitsProposed", "planner", at, data)
    return plan


@transaction.atomic
def stop(*, viewer: Viewer, plan: VisitPlan, at: datetime) -> None:
    """Stop the search; the best plan so far is kept. A search that is over or was stopped stays as it is."""
    _mine(viewer, plan)
    if VisitPlan.objects.filter(pk=plan.pk, state__in=UNDER_WAY, wanted=True).update(wanted=False):
        _noted(plan, "VisitsStopped", viewer.person.username, at, {})


def _mine(viewer: Viewer, plan: VisitPlan) -> None:
    must(plan.unit.code in viewer.acting)


def _behind(plan: VisitPlan, day: date, team: int) -> int:
    """The place at the end of a tour. Refused for a day or team that the plan does not have."""
    if day not in workdays(plan.begins, plan.days) or not 0 <= team < len(plan.teams):
        raise Refused(N_("The plan has no such day or team."), field="day")
    last = plan.visits.filter(day=day, team=team).aggregate(last=Max("order"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def move(*, viewer: Viewer, visit: PlannedVisit, day: date, team: int, at: datetime) -> None:
    """Move a visit to the end of another tour. Refused for a day or team that the plan does not have."""
    plan = visit.plan
    _mine(viewer, plan)
    before = _place(visit)
    visit.order = _behind(plan, day, team)
    visit.day, visit.team = day, team
    visit.save(update_fields=["day", "team", "order"])
    _edited(viewer, visit, at, before, _place(visit))


@transaction.atomic
def drop(*, viewer: Viewer, visit: PlannedVisit, reason: str, at: datetime) -> None:
    """Take a visit out; one that was drawn by lot only with a reason."""
    _mine(viewer, visit.plan)
    if visit.why == engine.LOT and not reason.strip():
        raise Refused(N_("This one was drawn by lot; say why it is left out."), field="reason")
    before = _place(visit)
    visit.delete()
    _edited(viewer, visit, at, before, None, reason.strip())


@transaction.atomic
def add(*, viewer: Viewer, plan: VisitPlan, subject: Subject, day: date, team: int, at: datetime) -> PlannedVisit:
    """Add a visit at the end of a tour. Refused when the plan has it already."""
    _mine(viewer, plan)
    VisitPlan.objects.select_for_update().get(pk=plan.pk)
    if plan.visits.filter(subject=subject).exists():
        raise Refused(N_("The plan has this premises already."), field="subject")
    made = PlannedVisit(plan=plan, subject=subject, day=day, team=team, order=_behind(plan, day, team), why=engine.RISK)
    made.save()
    _edited(viewer, made, at, None, _place(made))
    return made


def _place(visit: PlannedVisit) -> list[Any]:
    return [visit.day.isoformat(), visit.team]


def _edited(
    viewer: Viewer, visit: PlannedVisit, at: datetime, before: list[Any] | None, after: list[Any] | None, reason: str = ""
) -> None:  # fmt: skip
    told = {"subject": visit.subject.code, "name": visit.subject.name, "from": before, "to": after, "reason": reason}
    _noted(visit.plan, "VisitsEdited", viewer.person.username, at, told)


def plans_of(viewer: Viewer) -> QuerySet[VisitPlan]:
    """The plans of the viewer's units."""
    return VisitPlan.objects.filter(unit__in=viewer.units).select_related("unit")


def today(viewer: Viewer, day: date, most: int = 25) -> list[PlannedVisit]:
    """The visits of a day in the plans of the viewer's units, in their order."""
    rows = PlannedVisit.objects.filter(plan__in=plans_of(viewer), plan__state=VisitPlan.State.READY, day=day)
    return list(
        rows.select_related("subject__territory", "subject__file", "plan").order_by("plan", "team", "order")[:most]
    )


def nearest(places: Sequence[tuple[str, Place]], base: Place) -> list[str]:
    """Keys in a sensible order of visits: always on to the nearest that is left."""
    left, here, found = dict(places), base, []
    while left:
        key = min(left, key=lambda k: (engine.distance(here, left[k]), k))
        here = left.pop(key)
        found.append(key)
    return found
