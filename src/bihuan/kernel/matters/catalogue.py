"""The kinds of matter, read from catalogue/kinds once a process."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache

from django.conf import settings

from bihuan.kernel.domain.kinds import BadCatalogue, Kind, parse


@cache
def _editions() -> dict[str, list[tuple[date, date | None, Kind]]]:
    found: dict[str, list[tuple[date, date | None, Kind]]] = {}
    for path in sorted((settings.CATALOGUE / "kinds").glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadCatalogue(f"{path.name}: {error}") from None
        found[data["id"]] = sorted(parse(data, path.name), key=lambda e: e[0])
    return found


def kind_on(kind: str, day: date) -> Kind:
    """The edition of a kind in force on a day. LookupError when there is none."""
    for begin, end, edition in reversed(_editions().get(kind, [])):
        if begin <= day and (end is None or day <= end):
            return edition
    raise LookupError(f"no edition of the kind {kind!r} is in force on {day}")


@cache
def kind_edition(kind: str, edition: str) -> Kind:
    """An edition by its name; matters keep the one they were raised under."""
    for _, _, found in _editions().get(kind, []):
        if found.edition == edition:
            return found
    raise LookupError(f"the catalogue has no edition {edition} of the kind {kind!r}")


@cache
def kinds() -> tuple[Kind, ...]:
    """The latest edition of every kind, in the order of mechanisms."""
    order = ["fire", "financing", "promotion", "counselling"]
    latest = [editions[-1][2] for editions in _editions().values()]
    return tuple(sorted(latest, key=lambda k: (order.index(k.mechanism) if k.mechanism in order else 9, k.id)))
