"""How the key projects stand: lights, figures, waits. Every query starts from what the viewer may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from django.db.models import QuerySet

from bihuan.instruments.projects.rules import Project
from bihuan.instruments.projects.selectors import key_projects, project_of
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import ZONE, last_day, local_day
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from . import lights
from .catalogue import Part, Score, light_schemes, reporting
from .models import Choice

DEFAULT = "bihuan"


def scheme() -> lights.Scheme:
    """The scheme of lights in force."""
    chosen = Choice.objects.first()
    return light_schemes()[chosen.scheme if chosen else DEFAULT]


@dataclass(frozen=True)
class Standing:
    """A project as it stands: its file, its light and its open matters."""

    subject: Subject
    project: Project
    light: lights.Light
    open: int
    late: int
    missing: tuple[str, ...]
    """Months whose reports are missing."""


def report_month(today: date) -> str:
    """The last month whose report is due."""
    rule = reporting()
    return lights.last_due(today, rule.day, rule.workday, calendar_for())


def standings(subjects: Iterable[Subject], now: datetime, using: lights.Scheme | None = None) -> list[Standing]:
    """How each of the subjects stands, with two queries for all. Lights count every open matter, also those that the
    viewer may not see: a light is the project's own, and tells no title."""
    subjects = list(subjects)
    today, chosen = local_day(now), using or scheme()
    month = report_month(today)
    facts: dict[int, list[tuple[datetime | None, bool, int]]] = defaultdict(list)
    rows = Matter.objects.filter(subject__in=[s.pk for s in subjects], open=True)
    for pk, due, paused, round_ in rows.values_list("subject", "due_at", "paused", "round"):
        facts[pk].append((due, paused, round_))
    found = []
    for subject in subjects:
        calendar = calendar_for(subject.territory.path)
        mine = facts[subject.pk]
        days = [last_day(due) for due, paused, _ in mine if due and due <= now and not paused]
        late = [calendar.count(day, today) or 1 for day in days if day]
        seen = lights.Matters(max(late, default=0), max((r - 1 for _, _, r in mine), default=0))
        project = project_of(subject)
        shown = lights.light(lights.Seen(project, seen, today, month, calendar, chosen))
        found.append(Standing(subject, project, shown, len(mine), len(late), tuple(lights.missing(project, month))))
    return found


def all_standings(viewer: Viewer, now: datetime) -> list[Standing]:
    """The key projects that the viewer may see, worst light first."""
    found = standings(key_projects(viewer), now)
    return sorted(found, key=lambda s: (lights.ORDER.index(s.light.colour), s.subject.name))


@dataclass(frozen=True)
class Wait:
    """How long matters of a kind stayed with a unit: median and longest, in days, of those that ended or still run."""

    kind: str
    unit: str
    pk: int
    n: int
    median: float
    longest: float


def waits(viewer: Viewer, now: datetime, mechanism: str = "promotion", most: int = 4_000) -> list[Wait]:
    """How long each kind of problem waits at which unit, from the record of the newest matters that the viewer may see.

    A wait begins with assignment (or transfer) and ends with submission; sent back, it begins again. Pauses count, since
    the enterprise waits all the same.
    """
    rows = visible_to(viewer).filter(mechanism=mechanism).exclude(lead=None).order_by("-number")[:most]
    kinds = {f"matter:{number}": kind for number, kind in rows.values_list("number", "kind")}
    spans: dict[tuple[str, str], list[float]] = defaultdict(list)
    names = list(kinds)
    events: dict[str, list[tuple[str, datetime, str]]] = defaultdict(list)
    wanted = ["Assigned", "Transferred", "Returned", "Submitted", "SentBack", "Reopened", "Withdrawn", "Merged"]
    for start in range(0, len(names), 500):
        part = Event.objects.filter(stream__in=names[start : start + 500], type__in=wanted).order_by("stream", "seq")
        for stream, body in part.values_list("stream", "body"):
            event = happened(body)
            events[stream].append((event.type, event.at, str(event.data.get("lead", ""))))
    for stream, told in events.items():
        kind = kinds[stream]
        unit, since = "", None
        for type_, at, lead in told:
            if type_ in ("Assigned", "Transferred"):
                if since is not None and unit and type_ == "Transferred":
                    spans[kind, unit].append((at - since).total_seconds())
                unit, since = lead, at
            elif type_ in ("SentBack", "Reopened"):
                since = at
            elif since is not None:
                spans[kind, unit].append((at - since).total_seconds())
                since = None
        if since is not None:
            spans[kind, unit].append((now - since).total_seconds())
    return _waits(spans)


def _waits(spans: dict[tuple[str, str], list[float]]) -> list[Wait]:
    found_units = Unit.objects.filter(code__in={u for _, u in spans}).values_list("code", "name", "pk")
    units = {code: (name, pk) for code, name, pk in found_units}
    day = 86_400
    found = [
        Wait(kind, *units[unit], len(s), round(median(s) / day, 1), round(max(s) / day, 1))
        for (kind, unit), s in spans.items()
    ]
    return sorted(found, key=lambda w: (-w.median, w.kind, w.unit))


@dataclass(frozen=True)
class Scored:
    """A part of a score with its points, its figures, and the rows behind both of them."""

    part: Part
    points: float | None
    """None where nothing is there to be counted."""
    over: float
    count: float
    rows: tuple[tuple[Subject, bool], ...]
    """The projects that `over` counts, and whether `count` counts them too."""
    money: bool = False


def score(of: Score, found: Sequence[Standing], now: datetime) -> list[Scored]:
    """The parts of a score from how projects stand; every figure with the projects it counts."""
    today = local_day(now)
    month = report_month(today)
    return [_scored(p, found, int(month[:4]), month) for p in of.parts]


def _scored(part: Part, found: Sequence[Standing], year: int, month: str) -> Scored:
    if part.over in MONEY:
        over = sum(MONEY[part.over](s.project, year, month) for s in found)
        count = sum(MONEY[part.count](s.project, year, month) for s in found)
        rows = tuple((s.subject, MONEY[part.count](s.project, year, month) > 0) for s in found if MONEY[part.over](s.project, year, month))  # fmt: skip
        share = min(count / over, 1.0) if over else None
        return Scored(part, round(part.points * share, 2) if share is not None else None, over, count, rows, money=True)
    if part.over == "closed":
        return _service(part, found)
    within = [s for s in found if _counts(part.over, s.project, year)]
    done = {s.subject.pk for s in within if _counts(part.count, s.project, year)}
    points = round(part.points * len(done) / len(within), 2) if within else None
    return Scored(part, points, len(within), len(done), tuple((s.subject, s.subject.pk in done) for s in within))


def _counts(name: str, project: Project, year: int) -> bool:
    if name == "all":
        return True
    if name == "planned":
        return bool(project.total and project.year_plan(year) and any(n.planned for n in project.nodes))
    return project.node(name).actual is not None


def _planned_so_far(project: Project, year: int, month: str) -> int:
    return next((planned for m, planned, _ in project.curve(year) if m == month), 0)


MONEY: dict[str, Callable[[Project, int, str], int]] = {
    "year_plan": lambda p, year, month: p.year_plan(year),
    "spent": lambda p, year, month: p.spent(year, month) if p.year_plan(year) else 0,
    "planned_so_far": _planned_so_far,
}


def _service(part: Part, found: Sequence[Standing]) -> Scored:
    subjects = {s.subject.pk: s.subject for s in found}
    closed = Matter.objects.filter(subject__in=subjects, mechanism="promotion", state=Matter.State.CLOSED)
    by_subject: dict[int, list[int]] = defaultdict(list)
    for pk, late in closed.values_list("subject", "late"):
        by_subject[pk].append(late)
    over = sum(len(v) for v in by_subject.values())
    count = sum(sum(late <= 0 for late in v) for v in by_subject.values())
    rows = tuple((subjects[pk], all(late <= 0 for late in v)) for pk, v in by_subject.items())
    return Scored(part, round(part.points * count / over, 2) if over else None, over, count, rows)


def matters_of(viewer: Viewer, subjects: Iterable[Subject]) -> QuerySet[Matter]:
    """The promotion matters of these projects that the viewer may see."""
    return visible_to(viewer).filter(subject__in=[s.pk for s in subjects], mechanism="promotion")


def year_of(now: datetime) -> int:
    """The local year."""
    return now.astimezone(ZONE).year
