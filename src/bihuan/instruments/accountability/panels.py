"""What of measures stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.registry.pages import Line, Panel

from .models import Measure
from .services import approves, measures_visible_to


def to_approve(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Measures that wait for this leader."""
    if not any(s.superior for s in viewer.scopes):
        return []
    n = sum(approves(viewer, m) for m in measures_visible_to(viewer).filter(state=Measure.State.PROPOSED))
    return [Line(str(n), _("measures wait for your approval"), "measures")] if n else []


PANELS = (Panel("measures", "desk", to_approve, order=12),)
