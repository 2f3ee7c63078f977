"""After the permit: call-backs, permits that lapse, and answers kept for the next project."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bihuan.adapters.excel import Column
from bihuan.mechanisms.counselling import followup, paths
from bihuan.mechanisms.counselling.catalogue import approvals, words
from bihuan.mechanisms.counselling.models import Knowledge, Revisit

from ..surface import exports
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .forms import PublishForm, RevisitForm
from .items import case_or_404
from .sessions import question_or_404


@require_GET
def revisits(request: HttpRequest) -> HttpResponse:
    """Call-backs that are due, those made, permits that lapse."""
    who = viewer(request)
    today = timezone.localdate()
    made = Revisit.objects.filter(application__in=paths.applications_visible_to(who)).select_related(
        "application__subject", "unit"
    )[:60]
    return render(request, "counselling/revisits.html", {
        "due": followup.due(who, today), "made": made, "lapses": followup.lapses(who, today), "today": today, "coordinates": paths.coordinates(who),
        "items": approvals().items, "tab": "revisits",
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def revisit(request: HttpRequest, pk: int, after: int) -> HttpResponse:
    """Take a call-back down."""
    who = acting(request)
    row = case_or_404(request, pk)
    if after not in words().revisit_days or not row.granted or not paths.coordinates(who):
        raise Http404
    form = RevisitForm(
        request.POST or None, initial={"solved": "1", "satisfaction": 5}, words=words(), matters=followup.unsolved(row)
    )

    def act(d: dict[str, Any]) -> HttpResponse:
        followup.revisit(
            viewer=who, application=row, after=after, at=timezone.now(), answers=form.answers(), solved=d["solved"] == "1",
            satisfaction=d["satisfaction"], said=d["said"], again=list(d["again"]),
        )  # fmt: skip
        return redirect("revisits")

    title = _("%(name)s: %(n)s days after %(item)s") % {
        "name": row.subject.name,
        "n": after,
        "item": approvals().items[row.item].name,
    }
    return form_page(request, form, act, title=title, button=_("Take down"), back="revisits")


@require_GET
def knowledge(request: HttpRequest) -> HttpResponseBase:
    """Answers by word and item, with the edition they were true for."""
    who = viewer(request)
    text, item = request.GET.get("q", "")[:60], request.GET.get("item", "")
    rows = followup.knowledge(text, item if item in approvals().items else "")
    if exports.asked(request):
        columns = [Column(n, width=w) for n, w in ((_("Approval item"), 8), (_("Question"), 40), (_("Answer"), 60), (_("Basis"), 36), (_("Unit"), 20), (_("Edition"), 12), (_("Day"), 12))]  # fmt: skip
        return exports.exported(request, _("Questions and answers"), columns, ([k.item, k.question, k.said, k.basis, k.unit.name, k.edition, k.day.isoformat()] for k in rows[: exports.MOST]))  # fmt: skip
    return render(request, "counselling/knowledge.html", {
        "rows": rows[:100], "q": text, "item": item, "items": approvals().approvals, "names": approvals().items, "coordinates": paths.coordinates(who),
        "edition": approvals().edition, "tab": "knowledge",
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an answer for everybody."""
    who, row = question_or_404(request, pk)
    if not paths.coordinates(who):
        raise Http404
    form = PublishForm(request.POST or None, initial={"asked": row.text, "said": row.said})

    def act(d: dict[str, Any]) -> HttpResponse:
        followup.publish(viewer=who, question=row, at=timezone.now(), **d)
        return redirect("knowledge")

    return form_page(request, form, act, title=_("Keep this answer for everybody"), button=_("Keep"), back="knowledge")


@require_POST
def outdate(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer that is no longer true."""
    who = acting(request)
    followup.outdate(viewer=who, row=get_object_or_404(Knowledge, pk=pk), at=timezone.now())
    return redirect("knowledge")
