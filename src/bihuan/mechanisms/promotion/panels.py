"""What of key projects stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.projects.selectors import mine
from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Menu, Panel

from .lights import missing
from .selectors import report_month


def reports(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Projects of the viewer whose monthly report is missing."""
    if not viewer.acting:
        return []
    due = report_month(local_day(now))
    n = sum(bool(missing(project, due)) for _subject, project in mine(viewer))
    return [Line(str(n), _("monthly reports are missing up to %(due)s") % {"due": due}, "reports")] if n else []


PANELS = (
    Menu("promotion", "mechanisms", N("Key projects"), "rise", "mechanism", ("promotion",), 30),
    Panel("reports", "desk", reports, order=30),
)
