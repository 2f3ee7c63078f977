"""Supervision: objections and their decisions, lots and second looks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.supervision import services
from bihuan.instruments.supervision.models import Draw, Objection, SecondLook
from bihuan.instruments.supervision.selectors import draws_visible_to, looks_visible_to, objections_visible_to
from bihuan.kernel.domain.months import month_before
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.mechanisms.promotion.catalogue import sampling_percent

from ..surface.fields import month_field
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .seen import matter_or_404


class ObjectForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Why you object"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


@require_http_methods(["GET", "POST"])
def object_to(request: HttpRequest, number: int, against: str) -> HttpResponse:
    """Object to an interview, a circular, a decline."""
    who = acting(request)
    row = matter_or_404(request, number)
    if against not in Objection.Against.values or services.objectionable(row).get(against, ("",))[0] not in who.acting:
        raise Http404

    def act(d: dict[str, Any]) -> HttpResponse:
        services.object_to(
            units=who.acting,
            person=who.person.username,
            matter=row,
            against=against,
            reason=d["reason"],
            at=timezone.now(),
        )
        return redirect("matter", number)

    what = dict(Objection.Against.choices)[against]
    return form_page(
        request, ObjectForm(request.POST or None), act, title=_("Object: %(what)s") % {"what": what}, button=_("Object"),
        back=reverse("matter", args=[number]),
    )  # fmt: skip


@require_GET
def objections(request: HttpRequest) -> HttpResponse:
    """Those to decide first, then one's own and those of matters one sees."""
    who = viewer(request)
    rows = (
        objections_visible_to(who).select_related("matter", "unit", "decider", "again").order_by("-upheld", "due")[:100]
    )
    shown = [{"o": o, "mine": o.upheld is None and o.decider.code in who.acting} for o in rows]
    shown.sort(key=lambda r: not r["mine"])
    return render(request, "loop/objections.html", {"rows": shown, "today": timezone.localdate()})


class DecideForm(forms.Form):
    """Upheld or not, and why."""

    upheld = forms.TypedChoiceField(
        label=gettext_lazy("The objection is"), choices=[("yes", gettext_lazy("upheld")), ("no", gettext_lazy("not upheld"))],
        coerce=lambda v: v == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(label=gettext_lazy("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide one."""
    who = acting(request)
    row = get_object_or_404(objections_visible_to(who).select_related("matter", "unit", "decider"), pk=pk)
    if row.decider.code not in who.acting:
        raise Http404

    def act(d: dict[str, Any]) -> HttpResponse:
        services.decide(viewer=who, objection=row, upheld=d["upheld"], answer=d["answer"], at=timezone.now())
        return redirect("objections")

    return form_page(
        request, DecideForm(request.POST or None), act, title=_("Objection to %(n)s") % {"n": row}, button=_("Decide"),
        back="objections", template="loop/objection.html", objection=row,
    )  # fmt: skip


class DrawForm(forms.Form):
    """Of which month, how many of a hundred."""

    month = month_field(gettext_lazy("Month"))
    percent = forms.IntegerField(label=gettext_lazy("Of a hundred"), min_value=1, max_value=100)


@require_http_methods(["GET", "POST"])
def second_looks(request: HttpRequest) -> HttpResponse:
    """The lots, the looks that fell to one's unit, and a form to draw."""
    who = viewer(request)
    may = bool(who.acting & {function_unit("supervision"), function_unit("coordinate.promotion")})
    month = month_before(f"{timezone.localdate():%Y-%m}")
    form = DrawForm(request.POST or None, initial={"month": month, "percent": sampling_percent()})

    def act(d: dict[str, Any]) -> HttpResponse:
        services.draw(viewer=who, mechanism="promotion", month=d["month"], percent=d["percent"], at=timezone.now())
        return redirect("second_looks")

    rows = looks_visible_to(who).select_related("matter__subject", "unit", "draw").order_by("-draw", "id")[:100]
    shown = [{"look": s, "mine": s.good is None and s.unit.code in who.acting} for s in rows]
    shown.sort(key=lambda r: not r["mine"])
    draws: list[Draw] = list(draws_visible_to(who)[:24])
    return form_page(
        request, form, act, title=_("Second looks"), button=_("Draw the lot"), back="matters", template="loop/second_looks.html", rows=shown,
        draws=draws, may=may,
    )  # fmt: skip


class LookForm(forms.Form):
    """What was found."""

    good = forms.TypedChoiceField(
        label=gettext_lazy("Solved on the spot, not only on paper?"), coerce=lambda v: v == "yes", widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("really solved")), ("no", gettext_lazy("not solved: the matter is reopened"))],
    )  # fmt: skip
    findings = forms.CharField(
        label=gettext_lazy("Findings"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


@require_http_methods(["GET", "POST"])
def second_look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again."""
    who = acting(request)
    row = get_object_or_404(
        SecondLook.objects.select_related("unit", "matter__subject"), pk=pk, unit__code__in=who.acting
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        services.look(viewer=who, second=row, good=d["good"], findings=d["findings"], at=timezone.now())
        return redirect("second_looks")

    return form_page(
        request, LookForm(request.POST or None), act, title=_("Second look at #%(n)s") % {"n": row.matter_id}, button=_("Record"),
        back="second_looks", template="loop/second_look.html", look=row,
    )  # fmt: skip
