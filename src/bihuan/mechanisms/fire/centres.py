"""Service centres: what each did for its township, and what each premises still needs from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from bihuan.instruments.lateness.models import counted
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day, start_of
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import subjects_visible_to, visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import posts_on

from .models import Record, Standing

SORTS = ("patrol", "inspection", "training", "urging", "drill")


@dataclass(frozen=True)
class Centre:
    """A centre in a span of time: posts held and vacant, records by sort, premises reached of all in its area."""

    unit: Unit
    held: int
    vacant: int
    done: dict[str, int]
    reached: int
    premises: int


def centres(viewer: Viewer, begin: date, now: datetime) -> list[Centre]:
    """The service centres of townships in which the viewer may see premises, since a day."""
    places = subjects_visible_to(viewer).filter(type="premises").values("territory")
    units = Unit.objects.filter(kind=Unit.Kind.CENTRE, active=True, territory__level="township").select_related(
        "territory"
    )
    found = []
    for unit in units.filter(territory__in=places):
        assert unit.territory is not None
        posts = posts_on(local_day(now)).filter(unit=unit).aggregate(
            held=Count("pk", filter=Q(person__isnull=False)), vacant=Count("pk", filter=Q(person=None))
        )  # fmt: skip
        records = Record.objects.filter(counted(), unit=unit, at__gte=start_of(begin), at__lte=now)
        done = dict.fromkeys(SORTS, 0) | {
            r["what"]: r["n"] for r in records.order_by().values("what").annotate(n=Count("pk"))
        }
        area = Standing.objects.filter(territory__path__startswith=unit.territory.path)
        reached = records.order_by().values("subject").distinct().count()
        found.append(Centre(unit, posts["held"], posts["vacant"], done, reached, area.count()))
    return found


def needs(viewer: Viewer, unit: Unit, now: datetime) -> list[dict[str, Any]]:
    """The premises of a centre's area that need it, the most urgent first: overdue hazards to urge, looks and duties missing,
    tenants to verify."""
    assert unit.territory is not None
    area = Standing.objects.filter(
        territory__path__startswith=unit.territory.path, subject__in=subjects_visible_to(viewer)
    )
    rows = (
        area.annotate(
            hazards=Count("subject__matters", filter=Q(subject__matters__in=_urged(viewer), subject__matters__due_at__lte=now), distinct=True)
        )
        .filter(Q(hazards__gt=0) | Q(watch_due__lte=now) | Q(own_due__lte=now) | Q(tenant_since__isnull=False) | Q(verified=False))
        .select_related("subject").order_by("-hazards", "-points", "-weight", "pk")[:60]
    )  # fmt: skip
    return [
        {
            "standing": s, "hazards": s.hazards, "watch": s.watch_due is not None and s.watch_due <= now,
            "own": s.own_due is not None and s.own_due <= now, "tenant": s.tenant_since, "never": not s.verified,
        }
        for s in rows
    ]  # fmt: skip


def _urged(viewer: Viewer) -> QuerySet[Matter]:
    return visible_to(viewer).filter(mechanism="fire", open=True)
