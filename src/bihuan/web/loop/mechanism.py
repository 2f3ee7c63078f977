"""One mechanism at a glance: its lights, what is latest, and where; every number opens its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import counted_by, light_q, lights_of, visible_to
from bihuan.kernel.registry import pages

from ..surface.middleware import viewer


def figures(rows: QuerySet[Matter], now: datetime) -> dict[str, Any]:
    """Matters at a glance: lights, closed and in time, the ten latest, by territory the thirty with most overdue."""
    places = counted_by(rows, now, "territory", "territory__name", "territory__code")
    return {
        "lights": lights_of(rows, now).items(),
        "closed": sum(p["closed"] for p in places),
        "in_time": sum(p["in_time"] for p in places),
        "places": sorted(places, key=lambda p: (-p["red"], -p["open_"], p["territory__code"]))[:30],
        "latest": rows.filter(light_q("red", now))
        .order_by("due_at")
        .select_related("subject", "territory", "lead", "owed_by")[:10],
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
