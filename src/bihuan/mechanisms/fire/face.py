"""What the room of fire says of itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as N

from bihuan.instruments.assessment import metrics as figures
from bihuan.instruments.assessment.sources import matter_source, meeting_source, post_source
from bihuan.instruments.jobs import job
from bihuan.instruments.lateness import events as late
from bihuan.instruments.letters.selectors import letter_source
from bihuan.instruments.premises.services import checks
from bihuan.kernel.registry import events, pages, streams
from bihuan.kernel.registry.events import EventType
from bihuan.kernel.registry.streams import StreamKind

from . import judgement, metrics, periods, planning
from .panels import PANELS

TYPES = (
    EventType(
        "CampaignKept",
        N("kept a campaign"),
        {
            "about": "str",
            "begins": "date",
            "campaign": "int",
            "ends": "date",
            "name": "str",
            "points": "str",
            "stock_day": "date",
            "targets": "[{}]",
        },
    ),
    EventType("CampaignReported", N("reported on a campaign"), None),
    EventType("IncidentAnnulled", N("annulled the entry"), None),
    EventType("IncidentChanged", N("put the entry right"), None),
    EventType(
        "IncidentRegistered",
        N("entered the fire"),
        {
            "accident": "str",
            "address": "str",
            "area": "str",
            "at": "moment",
            "cause": "str",
            "households": "int",
            "loss": "int",
            "object": "str",
            "people": "[{}]",
            "place": "str",
            "statistics": "str",
            "subject": "str",
            "territory": "str",
            "text": "str",
        },
    ),
    EventType(
        "IncidentReviewed",
        N("reviewed the fire"),
        {"accident": "str", "failed": "[]", "findings": "str", "statistics": "str"},
    ),
    EventType("PastFiguresTaken", N("brought in figures of past years"), None),
    EventType(
        "RecordEntered",
        N("entered what was done"),
        {
            "by": "str",
            "device": "moment|null",
            "files": "[str]",
            "findings": "[{}]",
            "items": "{}",
            "kind": "str",
            "late?": "bool",
            "night": "bool",
            "note": "str",
            "people": "[str]",
            "place": "[str]|null",
            "reason?": "str",
            "record": "str",
            "tenants": "[str]",
            "what": "str",
        },
    ),
    EventType(
        "VisitsAsked",
        N("asked for a plan of inspections"),
        {
            "among": "{}",
            "begins": "date",
            "days": "int",
            "plan": "int",
            "seed": "str",
            "share": "int",
            "teams": "[str]",
            "title": "str",
        },
    ),
    EventType("VisitsEdited", N("changed a plan of inspections"), None),
    EventType(
        "VisitsProposed",
        N("proposed inspections"),
        {"drawn": "[str]", "metres": "int", "missed": "[str]", "plan": "int", "visits": "[]"},
    ),
)


def register() -> None:
    """Events and streams; the figures that assessments may ask for."""
    figures.register(
        matter_source("fire", metrics.FIRE_KINDS),
        meeting_source("fire"),
        post_source("fire"),
        letter_source("fire"),
        metrics.SOURCE,
    )
    checks.add("judgement", judgement.check)
    checks.add("periods", periods.check)
    events.register(*TYPES, late.CONFIRMED, late.DECLINED)
    job.say(planning.search)
    pages.register(*PANELS)
    streams.register(
        StreamKind("premises", N("records of premises")),
        StreamKind("incident", N("fires")),
        StreamKind("campaign", N("campaigns")),
        StreamKind("visits", N("plans of inspections")),
        StreamKind("situation", N("figures of past years")),
    )
