"""The mechanism's data: schemes of lights and scores, the reporting cycle, limits. In catalogue/promotion."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.kernel.domain.clocks import Limit
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.months import months_later

from .lights import TESTS, Scheme, Test


@dataclass(frozen=True)
class Preset:
    """A limit by a published rule: `n` of `unit` (workdays or months)."""

    id: str
    name: str
    name_en: str
    unit: str
    n: int
    source: str
    confirmed: bool

    def limit(self, start: date) -> Limit:
        """The limit of a matter assigned on `start`: working days, or the same day some months on."""
        if self.unit == "months":
            return Limit("date", until=months_later(start, self.n))
        return Limit(self.unit, self.n)


@dataclass(frozen=True)
class Part:
    """A part of a score: `points` times `count` over `over`, both names of figures."""

    id: str
    name: str
    name_en: str
    points: int
    over: str
    count: str
    about: str
    about_en: str


@dataclass(frozen=True)
class Score:
    """A scheme of scores."""

    id: str
    name: str
    name_en: str
    source: str
    confirmed: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Reporting:
    """When a month's report is due: day of the following month, on a working day if `workday`."""

    day: int
    workday: bool
    source: str
    confirmed: bool


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((settings.CATALOGUE / "promotion" / f"{name}.toml").read_text("utf-8"))


@cache
def light_schemes() -> dict[str, Scheme]:
    """By id. BadCatalogue names a test that does not exist."""
    found = {}
    for data in _file("lights")["scheme"]:
        tests = tuple(Test(**t) for t in data["tests"])
        for t in tests:
            if t.test not in TESTS:
                raise BadCatalogue(f"lights.toml, {data['id']}: no test is called {t.test!r}")
        found[data["id"]] = Scheme(
            **{**data, "tests": tests, "words": data.get("words", {}), "least_wan": data.get("least_wan", 0)}
        )
    return found


@cache
def score_schemes() -> dict[str, Score]:
    """By id."""
    return {
        d["id"]: Score(
            d["id"], d["name"], d["name_en"], d["source"], d["confirmed"], tuple(Part(**p) for p in d["part"])
        )
        for d in _file("scores")["scheme"]
    }


@cache
def presets() -> tuple[Preset, ...]:
    """Limits that an assignment or a decision may take."""
    return tuple(Preset(**p) for p in _file("reporting")["limit"])


@cache
def reporting() -> Reporting:
    """The monthly cycle."""
    return Reporting(**_file("reporting")["monthly"])


@cache
def sampling_percent() -> int:
    """How many of a hundred closed matters are drawn for a second look."""
    return int(_file("reporting")["sampling"]["percent"])
