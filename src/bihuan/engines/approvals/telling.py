"""A project as JSON values in, its path as JSON values out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bihuan.kernel.domain.refusal import N_, Refused

from . import path as engine
from .applying import Facts
from .catalogue import Catalogue
from .situations import Situation

KEYS = (
    "type", "flags", "region", "facts", "as_of", "done", "not_applicable", "ends", "ready", "days", "late", "modes", "history", "by",
    "works", "goal", "name",
)  # fmt: skip


def facts_of(data: Mapping[str, Any], c: Catalogue) -> Facts:
    """The facts of a project. Refused, naming the place, for a type, flag, topic, fact or value that nothing knows."""
    if data.get("type") not in c.types:
        raise Refused(N_("Choose a type: %(types)s."), field="type", types="、".join(c.types))
    for place, known in (("flags", c.flags), ("region", c.regions)):
        _names(data, place, known)
    values = data.get("facts", {})
    for name in _mapping(data, "facts"):
        if name not in c.facts:
            raise Refused(N_("%(name)s is no fact of the catalogue."), field="facts", name=name)
        _value(c, name, values[name])
    return Facts(data["type"], frozenset(data.get("flags", ())), frozenset(data.get("region", ())), dict(values))


def _names(data: Mapping[str, Any], place: str, known: Mapping[str, Any]) -> None:
    found = data.get(place, [])
    if not isinstance(found, list) or any(x not in known for x in found):
        raise Refused(N_("%(place)s: choose among %(known)s."), field=place, place=place, known="、".join(known))


def _mapping(data: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    found = data.get(place, {})
    if not isinstance(found, dict):
        raise Refused(N_("%(place)s names items with their values."), field=place, place=place)
    return found


def _value(c: Catalogue, name: str, value: Any) -> None:
    fact = c.facts[name]
    ids = [i for i, _, _ in fact.choices]
    fits = {
        "flag": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**12,
        "choice": value in ids if isinstance(value, str) else False,
        "set": isinstance(value, list) and all(v in ids for v in value),
    }[fact.type]
    if not fits:
        raise Refused(N_("%(fact)s: %(value)s cannot be read."), field=name, fact=fact.name, value=repr(value))


def _day(place: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Refused(N_("%(place)s: %(value)s is no date; write it as 2026-12-28."), field=place, place=place, value=repr(value)) from None  # fmt: skip


def _count(place: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(N_("%(place)s: %(value)s is no number of days."), field=place, place=place, value=repr(value))
    return value


def situation_of(data: Mapping[str, Any], as_of: date) -> Situation:
    """Where a project stands. `done` and `not_applicable` are lists of items, or items with a day or a reason."""
    for name in data:
        if name not in KEYS:
            raise Refused(N_("%(name)s says nothing here; known are %(keys)s."), field=name, name=name, keys="、".join(KEYS))  # fmt: skip
    done = data.get("done", {})
    waived = data.get("not_applicable", {})

    def each(place: str, read: Callable[[str, Any], Any]) -> dict[str, Any]:
        return {k: read(place, v) for k, v in _mapping(data, place).items()}

    return Situation(
        as_of=_day("as_of", data["as_of"]) if "as_of" in data else as_of,
        done=dict.fromkeys(done) if isinstance(done, list) else {k: _day("done", v) if v else None for k, v in _mapping(data, "done").items()},
        waived=dict.fromkeys(waived, "") if isinstance(waived, list) else {k: str(v) for k, v in _mapping(data, "not_applicable").items()},
        ends=each("ends", _day), ready=each("ready", _day), days=each("days", _count), late=each("late", _day),
        modes=each("modes", lambda _, v: str(v)), history=each("history", _count), by=str(data.get("by", "promise")),
        works=_count("works", data["works"]) if data.get("works") is not None else None,
    )  # fmt: skip


def step_data(found: engine.Path, step: engine.Step) -> dict[str, Any]:
    """One step as JSON values."""
    item = found.catalogue.items[step.id]

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": item.id, "name": item.name, "name_en": item.name_en, "stage": item.stage, "department": item.department,
        "with": list(item.with_), "applies": step.applies, "why": step.why.message % step.why.said(), "assumed": step.why.assumed,
        "state": step.state, "missing": list(step.missing), "days": step.days, "days_from": step.given, "law_days": item.law,
        "mode": step.mode, "start": day(step.start), "end": day(step.end), "latest_start": day(step.latest_start),
        "latest_end": day(step.latest_end), "slack": step.slack, "critical": step.critical, "provisional": step.provisional,
        "may": [m for m, can in (("mock", item.mock), ("promise", item.commit), ("staged", item.optional)) if can],
        "materials": list(item.materials), "cautions": list(item.cautions), "basis": item.basis, "mark": item.mark, "days_mark": item.days_mark or item.mark,
    }  # fmt: skip


def path_data(found: engine.Path, gained: list[tuple[str, int]]) -> dict[str, Any]:
    """A path as JSON values."""
    c = found.catalogue
    steps = [step_data(found, found.steps[i]) for i in c.items]
    gates = {s["id"]: s for s in steps if c.items[s["id"]].milestone}
    return {
        "edition": c.edition, "confirmed": c.confirmed, "type": found.facts.type, "flags": sorted(found.facts.flags),
        "as_of": found.situation.as_of.isoformat(), "by": found.situation.by, "goal": found.goal,
        "end": found.end.isoformat() if found.end else None, "workdays": found.length,
        "items": [s for s in steps if s["id"] not in gates], "milestones": gates, "critical": list(found.critical),
        "applicable": [s["id"] for s in steps if s["applies"] and s["id"] not in gates],
        "this_week": [s.id for s in found.this_week()], "matters_most": [{"id": i, "days": n} for i, n in gained],
    }  # fmt: skip
