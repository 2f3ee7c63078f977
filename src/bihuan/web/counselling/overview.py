"""Counselling at a glance: its figures, projects, waits and queues, the catalogue, rows for exchange."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.engines.approvals.path import FINISH, START
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.counselling import exchange, figures, followup, paths, together
from bihuan.mechanisms.counselling.catalogue import approvals, unit_of, words
from bihuan.mechanisms.counselling.models import Officers
from bihuan.mechanisms.counselling.services import MOST_OFFICERS, officers_set
from bihuan.mechanisms.counselling.sessions import sessions_visible_to

from ..surface import exports
from ..surface.errors import sentence
from ..surface.formpage import saying
from ..surface.middleware import acting, viewer

SHOWN = 60
MOST_BYTES = 8 * 1024 * 1024


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What is due today, the year's figures, projects with their path, sessions."""
    who = viewer(request)
    today = timezone.localdate()
    year = (
        int(request.GET["year"])
        if request.GET.get("year", "").isdigit() and len(request.GET["year"]) == 4
        else today.year
    )
    rows = []
    text, after = request.GET.get("q", "").strip()[:40], request.GET.get("after", "")[:120]
    found_ = paths.projects(who)
    if text:
        found_ = found_.filter(name__icontains=text)
    total = found_.count()
    more = list((found_.filter(name__gt=after) if after else found_)[: SHOWN + 1])
    subjects = more[:SHOWN]
    apps = paths.applied(subjects)
    c = approvals()
    for subject in subjects:
        found = paths.path_of(subject, today, apps=apps[subject.pk])
        mine = [
            s
            for s in found.steps.values()
            if s.applies and not c.items[s.id].milestone and s.state not in ("open", "none")
        ]
        late = sum(1 for a in apps[subject.pk] if a.decided is None and a.due and a.due < today)
        rows.append({
            "subject": subject, "path": found, "done": sum(s.state in ("done", "passed") for s in mine), "of": len(mine), "late": late,
            "start": found.steps[START], "finish": found.steps[FINISH],
            "running": sum(s.state == "running" for s in mine), "week": len(found.this_week()),
        })  # fmt: skip
    return render(request, "counselling/counselling.html", {
        "rows": rows, "year": figures.year_figures(who, year, today), "calls": followup.due(who, today)[:8], "lapses": followup.lapses(who, today)[:8],
        "queues": [q for q in figures.queues(who, today) if q.will or q.late][:8], "coordinates": paths.coordinates(who), "total": total, "q": text,
        "after": subjects[-1].name if len(more) > SHOWN else "", "years": range(today.year, today.year - 3, -1),
        "sessions": sessions_visible_to(who).order_by("-meeting__starts_at")[:8], "tab": "counselling",
    })  # fmt: skip


@require_GET
def waits(request: HttpRequest) -> HttpResponseBase:
    """How long items and units took, from the record."""
    who = viewer(request)
    by_item, by_unit = figures.waits_by(who, "item"), figures.waits_by(who, "unit")
    if exports.asked(request):
        columns = [
            Column(_("Approval item"), width=36),
            *(Column(n, width=10) for n in (_("Cases"), _("Median"), _("Four of five"), _("Late"), _("Gap notices"))),
        ]
        return exports.exported(
            request,
            _("Waits"),
            columns,
            ([w.name, w.n, w.median, w.most, w.late, w.gaps] for w in (*by_item, *by_unit)),
        )
    return render(
        request,
        "counselling/counselling_waits.html",
        {"by_item": by_item, "by_unit": by_unit, "tab": "counselling_waits"},
    )


def _officers(sent: QueryDict) -> dict[str, int]:
    """How many officers of which unit somebody typed, by code."""
    typed = {k.removeprefix("n-"): str(v).strip() for k, v in sent.items() if k.startswith("n-")}
    return {k: int(v) for k, v in typed.items() if v.isascii() and v.isdigit() and len(v) < 5}


@require_http_methods(["GET", "POST"])
def queues(request: HttpRequest) -> HttpResponse:
    """What lies with each unit and what will be late; with more officers supposed, or laid down by the office."""
    who = viewer(request)
    today = timezone.localdate()
    if request.method == "POST":
        with saying(request):
            officers_set(viewer=acting(request), officers=_officers(request.POST), at=timezone.now())
        return redirect("counselling_queues")
    told = {k: n for k, n in _officers(request.GET).items() if 1 <= n <= MOST_OFFICERS}
    before = {q.unit.pk: len(q.will) for q in figures.queues(who, today)} if told else {}
    return render(request, "counselling/counselling_queues.html", {
        "queues": figures.queues(who, today, told), "before": before, "supposed": bool(told), "coordinates": paths.coordinates(who), "tab": "counselling_queues",
        "items": approvals().items,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def together_page(request: HttpRequest) -> HttpResponse:
    """All projects within what units can decide: when each starts and ends alone and together, and which officer more helps most."""
    who = acting(request)
    if request.method == "POST":
        told = _officers(request.POST)
        known = set(Unit.objects.filter(code__in=told).values_list("code", flat=True))
        officers = {k: n for k, n in told.items() if k in known and 1 <= n <= MOST_OFFICERS}
        with saying(request):
            together.ask(viewer=who, at=timezone.now(), officers=officers)
        return redirect("together")
    c = approvals()
    codes = sorted({unit_of(i) for i in c.approvals} - {""})
    row = together.reckonings_of(who).filter(what="together").first()
    kept = {**dict(Officers.objects.values_list("unit__code", "n")), **(row.officers if row else {})}
    units = [{"code": u.code, "name": u.name, "n": kept.get(u.code, 1)} for u in Unit.objects.filter(code__in=codes)]
    return render(
        request,
        "counselling/together.html",
        {"row": row, "units": units, "coordinates": paths.coordinates(who), "tab": "together"},
    )


@require_http_methods(["GET", "POST"])
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """How a search stands, a piece of a page; posting stops it with the best so far."""
    who = acting(request)
    row = get_object_or_404(together.reckonings_of(who).select_related("session"), pk=pk)
    back = redirect("session", row.session.meeting_id) if row.session else redirect("together")
    if request.method == "POST":
        row.stop(who)
        return back
    if not row.searching:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer if request.headers.get("HX-Request") else back
    return render(request, "surface/pieces/search_state.html", {"row": row})


@require_GET
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """All items with what they need, days, basis and marks; pauses and clocks."""
    viewer(request)
    c = approvals()
    names = dict(Unit.objects.values_list("code", "name"))
    rows = [
        {
            "item": i,
            "unit": names.get(unit_of(i), ""),
            "department": c.departments[i.department],
            "stage": c.stages[i.stage],
        }
        for i in c.approvals
    ]
    if exports.asked(request):
        columns = [Column(n, width=w) for n, w in ((_("Approval item"), 8), (_("Name"), 34), (_("Stage"), 16), (_("Unit"), 20), (_("Needs"), 30), (_("Law"), 8), (_("Promise"), 8), (_("Materials"), 40), (_("Basis"), 40), (_("Mark"), 12))]  # fmt: skip
        return exports.exported(
            request, _("Catalogue of approvals"), columns,
            ([i.id, i.name, c.stages[i.stage].name, c.departments[i.department].name, "，".join(map(str, i.needs)), i.law, i.promise, "、".join(i.materials), i.basis, i.mark] for i in c.approvals),
        )  # fmt: skip
    return render(
        request,
        "counselling/counselling_catalogue.html",
        {"rows": rows, "catalogue": c, "words": words(), "tab": "counselling_catalogue"},
    )


class ExchangeForm(forms.Form):
    """A file of state rows."""

    file = forms.FileField(label=gettext_lazy("File of state rows (CSV or JSON)"))


@require_http_methods(["GET", "POST"])
def exchange_page(request: HttpRequest) -> HttpResponse:
    """State rows out, and in: what came in, what was there, and which row failed why."""
    who = acting(request)
    form = ExchangeForm(request.POST or None, request.FILES or None)
    taken = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > MOST_BYTES:
                raise Refused(_("A file has at most 8 MB."), field="file")
            taken = exchange.rows_in(viewer=who, rows=exchange.read(upload.read()), at=timezone.now())
        except Refused as error:
            if not error.allowed:
                raise
            form.add_error("file", sentence(error))
    failed = [(n, case, f"{e.field}: {sentence(e)}") for n, case, e in taken.failed] if taken else []
    return render(request, "counselling/counselling_exchange.html", {
        "form": form, "taken": taken, "failed": failed, "coordinates": paths.coordinates(who), "tab": "counselling_exchange",
    })  # fmt: skip


@require_GET
def exchange_file(request: HttpRequest) -> HttpResponseBase:
    """The state rows of all visible cases."""
    who = viewer(request)
    columns = [Column(name, width=20) for name in exchange.COLUMNS]
    return exports.exported(request, _("State rows"), columns, exchange.rows_out(who))
