"""Telling of territories, units, functions, people and posts: each entry is an event of its own stream.

Who may enter them is for the caller to ask. Each must run in the transaction that writes the row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.domain.state import Event
from bihuan.kernel.ledger.services import note
from bihuan.kernel.orgs.models import Function, Person, Post, Territory, Unit
from bihuan.kernel.orgs.services import alias_remember


def record(*, stream: str, type: str, by: str, at: datetime, data: dict[str, Any]) -> None:
    """Append one event of an act that nobody does in the name of a unit."""
    note(stream=stream, event=Event(type, at, by, "", data), at=at)


def territory_told(*, territory: Territory, by: str, at: datetime) -> None:
    """Record a new territory."""
    data = {
        "name": territory.name, "level": str(territory.level), "parent": territory.parent.code if territory.parent else "",
    }  # fmt: skip
    record(stream=f"territory:{territory.code}", type="TerritoryAdded", by=by, at=at, data=data)


def unit_told(*, unit: Unit, by: str, at: datetime) -> None:
    """Record a new unit."""
    data = {
        "name": unit.name, "kind": str(unit.kind), "sector": unit.sector, "active": unit.active,
        "territory": unit.territory.code if unit.territory else None,
    }  # fmt: skip
    record(stream=f"unit:{unit.code}", type="UnitAdded", by=by, at=at, data=data)


def function_give(*, name: str, unit: Unit, by: str, at: datetime) -> None:
    """Let a unit carry a function, which another carried until now."""
    before = Function.objects.filter(name=name).values_list("unit__code", flat=True).first() or ""
    Function.objects.update_or_create(name=name, defaults={"unit": unit})
    record(stream=f"function:{name}", type="FunctionGiven", by=by, at=at, data={"unit": unit.code, "before": before})


def alias_give(*, alias: str, unit: Unit, by: str, at: datetime) -> None:
    """Remember that registers call a unit by another name."""
    alias_remember(alias=alias, unit=unit)
    record(stream="alias:names", type="AliasRemembered", by=by, at=at, data={"alias": alias, "unit": unit.code})


def person_told(*, person: Person, by: str, at: datetime) -> None:
    """Record a new person."""
    record(stream=stream_of_person(person.username), type="PersonAdded", by=by, at=at, data={"name": person.name})


def stream_of_person(username: str) -> str:
    """The name of a person's stream."""
    return f"person:{username}"[:60]


def post_told(*, post: Post, by: str, at: datetime) -> None:
    """Record a post as it now stands: what it may see, and who holds it."""
    data = {
        "unit": post.unit.code, "title": post.title, "role": str(post.role), "person": post.person.username if post.person else "",
        "scope_territory": post.scope_territory.code if post.scope_territory else None, "scope_sector": post.scope_sector,
        "clearance": post.clearance,
    }  # fmt: skip
    record(stream=f"post:{post.pk}", type="PostGranted", by=by, at=at, data=data)
