"""The words of premises files and the dated tables of labels, from catalogue/fire. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bihuan.kernel.domain.kinds import BadCatalogue

HOURS = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)$")
SUFFIXES = ("_min", "_over", "_max", "_under")


@dataclass(frozen=True)
class Word:
    """A word of the catalogue in two languages."""

    id: str
    name: str
    name_en: str
    also: tuple[str, ...] = ()
    """How sheets call it too."""


@dataclass(frozen=True)
class FactWord(Word):
    """A fact: `type` number (in `unit`), flag, hours or text."""

    type: str = "text"
    unit: str = ""


@dataclass(frozen=True)
class Words:
    """All words, in their order."""

    uses: Mapping[str, Word]
    facts: Mapping[str, FactWord]
    labels: Mapping[str, Word]
    facilities: Mapping[str, Word]

    @cached_property
    def label_ids(self) -> dict[str, str]:
        """The ids of labels by the names under which subjects carry them."""
        return {w.name: w.id for w in self.labels.values()}


@cache
def words(path: Path) -> Words:
    """The words in this file."""
    data = tomllib.loads(path.read_text("utf-8"))
    return Words(
        {w["id"]: Word(**{**w, "also": tuple(w.get("also", ()))}) for w in data["use"]},
        {w["id"]: FactWord(**w) for w in data["fact"]},
        {w["id"]: Word(**w) for w in data["label"]},
        {w["id"]: Word(**w) for w in data["facility"]},
    )


@dataclass(frozen=True)
class Table:
    """One edition of one label's table: any of `clauses` gives the label; `province` empty is the national one."""

    label: str
    province: str
    valid_from: date
    valid_to: date | None
    source: str
    confirmed: bool
    clauses: tuple[Mapping[str, Any], ...]


def tables(entries: Iterable[Mapping[str, Any]], known: Words, where: str) -> tuple[Table, ...]:
    """Tables from their data. BadCatalogue names the place."""
    found = []
    for entry in entries:
        at = f"{where}, {entry.get('label')} {entry.get('valid_from')}"
        try:
            made = Table(
                entry["label"], entry.get("province", ""), _day(entry["valid_from"]), _day(entry.get("valid_to")), entry["source"],
                entry.get("confirmed", False), tuple(dict(c) for c in entry["any"]),
            )  # fmt: skip
        except KeyError as error:
            raise BadCatalogue(f"{at}: {error.args[0]} is missing") from None
        except ValueError as error:
            raise BadCatalogue(f"{at}: {error}") from None
        if made.label not in known.labels:
            raise BadCatalogue(f"{at}: no such label")
        for clause in made.clauses:
            for key, value in clause.items():
                _known(key, value, known, at)
        found.append(made)
    return tuple(found)


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _known(key: str, value: Any, known: Words, at: str) -> None:
    if key == "use":
        if wrong := [u for u in value if u not in known.uses]:
            raise BadCatalogue(f"{at}: no such use {wrong[0]!r}")
    elif key == "label":
        if value not in known.labels:
            raise BadCatalogue(f"{at}: no such label {value!r}")
    else:
        name = next((key.removesuffix(s) for s in SUFFIXES if key.endswith(s)), key)
        if name not in known.facts:
            raise BadCatalogue(f"{at}: no such fact {name!r}")
        if name != key and not isinstance(value, int):
            raise BadCatalogue(f"{at}: {key} needs a whole number")


@cache
def shipped(path: Path, words_path: Path) -> tuple[Table, ...]:
    """The catalogue's own tables."""
    return tables(tomllib.loads(path.read_text("utf-8"))["table"], words(words_path), path.name)


def in_force(found: Sequence[Table], day: date, province: str) -> list[Table]:
    """For each label the edition of a day: the province's own where there is one, the newest of those valid; in order."""
    best: dict[str, Table] = {}
    for t in found:
        if t.province not in ("", province) or t.valid_from > day or (t.valid_to and t.valid_to < day):
            continue
        now = best.get(t.label)
        if now is None or (bool(t.province), t.valid_from) >= (bool(now.province), now.valid_from):
            best[t.label] = t
    return [best[label] for label in dict.fromkeys(t.label for t in found) if label in best]


@dataclass(frozen=True)
class Reason:
    """Why a premises has a label: the table and the clause that was met with the facts as they are; or a declaration."""

    label: str
    table: Table | None
    met: tuple[tuple[str, Any, Any], ...]
    """(condition, what it asks, what the fact is)."""
    declared: str = ""


def labelled(
    facts: Mapping[str, Any], found: Sequence[Table], declared: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Reason]:
    """Every label that the facts give, with its reason. Declarations lay over: one may add a label or take it away.

    A missing fact meets no condition, so an empty file has no labels. A table may ask for the label of one before it.
    """
    have: dict[str, Reason] = {}
    for table in found:
        for clause in table.clauses:
            met = _met(clause, facts, have)
            if met is not None:
                have[table.label] = Reason(table.label, table, met)
                break
    for label, told in (declared or {}).items():
        if told.get("on"):
            have.setdefault(label, Reason(label, None, (), str(told.get("reason", ""))))
        else:
            have.pop(label, None)
    return have


def _met(
    clause: Mapping[str, Any], facts: Mapping[str, Any], have: Mapping[str, Reason]
) -> tuple[tuple[str, Any, Any], ...] | None:
    met = []
    for key, asked in clause.items():
        if key == "label":
            if asked not in have:
                return None
            met.append((key, asked, True))
            continue
        suffix = next((s for s in SUFFIXES if key.endswith(s)), "")
        value = facts.get(key.removesuffix(suffix) if suffix else key)
        if value is None or not _holds(suffix, value, asked):
            return None
        met.append((key, asked, value))
    return tuple(met)


def _holds(suffix: str, value: Any, asked: Any) -> bool:
    match suffix:
        case "_min":
            return bool(value >= asked)
        case "_over":
            return bool(value > asked)
        case "_max":
            return bool(value <= asked)
        case "_under":
            return bool(value < asked)
    return value in asked if isinstance(asked, list) else value == asked
