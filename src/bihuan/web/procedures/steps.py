"""The legal course of a hazard beside its loop: start a procedure, record a step; complaints."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.premises.selectors import premises_named
from bihuan.instruments.procedures import services as procedures
from bihuan.instruments.procedures.rules import Step
from bihuan.instruments.procedures.selectors import Course, Under, course, open_steps, startable, step_files
from bihuan.instruments.procedures.services import may_record, open_step
from bihuan.instruments.procedures.words import CHOICES
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.matters.disclosure import file_seen
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.fire import cases, complaints
from bihuan.mechanisms.fire.selectors import edition_on

from ..loop.seen import matter_or_404
from ..surface.errors import sentence
from ..surface.files import kept_file
from ..surface.formpage import form_page, new_token
from ..surface.middleware import acting, viewer
from .forms import StepForm


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """Start a procedure on a matter."""
    who, row = acting(request), matter_or_404(request, number)
    spec = next((s for s in startable(who, row, course(number, timezone.now())) if s.id == name), None)
    if spec is None:
        raise Http404
    form = StepForm(request.POST or None, spec=spec.ask, initial={"token": new_token(), "found": timezone.localdate()})

    def act(d: dict[str, Any]) -> HttpResponse:
        procedures.start_as(
            viewer=who, matter=row, procedure=name, at=timezone.now(), values=form.values(), token=str(d["token"])
        )
        return redirect("matter", number)

    return form_page(
        request, form, act, title=_("%(name)s: #%(n)s") % {"name": own_name(spec), "n": number}, button=_("Start"),
        back=reverse("matter", args=[number]),
    )  # fmt: skip


def _open(request: HttpRequest, at: Course, run: int, name: str) -> tuple[Under, Step] | None:
    """The step that is open; None when somebody was first, which is said, Http404 when the address was never right."""
    try:
        return open_step(at, run, name)
    except Refused as error:
        if request.method != "POST":
            raise Http404 from None
        messages.error(request, sentence(error))
        return None


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, number: int, run: int, name: str) -> HttpResponse:
    """Record a step."""
    who, row = acting(request), matter_or_404(request, number)
    now = timezone.now()
    at = course(number, now)
    found_open = _open(request, at, run, name)
    if found_open is None:
        return redirect("matter", number)
    under, found = found_open
    if not may_record(who, under, found, at):
        raise Http404
    judges = any(f.type == "edition" for f in found.spec.fields)
    edition = edition_on(local_day(under.run.started.at)) if judges else None
    first = {"token": new_token(), "served": timezone.localdate(), "day": timezone.localdate()}
    form = StepForm(
        request.POST or None, spec=found.spec.fields, files=bool(found.spec.files), edition=edition, initial=first
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        values = form.values()
        if "to" in values:
            values["to"] = values["to"].code
        cases.step(
            viewer=who,
            matter=row,
            run=run,
            name=name,
            at=timezone.now(),
            values=values,
            files=d.get("staged", ()),
            token=str(d["token"]),
        )
        return redirect("matter", number)

    return form_page(
        request, form, act, title=f"{own_name(found.spec)} · #{number}", button=_("Record"), back=reverse("matter", args=[number]),
        template="procedures/step.html", step=found, edition=edition, matter=row,
    )  # fmt: skip


@require_GET
def step_file(request: HttpRequest, pk: int) -> FileResponse:
    """Evidence of a step."""
    who = viewer(request)
    row = get_object_or_404(step_files(who), pk=pk)
    file_seen(viewer=who, file=row.file_id, matter=row.procedure.matter, at=timezone.now())
    return kept_file(row.file, row.name)


@require_GET
def step_list(request: HttpRequest) -> HttpResponse:
    """Open steps of matters that the viewer may see, the most urgent first; `mine` those that the viewer's units owe."""
    who = viewer(request)
    rows = open_steps(who)
    if request.GET.get("mine"):
        rows = rows.filter(unit__code__in=who.acting)
    return render(
        request, "procedures/steps.html", {"rows": rows.order_by("due_at", "pk")[:200], "mine": request.GET.get("mine")}
    )


class ComplaintForm(forms.Form):
    """A complaint. Who complained is kept apart."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    subject = forms.CharField(label=gettext_lazy("Premises (code or whole name)"), max_length=120)
    about = forms.ChoiceField(label=gettext_lazy("Concerns"), choices=[(a, CHOICES[a]) for a in complaints.ABOUT])
    title = forms.CharField(label=gettext_lazy("In a few words"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("What is complained of"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Came by"),
        choices=[
            ("12345", "12345"),
            ("96119", "96119"),
            ("119", "119"),
            ("letter", CHOICES["letter"]),
            ("visit", CHOICES["visit"]),
            ("other", CHOICES["other"]),
        ],
    )
    name = forms.CharField(label=gettext_lazy("Complainant (masked for others)"), max_length=40, required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone (masked for others)"), max_length=30, required=False)


@require_http_methods(["GET", "POST"])
def complaint_list(request: HttpRequest) -> HttpResponse:
    """Complaints, clusters, and taking one."""
    who = acting(request) if request.method == "POST" else viewer(request)
    form = ComplaintForm(
        request.POST or None, initial={"token": new_token(), "subject": request.GET.get("subject", "")}
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        subject = premises_named(who, d.pop("subject"))
        if subject is None:
            raise Refused(N_("There is no such premises, or it is not yours to see."), field="subject")
        made = complaints.take(viewer=who, subject=subject, at=timezone.now(), **{**d, "token": str(d["token"])})
        return redirect("matter", made.pk)

    rows = (
        visible_to(who).filter(kind__startswith="complaint").select_related("subject", "territory", "owed_by", "lead")
    )
    return form_page(
        request, form, act, title=_("Complaints"), button=_("Take it"), back="fire", template="procedures/complaints.html",
        open=rows.filter(open=True).order_by("due_at")[:60], clusters=complaints.clusters(who, timezone.now())[:20],
    )  # fmt: skip
