"""What of approval counselling stands in the menu and on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Menu, Panel
from bihuan.kernel.registry.words import day, own_name

from . import followup
from .catalogue import approvals
from .paths import approvals_on_desk, coordinates


def due_approvals(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Approvals that the viewer's units decide on next."""
    today, items = local_day(now), approvals().items
    return [
        Line(
            day(a.due), f"{own_name(items[a.item]) if a.item in items else a.item} · {a.subject.name}", "path_item",
            (a.subject.code, a.item), tone="red" if a.due and a.due < today else "amber",
        )
        for a in approvals_on_desk(viewer, today)
    ]  # fmt: skip


def callbacks(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Call-backs that are due, for the office of counselling."""
    today = local_day(now)
    n = len([x for x in followup.due(viewer, today) if x.day <= today]) if coordinates(viewer) else 0
    return [Line(str(n), _("call-backs are due"), "revisits")] if n else []


PANELS = (
    Menu("counselling", "mechanisms", N("Approval counselling"), "talk", "mechanism", ("counselling",), 40),
    Panel("approvals", "desk", due_approvals, order=80), Panel("callbacks", "desk", callbacks, order=110),
)  # fmt: skip
