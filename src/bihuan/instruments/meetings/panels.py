"""What of meetings stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Panel
from bihuan.kernel.registry.words import moment

from .late import waiting
from .selectors import coming


def this_week(viewer: Any, about: None, now: datetime) -> list[Line]:
    """The next four meetings of the week."""
    rows = coming(viewer, now, local_day(now))[:4]
    return [Line(moment(m.starts_at), m.title, "meeting", (m.pk,), tone="plain") for m in rows]


def late_meetings(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Meetings that came late and wait for the viewer as the second person."""
    n = len(waiting(viewer))
    return [Line(str(n), _("late meetings wait for your confirmation"), "late")] if n else []


PANELS = (Panel("meetings", "desk", this_week, order=20), Panel("late_meetings", "desk", late_meetings, order=17))
