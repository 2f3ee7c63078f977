"""Fire safety as a whole: the overview, blind spots, early signals, service centres, tables of rules."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.instruments.premises import services as premises
from bihuan.instruments.premises.models import RuleTable
from bihuan.instruments.premises.selectors import label_tables
from bihuan.instruments.procedures.selectors import open_steps, specs
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.mechanisms.fire import blindspots, centres
from bihuan.mechanisms.fire.periods import period_of
from bihuan.mechanisms.fire.selectors import duty_table, editions, items, scheme, standings

from ..loop.mechanism import figures
from ..subjects.premises_forms import TableForm
from ..surface import exports
from ..surface.charts import district_map
from ..surface.formpage import form_page
from ..surface.middleware import viewer
from .words import signal_name, spot_name

PAGE = 60


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Figures of the mechanism, what is latest, blind spots, clocks that run out, by territory."""
    who, now = viewer(request), timezone.now()
    rows = visible_to(who).filter(mechanism="fire")
    stood = standings(who)
    shown, counted = figures(rows, now), blindspots.counts(stood, now)
    context = {
        **shown, "spots": [(k, counted[k]) for k in blindspots.SPOTS], "all": counted["all"],
        "signals": list(blindspots.signalled(stood).select_related("subject__territory")[:6]),
        "steps": open_steps(who).filter(due_at__isnull=False).order_by("due_at")[:8],
        "major": rows.filter(kind="hazard_major", open=True).count(), **_map(shown["places"], "red", "open_"),
    }  # fmt: skip
    return render(request, "fire/fire.html", context)


def _map(rows: list[Any], bad: str, n: str) -> dict[str, str]:
    """The district's map: for each territory how many, and how many of them are bad, by the names of the columns."""
    return district_map({"code": r["territory__code"], "n": r[n], "red": r[bad]} for r in rows)


@require_GET
def blind(request: HttpRequest) -> HttpResponseBase:
    """Blind spots: counts, the list and map of one sort, areas where paper grows, inspections that look alike."""
    who, now = viewer(request), timezone.now()
    stood = standings(who)
    spot = request.GET.get("spot", "never")
    if spot not in blindspots.SPOTS:
        raise Http404
    place = request.GET.get("place", "")
    rows = stood.filter(territory__code=place) if place else stood
    listed = blindspots.listed(rows, spot, now)
    if exports.asked(request):
        columns = [
            Column(_("Name"), width=28),
            Column(_("Territory")),
            Column(_("Address"), width=32),
            Column(_("Labels"), width=28),
            Column(_("Blind spot"), width=18),
        ]
        data = (
            [
                s.subject.name,
                s.subject.territory.name,
                s.subject.address,
                "、".join(x.label for x in s.subject.labels.all()),
                spot_name(spot),
            ]
            for s in listed[: exports.MOST].iterator(2_000)
        )
        return exports.exported(request, _("Blind spots"), columns, data)
    counted = blindspots.counts(rows, now)
    places = blindspots.by_place(stood, spot, now)
    context = {
        "spot": spot, "place": place, "counts": [(k, counted[k]) for k in blindspots.SPOTS], "all": counted["all"], "rows": listed[:PAGE],
        "n": counted[spot], "places": places[:30], "dots": json.dumps(blindspots.dots(rows, spot, now), ensure_ascii=False),
        **_map(places, "blind", "n"),
    }  # fmt: skip
    if not place and spot == "never":
        context |= {"paper": blindspots.paper(who, now), "questions": blindspots.questions(who, now)}
    return render(request, "fire/blind.html", context)


@require_GET
def signals(request: HttpRequest) -> HttpResponse:
    """Premises whose early signals make enough points, with each point."""
    who = viewer(request)
    rows = (
        blindspots.signalled(standings(who))
        .select_related("subject__territory")
        .prefetch_related("subject__labels")[:PAGE]
    )
    shown = [(s, [(signal_name(k), n) for k, n in s.why.items()]) for s in rows]
    context = {"rows": shown, "scheme": scheme(), "n": blindspots.signalled(standings(who)).count()}
    return render(request, "fire/signals.html", context)


@require_GET
def centre_list(request: HttpRequest) -> HttpResponse:
    """The service centres this quarter."""
    who, now = viewer(request), timezone.now()
    begin = period_of("quarter", local_day(now))[0]
    return render(
        request, "fire/centres.html", {"rows": centres.centres(who, begin, now), "begin": begin, "sorts": centres.SORTS}
    )


@require_GET
def centre(request: HttpRequest, code: str) -> HttpResponse:
    """One centre: what each premises of its area needs from it."""
    who, now = viewer(request), timezone.now()
    begin = period_of("quarter", local_day(now))[0]
    found = next((c for c in centres.centres(who, begin, now) if c.unit.code == code), None)
    if found is None:
        raise Http404
    context = {"centre": found, "needs": centres.needs(who, found.unit, now), "begin": begin, "sorts": centres.SORTS}
    return render(request, "fire/centre.html", context)


@require_GET
def tables(request: HttpRequest) -> HttpResponse:
    """The rules in force: labels, periods, checklists, judgement, clocks, each with its source and mark."""
    who = viewer(request)
    today: date = timezone.localdate()
    context = {
        "labels": label_tables(today), "duties": duty_table(), "items": items().items.values(), "editions": editions(), "specs": specs().values(),
        "loaded": RuleTable.objects.select_related("unit"), "today": today,
        "loads": bool(who.acting & {function_unit("coordinate.fire"), function_unit("fire_inspection")}),
    }  # fmt: skip
    return render(request, "fire/fire_tables.html", context)


@require_http_methods(["GET", "POST"])
def table_load(request: HttpRequest) -> HttpResponse:
    """Load a table of rules."""
    who = viewer(request)
    if not who.acting & {function_unit("coordinate.fire"), function_unit("fire_inspection")}:
        raise PermissionDenied
    form = TableForm(request.POST or None, request.FILES or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        if d["file"].size > 500_000:
            raise Refused(N_("A table has at most 500 kB."), field="file")
        try:
            text = d["file"].read().decode("utf-8")
        except UnicodeDecodeError:
            raise Refused(N_("The file is no UTF-8 text."), field="file") from None
        premises.table_load(viewer=who, name=d["name"], title=d["title"], text=text, at=timezone.now())
        return redirect("fire_tables")

    return form_page(request, form, act, title=_("Load a table of rules"), button=_("Load"), back="fire_tables")
