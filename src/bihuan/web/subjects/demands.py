"""Demands of enterprises: the link that the office gives, and the page behind it, for people without an account."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Any

import segno
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.instruments.supervision.models import Objection
from bihuan.instruments.supervision.services import objectionable
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.selectors import stream
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Unit
from bihuan.mechanisms.promotion import services
from bihuan.mechanisms.promotion.models import DemandLink

from ..surface.errors import sentence
from ..surface.formpage import form_page, new_token
from ..surface.middleware import acting
from .projects import project_or_404


class LinkForm(forms.Form):
    """For whom."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.filter(active=True), label=gettext_lazy("Enterprise"))


@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Give the enterprise of a project a link; its code to be scanned or sent on."""
    who = acting(request)
    subject, project = project_or_404(request, code)
    if not services.coordinates(who):
        raise Http404
    owner = project.parties.get("owner", {}).get("unit")
    form = LinkForm(request.POST or None, initial={"unit": Unit.objects.filter(code=owner).first()})

    def act(d: dict[str, Any]) -> HttpResponse:
        services.link_make(viewer=who, subject=subject, unit=d["unit"], at=timezone.now())
        return redirect("demand_link", code)

    links = [
        {"link": x, "url": _url(request, x), "code": _picture(_url(request, x))}
        for x in DemandLink.objects.filter(subject=subject, ended_at=None).select_related("unit")
    ]
    return form_page(
        request, form, act, title=_("Demands of %(name)s by link") % {"name": subject.name}, button=_("Make a link"),
        back=reverse("subject", args=[code]), template="subjects/demand_link.html", links=links, subject=subject,
    )  # fmt: skip


def _url(request: HttpRequest, found: DemandLink) -> str:
    base = settings.SITE_URL.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    return base + reverse("demand", args=[found.code])


def _picture(url: str) -> str:
    out = io.BytesIO()
    segno.make_qr(url).save(out, kind="png", scale=4, border=4)
    return "data:image/png;base64," + b64encode(out.getvalue()).decode()


@require_POST
def link_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """End a link."""
    who = acting(request)
    subject, _project = project_or_404(request, code)
    found = get_object_or_404(DemandLink.objects.select_related("unit", "subject"), pk=pk, subject=subject)
    services.link_end(viewer=who, link=found, at=timezone.now())
    return redirect("demand_link", code)


class DemandForm(forms.Form):
    """What the enterprise asks for. What is known of it is not asked."""

    title = forms.CharField(label=gettext_lazy("What you ask for, in a sentence"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("More about it"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    token = forms.UUIDField(widget=forms.HiddenInput)


@login_not_required
@require_http_methods(["GET", "POST"])
def demand(request: HttpRequest, code: str) -> HttpResponse:
    """The enterprise's page: its demands of this project with their progress, and a form for a new one."""
    found = services.link_of(code, timezone.localdate())
    if found is None:
        raise Http404
    form, error = DemandForm(initial={"token": new_token()}), ""
    if request.method == "POST":
        error = _limited(request) or _act(request, found)
        if not error and request.POST.get("act") != "raise":
            return redirect("demand", code)
        if request.POST.get("act") == "raise":
            form = DemandForm(request.POST)
            if form.is_valid() and not error:
                try:
                    d = form.cleaned_data
                    services.demand(
                        link=found,
                        title=d["title"],
                        description=d["description"],
                        token=str(d["token"]),
                        at=timezone.now(),
                    )
                    return redirect("demand", code)
                except Refused as refused:
                    error = sentence(refused)
    rows = [_shown(m) for m in services.demands(found)]
    return render(request, "subjects/demand.html", {"link": found, "form": form, "rows": rows, "error": error})


def _limited(request: HttpRequest) -> str:
    return "" if ratelimit.consume(request, action="demand") else str(_("Too many tries; please wait an hour."))


def _act(request: HttpRequest, found: DemandLink) -> str:
    """Rate an answer or object to a decline; the sentence of a refusal, empty when it was done."""
    name, number = request.POST.get("act", ""), request.POST.get("number", "")
    words = request.POST.get("words", "").strip()[:1000]
    if name == "raise":
        return ""
    if name not in ("good", "bad", "object") or not (number.isascii() and number.isdigit()):
        raise Http404
    now = timezone.now()
    try:
        if name == "object":
            services.demand_object(link=found, number=int(number), reason=words, at=now)
        else:
            services.rate(link=found, number=int(number), good=name == "good", words=words, at=now)
    except Refused as refused:
        if not refused.allowed:
            raise Http404 from None
        return sentence(refused)
    return ""


def _shown(matter: Matter) -> dict[str, Any]:
    """A demand as its enterprise sees it: state, who answers, the answer, a decline with its reason, the objection."""
    told = stream(f"matter:{matter.number}").events
    answer = next((e.data["text"] for e in reversed(told) if e.type == "Submitted"), "")
    declined = next((e for e in reversed(told) if e.type == "Withdrawn" and e.unit != matter.raiser.code), None)
    objection = Objection.objects.filter(matter=matter, against="declined").first()
    return {
        "matter": matter, "answer": answer, "declined": declined.data["reason"] if declined else "", "objection": objection,
        "may_object": bool(declined) and objection is None and "declined" in objectionable(matter),
        "progress": next((e.data["text"] for e in reversed(told) if e.type == "Progressed"), ""),
    }  # fmt: skip
