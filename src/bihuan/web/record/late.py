"""What was entered late: what waits for the viewer as the second person, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.lateness.models import MayBeLate
from bihuan.instruments.lateness.services import spans
from bihuan.instruments.meetings import late as meetings
from bihuan.instruments.meetings.models import Meeting
from bihuan.instruments.meetings.selectors import meetings_visible_to
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.orgs.models import Person
from bihuan.mechanisms.fire import late as records
from bihuan.mechanisms.fire.models import Record
from bihuan.mechanisms.fire.selectors import records_visible_to

from ..surface.formpage import form_page
from ..surface.middleware import viewer


@dataclass(frozen=True)
class About:
    """One late record, of whatever table, as the pages show it."""

    row: MayBeLate
    title: str
    unit: str
    at: datetime
    entered: datetime
    person: str
    url: str
    page: str

    @property
    def by(self) -> str:
        """Who entered it, by name."""
        return str(Person.objects.filter(username=self.person).first() or self.person)


def _record(r: Record) -> About:
    return About(
        r, f"{r.subject.name} · {r.get_what_display()}", r.unit.name, r.at, r.entered_at, r.person,
        reverse("late_record", args=[r.pk]), reverse("record", args=[r.pk]),
    )  # fmt: skip


def _meeting(m: Meeting) -> About:
    return About(
        m, m.title, m.host.name, m.starts_at, m.created_at, m.person, reverse("late_meeting", args=[m.pk]), reverse("meeting", args=[m.pk]),
    )  # fmt: skip


def waiting(who: Viewer) -> list[About]:
    """All that waits for the viewer as the second person: records of premises, then meetings, each the oldest first."""
    return [*map(_record, records.waiting(who)), *map(_meeting, meetings.waiting(who))]


@require_GET
def late(request: HttpRequest) -> HttpResponse:
    """The list."""
    hours = spans(timezone.now()).late // timedelta(hours=1)
    return render(request, "record/late.html", {"mine": waiting(viewer(request)), "hours": hours})


class DecisionForm(forms.Form):
    """What the second person says."""

    counts = forms.ChoiceField(
        label=gettext_lazy("Decision"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("I confirm it: it counts")), ("no", gettext_lazy("It does not count"))],
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("What you base it on"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed where it does not count, and where an earlier decision is changed."),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def late_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a record of a premises counts."""
    who = viewer(request)
    row = get_object_or_404(records_visible_to(who), pk=pk)
    if not records.decider(who, row):
        raise PermissionDenied

    def act(counts: bool, words: str) -> None:
        records.decide_record(viewer=who, record=row, counts=counts, words=words, at=timezone.now())

    return _decision(request, _record(row), act)


@require_http_methods(["GET", "POST"])
def late_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a meeting counts."""
    who = viewer(request)
    row = get_object_or_404(meetings_visible_to(who).select_related("host"), pk=pk)
    if not meetings.decider(who, row):
        raise PermissionDenied

    def act(counts: bool, words: str) -> None:
        meetings.decide_meeting(viewer=who, meeting=row, counts=counts, words=words, at=timezone.now())

    return _decision(request, _meeting(row), act)


def _decision(request: HttpRequest, about: About, decide: Callable[[bool, str], None]) -> HttpResponse:
    """The page of a decision."""
    form = DecisionForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        decide(d["counts"] == "yes", d["words"])
        return redirect(about.page)

    return form_page(
        request, form, act, title=about.title, button=_("Take the decision"), back=about.page, template="record/late_decide.html", about=about,
    )  # fmt: skip
