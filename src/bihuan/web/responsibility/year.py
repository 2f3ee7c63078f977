"""The responsibility year at a glance: where it stands, the district by township and sector; and the annual meeting."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.instruments.assessment.reckoning import Sheet, as_of, sheets
from bihuan.instruments.assessment.selectors import appeals_visible_to, assessments_visible_to, full, keeps
from bihuan.instruments.commendation.models import Round
from bihuan.instruments.documents import services as documents
from bihuan.instruments.letters import papers as letter_papers
from bihuan.instruments.letters.models import Batch, Letter
from bihuan.instruments.letters.selectors import letters_visible_to, to_sign
from bihuan.instruments.meetings import papers as meeting_papers
from bihuan.instruments.meetings import services as meetings
from bihuan.instruments.meetings.models import Meeting, Venue
from bihuan.instruments.meetings.selectors import meetings_visible_to
from bihuan.kernel.access.viewer import Viewer, oversees_all
from bihuan.kernel.matters.selectors import light_q, visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit
from bihuan.kernel.registry.words import own_name
from bihuan.mechanisms.fire import papers
from bihuan.mechanisms.fire.models import Campaign

from ..surface.charts import district_map
from ..surface.formpage import form_page
from ..surface.middleware import acting, viewer
from .assessments import chart_of
from .letters import year_of
from .words import LIGHTS

CYCLE = (
    ("results", gettext_lazy("Results of last year"), 1, 1), ("meeting", gettext_lazy("Annual meeting, commendation, letters"), 2, 4), ("quarters", gettext_lazy("Quarterly meetings and bulletins"), 4, 10),
    ("midyear", gettext_lazy("Mid-year check"), 6, 7), ("month", gettext_lazy("November: month of publicity"), 11, 11), ("review", gettext_lazy("Self-review"), 12, 12),
)  # fmt: skip
"""The yearly clock, by months."""


@require_GET
def year(request: HttpRequest) -> HttpResponse:
    """For a leader the district by township and sector; for a unit its own score and what would raise it most."""
    who, chosen, now = viewer(request), year_of(request), timezone.now()
    today = timezone.localdate()
    found = sheets(full(assessments_visible_to(who).filter(year=chosen).order_by("unit__name")), now)
    mine = [s for s in found if s.assessment.unit_id in who.units]
    wide = oversees_all(who, "fire")
    letters = letters_visible_to(who).filter(batch__year=chosen).exclude(state=Letter.State.WITHDRAWN)
    tasks = visible_to(who).filter(kind__in=["letter_task", "rectify_point"], raised_at__year=chosen)
    context = {
        "tab": "year", "year": chosen, "cycle": [(n, "past" if (chosen, b) < (today.year, today.month) else "now" if chosen == today.year and a <= today.month <= b else "") for _k, n, a, b in CYCLE],
        "letters": letters.count(), "signed": letters.filter(state=Letter.State.SIGNED).count(), "to_sign": to_sign(who).select_related("batch"),
        "tasks": tasks.count(), "tasks_closed": tasks.filter(state="closed").count(), "tasks_late": tasks.filter(light_q("red", now)).count(), "mine": [(s, s.gains()[:3]) for s in mine], "facts_of": as_of(chosen),
        "appeals": appeals_visible_to(who).filter(upheld=None).count(), "keeps": keeps(who, "fire"), "wide": wide, "meetings": meetings_visible_to(who).filter(kind=Meeting.Kind.ANNUAL, year=chosen), "rounds": Round.objects.filter(year=chosen - 1),
    }  # fmt: skip
    if wide and found:
        context |= _district(found)
    return render(request, "responsibility/year.html", context)


def _district(found: list[Sheet]) -> dict[str, Any]:
    """Townships on the map and as bars, departments by sector, each by its level and its weakest part."""
    towns = [s for s in found if s.assessment.unit.kind == Unit.Kind.TOWNSHIP]
    others = [s for s in found if s.assessment.unit.kind != Unit.Kind.TOWNSHIP]
    places = [
        {"code": s.assessment.unit.territory.code, "n": round(s.final.total / 100), "light": LIGHTS[s.final.level]}
        for s in towns if s.assessment.unit.territory
    ]  # fmt: skip
    weak = [
        {"sheet": s, "part": min(s.final.parts, key=lambda p: p.points / max(p.part.points, 1))}
        for s in sorted(found, key=lambda s: s.final.total)[:10]
    ]
    return {
        "towns": chart_of(towns), "others": chart_of(others), "levels": [(level, sum(s.final.level == level for s in found)) for level in LIGHTS], "weak": weak, **district_map(places),
        "parts": _parts(towns),
    }  # fmt: skip


def _parts(towns: list[Sheet]) -> str:
    """Each part of the townships' scheme as a share of its points, on average: where the district as a whole is weak."""
    if not towns:
        return ""
    names, data = [], []
    for i, part in enumerate(towns[0].scheme.of("")):
        got = [s.final.parts[i].points for s in towns]
        names.append(own_name(part))
        data.append(round(100 * sum(got) / (len(got) * part.points), 1))
    return json.dumps(
        {"kind": "bar", "lying": True, "min": 0, "max": 100, "names": names, "series": [{"name": "%", "data": data}]},
        ensure_ascii=False,
    )


class AnnualForm(forms.Form):
    """The annual meeting: the rest comes from the data."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("Begins at"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )
    chair = forms.CharField(label=gettext_lazy("Chair, as a post"), max_length=60, initial="分管领导")
    place = forms.CharField(label=gettext_lazy("Main venue"), max_length=80)
    branches = forms.BooleanField(label=gettext_lazy("A branch venue in every township"), required=False, initial=True)
    reason = forms.CharField(
        label=gettext_lazy("Why it is entered only now"), required=False, max_length=300, help_text=gettext_lazy("Needed only for what happened days ago; a second person then confirms it."),
    )  # fmt: skip
    speakers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Units that speak"),
        queryset=Unit.objects.none(),
        required=False,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
    )


@require_http_methods(["GET", "POST"])
def annual(request: HttpRequest) -> HttpResponse:
    """Prepare the annual meeting: venues, agenda, invitations, and all its papers from the data."""
    who, chosen = acting(request), year_of(request)
    if not keeps(who, "fire"):
        raise PermissionDenied
    lacks = papers.missing(chosen)
    members = Unit.objects.filter(
        pk__in=Letter.objects.filter(
            batch__year=chosen,
            batch__mechanism="fire",
            batch__issuer__code=function_unit("coordinate.fire"),
            party__isnull=False,
        )
        .exclude(state="withdrawn")
        .values("party")
    )
    form = AnnualForm(request.POST or None)
    form.fields["speakers"].queryset = members  # type: ignore[attr-defined]

    def act(d: dict[str, Any]) -> HttpResponse:
        made = _prepare(who, chosen, members, d)
        messages.success(request, _("The meeting is prepared and its papers are being written."))
        return redirect("meeting", made.pk)

    return form_page(
        request,
        form,
        act,
        title=_("Annual meeting %(year)s") % {"year": chosen},
        button=_("Prepare"),
        back="year",
        template="responsibility/annual.html",
        lacks=lacks,
        year=chosen,
        members=members.count(),
    )


def _prepare(who: Viewer, chosen: int, members: Any, d: dict[str, Any]) -> Meeting:
    now, office = timezone.now(), Unit.objects.get(code=function_unit("coordinate.fire"))
    towns = list(members.filter(kind=Unit.Kind.TOWNSHIP))
    branches = [f"{u.name}分会场" for u in towns] if d["branches"] else []
    row = meetings.prepare(
        viewer=who,
        at=now,
        host=office,
        kind=Meeting.Kind.ANNUAL,
        title=f"{chosen}年度全区消防工作会议",
        chair=d["chair"],
        starts_at=d["starts_at"],
        place=d["place"],
        branches=branches,
        reason=d["reason"],
    )
    quarter = (d["starts_at"].month - 1) // 3 if d["starts_at"].year == chosen else 0
    meetings.agenda_set(
        viewer=who, meeting=row, at=now, points=papers.agenda(chosen, quarter, [u.name for u in d["speakers"]])
    )
    venues = {v.name: v for v in Venue.objects.filter(meeting=row)}
    meetings.invite(
        viewer=who, meeting=row, at=now, units=[u for u in members if u.kind != Unit.Kind.TOWNSHIP or not branches]
    )
    for unit in towns if branches else []:
        meetings.invite(viewer=who, meeting=row, at=now, units=[unit], venue=venues[f"{unit.name}分会场"])
    _papers(who, row, chosen, quarter, now)
    return row


def _papers(who: Viewer, row: Meeting, chosen: int, quarter: int, now: Any) -> None:
    """Notice, agenda, sign-in sheet; situation of last year and of this year so far, commendation, key points, list of letters."""
    about, readers = f"meeting:{row.pk}", [i.unit for i in row.invitations.select_related("unit")]

    def ask(kind: str, title: str, context: dict[str, Any]) -> None:
        documents.ask(
            viewer=who, at=now, unit=row.host, kind_id=kind, title=title, context=context, about=about, readers=readers
        )

    for kind, name in (("meeting_notice", "通知"), ("agenda", "议程"), ("signin", "签到表")):
        ask(kind, f"{row.title}{name}", meeting_papers.context(row, {}, now))
    for period in [str(chosen - 1), *([f"{chosen}Q{quarter}"] if quarter else [])]:
        ask("bulletin", *papers.bulletin(who, period, now))
    for round_ in Round.objects.filter(year=chosen - 1, mechanism="fire")[:1]:
        ask("commendation", f"关于表扬{round_.title}的通报", papers.commended(round_))
    for campaign in [
        c
        for c in Campaign.objects.filter(begins__lte=date(chosen, 12, 31), ends__gte=date(chosen, 1, 1))
        if c.points.strip()
    ][:1]:
        ask("keypoints", *papers.key_points(campaign, chosen))
    batches = Batch.objects.filter(year=chosen, mechanism="fire", issuer=row.host)
    letters = (
        Letter.objects.filter(batch__in=batches)
        .exclude(state=Letter.State.WITHDRAWN)
        .select_related("batch")
        .order_by("batch", "party_name")
    )
    if letters:
        title = f"{chosen}年度责任书递交名单"
        ask("handover", title, letter_papers.handover(title, letters, timezone.localdate()))
