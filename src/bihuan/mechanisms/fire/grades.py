"""Grades of fires by dated scales, and the words and codes of fire statistics. Pure; money is in fen.

A scale counts a death within its `window` of days after the fire (the day of the fire is day 0, the last day counts); whoever
died later counts as seriously hurt. Lower bounds are inclusive.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.kinds import BadCatalogue

GRADES = ("minor", "ordinary", "larger", "major", "extra_major")
"""From the lightest on."""
SERIOUS = GRADES[2:]
"""Larger and worse."""
CRITERIA = ("dead", "hurt", "loss", "households")
DIMENSIONS = ("area", "object", "place", "band")


@dataclass(frozen=True)
class Casualty:
    """A person who was harmed, without a name. `died` is the day of a death, else `serious` says how badly hurt."""

    serious: bool
    died: date | None = None


@dataclass(frozen=True)
class Scale:
    """One edition of one scale. `bounds` are (grade, criterion → lower bound), the worst first; None where it is not known."""

    id: str
    name: str
    name_en: str
    since: date
    window: int
    minor_loss: int | None
    source: str
    confirmed: bool
    bounds: tuple[tuple[str, dict[str, int]], ...]


@dataclass(frozen=True)
class Harm:
    """What a scale counts of a fire."""

    dead: int
    serious: int
    hurt: int
    """Hurt in all, the seriously hurt included."""


@dataclass(frozen=True)
class Word:
    """A word of the statistics with its code."""

    id: str
    name: str
    name_en: str
    confirmed: bool = True


@dataclass(frozen=True)
class Codes:
    """Scales, and the words by dimension; `bands` as (id, first hour, hour after the last)."""

    scales: tuple[Scale, ...]
    words: dict[str, dict[str, Word]]
    bands: tuple[tuple[str, int, int], ...]

    def band(self, hour: int) -> str:
        """The band of an hour of the day."""
        return next(b for b, begin, end in self.bands if begin <= hour < end)

    def scale(self, id: str, day: date) -> Scale:
        """The edition in force on the day of a fire. LookupError before the first."""
        found = [s for s in self.scales if s.id == id and s.since <= day]
        if not found:
            raise LookupError(f"no edition of {id!r} on {day}")
        return max(found, key=lambda s: s.since)


def harm(scale: Scale, day: date, people: Sequence[Casualty]) -> Harm:
    """Dead and hurt as a scale counts them for a fire of this day."""
    dead = sum(p.died is not None and (p.died - day).days <= scale.window for p in people)
    late = sum(p.died is not None and (p.died - day).days > scale.window for p in people)
    serious = sum(p.serious and p.died is None for p in people) + late
    return Harm(dead, serious, len(people) - dead)


def grade(scale: Scale, day: date, people: Sequence[Casualty], loss: int, households: int = 0) -> str:
    """The grade of a fire: any one criterion suffices."""
    counted = harm(scale, day, people)
    have = {"dead": counted.dead, "hurt": counted.serious, "loss": loss, "households": households}
    for name, bounds in scale.bounds:
        if any(have[k] >= bound for k, bound in bounds.items()):
            return name
    light = scale.minor_loss is not None and not people and loss < scale.minor_loss
    return "minor" if light else "ordinary"


@cache
def shipped(path: Path) -> Codes:
    """The catalogue's codes. BadCatalogue names what is wrong."""
    data = tomllib.loads(path.read_text("utf-8"))
    words = {d: {k: Word(k, v[0], v[1]) for k, v in data[d].items()} for d in (*DIMENSIONS, "grades")}
    words["cause"] = {c["code"]: Word(c["code"], c["name"], c["name_en"], c["confirmed"]) for c in data["cause"]}
    if any(len(code) != 6 or not code.isdigit() for code in words["cause"]):
        raise BadCatalogue(f"{path.name}: a cause has six digits")
    bands = tuple((k, int(v[2]), int(v[3])) for k, v in data["band"].items())
    if [b for _, b, _ in bands] != [0, *[e for _, _, e in bands[:-1]]] or bands[-1][2] != 24:
        raise BadCatalogue(f"{path.name}: the bands do not fill the day")
    return Codes(tuple(_scale(s, path.name) for s in data["scale"]), words, bands)


def _scale(data: dict[str, Any], where: str) -> Scale:
    bounds = []
    for row in data["grade"]:
        bounds.append((row["id"], {k: row[k] * (100 if k == "loss" else 1) for k in CRITERIA if k in row}))
    names = [n for n, _ in bounds]
    if names != [g for g in reversed(GRADES) if g in names] or set(names) - set(SERIOUS):
        raise BadCatalogue(f"{where}: grades of {data['id']} from the worst on, got {names}")
    minor = data.get("minor_loss")
    return Scale(
        data["id"], data["name"], data["name_en"], data["from"], data["window"], minor * 100 if minor is not None else None,
        data["source"], data["confirmed"], tuple(bounds),
    )  # fmt: skip


def head(code: str) -> str:
    """The large class of a cause: 010103 belongs to 010000."""
    return code[:2] + "0000"
