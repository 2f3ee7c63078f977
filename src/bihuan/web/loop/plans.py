"""Recurring plans: what comes again, when, and whether each period was made in time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.plans import services
from bihuan.instruments.plans.models import Plan
from bihuan.kernel.matters.selectors import subjects_visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.subjects.models import Subject

from ..surface.fields import DATE
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .filters import raisable_choices


@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans of one's own units, with their latest periods."""
    who = viewer(request)
    rows = services.plans_of(who).select_related("unit", "lead", "subject").prefetch_related("periods__matter")
    today = timezone.localdate()
    for row in rows:
        row.latest = list(row.periods.all()[:6])  # type: ignore[attr-defined]
        row.stopped = row.end is not None and row.end <= today  # type: ignore[attr-defined]
        row.mine = row.unit.code in who.acting  # type: ignore[attr-defined]
    return render(request, "loop/plans.html", {"rows": rows})


class PlanForm(forms.Form):
    """What comes again."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), label=gettext_lazy("In the name of"), to_field_name="code"
    )
    subject = forms.ModelChoiceField(
        queryset=Subject.objects.none(), to_field_name="code", label=gettext_lazy("Project or premises")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=raisable_choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=180)
    lead = forms.ModelChoiceField(queryset=Unit.objects.filter(active=True), label=gettext_lazy("Lead unit"))
    every = forms.ChoiceField(label=gettext_lazy("Every"), choices=Plan.Every.choices)
    day = forms.IntegerField(
        label=gettext_lazy("On day"), min_value=1, max_value=31,
        help_text=gettext_lazy("Of the month, 31 for its last day; of the week, 1 is Monday."),
    )  # fmt: skip
    workday = forms.BooleanField(label=gettext_lazy("On the next working day, if it is none"), required=False)
    start = forms.DateField(label=gettext_lazy("From"), widget=DATE)
    end = forms.DateField(label=gettext_lazy("Until"), widget=DATE, required=False)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a plan."""
    who = acting(request)
    units = Unit.objects.filter(code__in=who.acting)
    form = PlanForm(
        request.POST or None,
        initial={"unit": units.first(), "start": timezone.localdate(), "day": 31, **request.GET.dict()},
    )
    form.fields["unit"].queryset = units  # type: ignore[attr-defined]
    form.fields["subject"].queryset = subjects_visible_to(who)  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        services.plan_make(viewer=who, at=timezone.now(), **d)
        return redirect("plans")

    return form_page(request, form, act, title=_("New recurring plan"), button=_("Make the plan"), back="plans")


class StopForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """No more periods."""
    who = acting(request)
    plan = get_object_or_404(services.plans_of(who).select_related("unit"), pk=pk, unit__code__in=who.acting)
    form = StopForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        services.plan_stop(viewer=who, at=timezone.now(), plan=plan, reason=d["reason"])
        return redirect("plans")

    return form_page(
        request, form, act, title=_("Stop the plan “%(title)s”") % {"title": plan.title}, button=_("Stop"), back="plans"
    )
