"""Commendation: rounds, nominees with what the record says, notices, reviews, approval."""

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

from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.assessment.selectors import keeps, kept_by
from bihuan.instruments.commendation import services
from bihuan.instruments.commendation.models import STAGES, Nominee, Voice
from bihuan.instruments.commendation.services import (
    REVIEWS,
    next_stage,
    nominees_visible_to,
    reviewer,
    rounds_visible_to,
    step_of,
)
from bihuan.instruments.documents import services as documents
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.fire.papers import commended

from ..surface.formpage import form_page, saying
from ..surface.history import history
from ..surface.middleware import acting, viewer
from .assessment_forms import NominateForm, RoundForm
from .letters import acting_or_leader, year_of


@require_GET
def commendations(request: HttpRequest) -> HttpResponse:
    """All rounds."""
    who = viewer(request)
    rows = [
        {
            "round": r,
            "commended": r.nominees.filter(state="commended").count(),
            "open": nominees_visible_to(who).filter(round=r, state="open").count(),
        }
        for r in rounds_visible_to(who)
    ]
    return render(
        request,
        "responsibility/commendations.html",
        {"tab": "commendations", "rows": rows, "keeps": bool(kept_by(who)), "last": timezone.localdate().year - 1},
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Call for nominations."""
    who, year = acting(request), year_of(request)
    if not kept_by(who):
        raise PermissionDenied
    form = RoundForm(
        request.POST or None,
        initial={
            "title": f"{year}年度消防工作先进单位和先进个人",
            "units": 4,
            "people": 4,
            "level": "good",
            "notice_days": 5,
        },
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        made = services.open_round(viewer=who, mechanism=kept_by(who)[0], year=year, at=timezone.now(), **d)
        return redirect("commendation", made.pk)

    return form_page(
        request,
        form,
        act,
        title=_("Call for nominations %(year)s") % {"year": year},
        button=_("Call"),
        back="commendations",
    )


@require_GET
def commendation(request: HttpRequest, pk: int) -> HttpResponse:
    """A round: its nominees and where each stands."""
    who, row, today = (
        viewer(request),
        get_object_or_404(rounds_visible_to(viewer(request)).select_related("office"), pk=pk),
        timezone.localdate(),
    )
    told = stream(f"commendation:{pk}")
    shown = [
        _shown(n, who, today)
        for n in nominees_visible_to(who)
        .filter(round=row)
        .select_related("unit", "by")
        .prefetch_related("voices__unit")
    ]
    context = {
        "tab": "commendations", "round": row, "nominees": shown, "stages": STAGES, "keeps": keeps(who, row.mechanism), "story": history(told.events, told.entered) if keeps(who, row.mechanism) else [],
        "may_nominate": bool(who.acting),
    }  # fmt: skip
    return render(request, "responsibility/commendation.html", context)


def _shown(n: Nominee, who: Viewer, today: Any) -> dict[str, Any]:
    """A nominee with the step that comes next for this viewer."""
    runs = n.until is not None and today <= n.until
    return {
        "n": n,
        "act": step_of(who, n, today),
        "runs": runs,
        "office": keeps(who, n.round.mechanism),
        "at": STAGES.index(n.stage),
        "speaks": runs and bool(who.posts),
    }


@require_http_methods(["GET", "POST"])
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Nominate one's own unit or somebody of it; the office any."""
    who = acting(request)
    row = get_object_or_404(rounds_visible_to(who), pk=pk)
    own = Unit.objects.filter(code__in=who.acting)
    group = (
        Unit.objects.filter(pk__in=Assessment.objects.filter(mechanism=row.mechanism, year=row.year).values("unit"))
        if keeps(who, row.mechanism)
        else own
    )
    form = NominateForm(request.POST or None, initial={"unit": own.first()})
    form.fields["unit"].queryset = group  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        by = own.filter(pk=d["unit"].pk).first() or row.office
        services.nominate(
            viewer=who,
            round_=row,
            unit=d["unit"],
            name=d["name"],
            post=d["post"],
            reason=d["reason"],
            by=by,
            at=timezone.now(),
        )
        return redirect("commendation", pk)

    return form_page(
        request, form, act, title=_("Nominate"), button=_("Nominate"), back=reverse("commendation", args=[pk])
    )


class ReviewForm(forms.Form):
    """Passed or not."""

    passed = forms.TypedChoiceField(
        label=gettext_lazy("Outcome"),
        choices=[("yes", gettext_lazy("passed")), ("no", gettext_lazy("not passed"))],
        coerce=lambda v: v == "yes",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(label=gettext_lazy("Findings"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}))


class TextForm(forms.Form):
    """Words."""

    text = forms.CharField(label=gettext_lazy("In words"), max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}))


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, nominee: int, name: str) -> HttpResponse:
    """Notice, review, speak, answer, commend."""
    who, now = viewer(request) if name == "speak" else acting_or_leader(request), timezone.now()
    row = get_object_or_404(nominees_visible_to(who).select_related("round", "unit"), pk=nominee, round=pk)
    if name in ("notice", "commend"):
        if request.method != "POST":
            raise Http404
        with saying(request):
            (services.post_notice if name == "notice" else services.commend)(viewer=who, nominee=row, at=now)
        return redirect("commendation", pk)
    if name not in ("review", "speak"):
        raise Http404
    if name == "review" and (
        next_stage(row) not in REVIEWS or reviewer(next_stage(row), row.round.mechanism) not in who.acting
    ):
        raise PermissionDenied
    form: Any = (ReviewForm if name == "review" else TextForm)(request.POST or None)

    def done(d: dict[str, Any]) -> HttpResponse:
        if name == "review":
            services.review(viewer=who, nominee=row, passed=d["passed"], text=d["text"], at=now)
        else:
            services.speak(viewer=who, nominee=row, text=d["text"], at=now)
        return redirect("commendation", pk)

    title = _("Review: %(who)s") if name == "review" else _("Speak against: %(who)s")
    return form_page(
        request, form, done, title=title % {"who": row}, button=_("Record"), back=reverse("commendation", args=[pk])
    )


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int, voice: int) -> HttpResponse:
    """Answer what was said against a nominee."""
    who = acting(request)
    row = get_object_or_404(
        Voice.objects.select_related("nominee__round", "nominee__unit"),
        pk=voice,
        nominee__round=pk,
        nominee__in=nominees_visible_to(who),
    )
    if not keeps(who, row.nominee.round.mechanism):
        raise PermissionDenied
    form = TextForm(request.POST or None)

    def act_(d: dict[str, Any]) -> HttpResponse:
        services.answer(viewer=who, voice=row, text=d["text"], at=timezone.now())
        return redirect("commendation", pk)

    return form_page(
        request,
        form,
        act_,
        title=_("Answer: %(text)s") % {"text": row.text[:60]},
        button=_("Record"),
        back=reverse("commendation", args=[pk]),
    )


@require_http_methods(["POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The commendation notice as a Word file."""
    who = acting(request)
    row = get_object_or_404(rounds_visible_to(who), pk=pk)
    if not keeps(who, row.mechanism):
        raise PermissionDenied
    documents.ask(
        viewer=who,
        at=timezone.now(),
        unit=row.office,
        kind_id="commendation",
        title=f"关于表扬{row.title}的通报",
        context=commended(row),
        about=f"commendation:{pk}",
    )
    messages.success(request, _("%(n)s papers are being written.") % {"n": 1})
    return redirect("papers")
