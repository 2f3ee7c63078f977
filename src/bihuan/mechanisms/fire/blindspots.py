"""Blind spots: premises nobody answers for or nobody saw, areas where paper grows and coverage shrinks, inspections that look
alike. Everything here is a question to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from bihuan.engines.geo import metres
from bihuan.instruments.lateness.models import counted
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.orgs.models import Territory

from .models import Record, RecordFile, Standing
from .periods import period_of
from .selectors import records_visible_to, scheme, standings

SPOTS = ("placeless", "sectorless", "unmanaged", "never", "late", "night", "tenant", "vacant", "outage", "own")
"""Sorts of blind spots, the gravest first."""
SPEED = 90_000
"""Metres an hour between two visits beyond which a route is a question."""


def spot_q(name: str, now: datetime) -> Q:
    """The premises of one sort of blind spot."""
    return {
        "placeless": Q(placed=False),
        "sectorless": Q(sector=False),
        "unmanaged": Q(managed=False),
        "never": Q(verified=False),
        "late": Q(watch_due__lte=now, verified=True),
        "night": Q(sleeping=True, last_night=None),
        "tenant": Q(tenant_since__isnull=False),
        "vacant": Q(vacant_since__isnull=False),
        "outage": Q(outage_since__isnull=False),
        "own": Q(own_due__lte=now),
    }[name]


def counts(rows: QuerySet[Standing], now: datetime, names: Sequence[str] = SPOTS) -> dict[str, int]:
    """How many premises each sort has; `all` beside them. One query."""
    return rows.aggregate(all=Count("pk"), **{name: Count("pk", filter=spot_q(name, now)) for name in names})


DESK = ("late", "tenant", "vacant", "outage")
"""Sorts that stand on the desk of those who answer for an area."""


def on_desk(viewer: Viewer, now: datetime) -> list[tuple[str, int]]:
    """What of an area is missing, for the desk of its township, its service centre and the fire offices; those with none left
    out."""
    if not any(
        p.unit.kind in ("township", "centre", "brigade") or p.unit.sector == "fire"
        for p in viewer.posts
        if p.unit.code in viewer.acting
    ):
        return []
    counted = counts(standings(viewer), now, DESK)
    return [(name, counted[name]) for name in DESK if counted[name]]


def by_place(rows: QuerySet[Standing], name: str, now: datetime) -> list[Any]:
    """For each territory how many premises it has and how many of one sort of blind spot."""
    grouped = rows.order_by().values("territory", "territory__code", "territory__name")
    return list(
        grouped.annotate(n=Count("pk"), blind=Count("pk", filter=spot_q(name, now))).order_by(
            "-blind", "territory__name"
        )
    )


def signalled(rows: QuerySet[Standing]) -> QuerySet[Standing]:
    """Premises whose early signals reach the list."""
    return rows.filter(points__gte=scheme().warn_at).order_by("-points", "pk")


@dataclass(frozen=True)
class Paper:
    """A territory whose inspections rose while the premises it reached fell: this quarter against the one before."""

    territory: Territory
    visits: tuple[int, int]
    reached: tuple[int, int]
    """(before, now)."""


def paper(viewer: Viewer, now: datetime) -> list[Paper]:
    """Territories where counts rise while coverage falls; the quarter before is cut to the same number of days."""
    begin, _ = period_of("quarter", local_day(now))
    earlier, _ = period_of("quarter", begin - timedelta(days=1))
    length = now - start_of(begin)
    spans = [(start_of(earlier), min(start_of(earlier) + length, start_of(begin))), (start_of(begin), now)]
    rows = records_visible_to(viewer).filter(counted(), what="inspection").exclude(by="unit").order_by()
    found: dict[int, list[tuple[int, int]]] = defaultdict(lambda: [(0, 0), (0, 0)])
    for i, (a, b) in enumerate(spans):
        grouped = (
            rows.filter(at__gte=a, at__lt=b)
            .values("subject__territory")
            .annotate(n=Count("pk"), reached=Count("subject", distinct=True))
        )
        for g in grouped:
            found[g["subject__territory"]][i] = (g["n"], g["reached"])
    places = Territory.objects.in_bulk(found)
    return [
        Paper(places[pk], (a[0], b[0]), (a[1], b[1])) for pk, (a, b) in found.items() if b[0] > a[0] > 0 and b[1] < a[1]
    ]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """Records that somebody should look at: `why` is same, route or photo."""

    why: str
    records: tuple[Record, ...]
    detail: int = 0
    """Kilometres for a route."""


def questions(viewer: Viewer, now: datetime, days: int = 30) -> list[Question]:
    """Inspections of the last days that look alike, impossible routes and photos used twice."""
    rows = records_visible_to(viewer).filter(what="inspection", at__gte=now - timedelta(days=days))
    return [*_same(rows), *_routes(rows), *_photos(rows)]


def _same(rows: QuerySet[Record]) -> list[Question]:
    """One unit's inspections of three or more premises that say exactly the same of everything."""
    looks = (
        rows.exclude(look="")
        .order_by()
        .values("look", "unit")
        .annotate(n=Count("subject", distinct=True))
        .filter(n__gte=3)
    )
    found = []
    for g in looks.order_by("-n")[:20]:
        found.append(Question("same", tuple(rows.filter(look=g["look"], unit=g["unit"]).order_by("at")[:12])))
    return found


def _routes(rows: QuerySet[Record]) -> list[Question]:
    """One person at two places faster than anybody travels, by the device's position and time."""
    found: list[Question] = []
    before: dict[str, Record] = {}
    placed = rows.filter(lon__range=(-180, 180), lat__range=(-90, 90))
    for r in placed.order_by("person", "at")[:20_000]:
        last = before.get(r.person)
        before[r.person] = r
        if (
            last is None
            or last.lon is None
            or last.lat is None
            or r.lon is None
            or r.lat is None
            or last.subject_id == r.subject_id
        ):
            continue
        far, hours = metres((last.lon, last.lat), (r.lon, r.lat)), (r.at - last.at).total_seconds() / 3600
        if far > 2_000 and far > SPEED * hours:
            found.append(Question("route", (last, r), round(far / 1000)))
    return found[:20]


def _photos(rows: QuerySet[Record]) -> list[Question]:
    """The same photo on inspections of different premises."""
    used = (
        RecordFile.objects.filter(record__in=rows)
        .order_by()
        .values("file")
        .annotate(n=Count("record__subject", distinct=True))
        .filter(n__gte=2)
    )
    return [
        Question("photo", tuple(rows.filter(files__file=g["file"]).distinct()[:6])) for g in used.order_by("-n")[:20]
    ]


def listed(rows: QuerySet[Standing], name: str, now: datetime) -> QuerySet[Standing]:
    """The premises of one sort, those on which most depends first."""
    found = (
        rows.filter(spot_q(name, now))
        .select_related("subject__territory", "subject__unit")
        .prefetch_related("subject__labels")
    )
    return found.order_by("-weight", "watch_due", "pk")


def dots(rows: QuerySet[Standing], name: str, now: datetime, most: int = 2_000) -> Sequence[tuple[Any, ...]]:
    """(longitude, latitude, code, name) of premises of one sort that have a place, at most `most`."""
    found = rows.filter(spot_q(name, now)).exclude(lon=None).order_by("-weight", "pk")
    return list(found.values_list("lon", "lat", "subject__code", "subject__name")[:most])
