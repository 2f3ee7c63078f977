"""The white list at a glance: figures and lists at any day, files, what will be late, conditions; for a bank what was sent to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.adapters.excel import Column
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.money import wan
from bihuan.kernel.domain.refusal import must
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.registry.words import own_name
from bihuan.kernel.subjects.models import Subject
from bihuan.mechanisms.financing import conditions, lists
from bihuan.mechanisms.financing.catalogue import course
from bihuan.mechanisms.financing.models import File
from bihuan.mechanisms.financing.selectors import (
    books,
    condition_sets,
    files_visible_to,
    looked,
    office,
    pushes_visible_to,
    seen_by,
    seen_of,
    sees_all,
)
from bihuan.mechanisms.financing.services import open_file
from bihuan.mechanisms.financing.words import STATES

from ..surface import exports
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .forms import EditionForm, FileForm
from .words import HEADS, LACKING, LISTS

SHOWN = 50


def as_of(request: HttpRequest) -> date:
    """The day that was asked for; today for none, for a future one, and for what is no day."""
    today = timezone.localdate()
    try:
        return min(date.fromisoformat(request.GET.get("as_of", "")), today)
    except ValueError:
        return today


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Figures and lists today, the board of the last days, answers awaited, what will be late. For a bank its own part alone."""
    who = viewer(request)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "tab": "financing",
        "office": office(who),
        "all": sees_all(who),
        "owed": lists.owed(who)[:10],
        "today": today,
    }
    if sees_all(who):
        found = lists.report(who, today, today)
        context |= {
            "report": found,
            "board": lists.board(who, today),
            "warnings": lists.warnings(who, today)[:10],
            "lists": list(LISTS),
        }
    else:
        mine = [seen_by(who, b) for b in books(files_visible_to(who)[:SHOWN])]
        context |= {
            "mine": mine,
            "warnings": lists.warnings(who, today)[:10],
        }
        context["pushes"] = _parts(who)
    return render(request, "financing/financing.html", context)


def _parts(who: Viewer) -> list[dict[str, Any]]:
    """What was sent to the viewer's banks, the open ones first by their day."""
    rows = list(pushes_visible_to(who).filter(bank__in=who.units).order_by("ended", "due", "code")[:200])
    by_file = seen_of(who, rows)
    return [{"push": p, "ask": by_file[p.file_id].ask_of(p)} for p in rows]


@require_GET
def files(request: HttpRequest) -> HttpResponseBase:
    """The files that the viewer sees, by state and words, also as a sheet."""
    who = viewer(request)
    rows = files_visible_to(who)
    state, text, after = (
        request.GET.get("state", ""),
        request.GET.get("q", "").strip()[:40],
        request.GET.get("after", "")[:120],
    )
    whole = sees_all(who)
    if whole and state in File.State.values:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(subject__name__icontains=text)
    rows = rows.order_by("subject__name", "code")
    if exports.asked(request):
        looked(viewer=who, what="files", at=timezone.now())
        columns = [Column(n, width=w) for n, w in ((_("Project"), 32), (_("Territory"), 16), (_("Developer"), 24), (_("State"), 18), (_("Need, 万元"), 14), (_("Credit, 万元"), 14), (_("Drawn, 万元"), 14))]  # fmt: skip
        told = ([b.file.subject.name, b.file.subject.territory.name, b.file.developer.name, str(STATES.get(b.standing.state, "")), wan(b.number("need")), wan(b.standing.credit or None), wan(b.standing.drawn or None)] for b in (seen_by(who, x) for x in books(rows)))  # fmt: skip
        return exports.exported(request, _("Financing files"), columns, told)
    total = rows.count()
    found = list((rows.filter(subject__name__gt=after) if after else rows)[: SHOWN + 1])
    shown = [seen_by(who, b) for b in books(found[:SHOWN])]
    return render(request, "financing/financing_files.html", {
        "books": shown, "total": total, "state": state, "q": text, "all": whole, "states": File.State.choices, "office": office(who), "tab": "financing_files",
        "after": found[SHOWN - 1].subject.name if len(found) > SHOWN else "",
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def file_new(request: HttpRequest) -> HttpResponse:
    """Open the financing file of a project."""
    who = acting(request)
    must(bool(office(who)))
    form = FileForm(request.POST or None, initial={"subject": request.GET.get("subject", "")})
    free = subjects_visible_to(who).filter(type=Subject.Type.PROJECT, financing=None).order_by("name")
    form.fields["subject"].queryset = free  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        made = open_file(viewer=who, at=timezone.now(), **d)
        return redirect("financing_file", made.code)

    return form_page(
        request, form, act, title=_("New financing file"), button=_("Open the file"), back="financing_files"
    )


@require_GET
def three_lists(request: HttpRequest) -> HttpResponseBase:
    """Not in, not credited, not drawn, item by item, at any day; as the district's, the city's or the province's form."""
    who = viewer(request)
    if not sees_all(who):
        raise Http404
    today, day = timezone.localdate(), as_of(request)
    found = lists.report(who, day, today)
    name, form = request.GET.get("list", "unlisted"), request.GET.get("form", "district")
    if name not in LISTS or form not in course().forms:
        raise Http404
    if exports.asked(request):
        looked(viewer=who, what="list", at=timezone.now(), list=name, form=form, as_of=day.isoformat())
        words = {k: str(v) for k, v in {**STATES, **LACKING}.items()} | {
            t.id: own_name(t) for t in course().treatments.values()
        }
        columns = [Column(str(HEADS[c]), width=30 if c == "name" else 16) for c in course().forms[form].columns]
        title = f"{LISTS[name]}-{own_name(course().forms[form])}-{day.isoformat()}"
        return exports.exported(request, title, columns, lists.form_rows(found, form, name, words))
    return render(request, "financing/financing_lists.html", {
        "report": found, "lists": list(LISTS), "day": day, "today": today, "forms": course().forms.values(), "tab": "financing_lists",
    })  # fmt: skip


@require_GET
def warnings(request: HttpRequest) -> HttpResponse:
    """Buildings that will be late, and projects whose money will not last."""
    who = viewer(request)
    today = timezone.localdate()
    found = lists.warnings(who, today)
    return render(
        request,
        "financing/financing_warnings.html",
        {"warnings": found, "tab": "financing_warnings", "forecast": course().forecast},
    )


@require_GET
def condition_page(request: HttpRequest) -> HttpResponse:
    """The conditions in force and their editions, clocks, treatments."""
    who = viewer(request)
    return render(request, "financing/financing_conditions.html", {
        "sets": condition_sets(timezone.localdate()), "editions": conditions.editions(), "course": course(), "office": office(who), "tab": "financing_conditions",
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def condition_edit(request: HttpRequest, side: str) -> HttpResponse:
    """Write a condition set anew, from a day on."""
    who = acting(request)
    now = next((s for s in condition_sets(timezone.localdate()) if s.id == side), None)
    if now is None:
        raise Http404
    must(bool(office(who)))
    form = EditionForm(request.POST or None, now=now, initial={"valid_from": timezone.localdate()})

    def act(d: dict[str, Any]) -> HttpResponse:
        conditions.write(
            viewer=who,
            now=now,
            valid_from=d["valid_from"],
            source=d["source"],
            confirmed=d["confirmed"],
            rows=d["lines"],
            at=timezone.now(),
        )
        return redirect("financing_conditions")

    title = _("New edition: %(name)s") % {"name": own_name(now)}
    return form_page(request, form, act, title=title, button=_("Put into force"), back="financing_conditions")
