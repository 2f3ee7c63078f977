"""Campaigns: targets measured from the record, reports of quarters and half-years, the stock of major hazards brought to zero."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from bihuan.instruments.lateness.models import counted
from bihuan.kernel.access.viewer import Viewer
from bihuan.kernel.domain.clocks import end_of, local_day, start_of
from bihuan.kernel.domain.months import period_of
from bihuan.kernel.domain.refusal import N_, Refused, must, need
from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.selectors import visible_to
from bihuan.kernel.orgs.models import Unit
from bihuan.kernel.orgs.selectors import function_unit

from .models import Campaign, CampaignReport, Record
from .selectors import records_visible_to, standings

METRICS = ("major_stock", "major_closed", "hazards_closed", "in_time", "covered", "trained", "drilled")


def coordinates(viewer: Viewer) -> bool:
    """Whether the viewer keeps campaigns."""
    return function_unit("coordinate.fire") in viewer.acting


def stock(viewer: Viewer, campaign: Campaign) -> QuerySet[Matter]:
    """The major hazards found up to the campaign's day that are still open."""
    return visible_to(viewer).filter(kind="hazard_major", raised_at__lt=end_of(campaign.stock_day), open=True)


def metric(viewer: Viewer, campaign: Campaign, name: str, begin: date, end: date) -> int:
    """A figure of a span of days: numbers, or hundredths for `in_time` and `covered`."""
    a, b = start_of(begin), end_of(end)
    matters = visible_to(viewer).filter(mechanism="fire", kind__startswith="hazard")
    closed = matters.filter(state="closed", closed_at__gte=a, closed_at__lt=b)
    records = records_visible_to(viewer).filter(counted(), at__gte=a, at__lt=b)
    match name:
        case "major_stock":
            found = visible_to(viewer).filter(kind="hazard_major", raised_at__lt=end_of(min(campaign.stock_day, end)))
            return found.filter(Q(open=True) | Q(closed_at__gte=b)).count()
        case "major_closed":
            return closed.filter(kind="hazard_major").count()
        case "hazards_closed":
            return closed.count()
        case "in_time":
            n = closed.count()
            return closed.filter(late=0).count() * 100 // n if n else 0
        case "covered":
            n = standings(viewer).count()
            seen = (
                records.filter(what=Record.What.INSPECTION)
                .exclude(by="unit")
                .order_by()
                .values("subject")
                .distinct()
                .count()
            )
            return seen * 100 // n if n else 0
        case "trained" | "drilled":
            return records.filter(what={"trained": "training", "drilled": "drill"}[name]).count()
    raise LookupError(name)


def figures(viewer: Viewer, campaign: Campaign, period: str, today: date) -> dict[str, int]:
    """All metrics of a period, up to today."""
    begin, end = period_of(period)
    return {name: metric(viewer, campaign, name, begin, min(end, today)) for name in METRICS}


def targets(viewer: Viewer, campaign: Campaign, today: date) -> list[dict[str, Any]]:
    """The targets with how far each is: `now` None where a target is only words."""
    end = min(campaign.ends, today)
    return [
        {**t, "now": metric(viewer, campaign, t["metric"], campaign.begins, end) if t.get("metric") else None}
        for t in campaign.targets
    ]


def save(*, viewer: Viewer, campaign: Campaign, at: datetime) -> Campaign:
    """Keep a campaign. Refused for other units, without a name, when it ends before it begins."""
    must(coordinates(viewer))
    need(campaign.name, "name")
    if campaign.ends < campaign.begins:
        raise Refused(N_("It ends before it begins."), field="ends")
    for t in campaign.targets:
        if t.get("metric") and t["metric"] not in METRICS:
            raise Refused(N_("“%(name)s” is no figure that is kept."), field="targets", name=t["metric"])
    campaign.unit = Unit.objects.get(code=function_unit("coordinate.fire"))
    with transaction.atomic():
        campaign.save()
        data = {
            "campaign": campaign.pk, "name": campaign.name, "begins": campaign.begins.isoformat(), "ends": campaign.ends.isoformat(),
            "stock_day": campaign.stock_day.isoformat(), "targets": campaign.targets, "points": campaign.points, "about": campaign.about,
        }  # fmt: skip
        note(
            stream=f"campaign:{campaign.pk}",
            event=Event("CampaignKept", at, viewer.person.username, campaign.unit.code, data),
            at=at,
        )
    return campaign


def report(*, viewer: Viewer, campaign: Campaign, period: str, text: str, at: datetime) -> CampaignReport:
    """A unit's report of a period: the figures as they stand and its words. Refused before the period ended, and twice."""
    unit = min(viewer.acting, default="")
    if not unit:
        raise Refused(N_("Your unit has no part in this step."), allowed=False)
    _begin, end = period_of(period)
    if end >= local_day(at):
        raise Refused(N_("%(period)s has not ended."), field="period", period=period)
    told = figures(viewer, campaign, period, local_day(at))
    try:
        with transaction.atomic():
            made = CampaignReport.objects.create(
                campaign=campaign, period=period, figures=told, text=text.strip(), person=viewer.person.username,
                unit=Unit.objects.get(code=unit), at=at,
            )  # fmt: skip
            data = {"campaign": campaign.pk, "period": period, "figures": told, "text": made.text}
            note(
                stream=f"campaign:{campaign.pk}",
                event=Event("CampaignReported", at, viewer.person.username, unit, data),
                at=at,
            )
    except IntegrityError:
        raise Refused(N_("Your unit reported %(period)s already."), field="period", period=period) from None
    return made


def sees_all_reports(viewer: Viewer) -> bool:
    """Whether the viewer sees the reports of every unit: the office that keeps campaigns, supervision and leaders."""
    return coordinates(viewer) or any(s.territories is None and s.sector in ("", "fire") for s in viewer.scopes)


def reports_visible_to(viewer: Viewer, campaign: Campaign) -> QuerySet[CampaignReport]:
    """Reports of the viewer's units, of all for those who see all."""
    rows = campaign.reports.select_related("unit")
    return rows if sees_all_reports(viewer) else rows.filter(unit__in=viewer.units)


def outline(text: str) -> list[tuple[int, str]]:
    """Key points as (depth, words): two spaces or a tab are one step in."""
    found = []
    for line in text.replace("\t", "  ").splitlines():
        if line.strip():
            found.append(((len(line) - len(line.lstrip(" "))) // 2, line.strip()))
    return found


def turned(rows: QuerySet[Matter]) -> QuerySet[Matter]:
    """In the order in which a stock is worked off: the longest overdue first."""
    return rows.order_by(F("due_at").asc(nulls_last=True), "number")
