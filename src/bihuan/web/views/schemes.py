"""Schemes: what is assessed and how, with source and mark; change numbers, see the effect on last year, adopt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.engines.scoring.schema import Scheme as Parsed
from bihuan.instruments.assessment import services
from bihuan.instruments.assessment.catalogue import body_of, read, schemes, shipped
from bihuan.instruments.assessment.models import Assessment, Scheme
from bihuan.instruments.assessment.reckoning import refresh, tried
from bihuan.instruments.assessment.selectors import full, keeps
from bihuan.kernel.domain.kinds import BadCatalogue

from ..forms.assessments import SchemeForm
from ..middleware import acting, viewer
from .letters import year_of


def columns(scheme: Parsed) -> list[dict[str, Any]]:
    """Parts with items and rules, for a page."""
    return [{"part": p, "items": p.items} for p in scheme.parts]


@require_GET
def scheme_list(request: HttpRequest) -> HttpResponse:
    """The schemes in force for a year."""
    who, year = viewer(request), year_of(request)
    adopted = {s.key: s for s in reversed(Scheme.objects.filter(year__lte=year, adopted_at__isnull=False))}
    rows = [
        {"scheme": s, "parts": columns(s), "adopted": adopted.get(s.id), "keeps": keeps(who, s.mechanism)}
        for s in schemes(year)
    ]
    return render(request, "web/schemes.html", {"tab": "schemes", "year": year, "rows": rows})


@require_http_methods(["GET", "POST"])
def scheme(request: HttpRequest, key: str, year: int) -> HttpResponse:
    """Change the numbers of a scheme: try them on last year, then adopt them for this one."""
    who, now = acting(request), timezone.now()
    if key not in shipped() or not 2000 <= year <= 2100:
        raise Http404
    if not keeps(who, shipped()[key]["mechanism"]):
        raise PermissionDenied
    form = SchemeForm(body_of(key, year), request.POST or None)
    context: dict[str, Any] = {
        "tab": "schemes",
        "form": form,
        "key": key,
        "scheme": read(body_of(key, year)),
        "for_year": year,
        "back": f"{reverse('schemes')}?year={year}",
    }
    if request.method == "POST" and form.is_valid():
        body = form.changed_body()
        try:
            read(body)
        except BadCatalogue as error:
            form.add_error(None, _("The scheme cannot be used: %(why)s.") % {"why": error})
            return render(request, "web/scheme.html", context)
        if "adopt" in request.POST:
            services.scheme_save(viewer=who, key=key, year=year, body_=body, adopt=True, at=now)
            messages.success(request, _("Adopted for %(year)s.") % {"year": year})
            return redirect(f"{reverse('schemes')}?year={year}")
        context |= _effect(body, key, year - 1, now)
    return render(request, "web/scheme.html", context)


def _effect(body: dict[str, Any], key: str, year: int, now: Any) -> dict[str, Any]:
    """What last year would have been: each unit before and after, the largest change first."""
    rows = full(Assessment.objects.filter(key=key, year=year))
    if rows.filter(facts__isnull=True).exists():
        refresh(year, now)
    found: list[dict[str, Any]] = [
        {"sheet": s, "then": r, "change": r.total - s.final.total} for s, r in tried(body, year, rows, now)
    ]
    found.sort(key=lambda f: -abs(f["change"]))
    mean = sum(f["change"] for f in found) // len(found) if found else 0
    return {
        "effect": found,
        "effect_year": year,
        "moved": sum(f["then"].level != f["sheet"].final.level for f in found),
        "mean": mean,
        "tried": True,
    }
