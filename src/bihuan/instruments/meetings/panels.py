"""What of meetings stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Panel
from bihuan.kernel.registry.words import moment

from .selectors import coming


def this_week(viewer: Any, about: None, now: datetime) -> list[Line]:
    """The next four meetings of the week."""
    rows = coming(viewer, now, local_day(now))[:4]
    return [Line(moment(m.starts_at), m.title, "meeting", (m.pk,), tone="plain") for m in rows]


PANELS = (Panel("meetings", "desk", this_week, order=20),)
