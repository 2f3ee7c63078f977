"""Notices in words, on the page and out of the house."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.domain.clocks import last_day
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.vocabulary import LADDER
from bihuan.kernel.registry.events import types

from .models import Notice

WHY = {
    "lead": gettext_lazy("your unit leads"),
    "supporting": gettext_lazy("your unit supports"),
    "assigner": gettext_lazy("your unit assigns"),
    "verifier": gettext_lazy("your unit verifies"),
    "raiser": gettext_lazy("your unit raised it"),
    "before": gettext_lazy("your unit led until now"),
    "owes": gettext_lazy("your unit owes the next step"),
    "superior": gettext_lazy("it lies in your scope"),
    "invited": gettext_lazy("your unit is invited"),
    "reader": gettext_lazy("it goes to your unit"),
    "decider": gettext_lazy("your unit decides"),
    "objector": gettext_lazy("your unit objected"),
    "looker": gettext_lazy("your unit looks again"),
    "party": gettext_lazy("your unit signs"),
    "issuer": gettext_lazy("your unit issued it"),
    "assessed": gettext_lazy("your unit is assessed"),
    "concerned": gettext_lazy("it concerns your unit"),
}
SHOWN = 15
"""How many lines a digest has at most; the rest is counted."""


def what(notice: Notice) -> str:
    """What happened; an escalation says which step and why."""
    if notice.type != "Escalated":
        kind = types.get(notice.type)
        return str(kind.said or kind.words) if kind else _("something that this edition does not know")
    said = str(LADDER.get(notice.detail.get("step", ""), notice.detail.get("step", "")))
    late = notice.detail.get("late")
    if late is None:
        return said
    if late <= 0:
        return _("%(step)s: it falls due soon") % {"step": said}
    return _("%(step)s: overdue by %(n)s days") % {"step": said, "n": late}


def line(notice: Notice, matter: Matter | None) -> str:
    """One line of a message. A confidential matter leaves the house without its title."""
    if notice.matter == 0:
        closed = notice.detail.get("confidential")
        title = _("a confidential matter, sign in to see it") if closed else notice.detail.get("title", "")
        return f"{title}:{what(notice)}({WHY[notice.why]})"
    title = _("a confidential matter, sign in to see it") if matter is None or matter.confidential else matter.title
    due = ""
    day = last_day(matter.due_at) if matter is not None and matter.open else None
    if day is not None:
        due = " · " + _("due %(day)s") % {"day": day.isoformat()}
    return f"#{notice.matter} {title}:{what(notice)}({WHY[notice.why]}){due}"


def message(notices: Sequence[Notice], matters: dict[int, Matter], language: str) -> tuple[str, str]:
    """Title and text of a message of one or more notices, in a person's language."""
    with translation.override(language):
        urgent = [n for n in notices if n.urgent]
        title = (
            _("Bihuan: %(what)s") % {"what": what(notices[0])}
            if len(notices) == 1
            else _("Bihuan: %(n)s notices") % {"n": len(notices)}
        )
        shown = [*urgent, *(n for n in notices if not n.urgent)]
        lines = [line(n, matters.get(n.matter)) for n in shown[:SHOWN]]
        if len(shown) > SHOWN:
            lines.append(_("and %(n)s more") % {"n": len(shown) - SHOWN})
        if settings.SITE_URL:
            lines.append(settings.SITE_URL.rstrip("/") + "/notices/")
        return title, "\n".join(lines)
