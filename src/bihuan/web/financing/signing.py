"""The signing ceremony: a meeting of the projects that are credited, its papers, and the contracts written down at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.instruments.documents import services as documents
from bihuan.instruments.documents.selectors import papers_visible_to
from bihuan.instruments.meetings.models import Meeting
from bihuan.mechanisms.financing import signing
from bihuan.mechanisms.financing.selectors import looked, office

from ..meetings.meetings import hosted
from ..surface.errors import sentence
from ..surface.formpage import form_page
from ..surface.middleware import acting
from .forms import SigningForm

PAPERS = {"signing_notice": "通知", "signing_list": "签约名单"}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Prepare a ceremony of the projects chosen; banks and developers are invited."""
    who = acting(request)
    if not office(who):
        raise Http404
    ripe = signing.ripe(who)
    form = SigningForm(request.POST or None)
    form.fields["projects"].choices = [(b.file.code, b.file.subject.name) for b in ripe]  # type: ignore[attr-defined]
    form.fields["projects"].initial = [b.file.code for b in ripe]

    def act(d: dict[str, Any]) -> HttpResponse:
        chosen = d.pop("projects")
        made = signing.prepare(viewer=who, books=[b for b in ripe if b.file.code in chosen], at=timezone.now(), **d)
        return redirect("signing", made.pk)

    return form_page(request, form, act, title=_("New signing ceremony"), button=_("Prepare"), back="financing")


@require_http_methods(["GET", "POST"])
def ceremony(request: HttpRequest, pk: int) -> HttpResponse:
    """Projects, banks, credits; and a line for each contract, written down at the table, all at once."""
    who, meeting = hosted(request, pk)
    if meeting.kind != Meeting.Kind.SIGNING:
        raise Http404
    rows = signing.rows(who, meeting)
    if request.method == "POST":
        told = {
            r["push"].code: {
                "contract": request.POST.get(f"contract-{r['push'].code}", "").strip(),
                "mode": request.POST.get(f"mode-{r['push'].code}", "stages"),
            }
            for r in rows
            if r["push"] is not None
        }
        signed, failed = signing.sign(
            viewer=who, meeting=meeting, told={k: v for k, v in told.items() if v["contract"]}, at=timezone.now()
        )
        messages.success(request, _("%(n)s contracts are on record.") % {"n": signed})
        for name, error in failed:
            messages.error(request, f"{name}: {sentence(error)}")
        return redirect("signing", pk)
    looked(viewer=who, what="signing", at=timezone.now(), meeting=pk)
    papers = papers_visible_to(who).filter(about=f"meeting:{pk}").exclude(state="dropped")
    return render(
        request,
        "financing/signing.html",
        {
            "meeting": meeting,
            "rows": rows,
            "papers": papers,
            "kinds": PAPERS,
            "sum": sum(r["ask"].amount for r in rows if r["ask"]),
        },
    )


@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the papers ticked. The notice names no project and no bank and goes to all who are invited; the list stays with the office."""
    who, meeting = hosted(request, pk)
    meeting = get_object_or_404(Meeting, pk=meeting.pk, kind=Meeting.Kind.SIGNING)
    now = timezone.now()
    n = 0
    for kind in request.POST.getlist("kind"):
        if kind in PAPERS:
            readers = [i.unit for i in meeting.invitations.select_related("unit")] if kind == "signing_notice" else []
            documents.ask(
                viewer=who, at=now, unit=meeting.host, kind_id=kind, title=f"{meeting.title}{PAPERS[kind]}", context=signing.context(who, meeting, now),
                about=f"meeting:{pk}", readers=readers,
            )  # fmt: skip
            n += 1
    messages.success(request, _("%(n)s papers are being written.") % {"n": n})
    return redirect("signing", pk)
