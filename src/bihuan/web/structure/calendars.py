"""Working days: the notices in force, loading one, declaring a closure; open matters are re-clocked at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.calendars import rules
from bihuan.kernel.calendars.models import HolidayNotice
from bihuan.kernel.calendars.selectors import calendar_for
from bihuan.kernel.calendars.services import closure_declare, notice_load
from bihuan.kernel.matters.clockwork import reclock
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.orgs.models import Territory

from ..surface.fields import DATE
from ..surface.formpage import form_page
from ..surface.middleware import administrator, viewer


@require_GET
def calendars(request: HttpRequest) -> HttpResponse:
    """Notices, a year at a glance, and how many dates are provisional."""
    who = viewer(request)
    calendar = calendar_for()
    try:
        year = max(
            calendar.first_day.year,
            min(int(request.GET.get("year", timezone.localdate().year)), max(calendar.known) + 2),
        )
    except ValueError:
        year = timezone.localdate().year
    context = {
        "notices": HolidayNotice.objects.select_related("territory").order_by("-year", "-id"), "admin": who.admin == "system",
        "until": calendar.known_until, "year": year, "months": _months(year), "known": year in calendar.known,
        "provisional": Matter.objects.filter(open=True, provisional=True).count(),
    }  # fmt: skip
    return render(request, "structure/calendars.html", context)


def _months(year: int) -> list[list[dict[str, Any]]]:
    calendar = calendar_for()
    months: list[list[dict[str, Any]]] = []
    for month in range(1, 13):
        first = date(year, month, 1)
        days: list[dict[str, Any]] = [{} for _ in range(first.weekday())]
        day = first
        while day.month == month:
            found = calendar.special.get(day)
            kind = found.kind if found else "weekend" if day.weekday() >= 5 else ""
            days.append({"n": day.day, "kind": kind, "reason": found.reason if found else ""})
            day = date.fromordinal(day.toordinal() + 1)
        months.append(days)
    return months


class NoticeForm(forms.Form):
    """A notice as TOML: typed or as a file."""

    notice = forms.CharField(
        label=gettext_lazy("Notice"), widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"})
    )


@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest) -> HttpResponse:
    """Load a notice; every open matter whose date moves gets one event."""
    who = administrator(request, "system")
    year = calendar_for().known_until.year + 1
    example = f'year = {year}\nnumber = "国办发明电〔{year - 1}〕…号"\nissued = {year - 1}-11-05\nmakeup_days = []\n\n[days_off]\n"元旦" = [{year}-01-01]\n'
    form = NoticeForm(request.POST or None, initial={"notice": example})

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        loaded = notice_load(notice=rules.parse(d["notice"]), actor=who.person.username, at=now)
        moved = reclock(at=now, notice=loaded.number)
        messages.success(request, _("The notice is loaded; %(n)s due dates moved.") % {"n": moved})
        return redirect("calendars")

    return form_page(request, form, act, title=_("Load a notice of holidays"), button=_("Load"), back="calendars")


class ClosureForm(forms.Form):
    """Where, when, why."""

    territory = forms.ModelChoiceField(label=gettext_lazy("Territory"), queryset=Territory.objects.all())
    first = forms.DateField(label=gettext_lazy("First day"), widget=DATE)
    last = forms.DateField(label=gettext_lazy("Last day"), widget=DATE)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=100)


@require_http_methods(["GET", "POST"])
def closure(request: HttpRequest) -> HttpResponse:
    """Declare a closure of one territory; only its own clocks move."""
    who = administrator(request, "system")
    form = ClosureForm(request.POST or None)

    def act(d: dict[str, Any]) -> HttpResponse:
        now = timezone.now()
        closure_declare(**d, actor=who.person.username, at=now)
        moved = reclock(at=now, notice=d["reason"], territory_path=d["territory"].path)
        messages.success(request, _("The closure is declared; %(n)s due dates moved.") % {"n": moved})
        return redirect("calendars")

    return form_page(request, form, act, title=_("Declare a closure"), button=_("Declare"), back="calendars")
