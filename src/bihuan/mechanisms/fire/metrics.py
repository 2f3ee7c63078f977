"""What fire safety can be assessed by: premises reached, trainings, leaders' own checks, centres staffed, fires."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q, QuerySet

from bihuan.instruments.assessment.metrics import Facts, Metric, Row, Since, Source, Span
from bihuan.instruments.assessment.sources import counted, tally
from bihuan.instruments.lateness.models import counted as confirmed
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Post, Territory, Unit
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.subjects.models import Subject, SubjectParty

from .grades import SERIOUS
from .incidents import incidents_visible_to
from .models import Incident, Record

COVERED, TRAINED, CHECKS, STAFFED, SERIOUS_, DEATHS, FAILED, INSPECTED = (
    f"fire.{x}"
    for x in (
        "covered",
        "trained",
        "leader_checks",
        "centre_staffed",
        "serious",
        "deaths",
        "failed_duty",
        "inspections",
    )
)
METRICS = (
    Metric(COVERED, N_("premises seen by the township or the brigade"), True), Metric(TRAINED, N_("premises with a training or a drill"), True),
    Metric(CHECKS, N_("inspections led by the head of the unit"), False), Metric(STAFFED, N_("posts of the service centre held"), True),
    Metric(SERIOUS_, N_("larger and worse fires"), False, "less"), Metric(DEATHS, N_("deaths in fires"), False, "less"),
    Metric(FAILED, N_("larger and worse fires with a failed duty"), False, "less"), Metric(INSPECTED, N_("inspections by the unit"), False),
)  # fmt: skip
Own = dict[int, list[int]]
"""Premises → the units that answer for them."""


def answering(span: Span, units: Collection[int] | None) -> Own:
    """Who answers for which premises: the township of its place, its sector department, its owner."""
    places: dict[int, list[int]] = defaultdict(list)
    townships = Unit.objects.filter(kind=Unit.Kind.TOWNSHIP, territory__isnull=False)
    if units is not None:
        townships = townships.filter(pk__in=units)
    for pk, path in townships.values_list("pk", "territory__path"):
        places_below = _below(path)
        for place in places_below:
            places[place].append(pk)
    rows = Subject.objects.filter(type=Subject.Type.PREMISES, created__lt=span.stop)
    owners, sector = rows.filter(unit__isnull=False), SubjectParty.objects.filter(role="sector", subject__in=rows)
    if units is not None:
        rows, owners, sector = (
            rows.filter(territory__in=places),
            owners.filter(unit__in=units),
            sector.filter(unit__in=units),
        )
    found: Own = defaultdict(list)
    for pk, place in rows.order_by().values_list("pk", "territory"):
        found[pk] += places.get(place, [])
    for pk, unit in (*owners.order_by().values_list("pk", "unit"), *sector.values_list("subject", "unit")):
        if unit not in found[pk]:
            found[pk].append(unit)
    return found


def _below(path: str) -> list[int]:
    return list(Territory.objects.filter(path__startswith=path).values_list("pk", flat=True))


def _records(span: Span) -> QuerySet[Record]:
    return Record.objects.filter(confirmed(), at__gte=span.start, at__lt=span.stop)


def _reached(span: Span, metric: str) -> set[int]:
    done = _records(span)
    done = (
        done.filter(what="inspection").exclude(by="unit")
        if metric == COVERED
        else done.filter(what__in=["training", "drill"])
    )
    return set(done.order_by().values_list("subject_id", flat=True).distinct())


def _led(span: Span) -> QuerySet[Record]:
    """Inspections entered by whoever held the post of head of the unit that day."""
    heads = Post.objects.filter(role=Post.Role.HEAD, person__isnull=False)
    return _records(span).filter(what="inspection", person__in=heads.values("person__username"))


def _fires(span: Span) -> QuerySet[Incident]:
    return Incident.objects.exclude(state=Incident.State.ANNULLED).filter(at__gte=span.start, at__lt=span.stop)


def _centres(span: Span) -> QuerySet[Post]:
    return posts_on(span.day).filter(unit__kind=Unit.Kind.CENTRE, unit__sector="fire", unit__territory__isnull=False)


def measure(span: Span, units: Collection[int] | None) -> Facts:
    """All of them at once; of some units only where that is cheaper."""
    own = answering(span, units)
    facts: Facts = {}
    for metric in (COVERED, TRAINED):
        reached = _reached(span, metric)
        facts[metric] = tally((unit, pk in reached) for pk, answer in own.items() for unit in answer)
    facts[CHECKS] = counted(_led(span).order_by().values_list("unit_id", flat=True))
    facts[INSPECTED] = counted(_records(span).filter(what="inspection").order_by().values_list("unit_id", flat=True))
    townships = {t: u for u, t in Unit.objects.filter(kind=Unit.Kind.TOWNSHIP).values_list("pk", "territory_id") if t}
    facts[STAFFED] = tally(
        (townships[t], held is not None)
        for t, held in _centres(span).values_list("unit__territory_id", "person_id")
        if t in townships
    )
    return {**facts, **_fire_facts(span, own)}


def _fire_facts(span: Span, own: Own) -> Facts:
    serious: list[int] = []
    deaths: list[int] = []
    for row in _fires(span).select_related("territory"):
        units = _of_fire(row, own)
        dead = sum(bool(p["died"]) for p in row.people)
        if row.statistics in SERIOUS:
            serious += units
        for unit in units:
            deaths += [unit] * dead
    failed = (
        _fires(span)
        .filter(statistics__in=SERIOUS, state=Incident.State.FINAL)
        .exclude(failed=None)
        .values_list("failed", flat=True)
    )
    return {SERIOUS_: counted(serious), DEATHS: counted(deaths), FAILED: counted(failed)}


def _of_fire(row: Incident, own: Own) -> list[int]:
    """The units that answer for a fire: those of its premises, and the township of its place."""
    found = set(own.get(row.subject_id or 0, []))
    found |= set(
        Unit.objects.filter(kind=Unit.Kind.TOWNSHIP, territory__path__in=_above(row.territory.path)).values_list(
            "pk", flat=True
        )
    )
    return sorted(found)


def _above(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)]


def rows(viewer: Viewer, metric: str, unit: int, span: Span) -> list[Row]:
    """The premises, records, posts and fires behind a figure."""
    if metric in (COVERED, TRAINED):
        mine = [pk for pk, units in answering(span, [unit]).items() if unit in units]
        reached = _reached(span, metric)
        seen = subjects_visible_to(viewer).filter(pk__in=mine).order_by("name").select_related("territory")
        return sorted(
            (Row("subject", s.code, s.name, s.pk in reached, None, s.territory.name) for s in seen),
            key=lambda r: r.good,
        )
    if metric in (CHECKS, INSPECTED):
        base = _led(span) if metric == CHECKS else _records(span).filter(what="inspection")
        found = base.filter(unit=unit, subject__in=subjects_visible_to(viewer)).select_related("subject")[:1_000]
        return [Row("record", str(r.pk), r.subject.name, True, r.at) for r in found]
    if metric == STAFFED:
        place = Unit.objects.filter(pk=unit).values("territory")
        posts = _centres(span).filter(unit__territory__in=place).select_related("unit")
        return [
            Row("post", str(p.pk), f"{p.unit.name} {p.title}", p.person_id is not None, p.valid_from) for p in posts
        ]
    own, out = answering(span, [unit]), []
    for row in (
        _fires(span)
        .filter(pk__in=incidents_visible_to(viewer))
        .select_related("territory", "subject")
        .prefetch_related("failed")
    ):
        here = unit in {u.pk for u in row.failed.all()} if metric == FAILED else unit in _of_fire(row, own)
        if not here or (metric in (SERIOUS_, FAILED) and row.statistics not in SERIOUS):
            continue
        out += [Row("incident", str(row.pk), row.address, False, row.at)] * (
            sum(bool(p["died"]) for p in row.people) if metric == DEATHS else 1
        )
    return out


def touched(since: Since) -> set[int] | None:
    """Units of premises that have new records. Files, fires and posts may move anything from one unit to another."""
    days = (local_day(since.then), local_day(since.now))
    turned = Q(valid_from__gt=days[0], valid_from__lte=days[1]) | Q(valid_to__gte=days[0], valid_to__lt=days[1])
    if (
        any(since.streams.get(kind) for kind in ("incident", "subject", "post", "unit"))
        or Post.objects.filter(turned).exists()
    ):
        return None
    keys = since.streams.get("premises", ())
    if len(keys) > 2_000:
        return None
    found: set[int] = set(Record.objects.filter(subject__code__in=keys).values_list("unit_id", flat=True))
    hit = Subject.objects.filter(code__in=keys, type=Subject.Type.PREMISES)
    found |= set(SubjectParty.objects.filter(role="sector", subject__in=hit).values_list("unit_id", flat=True))
    found |= {u for u in hit.values_list("unit_id", flat=True) if u}
    for path in hit.values_list("territory__path", flat=True).distinct():
        found |= set(
            Unit.objects.filter(kind=Unit.Kind.TOWNSHIP, territory__path__in=_above(path)).values_list("pk", flat=True)
        )
    return found


SOURCE = Source("fire.premises", METRICS, measure, rows, touched)
FIRE_KINDS = {
    "hazards_kept": (N_("hazards removed in time"), ("hazard_general", "hazard_serious")), "major_kept": (N_("major hazards removed in time"), ("hazard_major",)),
    "complaints_kept": (N_("complaints answered in time"), ("complaint", "complaint_urgent")), "checks_kept": (N_("checks before opening and events in time"), ("fire_check",)),
    "tasks_kept": (N_("tasks of the letter in time"), ("letter_task",)),
}  # fmt: skip
"""Kinds of matter by what they are assessed as."""
