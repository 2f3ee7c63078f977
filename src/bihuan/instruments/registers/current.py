"""What a register would say of a matter now, so that what the system knows already is no change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bihuan.engines.registers.schema import Schema
from bihuan.kernel.domain.clocks import last_day, local_day
from bihuan.kernel.domain.state import State
from bihuan.kernel.matters.catalogue import kind_edition
from bihuan.kernel.matters.models import Matter
from bihuan.kernel.matters.services import load
from bihuan.kernel.orgs.selectors import plain_name, unit_names_of

from . import rules
from .models import RegisterEntry


def current(matter: Matter, entry: RegisterEntry | None, schema: Schema, names: Mapping[str, int]) -> dict[str, Any]:
    """What the register would say of a matter now: its last words, but for what has changed since."""
    state, _, _ = load(matter.number)
    said = dict(entry.values) if entry else {}
    now = {
        "subject": matter.subject.name,
        "lead_unit": _unit(said.get("lead_unit"), state.lead, names),
        "bank": _unit(said.get("bank"), state.lead, names),
        "supporting_units": _units(said.get("supporting_units"), state, names),
        "closed": state.state in ("submitted", "closed"),
        "grade": kind_edition(matter.kind, matter.edition).grade or "general",
        "raised_on": local_day(matter.raised_at).isoformat(),
        **_due(said, state),
    }
    if schema.id != "financing":
        now |= {
            "description": matter.description or matter.title,
            "progress": state.progress or said.get("progress") or "",
        }
    elif entry is None:
        now |= {"problem": matter.description or matter.title}
    told = {f.name for f in schema.fields if f.output} | {"due_note"}
    return {**said, **{k: v for k, v in now.items() if k in told}}


def _unit(said: Any, code: str, names: Mapping[str, int]) -> Any:
    """The name that the register used, if it still means the unit; else the unit's own."""
    own = unit_names_of([code])[0] if code else ""
    return said if said and names.get(plain_name(said)) == names.get(plain_name(own), -1) else own


def _units(said: Any, state: State, names: Mapping[str, int]) -> list[str]:
    own = unit_names_of(list(state.supporting))
    before = list(said or [])
    left = [u for u in own if not any(names.get(plain_name(b)) == names.get(plain_name(u)) for b in before)]
    ids = {names.get(plain_name(u)) for u in own}
    return [b for b in before if names.get(plain_name(b)) in ids] + left


def _due(said: Mapping[str, Any], state: State) -> dict[str, Any]:
    day = last_day(state.due)
    due = day.isoformat() if day else None
    kept = due == said.get("due") or (state.limit is not None and state.limit.unit == "open")
    return {"due": due, "due_note": said.get("due_note") if kept else None}


def settled(changes: Iterable[rules.Change], now: Mapping[str, Any]) -> list[rules.Change]:
    """The changes that the system does not know already."""
    return [c for c in changes if _same(now.get(c.field), c.after) is False]


def _same(a: Any, b: Any) -> bool:
    blank: tuple[Any, ...] = (None, "", [])
    return (a in blank and b in blank) or a == b
