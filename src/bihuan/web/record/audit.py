"""What the audit administrator reads: administrators' acts, refused acts, who saw confidential files, sign-ins."""

from __future__ import annotations

from axes.models import AccessAttempt, AccessLog
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bihuan.adapters.excel import Column
from bihuan.instruments.administration.refused import running
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened

from ..surface import exports
from ..surface.history import history
from ..surface.middleware import administrator

PARTS = {
    "acts": (
        _("Administrators' acts"),
        ("territory:", "unit:", "function:", "alias:", "person:", "post:", "kind:", "calendar:", "ledger:"),
    ),
    "denied": (_("Refused acts"), ("denied:",)),
    "seen": (_("Confidential files opened"), ("seen:",)),
}
SHOWN = 200


def of_part(part: str) -> Q:
    """The events of a part."""
    wanted = Q()
    for prefix in PARTS[part][1]:
        wanted |= Q(stream__startswith=prefix)
    return wanted


@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """One part at a time, newest first."""
    administrator(request, "audit")
    part = request.GET.get("part", "acts")
    if exports.asked(request) and part not in PARTS:
        part = "acts"
    context: dict[str, object] = {"parts": [(k, v[0]) for k, v in PARTS.items()], "part": part}
    if part == "denied":
        context["running"] = running()
    if part in PARTS:
        rows = list(Event.objects.filter(of_part(part)).order_by("-id").values_list("stream", "seq", "body")[:SHOWN])
        told = history([happened(body) for _, _, body in rows])[::-1]
        context["rows"] = [
            {"stream": s, "kind": s.partition(":")[0], "name": s.partition(":")[2], "seq": q, "entry": e}
            for (s, q, _), e in zip(rows, told, strict=True)
        ]
        if exports.asked(request):
            columns = [
                Column(gettext("When"), width=18),
                Column(gettext("Person")),
                Column(gettext("Event"), width=22),
                Column(gettext("Place in the ledger"), width=28),
                Column(gettext("What it says"), width=60),
            ]
            lines = (
                [e.event.at, e.who, str(e.verb), f"{s}#{q}", " · ".join([*e.notes, *([e.text] if e.text else [])])]
                for (s, q, _b), e in zip(rows, told, strict=True)
            )
            return exports.exported(request, gettext("Audit"), columns, lines)
    else:
        context["part"] = "signins"
        context["logins"] = AccessLog.objects.order_by("-attempt_time")[:SHOWN]
        context["failures"] = AccessAttempt.objects.order_by("-attempt_time")[:SHOWN]
    return render(request, "record/audit.html", context)
