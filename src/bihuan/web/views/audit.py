"""What the audit administrator reads: administrators' acts, refused acts, who saw confidential files, sign-ins."""

from __future__ import annotations

from axes.models import AccessAttempt, AccessLog
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened

from ..middleware import administrator
from ..story import story

PARTS = {
    "acts": (_("Administrators' acts"), ("territory:", "unit:", "person:", "post:", "kind:")),
    "denied": (_("Refused acts"), ("denied:",)),
    "seen": (_("Confidential files opened"), ("seen:",)),
}
SHOWN = 200


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """One part at a time, newest first."""
    administrator(request, "audit")
    part = request.GET.get("part", "acts")
    context: dict[str, object] = {"parts": [(k, v[0]) for k, v in PARTS.items()], "part": part}
    if part in PARTS:
        wanted = Q()
        for prefix in PARTS[part][1]:
            wanted |= Q(stream__startswith=prefix)
        rows = list(Event.objects.filter(wanted).order_by("-id").values_list("stream", "seq", "body")[:SHOWN])
        told = story([happened(body) for _, _, body in rows])[::-1]
        context["rows"] = [{"stream": s, "seq": q, "entry": e} for (s, q, _), e in zip(rows, told, strict=True)]
    else:
        context["part"] = "signins"
        context["logins"] = AccessLog.objects.order_by("-attempt_time")[:SHOWN]
        context["failures"] = AccessAttempt.objects.order_by("-attempt_time")[:SHOWN]
    return render(request, "web/audit.html", context)
