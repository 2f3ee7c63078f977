"""Schemes: what is assessed and how, with source and mark; change numbers, see the effect on last year, adopt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column, xlsx
from bihuan.engines.scoring.schema import Scheme as Parsed
from bihuan.instruments.assessment import services, sheets
from bihuan.instruments.assessment.catalogue import body_of, read, schemes, shipped
from bihuan.instruments.assessment.metrics import metrics
from bihuan.instruments.assessment.models import Assessment, Scheme
from bihuan.instruments.assessment.reckoning import refresh, tried
from bihuan.instruments.assessment.selectors import full, keeps
from bihuan.instruments.registers.services import sheet_of
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit

from ..surface import exports
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .assessment_forms import SchemeForm
from .letters import year_of
from .words import figure_name


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
    return render(request, "responsibility/schemes.html", {"tab": "schemes", "year": year, "rows": rows})


@require_http_methods(["GET", "POST"])
def scheme(request: HttpRequest, key: str, year: int) -> HttpResponse:
    """Change the numbers of a scheme: try them on last year, then adopt them for this one."""
    who, now = acting(request), timezone.now()
    if key not in shipped() or not 2000 <= year <= 2100:
        raise Http404
    if not keeps(who, shipped()[key]["mechanism"]):
        raise PermissionDenied
    base = _base(request, key, year)
    form = SchemeForm(base, request.POST or None)
    context: dict[str, Any] = {
        "tab": "schemes",
        "form": form,
        "key": key,
        "scheme": read(base),
        "for_year": year,
        "back": f"{reverse('schemes')}?year={year}",
    }
    if request.method == "POST" and form.is_valid():
        body = form.changed_body()
        try:
            read(body)
        except BadCatalogue as error:
            form.add_error(None, _("The scheme cannot be used: %(why)s.") % {"why": error})
            return render(request, "responsibility/scheme.html", context)
        if "adopt" in request.POST:
            services.scheme_save(viewer=who, key=key, year=year, body_=body, adopt=True, at=now)
            messages.success(request, _("Adopted for %(year)s.") % {"year": year})
            return redirect(f"{reverse('schemes')}?year={year}")
        context |= _effect(body, key, year - 1, now)
    return render(request, "responsibility/scheme.html", context)


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


def _base(request: HttpRequest, key: str, year: int) -> dict[str, Any]:
    """The scheme whose numbers are changed: the one in force, or a draft that a sheet brought."""
    text = request.GET.get("draft", "")
    if not text:
        return body_of(key, year)
    row = get_object_or_404(Scheme, pk=int(text) if text.isdigit() else 0, key=key, year=year)
    return dict(row.body)


@require_GET
def sheet(request: HttpRequest, key: str, year: int) -> HttpResponse:
    """The scheme as a sheet."""
    viewer(request)
    if key not in shipped() or not 2000 <= year <= 2100:
        raise Http404
    columns_ = [
        Column(h, width=w) for h, w in zip(sheets.HEADS, (16, 14, 30, 8, 12, 24, 8, 10, 8, 8, 8, 16), strict=True)
    ]
    data = xlsx(f"{shipped()[key]['name']}{year}", columns_, sheets.rows(body_of(key, year)))
    return exports.workbook(data, f"{shipped()[key]['name']}-{year}")


class SheetForm(forms.Form):
    """The edited sheet."""

    file = forms.FileField(label=gettext_lazy("The scheme, edited in Excel"))


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest, key: str, year: int) -> HttpResponse:
    """Bring an edited scheme back as a draft, to be tried before it is adopted."""
    who, now = acting(request), timezone.now()
    if key not in shipped() or not 2000 <= year <= 2100:
        raise Http404
    if not keeps(who, shipped()[key]["mechanism"]):
        raise PermissionDenied
    form = SheetForm(request.POST or None, request.FILES or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        office = Unit.objects.get(code=function_unit(f"coordinate.{shipped()[key]['mechanism']}"))
        file = sheet_of(viewer=who, unit=office, upload=d["file"], at=now)
        body = sheets.read(path_of(file.pk), body_of(key, year))
        made = services.scheme_save(viewer=who, key=key, year=year, body_=body, adopt=False, at=now)
        return redirect(f"{reverse('scheme', args=[key, year])}?draft={made.pk}")

    figures = [(m, figure_name(m)) for m in sorted(metrics())]
    return form_page(
        request, form, act, title=f"{shipped()[key]['name']} {year}", button=_("Bring in"), back=reverse("scheme", args=[key, year]), template="responsibility/scheme_load.html",
        key=key, year=year, figures=figures,
    )  # fmt: skip
