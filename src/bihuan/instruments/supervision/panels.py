"""What of objections and second looks stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.registry.pages import Line, Panel
from bihuan.kernel.registry.words import day

from .selectors import looks_visible_to, objections_visible_to


def to_decide(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Objections that the viewer's units decide, by their last day."""
    rows = objections_visible_to(viewer).filter(upheld=None, decider__code__in=viewer.acting).order_by("due")[:4]
    return [
        Line(_("to be decided by %(d)s") % {"d": day(o.due)}, _("Objection to %(n)s") % {"n": o}, "objection", (o.pk,))
        for o in rows
    ]


def second_looks(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Second looks that fell to the viewer's units."""
    n = looks_visible_to(viewer).filter(good=None, unit__code__in=viewer.acting).count()
    return [Line(str(n), _("second looks are yours"), "second_looks")] if n else []


PANELS = (Panel("objections", "desk", to_decide, order=50), Panel("second_looks", "desk", second_looks, order=120))
