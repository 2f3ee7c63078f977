"""What of assessments stands on the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.domain.clocks import local_day
from bihuan.kernel.registry.pages import Line, Panel
from bihuan.kernel.registry.words import day

from .models import Assessment
from .selectors import appeals_visible_to, assessments_visible_to


def waiting(viewer: Any, about: None, now: datetime) -> list[Line]:
    """Self-reviews, the time to appeal, and appeals to decide."""
    today, found = local_day(now), []
    open_ = [Assessment.State.SELF, Assessment.State.ANNOUNCED]
    for a in assessments_visible_to(viewer).filter(unit__code__in=viewer.acting, state__in=open_):
        if a.state == Assessment.State.SELF:
            found.append(Line(str(a.year), _("self-review: look through the computed score"), "assessment", (a.pk,)))
        elif a.appeal_until and a.appeal_until >= today:
            found.append(Line(day(a.appeal_until), _("last day to appeal against the result"), "assessment", (a.pk,)))
    appeals = appeals_visible_to(viewer).filter(upheld=None, decider__code__in=viewer.acting)
    for appeal in appeals.select_related("assessment__unit").order_by("due")[:4]:
        text = _("appeal of %(unit)s to decide") % {"unit": appeal.assessment.unit.name}
        found.append(Line(day(appeal.due), text, "appeal_decide", (appeal.pk,)))
    return found


PANELS = (Panel("assessments", "desk", waiting, order=11),)
