"""Key projects as a whole: lights, figures, map, waits, scores; the sheet of figures; the scheme of lights."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.meetings.selectors import kept, meetings_visible_to
from bihuan.instruments.projects.selectors import key_projects, words
from bihuan.instruments.projects.words import word_name
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import wan
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.promotion import figures, services
from bihuan.mechanisms.promotion.catalogue import light_schemes, score_schemes
from bihuan.mechanisms.promotion.lights import ORDER
from bihuan.mechanisms.promotion.models import FigureImport
from bihuan.mechanisms.promotion.selectors import (
    DEFAULT,
    Standing,
    all_standings,
    report_month,
    scheme,
    score,
    standings,
    waits,
    year_of,
)
from bihuan.mechanisms.promotion.words import reason_text

from ..surface import exports
from ..surface.charts import district_map
from ..surface.fields import month_field
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .words import project_light

TABS = [
    ("", gettext_lazy("Overview")), ("waits", gettext_lazy("Waits")), ("scores", gettext_lazy("Scores")),
    ("decisions", gettext_lazy("Decisions")),
]  # fmt: skip
FILTERS = ("light", "industry", "node", "place", "level", "batch", "missing")


def _facts(s: Standing) -> dict[str, str]:
    """What filters and charts go by."""
    now = s.project.now()
    return {
        "light": s.light.colour, "industry": s.project.industry, "node": now.id if now else ("done" if s.project.nodes else ""),
        "place": s.subject.territory.code, "level": str(s.project.identity.get("level", "")), "batch": s.project.batch,
        "missing": "1" if s.missing else "",
    }  # fmt: skip


@require_GET
def overview(request: HttpRequest) -> HttpResponseBase:
    """The whole, and every number opens its rows."""
    who = viewer(request)
    now = timezone.now()
    tab = request.GET.get("tab", "")
    chosen = scheme()
    context: dict[str, Any] = {"tabs": TABS, "tab": tab, "coordinates": services.coordinates(who), "scheme": chosen}
    if tab == "waits":
        return render(request, "promotion/promotion_waits.html", {**context, "waits": waits(who, now)[:100]})
    if tab == "scores":
        return render(request, "promotion/promotion_scores.html", {**context, **_scores(request, who)})
    if tab == "decisions":
        held = (
            meetings_visible_to(who)
            .filter(state=Meeting.State.HELD, kind=Meeting.Kind.PROMOTION)
            .order_by("-starts_at")[:24]
        )
        rates = kept(list(held), now)
        return render(
            request,
            "promotion/promotion_decisions.html",
            {**context, "rates": rates},
        )
    found = all_standings(who, now)
    facts = {s.subject.pk: _facts(s) for s in found}
    asked = {k: request.GET[k] for k in FILTERS if request.GET.get(k)}
    rows = [s for s in found if all(facts[s.subject.pk][k] == v for k, v in asked.items())]
    if exports.asked(request):
        return _exported(request, rows, year_of(now), chosen.words)
    places = _places(found)
    return render(request, "promotion/promotion.html", {
        **context, "rows": rows[:200], "total": len(found), "n": len(rows), "asked": asked, "year": year_of(now), "due": report_month(local_day(now)),
        "lights": [(k, n) for k, _name, n in _by(found, facts, "light", ORDER)], "industries": _by(found, facts, "industry"), "nodes": _by(found, facts, "node", [w.id for w in words().nodes]),
        "places": places, "missing": sum(bool(s.missing) for s in found), "charts": json.dumps(_charts(found, facts, chosen.words), ensure_ascii=False),
        **district_map(places), "sums": _sums(found, year_of(now)),
    })  # fmt: skip


def _sums(found: list[Standing], year: int) -> dict[str, int]:
    return {
        "total": sum(s.project.total or 0 for s in found), "plan": sum(s.project.year_plan(year) for s in found),
        "spent": sum(s.project.spent(year) for s in found),
    }  # fmt: skip


def _by(
    found: list[Standing], facts: dict[int, dict[str, str]], key: str, order: Any = ()
) -> list[tuple[str, str, int]]:
    """(value, its name, how many), in the order given or by number."""
    counts = Counter(facts[s.subject.pk][key] for s in found)
    keys = [k for k in order if k in counts] + [k for k, _n in counts.most_common() if k not in order]
    return [(k, _named(key, k), counts[k]) for k in keys if k]


def _named(key: str, value: str) -> str:
    if key == "node":
        return _("all reached") if value == "done" else word_name(value)
    return value


def _places(found: list[Standing]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for s in found:
        place = s.subject.territory
        row = rows.setdefault(place.code, {"code": place.code, "name": place.name, "n": 0, "red": 0, "amber": 0})
        row["n"] += 1
        if s.light.colour in ("red", "amber"):
            row[s.light.colour] += 1
    return sorted(rows.values(), key=lambda r: (-r["red"], -r["amber"], r["name"]))


def _charts(found: list[Standing], facts: dict[int, dict[str, str]], light_words: Mapping[str, str]) -> dict[str, Any]:
    """What the charts draw: projects by industry and node, split by light."""

    def split(key: str, order: Any = ()) -> dict[str, Any]:
        groups = _by(found, facts, key, order)
        return {
            "keys": [k for k, _n, _c in groups], "names": [n for _k, n, _c in groups], "key": key,
            "series": [
                {"light": light, "name": project_light(light, light_words), "data": [sum(facts[s.subject.pk][key] == k and s.light.colour == light for s in found) for k, _n, _c in groups]}
                for light in ORDER if any(s.light.colour == light for s in found)
            ],
        }  # fmt: skip

    return {"industry": split("industry"), "node": split("node", [w.id for w in words().nodes])}


def _scores(request: HttpRequest, who: Viewer) -> dict[str, Any]:
    schemes = score_schemes()
    chosen = schemes.get(request.GET.get("scheme", ""), next(iter(schemes.values())))
    parts = score(chosen, all_standings(who, timezone.now()), timezone.now())
    opened = request.GET.get("part", "")
    counted = [p.points for p in parts if p.points is not None]
    possible = sum(p.part.points for p in parts if p.points is not None)
    return {
        "schemes": schemes.values(), "chosen": chosen, "parts": parts, "sum": round(sum(counted), 2), "possible": possible,
        "opened": next((p for p in parts if p.part.id == opened), None),
    }  # fmt: skip


def _exported(
    request: HttpRequest, rows: list[Standing], year: int, light_words: Mapping[str, str]
) -> HttpResponseBase:
    columns = [
        Column(_("Project"), width=36), Column(_("Light"), width=8), Column(_("Why"), width=50), Column(_("Territory"), width=16), Column(_("Unit"), width=18),
        Column(_("Node now"), width=12), Column(_("Plan of the year (10,000 yuan)"), width=16), Column(_("Invested this year (10,000 yuan)"), width=16),
        Column(_("Progress"), width=50), Column(_("Problem"), width=40),
    ]  # fmt: skip

    def cells(s: Standing) -> list[Any]:
        now, last = s.project.now(), s.project.last_month()
        return [
            s.subject.name, project_light(s.light.colour, light_words), ";".join(reason_text(r) for r in s.light.reasons), s.subject.territory.name,
            s.subject.unit.name if s.subject.unit else "", word_name(now.id) if now else "", wan(s.project.year_plan(year)), wan(s.project.spent(year)),
            last.progress if last else "", last.problem if last else "",
        ]  # fmt: skip

    return exports.exported(request, _("Key projects"), columns, (cells(s) for s in rows))


class SchemeForm(forms.Form):
    """Which scheme."""

    scheme = forms.ChoiceField(label=gettext_lazy("Scheme of lights"), widget=forms.RadioSelect)


@require_http_methods(["GET", "POST"])
def lights(request: HttpRequest) -> HttpResponse:
    """The schemes of lights side by side, what each would say today, and the one in force."""
    who = acting(request)
    schemes = light_schemes()
    form = SchemeForm(request.POST or None, initial={"scheme": scheme().id or DEFAULT})
    form.fields["scheme"].choices = [(s.id, s.name) for s in schemes.values()]  # type: ignore[attr-defined]
    if not services.coordinates(who):
        raise PermissionDenied

    def act(d: dict[str, Any]) -> HttpResponse:
        services.choose_scheme(viewer=who, scheme=d["scheme"], at=timezone.now())
        return redirect("mechanism", "promotion")

    subjects, now = list(key_projects(who)), timezone.now()
    trial = [(s, Counter(x.light.colour for x in standings(subjects, now, s))) for s in schemes.values()]
    return form_page(
        request, form, act, title=_("Lights of projects"), button=_("Use this scheme"), back=reverse("mechanism", args=["promotion"]),
        template="promotion/lights.html", trial=trial, order=ORDER,
    )  # fmt: skip


class FiguresForm(forms.Form):
    """A sheet of figures."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), label=gettext_lazy("In the name of"), to_field_name="code"
    )
    month = month_field(gettext_lazy("Month of rows that name none"))
    file = forms.FileField(label=gettext_lazy("Sheet (xlsx, xls, csv)"))


@require_http_methods(["GET", "POST"])
def figure_list(request: HttpRequest) -> HttpResponse:
    """Bring the office's sheet of monthly figures."""
    who = acting(request)
    units = Unit.objects.filter(code__in=who.acting)
    form = FiguresForm(
        request.POST or None,
        request.FILES or None,
        initial={"unit": units.first(), "month": report_month(timezone.localdate())},
    )
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        made = figures.take(viewer=who, unit=d["unit"], upload=d["file"], month=d["month"], at=timezone.now())
        return redirect("figures", made.pk)

    rows = FigureImport.objects.filter(unit__code__in=who.acting).select_related("owner")[:30]
    return form_page(
        request, form, act, title=_("Monthly figures from a sheet"), button=_("Read"), back=reverse("mechanism", args=["promotion"]),
        template="promotion/figure_list.html", rows=rows,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    """What the sheet would change, row by row; confirm or drop."""
    who = acting(request)
    row = get_object_or_404(FigureImport.objects.select_related("unit"), pk=pk, unit__code__in=who.acting)
    if request.method == "POST":
        with saying(request):
            if "drop" in request.POST:
                figures.drop(imported=row, viewer=who, at=timezone.now())
                return redirect("figure_list")
            done = figures.confirm(imported=row, viewer=who, at=timezone.now()).counts
            messages.success(request, _("%(n)s rows are in the files.") % {"n": done["new"] + done["changed"]})
            return redirect("mechanism", "promotion")
        return redirect("figures", pk)
    found = figures.preview(row, who) if row.state == FigureImport.State.PREVIEW else None
    order = {"refused": 0, "changed": 1, "new": 2, "same": 3}
    rows = sorted(found.rows, key=lambda r: (order[r.status], r.number))[:300] if found else []
    return render(request, "promotion/figures.html", {"imported": row, "found": found, "rows": rows})
