"""Fires: the register, one fire with its two grades, the review; the situation of a period, its bulletin, sheets of past years."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column, xlsx
from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.premises.selectors import premises_named
from bihuan.instruments.registers.services import sheet_of
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.months import period_of, year_before
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.evidence.services import path_of
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Territory, Unit
from bihuan.kernel.orgs.selectors import carriers
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.fire import incidents as register_
from bihuan.mechanisms.fire import pastfigures
from bihuan.mechanisms.fire.grades import harm
from bihuan.mechanisms.fire.incidents import (
    Told,
    casualties,
    codes,
    incidents_visible_to,
    registers,
    review_from,
    takes_along,
    to_review,
)
from bihuan.mechanisms.fire.models import Incident
from bihuan.mechanisms.fire.papers import bulletin as bulletin_of
from bihuan.mechanisms.fire.situation import FIGURES, change, keys, months, quiet, situation, work

from ..surface import exports
from ..surface.fields import ReasonForm
from ..surface.formpage import form_page
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .incident_forms import IncidentForm, ReviewForm, SheetForm

LISTED = 300


def word(dimension: str, key: str) -> str:
    """A code in the reader's language."""
    found = codes().words[dimension].get(key)
    return own_name(found) if found else key


def incident_or_404(request: HttpRequest, pk: int) -> Incident:
    """A fire that the viewer may see."""
    return get_object_or_404(
        incidents_visible_to(viewer(request)).select_related("territory", "subject", "unit"), pk=pk
    )


@require_GET
def incidents(request: HttpRequest) -> HttpResponseBase:
    """The register, newest first, by period and class; what is to be reviewed stands on top."""
    who = viewer(request)
    rows = incidents_visible_to(who).select_related("territory", "subject")
    period, dimension, key = request.GET.get("period", ""), request.GET.get("by", ""), request.GET.get("key", "")
    if period:
        try:
            begin, end = period_of(period)
        except Refused:
            raise Http404 from None
        rows = rows.exclude(state=Incident.State.ANNULLED).filter(at__date__gte=begin, at__date__lte=end)
    found = list(rows[: exports.MOST if exports.asked(request) or key else LISTED])
    if dimension in ("territory", "area", "object", "place", "cause", "band", "statistics", "accident"):
        found = [
            r
            for r in found
            if (getattr(r, dimension) if dimension in ("statistics", "accident") else keys(r)[dimension]) == key
        ]
    elif dimension:
        raise Http404
    if exports.asked(request):
        return _file(request, found)
    due = to_review(who, timezone.now())
    shown = [
        {"i": r, "cause": word("cause", r.cause), "statistics": word("grades", r.statistics), "harm": _harm(r)}
        for r in found[:LISTED]
    ]
    return render(
        request,
        "fire/incidents.html",
        {
            "rows": shown,
            "n": len(found),
            "due": due,
            "registers": registers(who),
            "period": period,
            "by": dimension,
            "key": key,
        },
    )


def _harm(row: Incident) -> Any:
    day = local_day(row.at)
    return harm(codes().scale("statistics", day), day, casualties(row.people))


def _file(request: HttpRequest, found: list[Incident]) -> HttpResponseBase:
    names = (
        _("When"),
        _("Territory"),
        _("Address"),
        _("Area"),
        _("Object"),
        _("Place of the fire"),
        _("Cause"),
        _("Statistics grade"),
        _("Accident-investigation grade"),
        _("State"),
    )
    columns = (
        [Column(n, width=18) for n in names]
        + [Column(n, "number") for n in (_("Dead"), _("Hurt"))]
        + [Column(_("Direct loss (10,000 yuan)"))]
    )
    data = [
        [
            r.at, r.territory.name, r.address, word("area", r.area), word("object", r.object), word("place", r.place), f"{r.cause} {word('cause', r.cause)}",
            word("grades", r.statistics), word("grades", r.accident), r.get_state_display(), _harm(r).dead, _harm(r).hurt, wan(r.loss) or "0",
        ]
        for r in found
    ]  # fmt: skip
    return exports.exported(request, _("Fires"), columns, data)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter a fire, or put an entry right."""
    who = acting(request)
    row = incident_or_404(request, pk) if pk else None
    if not registers(who):
        raise PermissionDenied
    form = IncidentForm(request.POST or None, initial=_initial(row), changes=row is not None)
    form.fields["territory"].queryset = Territory.objects.order_by("path")  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        subject = premises_named(who, d["subject"]) if d["subject"] else None
        if d["subject"] and subject is None:
            raise Refused(N_("There is no such premises, or it is not yours to see."), field="subject")
        place = d["territory"] or (subject.territory if subject else None)
        if place is None:
            raise Refused(N_("Please write it down: this field is empty."), field="territory")
        told = Told(
            d["at"], place, d["address"] or (subject.address if subject else ""), d["area"], d["object"], d["place"], d["cause"], form.people(), d["loss"] or 0,
            d["households"], d["text"].strip(), subject,
        )  # fmt: skip
        now = timezone.now()
        if row is None:
            made = register_.register(viewer=who, told=told, at=now)
        else:
            made = register_.change(viewer=who, incident=row, told=told, reason=d["reason"], at=now)
        return redirect("incident", made.pk)

    title = _("Put the entry right") if row else _("Enter a fire")
    return form_page(
        request,
        form,
        act,
        title=title,
        button=_("Save"),
        back=reverse("incident", args=[pk]) if row else reverse("incidents"),
    )


def _initial(row: Incident | None) -> dict[str, Any]:
    if row is None:
        return {}
    plain = {
        n: getattr(row, n)
        for n in ("address", "area", "object", "place", "cause", "loss", "households", "text", "territory")
    }
    return {
        **plain, "at": timezone.localtime(row.at), "subject": row.subject.name if row.subject else "", "dead": "\n".join(p["died"] for p in row.people if p["died"]),
        "serious": sum(p["serious"] and not p["died"] for p in row.people), "slight": sum(not p["serious"] and not p["died"] for p in row.people),
    }  # fmt: skip


@require_GET
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One fire: what is known, both grades with the scale that gave them, hazards of the premises, its record."""
    who, row = viewer(request), incident_or_404(request, pk)
    day = local_day(row.at)
    scales = [
        {
            "scale": codes().scale(s, day),
            "grade": word("grades", getattr(row, s)),
            "harm": harm(codes().scale(s, day), day, casualties(row.people)),
        }
        for s in ("statistics", "accident")
    ]
    told = stream(f"incident:{pk}")
    context = {
        "incident": row, "scales": scales, "words": [(_("Area"), word("area", row.area)), (_("Object"), word("object", row.object)), (_("Place of the fire"), word("place", row.place))], "cause": codes().words["cause"].get(row.cause),
        "registers": registers(who) and row.state != Incident.State.ANNULLED, "from": review_from(row), "may_review": registers(who) and row.state == Incident.State.PROVISIONAL and review_from(row) <= timezone.localdate(),
        "failed": row.failed.all(), "story": history(told.events, told.entered), "entered": told.entered[0] if told.entered else None, "sealed": takes_along(who),
        "hazards": visible_to(who).filter(subject=row.subject, mechanism="fire").select_related("subject", "territory", "lead", "owed_by").order_by("-number")[:12] if row.subject else [],
    }  # fmt: skip
    return render(request, "fire/incident.html", context)


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Review, or annul."""
    who, row = acting(request), incident_or_404(request, pk)
    if not registers(who):
        raise PermissionDenied
    if name not in ("review", "annul"):
        raise Http404
    form: Any = ReviewForm(request.POST or None) if name == "review" else ReasonForm(request.POST or None)

    def done(d: dict[str, Any]) -> HttpResponse:
        if name == "review":
            register_.review(
                viewer=who, incident=row, findings=d["findings"], failed=list(d["failed"]), at=timezone.now()
            )
        else:
            register_.annul(viewer=who, incident=row, reason=d["reason"], at=timezone.now())
        return redirect("incident", pk)

    title = _("Review: the grades become final") if name == "review" else _("Annul the entry")
    return form_page(request, form, done, title=title, button=_("Save"), back=reverse("incident", args=[pk]))


def _period(request: HttpRequest) -> str:
    today = timezone.localdate()
    text = request.GET.get("period", "") or f"{today.year}"
    try:
        period_of(text)
    except Refused:
        raise Http404 from None
    return text


@require_GET
def situation_page(request: HttpRequest) -> HttpResponseBase:
    """The situation of a period: totals against the year before, both grade scales, tables, hazards, trend."""
    who, period, now = viewer(request), _period(request), timezone.now()
    found = quiet(situation(who, period, now))
    tables = [{"by": d, "lines": lines, "chart": _chart(d, lines, period)} for d, lines in found.tables.items()]
    if exports.asked(request):
        return _situation_file(request, period, tables)
    year = int(period[:4])
    totals = [(f, getattr(found.total, f), getattr(found.before, f) if found.before else None) for f in FIGURES]
    context = {
        "s": found, "period": period, "tables": tables, "totals": [(f, a, b, change(a, b)) for f, a, b in totals], "work": work(who, found, now), "trend": _trend(who, year, now),
        "periods": [f"{year}Q{n}" for n in range(1, 5)] + [f"{year}H1", f"{year}"], "before": year_before(period), "after": f"{year + 1}{period[4:]}", "registers": registers(who),
        "grades": [("statistics", found.statistics), ("accident", found.accident)], "papers": papers_visible_to(who).filter(about=f"situation:{period}").exclude(state="dropped"),
        "scales": [codes().scale(s, found.begin) for s in ("statistics", "accident")],
    }  # fmt: skip
    return render(request, "fire/situation.html", context)


def _chart(by: str, lines: Any, period: str) -> str:
    names = [own_name(x) for x in lines]
    series = [{"name": period, "data": [x.now.fires for x in lines], "colour": "accent"}]
    if any(x.before for x in lines):
        series.append(
            {"name": year_before(period), "data": [x.before.fires if x.before else 0 for x in lines], "colour": "grey"}
        )
    links = [f"{reverse('incidents')}?period={period}&by={by}&key={x.key}" for x in lines]
    return json.dumps(
        {"kind": "bar", "lying": True, "names": names, "series": series, "links": links}, ensure_ascii=False
    )


def _trend(who: Any, year: int, now: Any) -> str:
    rows = months(who, year, now)
    series = [
        {"name": str(year), "data": [a for _m, a, _b in rows], "colour": "accent"},
        {"name": str(year - 1), "data": [b for _m, _a, b in rows], "colour": "grey", "dashed": True},
    ]
    return json.dumps({"kind": "line", "names": [str(m) for m, _a, _b in rows], "series": series}, ensure_ascii=False)


def _situation_file(request: HttpRequest, period: str, tables: Any) -> HttpResponseBase:
    columns = [Column(_("Class")), Column(_("Name"), width=24)] + [
        Column(f"{n} {p}", "number") for p in (period, year_before(period)) for n in (_("Fires"), _("Dead"), _("Hurt"))
    ]
    columns += [Column(f"{_('Direct loss (10,000 yuan)')} {p}") for p in (period, year_before(period))]
    data = [
        [t["by"], x.name, x.now.fires, x.now.dead, x.now.hurt, *((x.before.fires, x.before.dead, x.before.hurt) if x.before else (None, None, None)), wan(x.now.loss) or "0", (wan(x.before.loss) or "0") if x.before else ""]
        for t in tables for x in t["lines"]
    ]  # fmt: skip
    return exports.exported(request, f"{_('Fire situation')}-{period}", columns, data)


@require_POST
def bulletin(request: HttpRequest) -> HttpResponse:
    """Have the bulletin of a period written; the head of the unit issues it."""
    who, period = acting(request), _period(request)
    if not registers(who):
        raise PermissionDenied
    title, told = bulletin_of(who, period, timezone.now())
    office = Unit.objects.get(code=min(who.acting & carriers("fire_inspection", "coordinate.fire")))
    readers = list(Unit.objects.filter(kind=Unit.Kind.TOWNSHIP, active=True))
    paper = documents.ask(
        viewer=who,
        at=timezone.now(),
        unit=office,
        kind_id="bulletin",
        title=title,
        context=told,
        about=f"situation:{period}",
        readers=readers,
    )
    return redirect("paper", paper.pk)


@require_http_methods(["GET", "POST"])
def past(request: HttpRequest) -> HttpResponse:
    """Bring in the figures of past years from a sheet."""
    who = acting(request)
    if not registers(who):
        raise PermissionDenied
    form = SheetForm(request.POST or None, request.FILES or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        office = Unit.objects.get(code=min(who.acting & carriers("fire_inspection", "coordinate.fire")))
        file = sheet_of(viewer=who, unit=office, upload=d["file"], at=timezone.now())
        taken = pastfigures.take(viewer=who, path=path_of(file.pk), name=d["file"].name, at=timezone.now())
        messages.success(
            request,
            _("%(new)s new, %(changed)s changed, %(same)s the same.")
            % {"new": taken.new, "changed": taken.changed, "same": taken.same},
        )
        return redirect("situation")

    return form_page(
        request,
        form,
        act,
        title=_("Figures of past years"),
        button=_("Bring in"),
        back="situation",
        template="fire/past_figures.html",
    )


@require_GET
def past_sample(request: HttpRequest) -> HttpResponse:
    """An empty sheet with the columns and two lines as an example."""
    viewer(request)
    head, *rows = pastfigures.SAMPLE
    return exports.workbook(xlsx("火灾统计", [Column(h, width=16) for h in head], rows), "火灾统计往年数据样表")
