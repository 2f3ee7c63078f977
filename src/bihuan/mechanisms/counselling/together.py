"""All projects together, within what units can decide; and better timetables: searches that somebody watches and may stop.

The first answer stands at once; what comes later is never worse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bihuan.engines.approvals.path import FINISH, START, Path
from bihuan.engines.scheduling import portfolio as engine
from bihuan.instruments.jobs.job import job
from bihuan.instruments.meetings.services import hosted
from bihuan.kernel.access.viewer import Viewer, viewer_of
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused, must
from bihuan.kernel.orgs.selectors import unit_names_of
from bihuan.kernel.subjects.models import Subject

from .catalogue import unit_of
from .models import Officers, Reckoning, Session
from .paths import applied, path_of, projects
from .sessions import arrange

SECONDS = 10.0
What = Reckoning.What


def reckonings_of(viewer: Viewer) -> QuerySet[Reckoning]:
    """The viewer's own searches."""
    return Reckoning.objects.filter(owner=viewer.person)


def ask(
    *, viewer: Viewer, at: datetime, session: Session | None = None, officers: Mapping[str, int] | None = None
) -> Reckoning:
    """Ask for a search: for a session's timetable, else for all projects that the viewer sees. Refused while one runs, and for a
    session of another host."""
    must(bool(viewer.acting))
    if session is not None:
        hosted(viewer, session.meeting)
    what = What.TIMETABLE if session is not None else What.TOGETHER
    with transaction.atomic():
        running = reckonings_of(viewer).filter(what=what, session=session, pk__in=Reckoning.open())
        if running.exists():
            raise Refused(N_("A search is running already."))
        made = Reckoning.objects.create(
            what=what, session=session, owner=viewer.person, officers=dict(officers or {}), at=at
        )
        search.enqueue(made.pk)
    return made


@job(N_("Looking for a better plan"), waits=Reckoning.open, given_up=Reckoning.give_up)
def search(pk: int, at: datetime) -> None:
    """The worker's part: search for something better."""
    reckon(row=Reckoning.objects.select_related("owner", "session__meeting__host").get(pk=pk), at=at)


def reckon(*, row: Reckoning, at: datetime, seconds: float = SECONDS) -> None:
    """Search and keep the best; progress is told in the row, and the row can stop it. What is over stays as it is."""
    if not row.begin():
        return
    told = row.watched(lambda cost, before: cost < before)
    who = viewer_of(row.owner, local_day(at))
    if row.session is not None:
        arrange(viewer=who, session=row.session, at=at, seconds=seconds, progress=told, keep=lambda made: _ended(row, made.cost, made.bound, {"end": made.end, "proven": made.proven}))  # fmt: skip
    else:
        result, cost = _together(who, local_day(at), row.officers, seconds, told)
        _ended(row, cost, 0, result)


def _ended(row: Reckoning, cost: int, bound: int, result: dict[str, Any]) -> bool:
    row.refresh_from_db(fields=["first"])
    return row.end(cost=cost, bound=bound, first=row.first or cost, result=result)


def project_of(path: Path, key: str) -> engine.Project:
    """A project's remaining items as jobs: what an office decides holds one of its officers."""
    calendar = calendar_for()
    base = path.situation.as_of
    jobs = []
    for id_ in path.catalogue.order:
        step = path.steps[id_]
        if step.start is None or step.end is None:
            continue
        item = path.catalogue.items[id_]
        days = calendar.count(base, step.end) if step.state == "running" else step.days
        held = "" if item.milestone or item.off_clock else unit_of(item)
        ready = path.situation.ready.get(id_)
        release = max(calendar.count(base, ready - timedelta(days=1)) + 1, 0) if ready else 0
        waits = () if step.state == "running" else step.waits
        jobs.append(engine.Job(id_, max(days, 0), held, waits, release))
    return engine.Project(key, tuple(jobs))


def _together(
    viewer: Viewer, today: date, officers: Mapping[str, int], seconds: float, told: Callable[[int, int], bool]
) -> tuple[dict[str, Any], int]:
    """Every project's start and end alone and together with the others, and what an officer more of each unit would win."""
    subjects = list(projects(viewer))
    apps = applied(subjects)
    paths = {s: path_of(s, today, apps=apps[s.pk]) for s in subjects}
    made = [project_of(p, s.code) for s, p in paths.items()]
    have = {**dict(Officers.objects.values_list("unit__code", "n")), **officers}
    found = engine.plan(made, have, seconds, seed=0, progress=told)
    calendar = calendar_for()

    def day(n: int | None) -> str | None:
        return None if n is None else calendar.add(today, n).isoformat()

    rows = [_row(s, paths[s], found, day) for s in subjects]
    units = sorted({j.unit for p in made for j in p.jobs if j.unit})
    once = engine.plan(made, have).cost
    more = [(u, once - engine.plan(made, {**have, u: have.get(u, 1) + 1}).cost) for u in units]
    best = sorted((m for m in more if m[1] > 0), key=lambda m: (-m[1], m[0]))[:3]
    helps = [{"unit": unit_names_of([u])[0], "days": n} for u, n in best]
    return {"rows": rows, "helps": helps, "rounds": found.rounds, "projects": len(rows)}, found.cost


def _row(
    subject: Subject, path: Path, found: engine.Portfolio, day: Callable[[int | None], str | None]
) -> dict[str, Any]:
    starts = found.starts[subject.code]
    alone, start = path.steps[FINISH].end, path.steps[START].end
    return {
        "code": subject.code, "name": subject.name, "alone": alone.isoformat() if alone else None, "together": day(found.ends[subject.code]),
        "start_alone": start.isoformat() if start else None, "start_together": day(starts.get(START)),
        "lost": found.ends[subject.code] - path.length if alone else 0,
    }  # fmt: skip
