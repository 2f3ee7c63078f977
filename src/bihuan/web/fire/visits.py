"""Plans of inspections: ask for one, watch it come, edit it, take it out."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.instruments.premises.selectors import premises_named, premises_of
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.fire import planning
from bihuan.mechanisms.fire.models import PlannedVisit, VisitPlan

from ..surface import exports
from ..surface.fields import day_field
from ..surface.formpage import form_page, saying
from ..surface.middleware import acting, viewer
from .words import why_name


class PlanForm(forms.Form):
    """What a plan has to do with."""

    unit = forms.ModelChoiceField(label=gettext_lazy("In the name of"), queryset=Unit.objects.none())
    title = forms.CharField(label=gettext_lazy("Title"), max_length=80, required=False)
    begins = day_field(gettext_lazy("First day"))
    days = forms.IntegerField(label=gettext_lazy("How many working days"), min_value=1, max_value=20, initial=5)
    teams = forms.CharField(
        label=gettext_lazy("Teams, one a line"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("two inspectors each, for example"),
    )  # fmt: skip
    minutes = forms.IntegerField(label=gettext_lazy("Minutes a day"), min_value=60, max_value=720, initial=360)
    visit = forms.IntegerField(label=gettext_lazy("Minutes a visit"), min_value=5, max_value=480, initial=40)
    share = forms.IntegerField(
        label=gettext_lazy("Drawn by lot, %"), min_value=0, max_value=100, initial=20,
        help_text=gettext_lazy("for double-random checks; the seed stands in the ledger before anything is planned"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def plan_list(request: HttpRequest) -> HttpResponse:
    """The plans of the viewer's units, and asking for one."""
    who = acting(request)
    units = Unit.objects.filter(code__in=who.acting)
    form = PlanForm(
        request.POST or None, initial={"unit": units.first(), "begins": timezone.localdate() + timedelta(days=1)}
    )
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        made = planning.make(viewer=who, at=timezone.now(), **{**d, "teams": d["teams"].splitlines()})
        return redirect("visit_plan", made.pk)

    return form_page(
        request, form, act, title=_("Plan inspections"), button=_("Propose a plan"), back="fire", template="fire/visit_plans.html",
        plans=planning.plans_of(who)[:40],
    )  # fmt: skip


def _plan(request: HttpRequest, pk: int) -> VisitPlan:
    return get_object_or_404(planning.plans_of(viewer(request)), pk=pk)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One plan: its tours day by day, on the map; stopping the search."""
    row = _plan(request, pk)
    if request.method == "POST":
        planning.stop(viewer=acting(request), plan=row, at=timezone.now())
        return redirect("visit_plan", pk)
    visits = list(row.visits.select_related("subject__territory", "subject__file"))
    if exports.asked(request):
        columns = [
            Column(_("Day")), Column(_("Team"), width=18), Column(_("Order")), Column(_("Name"), width=28), Column(_("Territory")),
            Column(_("Address"), width=32), Column(_("Why")),
        ]  # fmt: skip
        data = (
            [
                v.day.isoformat(),
                row.teams[v.team],
                str(v.order + 1),
                v.subject.name,
                v.subject.territory.name,
                v.subject.address,
                why_name(v.why),
            ]
            for v in visits
        )
        return exports.exported(request, row.title, columns, data)
    tours: dict[Any, dict[int, list[PlannedVisit]]] = defaultdict(lambda: defaultdict(list))
    for v in visits:
        tours[v.day][v.team].append(v)
    shown = [
        (day, [(row.teams[t], found) for t, found in sorted(teams.items())]) for day, teams in sorted(tours.items())
    ]
    context = {
        "plan": row, "tours": shown, "n": len(visits), "running": row.state in ("waiting", "running"), "lines": json.dumps(_lines(row, visits), ensure_ascii=False),
        "missed": len(row.result.get("missed", [])), "drawn": len(row.result.get("drawn", [])),
    }  # fmt: skip
    partial = bool(request.headers.get("HX-Request")) and context["running"]
    return render(request, "fire/pieces/plan_state.html" if partial else "fire/visit_plan.html", context)


def _lines(row: VisitPlan, visits: list[PlannedVisit]) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for v in visits:
        place = premises_of(v.subject).place
        if place:
            found[v.day.isoformat(), v.team].append(place)
    return [
        {"name": f"{day} {row.teams[team]}", "team": team, "places": places} for (day, team), places in found.items()
    ]


class MoveForm(forms.Form):
    """Where a visit goes."""

    day = forms.ChoiceField(label=gettext_lazy("Day"))
    team = forms.ChoiceField(label=gettext_lazy("Team"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)
    out = forms.BooleanField(label=gettext_lazy("Leave it out"), required=False)

    def __init__(self, *args: Any, plan: VisitPlan, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.days = {d.isoformat(): d for d in planning.workdays(plan.begins, plan.days)}
        self.fields["day"].choices = [(k, k) for k in self.days]  # type: ignore[attr-defined]
        self.fields["team"].choices = [(str(i), t) for i, t in enumerate(plan.teams)]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def visit(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Move one visit or leave it out."""
    who, row = acting(request), _plan(request, pk)
    found = get_object_or_404(row.visits.select_related("subject", "plan__unit"), pk=visit)
    form = MoveForm(request.POST or None, plan=row, initial={"day": found.day.isoformat(), "team": str(found.team)})

    def act(d: dict[str, Any]) -> HttpResponse:
        if d["out"]:
            planning.drop(viewer=who, visit=found, reason=d["reason"], at=timezone.now())
        else:
            planning.move(viewer=who, visit=found, day=form.days[d["day"]], team=int(d["team"]), at=timezone.now())
        return redirect("visit_plan", pk)

    return form_page(request, form, act, title=found.subject.name, button=_("Save"), back=f"/fire/visits/{pk}/")


@require_POST
def visit_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a premises to the plan's first tour, from where it can be moved."""
    who, row = acting(request), _plan(request, pk)
    with saying(request):
        subject = premises_named(who, request.POST.get("subject", ""))
        if subject is None:
            messages.error(request, _("There is no such premises, or it is not yours to see."))
        else:
            planning.add(
                viewer=who,
                plan=row,
                subject=subject,
                day=planning.workdays(row.begins, 1)[0],
                team=0,
                at=timezone.now(),
            )
    return redirect("visit_plan", pk)
