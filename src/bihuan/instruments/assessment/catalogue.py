"""Schemes: the catalogue's starters, the district's adopted editions, the clock of the cycle."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings

from bihuan.engines.scoring import Scheme as Parsed
from bihuan.engines.scoring import parse
from bihuan.kernel.domain.kinds import BadCatalogue
from bihuan.kernel.registry.words import chinese

from .metrics import metrics
from .models import Scheme

FOLDER = settings.CATALOGUE / "assessment"


@dataclass(frozen=True)
class Cycle:
    """The clock of the year: from which day a self-review may begin, working days to appeal and to decide an appeal."""

    self_review: tuple[int, int]
    appeal: int
    decide: int
    source: str
    confirmed: bool

    def opens(self, year: int) -> date:
        """The first day of the self-review."""
        return date(year, *self.self_review)


@cache
def cycle() -> Cycle:
    """As the catalogue says."""
    data = tomllib.loads((FOLDER / "cycle.toml").read_text("utf-8"))
    month, day = map(int, data["self_review"].split("-"))
    return Cycle((month, day), data["appeal"], data["decide"], data["source"], data["confirmed"])


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The starter schemes as data, by id."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        if path.stem == "cycle":
            continue
        data = tomllib.loads(path.read_text("utf-8"))
        if data.get("id") != path.stem:
            raise BadCatalogue(f"{path.name}: its id is {data.get('id')!r}")
        found[path.stem] = data
    return found


def read(body: dict[str, Any]) -> Parsed:
    """A scheme from its data, against the metrics that are kept. BadCatalogue names what is wrong."""
    return parse(body, metrics())


def body_of(key: str, year: int) -> dict[str, Any]:
    """The scheme in force for a year: the last adopted edition of that year or of an earlier one, else the catalogue's.
    LookupError for an unknown key."""
    row = Scheme.objects.filter(key=key, year__lte=year, adopted_at__isnull=False).first()
    if row is not None:
        return dict(row.body)
    if key not in shipped():
        raise LookupError(key)
    return shipped()[key]


def scheme_name(key: str) -> str:
    """The name of a scheme in the reader's language; its key where the catalogue has none."""
    found = shipped().get(key)
    return _named(found) if found else key


def _named(entry: dict[str, Any]) -> str:
    return str(entry["name"] if chinese() else entry.get("name_en") or entry["name"])


def item_name(key: str, year: int, item: str) -> str:
    """The name of an item in the scheme of a year, in the reader's language; its id where that scheme has none."""
    try:
        body = body_of(key, year)
    except LookupError:
        return item
    found = next((i for p in body["part"] for i in p["item"] if i["id"] == item), None)
    return _named(found) if found else item


def schemes(year: int) -> list[Parsed]:
    """Every scheme in force for a year."""
    return [read(body_of(key, year)) for key in shipped()]
