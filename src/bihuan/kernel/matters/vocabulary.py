"""The words of a matter's events, and what each of them holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N

from bihuan.kernel.domain.clocks import Limit, last_day
from bihuan.kernel.domain.state import Event, moment
from bihuan.kernel.registry.events import EventType, Names
from bihuan.kernel.registry.words import day, own_name

from .catalogue import kinds

LADDER = {
    "reminder": N("reminder"),
    "supervision": N("supervision slip"),
    "interview": N("interview"),
    "circular": N("circular"),
}
"""The steps that an overdue matter climbs."""
LABELS = {
    "title": N("Title"),
    "description": N("Description"),
    "supporting": N("Supporting units"),
    "verifier": N("Verifying unit"),
    "limit": N("Due date"),
    "territory": N("Territory"),
}


def kind_name(kind: str) -> str:
    """The name of a kind in the reader's language; the kind itself where the catalogue does not know it."""
    found = next((k for k in kinds() if k.id == kind), None)
    return own_name(found) if found else kind


def _due(e: Event) -> list[str]:
    clock = e.data.get("clock")
    if not clock or not clock["due"]:
        return []
    return [_("due %(day)s") % {"day": day(last_day(moment(clock["due"])))}]


def _by_days(e: Event, names: Names) -> list[str]:
    return [_("by %(n)s days") % {"n": e.data["n"]}, *(_due(e) if e.type == "ExtensionGranted" else [])]


def _late(e: Event, names: Names) -> list[str]:
    return [_("late by %(n)s days") % {"n": e.data["late"]}] if e.data["late"] else []


def _assigned(e: Event, names: Names) -> list[str]:
    d = e.data
    told = [_("Lead: %(unit)s") % {"unit": names.unit(d["lead"])}]
    if d["supporting"]:
        told.append(_("Supporting: %(units)s") % {"units": names.unit_list(d["supporting"])})
    told.append(_("Verifier: %(unit)s") % {"unit": names.unit(d["verifier"])})
    return [*told, *_due(e)]


def _transferred(e: Event, names: Names) -> list[str]:
    return [f"{names.unit(e.data['before'])} → {names.unit(e.data['lead'])}", *_due(e)]


def _regraded(e: Event, names: Names) -> list[str]:
    return [f"{kind_name(e.data['before'])} → {kind_name(e.data['kind'])}"]


def _escalated(e: Event, names: Names) -> list[str]:
    told = [str(LADDER.get(e.data["step"], e.data["step"]))]
    return [*told, _("the unit may object")] if e.data["objection"] else told


def _files(e: Event, names: Names) -> list[str]:
    return [f["name"] for f in e.data["files"]]


def _other(e: Event, names: Names) -> list[str]:
    files = [f["name"] for f in e.data.get("files", ())]
    return [*files, "#" + str(e.data.get("into") or e.data.get("source"))]


def _until(e: Event, names: Names) -> list[str]:
    return [_("until %(day)s") % {"day": day(e.data["until"])}]


def _percent(e: Event, names: Names) -> list[str]:
    return [] if e.data["percent"] is None else [f"{e.data['percent']}%"]


def _amended(e: Event, names: Names) -> list[str]:
    return [
        str(LABELS.get(k, k)) + (": " + day(Limit.of(v).until) if k == "limit" and v["until"] else "")
        for k, v in e.data["changes"].items()
    ] + _due(e)


def _only_due(e: Event, names: Names) -> list[str]:
    return _due(e)


EVERY = {"clock?": "{}", "by_register?": "bool"}
"""What any event of a matter may hold: the clock as it runs afterwards {due, warn, next, provisional}, and whether a register says so."""


def _type(
    name: str, words: Any, said: Any = "", *, notes: Any = None, tone: str = "", text: str = "", more: Mapping[str, str] | None = None,
    **data: str,
) -> EventType:  # fmt: skip
    shapes = {k.replace("_opt", "?"): v for k, v in data.items()} | dict(more or {})

    def told(e: Event, names: Names) -> list[str]:
        by = [_("as the register says")] if e.data.get("by_register") else []
        return [*(notes(e, names) if notes else []), *by]

    return EventType(name, words, {**shapes, **EVERY}, tone=tone, text=text, notes=told, said=said)


TYPES = (
    _type(
        "Raised", N("raised"), N("raised, waits to be assigned"), text="description", kind="code", edition="str", title="text",
        description="text", subject="code", territory="code", raiser="unit", assigner="unit", register_opt="{}",
    ),
    _type(
        "Assigned", N("assigned"), N("assigned"), notes=_assigned, text="reason", lead="unit", supporting="[unit]", verifier="unit",
        revisitor="unit", limit="{}", reason="text", final="bool", start="moment|null",
    ),
    _type("Returned", N("returned"), N("returned by the lead unit"), tone="bad", text="reason", reason="text"),
    _type("Accepted", N("accepted"), start="moment|null"),
    _type("Progressed", N("reported progress"), notes=_percent, text="text", more={"text": "text"}, percent="percent|null"),
    _type("Attached", N("added evidence"), notes=_files, files="[{}]"),
    _type("Absorbed", N("took over a duplicate"), notes=_other, source="any", files="[{}]"),
    _type(
        "PauseAsked", N("asked for a pause"), N("a pause is asked for"), notes=_until, text="reason", reason="text", until="date",
        notice="text",
    ),
    _type("PauseRefused", N("refused the pause"), N("the pause is refused"), text="reason", reason="text"),
    _type(
        "Paused", N("paused the clock"), N("the clock is paused"), notes=_until, text="reason", reason="text", until="date", notice="text"
    ),
    _type("Resumed", N("resumed the clock"), N("the clock runs again"), notes=_only_due),
    _type(
        "ExtensionAsked", N("asked for an extension"), N("an extension is asked for"), notes=_by_days, text="reason", n="int",
        reason="text", why_late="text",
    ),
    _type("ExtensionGranted", N("granted the extension"), N("the extension is granted"), notes=_by_days, n="int"),
    _type("ExtensionRefused", N("refused the extension"), N("the extension is refused"), text="reason", reason="text"),
    _type(
        "Transferred", N("transferred it"), N("transferred to another lead unit"), notes=_transferred, text="reason", lead="unit",
        before="unit", reason="text", start="moment|null",
    ),
    _type(
        "Regraded", N("regraded it"), notes=_regraded, text="reason", kind="code", edition="str", before="code", limit="{}", reason="text"
    ),
    _type(
        "Submitted", N("submitted it for verification"), N("submitted, waits for verification"), notes=_late, text="text", more={"text": "text"},
        waived="{text}", late="days",
    ),
    _type(
        "Verified", N("verified and closed it"), N("verified and closed"), notes=_late, tone="good", text="findings", findings="text",
        revisit="date|null", late="days",
    ),
    _type("SentBack", N("sent it back"), N("sent back by the verifier"), tone="bad", text="reason", reason="text"),
    _type("Revisited", N("revisited: good"), tone="good", text="answers", answers="text", good="bool", next_opt="date|null"),
    _type(
        "Reopened", N("reopened it"), N("reopened"), notes=_only_due, tone="bad", text="reason", reason="text", limit="{}", good_opt="bool"
    ),
    _type("Merged", N("merged it"), N("merged into another matter"), notes=_other, text="reason", into="any", reason="text"),
    _type("Withdrawn", N("withdrew it"), N("withdrawn"), text="reason", reason="text"),
    _type(
        "Escalated", N("escalated"), N("escalated"), notes=_escalated, tone="bad", text="basis", step="code", basis="text", owed_by="unit",
        objection="bool",
    ),
    _type("Amended", N("corrected it"), notes=_amended, text="reason", changes="{}", reason="text"),
    _type("HandedOver", N("handed it over"), N("handed over to you"), text="reason", to="person", before="person", reason="text"),
    _type("Reclocked", N("recomputed the due date"), N("the due date was recomputed"), notes=_only_due, notice="text", before="moment|null"),
)  # fmt: skip
