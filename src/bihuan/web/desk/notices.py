"""Notices: what concerns me and why, newest first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
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
from bihuan.kernel.registry.streams import kind_of

from ..surface import exports
from ..surface.middleware import viewer


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
    return render(request, "desk/notices.html", {"rows": shown, "after": after})


@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The matter of a notice of one's own, which counts as seen from then on."""
    notice = get_object_or_404(Notice, pk=pk, person=viewer(request).person)
    services.seen(person=notice.person, at=timezone.now(), notice=pk)
    if notice.matter:
        return redirect("matter", notice.matter)
    kind, name = kind_of(notice.stream), notice.stream.partition(":")[2]
    if kind is not None and kind.opens:  # the page itself says who may see it
        page, arguments = kind.opens(name)
        return redirect(page, *arguments)
    sight = kind.seen(viewer(request), name) if kind is not None and kind.seen else None
    if sight is None or not sight.page:
        raise Http404
    return redirect(sight.page, *sight.arguments)


@require_POST
def all_seen(request: HttpRequest) -> HttpResponse:
    """Mark everything as seen."""
    services.seen(person=viewer(request).person, at=timezone.now())
    return redirect("notices")
