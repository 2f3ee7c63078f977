"""What the room of fire says of itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as N

from bihuan.instruments.assessment import metrics as figures
from bihuan.instruments.assessment.sources import matter_source, meeting_source, post_source
from bihuan.instruments.jobs import job
from bihuan.instruments.letters.selectors import letter_source
from bihuan.instruments.premises.selectors import premises_visible_to
from bihuan.instruments.premises.services import checks
from bihuan.instruments.procedures.selectors import stream_of as stream_of_procedures
from bihuan.kernel.registry import duties, events, pages, streams
from bihuan.kernel.registry.duties import Duty
from bihuan.kernel.registry.streams import Sight, StreamKind, Table

from . import judgement, metrics, periods, planning, standing
from .campaigns import sees_all_reports
from .complaints import contradictions
from .incidents import incidents_visible_to, takes_along
from .models import (
    Campaign,
    CampaignReport,
    Complainant,
    Finding,
    Incident,
    IncidentFailure,
    PastFigure,
    PlannedVisit,
    Record,
    RecordFile,
    Standing,
    VisitPlan,
)
from .panels import PANELS
from .planning import plans_of, stream_of
from .situation import viewer_sees_all
from .vocabulary import TYPES


def _premises_seen(viewer: Any, code: str) -> Sight | None:
    row = premises_visible_to(viewer).filter(code=code).first()
    return Sight(row.name, "subject", (row.code,)) if row else None


def _number(name: str) -> int:
    """The number of a row; none has -1."""
    return int(name) if name.isascii() and name.isdigit() else -1


def _incident_seen(viewer: Any, name: str) -> Sight | None:
    row = incidents_visible_to(viewer).filter(pk=_number(name)).first() if takes_along(viewer) else None
    return Sight(str(row), "incident", (row.pk,)) if row else None


def _campaign_seen(viewer: Any, name: str) -> Sight | None:
    row = Campaign.objects.filter(pk=_number(name)).first() if sees_all_reports(viewer) else None
    return Sight(str(row), "campaign", (row.pk,)) if row else None


def _plan_seen(viewer: Any, name: str) -> Sight | None:
    row = plans_of(viewer).filter(pk=_number(name)).first()
    return Sight(str(row), "visit_plan", (row.pk,)) if row else None


def _past_seen(viewer: Any, name: str) -> Sight | None:
    return Sight(str(PAST), "situation") if name == "past" and viewer_sees_all(viewer) else None


def _stand(now: datetime) -> int:
    """Reckon what is new, stale or moved; how many premises."""
    done = 0
    while n := standing.follow(now=now):
        done += n
    return done


PAST = N("figures of past years")
STREAMS = (
    StreamKind(
        "premises", N("records of premises"), seen=_premises_seen,
        tables=(
            Table(Record, lambda r: f"premises:{r.subject.code}"), Table(Finding, lambda f: f"premises:{f.record.subject.code}"),
            Table(RecordFile, lambda f: f"premises:{f.record.subject.code}"),
        ),
    ),
    StreamKind(
        "incident", N("fires"), seen=_incident_seen,
        tables=(Table(Incident, lambda i: f"incident:{i.pk}"), Table(IncidentFailure, lambda f: f"incident:{f.incident_id}")),
    ),
    StreamKind(
        "campaign", N("campaigns"), seen=_campaign_seen,
        tables=(Table(Campaign, lambda c: f"campaign:{c.pk}"), Table(CampaignReport, lambda r: f"campaign:{r.campaign_id}")),
    ),
    StreamKind(
        "visits", N("plans of inspections"), seen=_plan_seen,
        tables=(
            Table(VisitPlan, stream_of, undecided={"progress": N("how far the search has come, or why it failed, as its event says")}),
            Table(PlannedVisit, lambda v: f"visits:{v.plan_id}"),
        ),
    ),
    StreamKind("situation", PAST, seen=_past_seen, tables=(Table(PastFigure, lambda f: "situation:past"),)),
)  # fmt: skip


def register() -> None:
    """Events, streams, pages and duties of fire safety; how its tables of rules are checked; the figures that assessments may ask for."""
    figures.register(
        matter_source("fire", metrics.FIRE_KINDS), meeting_source("fire"), post_source("fire"), letter_source("fire"), metrics.SOURCE,
    )  # fmt: skip
    checks.add("judgement", judgement.check)
    checks.add("periods", periods.check)
    events.register(*TYPES)
    job.say(planning.search)
    pages.register(*PANELS)
    streams.register(*STREAMS)
    apart = N("who complained stays out of the record, which holds it by a salted digest alone")
    streams.extend(
        "procedure",
        Table(
            Complainant, lambda c: stream_of_procedures(c.matter_id), undecided={"name": apart, "phone": apart, "salt": apart},
        ),
        checks=(contradictions,),
    )  # fmt: skip
    streams.leave_out(
        N("reckoned from files, records and matters; the worker reckons each anew when they move, and every day"),
        Standing,
    )
    duties.register(
        Duty("standings", N("how premises stand, after what was entered or moved"), _stand, every=timedelta(minutes=1), order=45)
    )  # fmt: skip
