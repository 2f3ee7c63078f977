"""One mechanism at a glance: its lights, what is latest, and where; every number opens its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import light_q, lights_of, visible_to
from bihuan.kernel.registry import pages

from ..surface.middleware import viewer


def figures(rows: QuerySet[Matter], now: datetime) -> dict[str, Any]:
    """Matters at a glance: lights, closed and in time, the ten latest, by territory the thirty with most overdue."""
    late = light_q("red", now)
    place = ("territory", "territory__name", "territory__code")
    by_place = rows.order_by().values(*place)
    running = by_place.filter(open=True).annotate(open_=Count("pk"), red=Count("pk", filter=late))
    ended = by_place.filter(open=False, state="closed").annotate(
        closed=Count("pk"), in_time=Count("pk", filter=Q(late=0))
    )
    places: dict[Any, dict[str, Any]] = {}
    for row in (*running, *ended):
        places.setdefault(row["territory"], {"open_": 0, "red": 0, "closed": 0, "in_time": 0}).update(row)
    return {
        "lights": lights_of(rows, now).items(),
        "closed": sum(p["closed"] for p in places.values()),
        "in_time": sum(p["in_time"] for p in places.values()),
        "places": sorted(places.values(), key=lambda p: (-p["red"], -p["open_"], p["territory__code"]))[:30],
        "latest": rows.filter(late).order_by("due_at").select_related("subject", "territory", "lead", "owed_by")[:10],
    }


@require_GET
def mechanism(request: HttpRequest, name: str) -> HttpResponse:
    """Figures by light and kind, the ten latest, and the table by territory."""
    titles = {m.name: m.title for m in pages.section("mechanisms")}
    if name not in titles:
        raise Http404
    rows = visible_to(viewer(request)).filter(mechanism=name)
    context = {
        "name": name, "title": titles[name], "kinds": [k for k in kinds() if k.mechanism == name], **figures(rows, timezone.now()),
    }  # fmt: skip
    return render(request, "loop/mechanism.html", context)
