"""The ledger: the latest events, and whether the record holds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bihuan.adapters.excel import Column
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.notes import fingerprint
from bihuan.kernel.ledger import checkpoints
from bihuan.kernel.ledger.models import Event
from bihuan.kernel.ledger.selectors import happened
from bihuan.kernel.ledger.verifying import Broken, verify
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Post

from ..surface import exports
from ..surface.errors import sentence
from ..surface.history import history
from ..surface.middleware import viewer

LOOK = 400


def _file(request: HttpRequest, who: Viewer) -> HttpResponseBase:
    """The latest events as a file."""
    columns = [
        Column(_("When"), width=18),
        Column(_("No."), width=8),
        Column(_("Sequence"), "number", 8),
        Column(_("Matter"), width=36),
        Column(_("Unit"), width=20),
        Column(_("Person")),
        Column(_("Event"), width=16),
        Column("SHA-256", width=66),
    ]
    told = (
        [
            r["entry"].event.at,
            str(r["number"]),
            r["seq"],
            r["title"],
            r["entry"].unit,
            r["entry"].who,
            str(r["entry"].verb),
            r["hash"],
        ]
        for r in _latest(who)
    )
    return exports.exported(request, _("Ledger"), columns, told)


@require_http_methods(["GET", "POST"])
def ledger(request: HttpRequest) -> HttpResponseBase:
    """The latest events of visible matters; by POST a leader, auditor or administrator has the whole record checked."""
    who = viewer(request)
    if exports.asked(request):
        return _file(request, who)
    checks = any(p.role in (Post.Role.LEADER, Post.Role.AUDITOR, Post.Role.AUDIT) for p in who.posts)
    context: dict[str, object] = {"rows": _latest(who), "checks": checks}
    head = checkpoints.latest()
    if head is not None:
        public = bytes.fromhex(head.key)
        context |= {"head": head, "fingerprint": fingerprint(public)}
        if checks:  # a running count of all that happens is not for everybody
            context["unsigned"] = Event.objects.count() - head.size
    if request.method == "POST" and checks:
        found = list(verify())
        context |= {
            "checked": timezone.now(),
            "broken": [f"{b.stream}#{b.seq}: {sentence(b)}" for b in found if isinstance(b, Broken)],
            "count": found[-1],
        }
    return render(request, "record/ledger.html", context)


def _latest(who: Viewer) -> list[dict[str, Any]]:
    rows = list(
        Event.objects.filter(stream__startswith="matter:")
        .order_by("-id")
        .values_list("stream", "seq", "body", "hash")[:LOOK]
    )
    numbers = {int(stream.partition(":")[2]) for stream, *_ in rows}
    seen = dict(visible_to(who).filter(number__in=numbers).values_list("number", "title"))
    out: list[dict[str, Any]] = []
    for stream, seq, body, hash_ in rows:
        number = int(stream.partition(":")[2])
        if number in seen and len(out) < 60:
            out.append({"number": number, "title": seen[number], "seq": seq, "hash": hash_, "entry": happened(body)})
    told = history([row["entry"] for row in out])[::-1]
    return [{**row, "entry": entry} for row, entry in zip(out, told, strict=True)]
