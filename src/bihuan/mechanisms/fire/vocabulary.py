"""The events of fire safety: what their data hold, and how a history tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.instruments.lateness.events import CONFIRMED, DECLINED
from bihuan.kernel.domain.money import spoken
from bihuan.kernel.domain.state import Event
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.words import day

from .models import Record
from .words import grade_name, metric_name


def _record(e: Event, names: Names) -> list[str]:
    """What was done, by whom, how much was found bad, and the hazards that it led to."""
    d = e.data
    found = [str(Record.What(d["what"]).label), *([str(Record.Kind(d["kind"]).label)] if d["kind"] else [])]
    found += ["、".join(d["people"])] if d["people"] else []
    found += [_("findings: %(n)s") % {"n": len(d["findings"])}] if d["findings"] else []
    found += [f"#{f['matter']}" for f in d["findings"] if f["matter"]]
    return found + ([_("entered late: %(why)s") % {"why": d["reason"]}] if d.get("late") else [])


def _fire(e: Event, names: Names) -> list[str]:
    """Where, how bad, and what it cost."""
    d = e.data
    harmed = [_("people harmed: %(n)s") % {"n": len(d["people"])}] if d["people"] else []
    loss = [_("loss %(money)s") % {"money": spoken(d["loss"])}] if d["loss"] else []
    return [d["address"], *_grades(d), *harmed, *loss]


def _grades(d: Mapping[str, Any]) -> list[str]:
    return [
        _("statistics: %(grade)s") % {"grade": grade_name(d["statistics"])},
        _("accident investigation: %(grade)s") % {"grade": grade_name(d["accident"])},
    ]


def _reviewed(e: Event, names: Names) -> list[str]:
    failed = [_("failed a duty: %(units)s") % {"units": names.unit_list(e.data["failed"])}] if e.data["failed"] else []
    return [*_grades(e.data), *failed]


def _campaign(e: Event, names: Names) -> list[str]:
    return [e.data["name"], f"{day(e.data['begins'])} – {day(e.data['ends'])}"]


def _report(e: Event, names: Names) -> list[str]:
    figures = (f"{metric_name(k)} {v}" for k, v in e.data["figures"].items())
    return [e.data["period"], *figures]


def _past(e: Event, names: Names) -> list[str]:
    return [e.data["file"], _("%(new)s new, %(changed)s changed, %(same)s the same.") % e.data]


def _asked(e: Event, names: Names) -> list[str]:
    span = _("from %(day)s, %(n)s working days") % {"day": day(e.data["begins"]), "n": e.data["days"]}
    return [e.data["title"], span, "、".join(e.data["teams"])]


def _proposed(e: Event, names: Names) -> list[str]:
    d = e.data
    missed = [_("legal periods without room: %(n)s") % {"n": len(d["missed"])}] if d["missed"] else []
    return [_("visits: %(n)s, of them by lot: %(lot)s") % {"n": len(d["visits"]), "lot": len(d["drawn"])}, *missed]


def _failed(e: Event, names: Names) -> list[str]:
    return [_(e.data["why"])]


def _edited(e: Event, names: Names) -> list[str]:
    before, after = (_tour(e.data[k]) for k in ("from", "to"))
    if not before:
        return [e.data["name"], _("added: %(where)s") % {"where": after}]
    if not after:
        return [e.data["name"], _("left out: %(where)s") % {"where": before}]
    return [e.data["name"], f"{before} → {after}"]


def _tour(told: list[Any] | None) -> str:
    return _("%(day)s, team %(n)s") % {"day": day(told[0]), "n": told[1] + 1} if told else ""


FIRE = {
    "at": "moment", "territory": "code", "subject": "code|''", "address": "text", "area": "code", "object": "code", "place": "code", "cause": "code",
    "people": "[{}]", "loss": "fen", "households": "int", "text": "text", "statistics": "code", "accident": "code",
}  # fmt: skip
"""What is known of a fire, and its two grades."""
PLAN = {"plan": "id"}
TYPES = (
    EventType(
        "RecordEntered", N("entered what was done"),
        {
            "record": "code", "what": "code", "kind": "code|''", "by": "code", "people": "[text]", "items": "{code}", "findings": "[{}]", "note": "text",
            "night": "bool", "device": "moment|null", "place": "[str]|null", "files": "[hash]", "tenants": "[code]", "late?": "bool", "reason?": "text",
        }, notes=_record, text="note",
    ),
    CONFIRMED, DECLINED,
    EventType("CampaignKept", N("kept a campaign"),
        {
            "campaign": "id", "name": "text", "begins": "date", "ends": "date", "stock_day": "date", "targets": "[{}]", "points": "text",
            "about": "text",
        }, notes=_campaign, text="about",
    ),
    EventType(
        "CampaignReported", N("reported on a campaign"), {"campaign": "id", "period": "code", "figures": "{int}", "text": "text"}, notes=_report,
        text="text",
    ),
    EventType("IncidentRegistered", N("entered the fire"), FIRE, notes=_fire, text="text"),
    EventType("IncidentChanged", N("put the entry right"), {**FIRE, "reason": "text"}, notes=_fire, text="reason"),
    EventType(
        "IncidentReviewed", N("reviewed the fire"),
        {"findings": "text", "failed": "[unit]", "statistics": "code", "accident": "code"}, notes=_reviewed, text="findings",
    ),
    EventType("IncidentAnnulled", N("annulled the entry"), {"reason": "text"}, tone="bad", text="reason"),
    EventType(
        "PastFiguresTaken", N("brought in figures of past years"),
        {"file": "text", "new": "int", "changed": "int", "same": "int", "rows": "[{}]"}, notes=_past,
    ),
    EventType(
        "VisitsAsked", N("asked for a plan of inspections"),
        {
            **PLAN, "title": "text", "begins": "date", "days": "days", "teams": "[text]", "share": "percent", "seed": "hash", "among": "{}",
        }, notes=_asked,
    ),
    EventType("VisitsBegun", N("began to look for a plan of inspections"), PLAN),
    EventType("VisitsFailed", N("could not plan the inspections"), {**PLAN, "why": "str"}, tone="bad", notes=_failed),
    EventType("VisitsStopped", N("stopped the search for a plan of inspections"), PLAN),
    EventType(
        "VisitsProposed", N("proposed inspections"),
        {**PLAN, "visits": "[[]]", "drawn": "[code]", "missed": "[code]", "metres": "int"}, notes=_proposed,
    ),
    EventType(
        "VisitsEdited", N("changed a plan of inspections"),
        {**PLAN, "subject": "code", "name": "text", "from": "[any]|null", "to": "[any]|null", "reason": "text"}, notes=_edited, text="reason",
    ),
)  # fmt: skip
