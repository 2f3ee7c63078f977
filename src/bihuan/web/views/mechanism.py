"""One mechanism at a glance: its lights, what is latest, and where; every number opens its rows."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from bihuan.kernel.matters.catalogue import kinds
from bihuan.kernel.matters.selectors import light_q, lights_of, visible_to

from ..context import MECHANISMS
from ..middleware import viewer


@require_GET
def mechanism(request: HttpRequest, name: str) -> HttpResponse:
    """Figures by light and kind, the ten latest, and the table by territory."""
    titles = {m[0]: m[1] for m in MECHANISMS}
    if name not in titles:
        raise Http404
    now = timezone.now()
    rows = visible_to(viewer(request)).filter(mechanism=name)
    late = light_q("red", now)
    places = (
        rows.values("territory", "territory__name")
        .annotate(open_=Count("pk", filter=Q(open=True)), red=Count("pk", filter=late), closed=Count("pk", filter=Q(state="closed")))
        .order_by("-red", "-open_")[:30]
    )  # fmt: skip
    context = {
        "name": name, "title": titles[name], "lights": lights_of(rows, now).items(),
        "kinds": [k for k in kinds() if k.mechanism == name],
        "latest": rows.filter(late).order_by("due_at").select_related("subject", "territory", "lead", "owed_by")[:10],
        "places": list(places), "closed": rows.filter(state="closed").count(),
        "in_time": rows.filter(state="closed", late=0).count(),
    }  # fmt: skip
    return render(request, "web/mechanism.html", context)
