"""What of commendations stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Panel

from .services import awaited


def waiting(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Nominees that wait for the viewer's step."""
    n = len(awaited(viewer, local_day(now)))
    return [Line(str(n), _("nominees wait for your step"), "commendations")] if n else []


PANELS = (Panel("nominees", "desk", waiting, order=13),)
