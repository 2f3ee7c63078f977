"""Who is told what, how soon. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bihuan.kernel.domain.clocks import ZONE, local_day
from bihuan.kernel.domain.state import State
from bihuan.kernel.domain.workdays import Workdays

DIGEST_AT = time(9, 0)
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Pauses between tries; after the last the channel counts as broken."""
LOST_AFTER = timedelta(minutes=10)
"""A claim this old belongs to a worker that died: whether it sent is unknown, so it is not sent again."""


@dataclass(frozen=True)
class Tell:
    """A unit to be told, the part for which it is told, and whether at once."""

    unit: str
    why: str
    urgent: bool = False


SUPERIOR = "superior"
LADDER = ("supervision", "interview", "circular")
"""Steps of the ladder that superiors hear of."""


def told(type_: str, data: dict[str, Any], s: State) -> list[Tell]:
    """The units that an event concerns, the most important reason first. `s` is the state after it."""
    lead, assigner, raiser, verifier = s.lead, s.assigner, s.raiser, s.verifier
    helps = [Tell(u, "supporting") for u in s.supporting]
    by_type: dict[str, list[Tell]] = {
        "Raised": [Tell(assigner, "assigner")],
        "Assigned": [Tell(lead, "lead", urgent=True), *helps],
        "Returned": [Tell(assigner, "assigner", urgent=True)],
        "PauseAsked": [Tell(assigner, "assigner")],
        "PauseRefused": [Tell(lead, "lead", urgent=True)],
        "Paused": [Tell(lead, "lead"), *helps],
        "Resumed": [Tell(lead, "lead"), *helps],
        "ExtensionAsked": [Tell(assigner, "assigner")],
        "ExtensionGranted": [Tell(lead, "lead")],
        "ExtensionRefused": [Tell(lead, "lead", urgent=True)],
        "Transferred": [Tell(lead, "lead", urgent=True), Tell(str(data.get("before", "")), "before"), *helps],
        "Submitted": [Tell(verifier, "verifier")],
        "SentBack": [Tell(lead, "lead", urgent=True), *helps],
        "Verified": [Tell(lead, "lead"), Tell(raiser, "raiser"), *helps],
        "Reopened": [Tell(lead, "lead", urgent=True), *helps],
        "Withdrawn": [Tell(lead, "lead"), *helps],
        "Merged": [Tell(lead, "lead"), *helps],
        "Reclocked": [Tell(lead, "lead")],
        "HandedOver": [Tell(lead, "lead", urgent=True)],
        "Escalated": [
            Tell(str(data.get("owed_by", "")), "owes", urgent=True),
            Tell(lead, "lead"),
            *helps,
            Tell(assigner, "assigner"),
        ],
    }
    found = by_type.get(type_, [])
    if type_ == "Escalated" and data.get("step") in LADDER:
        found = [*found, Tell("", SUPERIOR, urgent=True)]
    return [t for t in found if t.unit or t.why == SUPERIOR]


def detail(type_: str, data: dict[str, Any], late_days: int | None) -> dict[str, Any]:
    """What a notice keeps of its event beyond the type: which step, and why it came."""
    found: dict[str, Any] = {}
    if type_ == "Escalated":
        found = {"step": str(data.get("step", ""))}
        if late_days is not None:
            found["late"] = late_days
    for name in ("reason", "findings", "basis"):
        if data.get(name) and data[name] != "register":
            found["text"] = str(data[name])[:200]
            break
    return found


def digest_due(now: datetime, calendar: Workdays) -> datetime:
    """09:00 of this working day if it is still to come, else of the next working day."""
    day = local_day(now)
    if calendar.is_workday(day) and now.astimezone(ZONE).time() < DIGEST_AT:
        return datetime.combine(day, DIGEST_AT, ZONE)
    return datetime.combine(calendar.add(day, 1), DIGEST_AT, ZONE)
