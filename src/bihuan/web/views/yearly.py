"""What of the responsibility year waits for somebody: lines of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.instruments.accountability.models import Measure
from bihuan.instruments.accountability.services import approves, measures_visible_to
from bihuan.instruments.assessment.models import Assessment
from bihuan.instruments.assessment.selectors import appeals_visible_to, assessments_visible_to
from bihuan.instruments.commendation.services import awaited
from bihuan.instruments.letters.selectors import letters_visible_to, to_sign
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.registry.words import day as day_words
from bihuan.mechanisms.fire.incidents import to_review


@dataclass(frozen=True)
class Line:
    """A line: how many or until when, what, and where."""

    mark: str
    text: str
    url: str


def lines(who: Viewer, now: datetime, today: date) -> list[Line]:
    """Letters to sign and to answer, self-reviews, time to appeal, appeals, measures, nominees, fires to review."""
    found: list[Line] = []

    def counted(n: int, text: str, url: str) -> None:
        if n:
            found.append(Line(str(n), text, url))

    counted(to_sign(who).count(), _("letters wait for your signature"), reverse("letters"))
    asked = letters_visible_to(who).filter(
        state="offered", suggestion__isnull=False, batch__issuer__code__in=who.acting
    )
    counted(asked.count(), _("suggested wordings wait for an answer"), reverse("letters"))
    for a in assessments_visible_to(who).filter(
        unit__code__in=who.acting, state__in=[Assessment.State.SELF, Assessment.State.ANNOUNCED]
    ):
        url = reverse("assessment", args=[a.pk])
        if a.state == Assessment.State.SELF:
            found.append(Line(str(a.year), _("self-review: look through the computed score"), url))
        elif a.appeal_until and a.appeal_until >= today:
            found.append(Line(day_words(a.appeal_until), _("last day to appeal against the result"), url))
    for appeal in (
        appeals_visible_to(who)
        .filter(upheld=None, decider__code__in=who.acting)
        .select_related("assessment__unit")
        .order_by("due")[:4]
    ):
        found.append(
            Line(
                day_words(appeal.due),
                _("appeal of %(unit)s to decide") % {"unit": appeal.assessment.unit.name},
                reverse("appeal_decide", args=[appeal.pk]),
            )
        )
    measures = (
        [m for m in measures_visible_to(who).filter(state=Measure.State.PROPOSED) if approves(who, m)]
        if any(s.superior for s in who.scopes)
        else []
    )
    counted(len(measures), _("measures wait for your approval"), reverse("measures"))
    counted(len(awaited(who, today)), _("nominees wait for your step"), reverse("commendations"))
    counted(len(to_review(who, now)), _("fires are to be reviewed"), reverse("incidents"))
    return found
