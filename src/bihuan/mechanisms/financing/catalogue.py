"""The catalogue of financing: figures of a file, conditions by side and edition, clocks, treatments, doubts, forms."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER: Path = settings.CATALOGUE / "financing"


@dataclass(frozen=True, slots=True)
class Word:
    """Something with a name in two languages."""

    id: str
    name: str
    name_en: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Figure(Word):
    """A figure of a file. `type`: money, count, percent, day, text, yes or bank. `seen`: who besides the office sees it: the developer,
    a bank that is asked, or only the bank that it speaks of (own)."""

    group: str = ""
    type: str = "text"
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `need`: it is met only with evidence; `blocks`: unmet, nothing is pushed; `days`: working days to repair."""

    id: str
    name: str
    name_en: str
    need: bool
    blocks: bool
    proof: str
    days: int


@dataclass(frozen=True, slots=True)
class ConditionSet:
    """The conditions of one side in the edition that holds from a day."""

    id: str
    name: str
    name_en: str
    valid_from: date
    source: str
    confirmed: bool
    conditions: tuple[Condition, ...]

    @property
    def edition(self) -> str:
        """How the edition is named in records."""
        return f"{self.id}-{self.valid_from:%Y%m%d}"


@dataclass(frozen=True, slots=True)
class Clock:
    """Working days for a bank's two answers, for a repair, and before which an answer warns."""

    preliminary: int
    decision: int
    warn: int
    basis: str
    confirmed: bool
    days_repair: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """From where figures that do not fit each other become a question."""

    match_days: int
    ahead_points: int
    plan_points: int
    quiet_days: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days of progress from which the pace is taken; days late from which a building is yellow and red."""

    window: int
    warn_days: int
    red_days: int


@dataclass(frozen=True, slots=True)
class Form(Word):
    """A form in which the lists are handed up."""

    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """Clocks, treatments, doubts, forecasts, duties, forms."""

    clock: Clock
    treatments: Mapping[str, Word]
    doubt: Doubt
    forecast: Forecast
    duties: tuple[Word, ...]
    forms: Mapping[str, Form]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def figures() -> dict[str, Figure]:
    """All figures by name, in their order."""
    return {f["id"]: Figure(**{**f, "seen": tuple(f["seen"])}) for f in _load("figures")["figure"]}


@cache
def groups() -> dict[str, Word]:
    """The groups of figures; `building` and `loan` hold one set of figures for each part."""
    return {g["id"]: Word(**g) for g in _load("figures")["group"]}


PARTS = ("building", "loan")
"""Groups whose figures belong to a part of the project: a building by its name, a loan by its bank."""


def condition_set(data: Mapping[str, Any]) -> ConditionSet:
    """A set as its table or its kept edition says."""
    valid = data["valid_from"]
    return ConditionSet(
        data["id"], data["name"], data["name_en"], valid if isinstance(valid, date) else date.fromisoformat(valid), data["source"],
        data["confirmed"], tuple(Condition(**c) for c in data["condition"]),
    )  # fmt: skip


@cache
def shipped() -> tuple[ConditionSet, ...]:
    """The sets of the catalogue."""
    return tuple(condition_set(s) for s in _load("conditions")["set"])


@cache
def course() -> Course:
    """Clocks and words of the course."""
    data = _load("course")
    return Course(
        Clock(**data["clock"]), {t["id"]: Word(**t) for t in data["treatment"]}, Doubt(**data["doubt"]), Forecast(**data["forecast"]),
        tuple(Word(**d) for d in data["duty"]), {f["id"]: Form(**{**f, "columns": tuple(f["columns"])}) for f in data["form"]},
    )  # fmt: skip


@cache
def heads() -> dict[str, tuple[str, ...]]:
    """How banks name the columns of their statements."""
    return {k: tuple(v) for k, v in _load("statement").items()}
