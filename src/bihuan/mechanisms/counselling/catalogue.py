"""The catalogue of approvals as this mechanism reads it: items, pauses, states and their clocks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from bihuan.engines.approvals.catalogue import Catalogue, Item, Word
from bihuan.engines.approvals.catalogue import catalogue as load
from bihuan.kernel.orgs.selectors import carriers

FOLDER: Path = settings.CATALOGUE / "approvals"


def approvals() -> Catalogue:
    """The items."""
    return load(FOLDER)


@dataclass(frozen=True, slots=True)
class Pause(Word):
    """A reason that stops the clock; `items`: only these, empty for any."""

    basis: str = ""
    mark: str = "confirmed"
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A national code: from which states, to which."""

    code: int
    name: str
    name_en: str
    before: tuple[str, ...]
    to: str


@dataclass(frozen=True)
class Clock:
    """The days of the clocks, in working days; `late_entry`: an entry later than that is shown."""

    acceptance: int
    acceptance_basis: str
    extend: int
    extend_basis: str
    warn: int
    late_entry: int


@dataclass(frozen=True)
class Words:
    """States, pauses, clocks, revisits."""

    pauses: Mapping[str, Pause]
    changes: Mapping[int, Change]
    clock: Clock
    revisit_days: tuple[int, ...]
    questions: tuple[Word, ...]
    lapse_days: tuple[int, ...]


@cache
def words() -> Words:
    """The words of records."""
    pauses = tomllib.loads((FOLDER / "pauses.toml").read_text("utf-8"))["pause"]
    data: dict[str, Any] = tomllib.loads((FOLDER / "states.toml").read_text("utf-8"))
    return Words(
        {p["id"]: Pause(**{**p, "items": tuple(p.get("items", ()))}) for p in pauses},
        {s["code"]: Change(s["code"], s["name"], s["name_en"], tuple(s["from"]), s["to"]) for s in data["state"]},
        Clock(**data["clock"]), tuple(data["revisit"]["days"]), tuple(Word(**q) for q in data["revisit"]["question"]),
        tuple(data["revisit"]["lapse"]),
    )  # fmt: skip


def unit_of(item: Item) -> str:
    """The code of the unit that answers for an item; empty where that is the builder, or where nobody carries the function."""
    return unit_of_department(item.department)


def unit_of_department(id_: str) -> str:
    """The code of the unit that stands for a department; empty when none does."""
    function = approvals().departments[id_].function
    return next(iter(carriers(function)), "") if function else ""


def units_of(item: Item) -> dict[str, str]:
    """The units that have to do with an item, by code, with their department."""
    found = {unit_of_department(d): d for d in (item.department, *item.with_)}
    return {u: d for u, d in found.items() if u}


def department_of(function: str) -> str:
    """The name of the department that a function stands for; the function itself where none does."""
    return next((d.name for d in approvals().departments.values() if d.function == function), function)
