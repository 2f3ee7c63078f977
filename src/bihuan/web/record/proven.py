"""What is proven, when it was last proven, and what is not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from bihuan.instruments.jobs.selectors import stuck
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.refusal import Refused
from bihuan.kernel.ledger.clockguard import clock_accept, clock_state
from bihuan.kernel.orgs.models import Post
from bihuan.kernel.registry.duties import duties
from bihuan.kernel.registry.models import DutyRun
from bihuan.kernel.registry.streams import kinds, outside, tables
from bihuan.operations import integrity

from ..surface.errors import sentence
from ..surface.middleware import administrator, viewer

CHECKERS = (Post.Role.LEADER, Post.Role.AUDITOR, Post.Role.SYSTEM, Post.Role.SECURITY, Post.Role.AUDIT)
"""Who sees the counts and the faults, and may ask for the check: whoever leads, audits or administers."""

STATES = {
    "failed": gettext_lazy("failed"),
    "waiting": gettext_lazy("waits for a worker"),
    "lost": gettext_lazy("lies with a worker that died"),
}
"""How a task that does not go on stands, in words."""


def may_check(who: Viewer) -> bool:
    """Whether the viewer sees how much there is of what, and where something does not hold."""
    return any(p.role in CHECKERS for p in who.posts)


@require_http_methods(["GET", "POST"])
def proven(request: HttpRequest) -> HttpResponse:
    """The state of the proof; by POST the worker is asked to make it now."""
    who = viewer(request)
    full = may_check(who)
    if request.method == "POST":
        if not full:
            raise PermissionDenied
        integrity.ask(timezone.now())
        messages.success(request, _("The worker checks the whole record now; the result appears on this page."))
        return redirect("proven")
    checks = list(integrity.latest())
    made = [row.at for _kind, row in checks if row]
    context = {
        "checks": checks, "full": full, "complete": len(made) == len(checks), "oldest": min(made, default=None),
        "faults": sum(row.found for _kind, row in checks if row), "asked": integrity.asked(),
        "outside": _outside(), **(_kinds(checks) if full else {}),
        "clock": clock_state(timezone.now()),
        **(_working() if who.admin == "system" else {}),
    }  # fmt: skip
    return render(request, "record/proven.html", context)


def _kinds(checks: list[Any]) -> dict[str, Any]:
    """The kinds of streams with what the last comparison of rows counted, and the names of those that have none yet."""
    row = next((row for kind, row in checks if kind.name == "rows" and row), None)
    counted = row.looked_at.get("kinds", {}) if row else {}
    told = [{"name": k.name, "tables": len(k.tables), "counted": counted.get(k.prefix)} for k in kinds]
    there = [t for t in told if t["counted"] and t["counted"]["streams"]]
    return {"kinds": there, "empty": [str(t["name"]) for t in told if t not in there] if there else []}


def _outside() -> list[tuple[str, list[str]]]:
    """What no stream decides, by reason: tables, and columns of decided tables."""
    found: dict[str, list[str]] = {}
    for name, (_model, why) in outside.items():
        found.setdefault(str(why), []).append(name)
    for _kind, table in tables():
        for column, why in table.undecided.items():
            found.setdefault(str(why), []).append(f"{table.name}.{column}")
    return list(found.items())


def _working() -> dict[str, Any]:
    """Duties of the worker that failed last, with their words, and tasks that do not go on by themselves."""
    rows = DutyRun.objects.filter(failures__gt=0).order_by("name")
    failing = [(found.title if (found := duties.get(row.name)) else row.name, row) for row in rows]
    return {"failing": failing, "stuck": [(_(t.name), STATES[t.state], t) for t in stuck(timezone.now())]}


@require_POST
def clock_right(request: HttpRequest) -> HttpResponse:
    """The system administrator says that the clock is right."""
    who = administrator(request, "system")
    try:
        clock_accept(by=who.person.username, reason=str(request.POST.get("reason", "")), at=timezone.now())
    except Refused as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, _("The worker acts again."))
    return redirect("proven")
