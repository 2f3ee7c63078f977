"""The desk: what must I do today, and what will be late?"""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.matters.selectors import (
    GROUPS,
    Group,
    counted_by,
    desk_group,
    due_by_day,
    light_q,
    subjects_visible_to,
    visible_to,
    worst_lights,
)
from bihuan.kernel.orgs.selectors import posts_on
from bihuan.kernel.registry import pages
from bihuan.kernel.registry.pages import Line

from ..surface.middleware import viewer
from .administrators import administrators_desk

TITLES = {
    "todo": _("Mine to do"),
    "overdue": _("Overdue"),
    "soon": _("Due within 7 days"),
    "verify": _("Mine to verify"),
    "owed": _("Owed to me"),
    "revisit": _("Revisits due"),
}
EMPTY = {
    "todo": _("Nothing is waiting for you."),
    "overdue": _("Nothing is overdue."),
    "soon": _("Nothing falls due in the next 7 days."),
    "verify": _("Nothing waits for your verification."),
    "owed": _("Nobody owes you anything."),
    "revisit": _("No revisit is due."),
}


MAIN, SIDE = ("todo", "verify", "owed"), ("overdue", "soon", "revisit")


def _card(group: Group) -> dict[str, object]:
    order = "due" if group.name in ("overdue", "soon") else "-number"
    return {"group": group, "title": TITLES[group.name], "empty": EMPTY[group.name], "order": order}


def _cards(who: Viewer, now: datetime) -> list[dict[str, object]]:
    """The groups of somebody who acts; people who only look owe nothing."""
    if not who.acting:
        return []
    return [_card(desk_group(who, name, now, show=5 if name in MAIN else 3)) for name in MAIN + SIDE]


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """All groups, the next seven days, my files, vacant posts."""
    who = viewer(request)
    if who.admin:
        return administrators_desk(request, who)
    now = timezone.now()
    days = due_by_day(who, now)
    context = {
        "cards": _cards(who, now),
        "days": days,
        "top": max((n for _, n in days), default=0),
        "today": timezone.localdate(),
        "files": _files(who),
        "vacant": posts_on(timezone.localdate()).filter(person=None, unit__in=who.units),
        "lines": _lines(who, now),
        "everything": None if who.acting else _everything(who),
    }
    return render(request, "desk/desk.html", context)


@require_GET
def group(request: HttpRequest, name: str) -> HttpResponse:
    """One group, whole as far as a page goes; opened in place."""
    if name not in GROUPS:
        raise Http404
    found = desk_group(viewer(request), name, timezone.now(), show=50)
    return render(request, "desk/pieces/group.html", _card(found))


def _files(who: Viewer) -> list[tuple[str, int]]:
    """How many of the viewer's files are red, amber, green by their worst matter."""
    now = timezone.now()
    mine = (
        subjects_visible_to(who)
        .filter(matters__in=visible_to(who).filter(open=True))
        .values_list("pk", flat=True)
        .distinct()[:1000]
    )
    worst = worst_lights(mine, who, now)
    return [(light, sum(1 for w in worst.values() if w == light)) for light in ("red", "amber", "green", "grey")]


def _lines(who: Viewer, now: datetime) -> list[tuple[Line, str]]:
    """What waits beside matters, as the apps say it, each with its address."""
    lines = [line for _panel, lines in pages.shown("desk", who, None, now) for line in lines]
    return [(line, reverse(line.page, args=line.arguments) + line.query) for line in lines]


def _everything(who: Viewer) -> dict[str, object]:
    """For people who only look: the four mechanisms in figures, and the ten matters that are latest."""
    now = timezone.now()
    seen = visible_to(who)
    rows = seen.filter(light_q("red", now)).order_by("due_at").select_related("subject", "lead", "owed_by", "territory")
    figures = {found["mechanism"]: found for found in counted_by(seen, now, "mechanism")}
    return {"rows": rows[:10], "tiles": [(m.name, m.title, figures.get(m.name)) for m in pages.section("mechanisms")]}
