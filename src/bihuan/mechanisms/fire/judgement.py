"""Whether hazards make a major one, under the edition of the standard in force on the day. Pure.

Numbers of the thresholds are data; a case is judged under its day's edition and keeps it for ever. An edition that is not
filled refuses to judge: nothing is guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.domain.refusal import N_, Refused


@dataclass(frozen=True, slots=True)
class Bound:
    """A measured value counts when it lies over (or under) `value`, for cases with one of `traits` (none: all)."""

    over: bool
    value: Decimal
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A direct item or a comprehensive one; `text` is empty while nobody has entered the wording."""

    id: str
    text: str
    group: str = ""
    confirmed: bool = False
    measure: str = ""
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """At least `least` of the items `among` (empty: of any) make a major hazard in these places."""

    places: tuple[str, ...]
    least: int
    among: tuple[str, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the standard."""

    id: str
    name: str
    valid_from: date
    valid_to: date | None
    filled: bool
    source: str
    excluded: tuple[str, ...]
    places: Mapping[str, tuple[str, str]]
    direct: Mapping[str, Clause]
    items: Mapping[str, Clause]
    thresholds: tuple[Threshold, ...]
    people: int
    experts: int
    share: tuple[int, int]


def editions(entries: Iterable[Mapping[str, Any]], where: str) -> tuple[Edition, ...]:
    """Editions from their data. BadCatalogue names the place."""
    found = []
    for entry in entries:
        at = f"{where}, {entry.get('id')}"
        try:
            found.append(_edition(entry, at))
        except KeyError as error:
            raise BadCatalogue(f"{at}: {error.args[0]} is missing") from None
        except (ValueError, InvalidOperation) as error:
            raise BadCatalogue(f"{at}: {error}") from None
    return tuple(found)


def _edition(e: Mapping[str, Any], at: str) -> Edition:
    made = Edition(
        e["id"], e["name"], _day(e["valid_from"]), _day(e["valid_to"]) if e.get("valid_to") else None, e["filled"], e["source"],
        tuple(e["excluded"]), {p["id"]: (p["name"], p["name_en"]) for p in e["place"]}, {c["id"]: _clause(c) for c in e["direct"]},
        {c["id"]: _clause(c) for c in e["item"]},
        tuple(Threshold(tuple(t["places"]), t["least"], tuple(t["among"]), t["confirmed"]) for t in e["threshold"]),
        e["people"], e["experts"], (e["share"][0], e["share"][1]),
    )  # fmt: skip
    for t in made.thresholds:
        if unknown := set(t.among) - set(made.items):
            raise BadCatalogue(f"{at}: a threshold names {min(unknown)!r}, which is no item")
        if unknown := set(t.places) - set(made.places):
            raise BadCatalogue(f"{at}: a threshold names {min(unknown)!r}, which is no place")
    if made.filled and not (made.direct and made.thresholds and made.items):
        raise BadCatalogue(f"{at}: says that it is filled, but items or thresholds are missing")
    return made


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _clause(c: Mapping[str, Any]) -> Clause:
    bounds = tuple(
        Bound("over" in b, Decimal(str(b["over"] if "over" in b else b["under"])), tuple(b.get("traits", ())))
        for b in c.get("limits", ())
    )
    return Clause(c["id"], c["text"], c.get("group", ""), c.get("confirmed", False), c.get("measure", ""), bounds)


def check(body: Mapping[str, Any], title: str) -> None:
    """BadCatalogue when a loaded table cannot be used."""
    if not body.get("edition"):
        raise BadCatalogue(f"{title}: no edition")
    editions(body["edition"], title)


@cache
def shipped(path: Path) -> tuple[Edition, ...]:
    """The catalogue's own editions."""
    return editions(tomllib.loads(path.read_text("utf-8"))["edition"], path.name)


def edition_on(found: Sequence[Edition], day: date) -> Edition:
    """The edition in force on a day, the last loaded where several are. Refused when there was none."""
    valid = [e for e in found if e.valid_from <= day and (e.valid_to is None or day <= e.valid_to)]
    if not valid:
        raise Refused(N_("No edition of the standard was in force on %(day)s."), day=day.isoformat())
    return valid[-1]


@dataclass(frozen=True)
class Case:
    """What was found: `place`, direct items, comprehensive items found or measured (id → value), what the place is like, and
    why it is excluded (a text of the edition, empty when it is not)."""

    day: date
    place: str
    direct: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    measures: Mapping[str, Decimal] = field(default_factory=dict)
    traits: tuple[str, ...] = ()
    excluded: str = ""


@dataclass(frozen=True)
class Counted:
    """A threshold against a case: which items counted."""

    threshold: Threshold
    items: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return len(self.items) >= self.threshold.least


@dataclass(frozen=True)
class Judged:
    """The result: `major` by a direct item or a threshold, unless excluded; with everything that counted."""

    edition: Edition
    direct: tuple[Clause, ...]
    items: tuple[Clause, ...]
    measured: Mapping[str, str]
    counted: tuple[Counted, ...]
    excluded: str

    @property
    def major(self) -> bool:
        """Whether it is a major hazard."""
        return not self.excluded and bool(self.direct or any(c.met for c in self.counted))

    @property
    def how(self) -> str:
        """direct, comprehensive, excluded or none."""
        if self.excluded:
            return "excluded"
        return "direct" if self.direct else "comprehensive" if self.major else "none"


def case_of(data: Mapping[str, Any]) -> Case:
    """A case from its data (JSON). Refused, naming the field, when something is missing or no such thing."""
    try:
        day = date.fromisoformat(str(data["day"]))
        measures = {str(k): Decimal(str(v)) for k, v in dict(data.get("measures", {})).items()}
        return Case(
            day, str(data["place"]), _texts(data, "direct"), _texts(data, "items"), measures, _texts(data, "traits"), str(data.get("excluded", "")),
        )  # fmt: skip
    except KeyError as error:
        raise Refused(N_("“%(name)s” is missing in the case."), name=str(error.args[0])) from None
    except (ValueError, TypeError, InvalidOperation) as error:
        raise Refused(N_("The case cannot be read: %(why)s"), why=str(error)) from None


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list")
    return tuple(str(v) for v in value)


def determine(case: Case, found: Sequence[Edition]) -> Judged:
    """Judge a case under the edition of its day. Refused for an edition that is not filled, a place or item it does not know."""
    edition = edition_on(found, case.day)
    if not edition.filled:
        raise Refused(
            N_("The clauses of %(name)s are not loaded; the fire brigade must fill or check them first."),
            name=edition.name,
        )
    if case.place not in edition.places:
        raise Refused(
            N_("“%(name)s” is no sort of place in %(edition)s."), field="place", name=case.place, edition=edition.id
        )
    for name in case.direct:
        if name not in edition.direct:
            raise Refused(N_("“%(name)s” is no item of %(edition)s."), field="direct", name=name, edition=edition.id)
    for name in (*case.items, *case.measures):
        if name not in edition.items:
            raise Refused(N_("“%(name)s” is no item of %(edition)s."), field="items", name=name, edition=edition.id)
    measured = {k: _measured(edition.items[k], v, case.traits) for k, v in case.measures.items()}
    have = [c for c in edition.items.values() if c.id in case.items or measured.get(c.id)]
    counted = []
    for t in edition.thresholds:
        if case.place in t.places:
            counted.append(Counted(t, tuple(c.id for c in have if not t.among or c.id in t.among)))
    if case.excluded and case.excluded not in edition.excluded:
        raise Refused(
            N_("“%(name)s” is no ground of exclusion in %(edition)s."),
            field="excluded",
            name=case.excluded,
            edition=edition.id,
        )
    return Judged(
        edition,
        tuple(edition.direct[n] for n in dict.fromkeys(case.direct)),
        tuple(have),
        measured,
        tuple(counted),
        case.excluded,
    )


def _measured(clause: Clause, value: Decimal, traits: Collection[str]) -> str:
    """Why a measured value counts, as 0.35 > 0.3; empty when it does not. The first bound whose traits fit decides."""
    if not clause.bounds:
        raise Refused(N_("“%(name)s” has no measure."), field="items", name=clause.id)
    for b in clause.bounds:
        if not b.traits or any(t in traits for t in b.traits):
            hit = value > b.value if b.over else value < b.value
            return f"{value} {'>' if b.over else '<'} {b.value}" if hit else ""
    return ""


def as_data(judged: Judged) -> dict[str, Any]:
    """A judgement as JSON values: what counted and why."""
    return {
        "edition": judged.edition.id, "major": judged.major, "how": judged.how, "excluded": judged.excluded,
        "direct": [{"id": c.id, "text": c.text, "confirmed": c.confirmed} for c in judged.direct],
        "comprehensive": {
            "items": [
                {"id": c.id, "group": c.group, "text": c.text, "measured": judged.measured.get(c.id, ""), "confirmed": c.confirmed}
                for c in judged.items
            ],
            "thresholds": [
                {
                    "least": c.threshold.least, "among": list(c.threshold.among) or "any", "counted": list(c.items), "n": len(c.items),
                    "met": c.met, "confirmed": c.threshold.confirmed,
                }
                for c in judged.counted
            ],
        },
    }  # fmt: skip
