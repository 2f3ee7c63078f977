"""Accountability: measures proposed, approved by a leader, held, objected to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.accountability import papers, services
from bihuan.instruments.accountability.models import Measure
from bihuan.instruments.accountability.services import Wanted, measures_visible_to
from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.assessment.reckoning import sheets
from bihuan.instruments.assessment.selectors import assessments_visible_to, full, kept_by
from bihuan.instruments.documents import services as documents
from bihuan.instruments.letters.services import work_of
from bihuan.instruments.supervision.models import Objection
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Unit

from ..loop.supervision import ObjectForm
from ..surface.formpage import form_page
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .assessment_forms import AnswerForm, MeasureForm

TO_RIGHT = 20
"""Working days that a point to put right gets unless somebody writes another day."""


@require_GET
def measures(request: HttpRequest) -> HttpResponse:
    """Measures of one's own unit or office, or all."""
    who = viewer(request)
    rows = measures_visible_to(who).select_related("unit", "office")[:200]
    shown = [{"m": m, "approves": m.state == Measure.State.PROPOSED and services.approves(who, m)} for m in rows]
    return render(
        request, "responsibility/measures.html", {"tab": "measures", "rows": shown, "keeps": bool(kept_by(who))}
    )


def _suggested(a: Assessment | None, now: Any) -> dict[str, Any]:
    """Basis, words and points from what an assessment lost."""
    if a is None:
        return {}
    sheet = sheets(full(Assessment.objects.filter(pk=a.pk)), now)[0]
    until = calendar_for().add(timezone.localdate(), TO_RIGHT)
    lost = [i for i in sheet.final.items().values() if i.points < i.item.points]
    lines = "\n".join(
        f"{i.item.name} | {until.isoformat()}" for i in sorted(lost, key=lambda i: i.points - i.item.points)[:8]
    )
    return {
        "basis": f"{a.year}年度{sheet.scheme.name}", "text": f"{a.unit.name}{a.year}年度得分{sheet.final.total / 100:g}分。", "points": lines,
        "kind": "rectify" if sheet.final.level != "fail" else "interview",
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose a measure, prefilled from an assessment where it comes from one."""
    who, now = acting(request), timezone.now()
    if not kept_by(who):
        raise PermissionDenied
    text = request.GET.get("assessment", "")
    a = get_object_or_404(assessments_visible_to(who), pk=int(text)) if text.isdigit() else None
    unit = Unit.objects.filter(code=request.GET.get("unit", "")).first()
    form = MeasureForm(request.POST or None, initial={"unit": unit, **_suggested(a, now)})

    def act(d: dict[str, Any]) -> HttpResponse:
        points: list[Wanted] = d["points"] if d["kind"] == Measure.Kind.RECTIFY else []
        made = services.propose(
            viewer=who,
            mechanism=a.mechanism if a else kept_by(who)[0],
            kind=d["kind"],
            unit=d["unit"],
            basis=d["basis"],
            text=d["text"],
            points=points,
            assessment=a,
            at=now,
        )
        return redirect("measure", made.pk)

    return form_page(request, form, act, title=_("Hold to account"), button=_("Propose"), back="measures")


def _row(request: HttpRequest, pk: int) -> Measure:
    return get_object_or_404(measures_visible_to(viewer(request)).select_related("unit", "office", "assessment"), pk=pk)


@require_GET
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """One measure: facts, basis, who approved, points, objection."""
    who, row = viewer(request), _row(request, pk)
    told = stream(f"measure:{pk}")
    objection = Objection.objects.filter(about=f"measure:{pk}").select_related("decider").first()
    mine = row.unit.code in who.acting and row.state in (Measure.State.APPROVED, Measure.State.HELD)
    context = {
        "tab": "measures", "measure": row, "points": row.points.select_related("matter__territory"), "approves": row.state == Measure.State.PROPOSED and services.approves(who, row),
        "may_hold": row.state == Measure.State.APPROVED and row.office.code in who.acting and row.kind != Measure.Kind.RECTIFY, "objection": objection,
        "may_object": mine and objection is None, "office": row.office.code in who.acting and row.approved_at is not None, "story": history(told.events, told.entered),
    }  # fmt: skip
    return render(request, "responsibility/measure.html", context)


class DecideForm(forms.Form):
    """Approved or not."""

    approve = forms.TypedChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("yes", gettext_lazy("approve")), ("no", gettext_lazy("do not approve"))],
        coerce=lambda v: v == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=gettext_lazy("In words"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Decide, hold, object."""
    who, row, now = viewer(request), _row(request, pk), timezone.now()
    forms_ = {
        "decide": (DecideForm, _("Decide")),
        "hold": (AnswerForm, _("Record")),
        "object": (ObjectForm, _("Object")),
    }
    if name == "paper" and request.method == "POST" and row.office.code in who.acting:
        title = f"{row.unit.name}{row.get_kind_display()}通知书"
        made = documents.ask(
            viewer=who,
            at=now,
            unit=row.office,
            kind_id="measure",
            title=title,
            context=papers.context(row),
            about=f"measure:{pk}",
            readers=[row.unit],
        )
        return redirect("paper", made.pk)
    if name not in forms_:
        raise Http404
    if (
        (name == "decide" and not services.approves(who, row))
        or (name == "hold" and row.office.code not in who.acting)
        or (name == "object" and row.unit.code not in who.acting)
    ):
        raise PermissionDenied
    form: Any = forms_[name][0](request.POST or None)

    def done(d: dict[str, Any]) -> HttpResponse:
        if name == "decide":
            subject = (
                work_of(f"{local_day(row.at).year}年度全区消防工作", row.office, row.person, now)
                if row.kind == Measure.Kind.RECTIFY
                else None
            )
            services.decide(viewer=who, measure=row, approve=d["approve"], answer=d["answer"], subject=subject, at=now)
        elif name == "hold":
            services.held(viewer=who, measure=row, answer=d["answer"], at=now)
        else:
            services.object_to(viewer=who, measure=row, reason=d["reason"], at=now)
        return redirect("measure", pk)

    return form_page(
        request, form, done, title=str(row), button=str(forms_[name][1]), back=reverse("measure", args=[pk])
    )
