"""Notices: what concerns me and why, newest first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bihuan.adapters.excel import Column
from bihuan.instruments.notices import services
from bihuan.instruments.notices.models import Notice
from bihuan.instruments.notices.selectors import latest
from bihuan.instruments.notices.texts import WHY, what
from bihuan.mechanisms.counselling.models import Application, Question

from .. import exports
from ..middleware import viewer

BESIDE = {
    "meeting": "meeting",
    "paper": "paper",
    "objection": "objections",
    "draw": "second_looks",
    "procedure": "matter",
    "letter": "letter",
    "assessment": "assessment",
    "measure": "measure",
    "commendation": "commendation",
    "lapse": "subject",
    "financing": "financing_file",
    "push": "push",
    "lender": "financing",
}
"""Where what happens beside matters is looked at, by its stream."""


@require_GET
def notices(request: HttpRequest) -> HttpResponseBase:
    """The list."""
    if exports.asked(request):
        columns = [
            Column(_("When"), width=18),
            Column(_("No."), width=8),
            Column(_("Matter"), width=40),
            Column(_("What happened"), width=30),
            Column(_("Why you"), width=22),
        ]
        found, _more = latest(viewer(request), size=exports.MOST)
        rows_ = (
            [n.at, str(m.number) if m else "", m.title if m else n.detail.get("title", ""), what(n), str(WHY[n.why])]
            for n, m in found
        )
        return exports.exported(request, _("Notices"), columns, rows_)
    before = request.GET.get("before", "")
    rows, more = latest(viewer(request), before=int(before) if before.isdigit() else None)
    shown = [{"notice": n, "matter": m, "what": what(n), "why": WHY[n.why]} for n, m in rows]
    after = rows[-1][0].pk if more and rows else None
    return render(request, "web/notices.html", {"rows": shown, "after": after})


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The matter of a notice of one's own, which counts as seen from then on."""
    notice = get_object_or_404(Notice, pk=pk, person=viewer(request).person)
    services.seen(person=notice.person, at=timezone.now(), notice=pk)
    if notice.matter:
        return redirect("matter", notice.matter)
    kind, _mark, name = notice.stream.partition(":")
    return redirect(*_where(kind, name))


def _where(kind: str, name: str) -> tuple[str, ...]:
    """The page of a stream beside matters: its address and what that is called with. The page itself says who may see it."""
    if kind == "approval":
        application = get_object_or_404(Application.objects.select_related("subject"), pk=name)
        return "path_item", application.subject.code, application.item
    if kind == "question":
        return "path", get_object_or_404(Question.objects.select_related("subject"), pk=name).subject.code
    if kind in ("objection", "draw", "lender"):
        return (BESIDE[kind],)
    return BESIDE[kind], name


@require_POST
def all_seen(request: HttpRequest) -> HttpResponse:
    """Mark everything as seen."""
    services.seen(person=viewer(request).person, at=timezone.now())
    return redirect("notices")
