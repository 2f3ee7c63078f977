"""The kinds of matter: read from catalogue/kinds once a process, and the district's own editions from the database."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import date
from functools import cache
from time import monotonic
from typing import Any

from django.conf import settings
from django.utils import timezone

from bihuan.kernel.domain.kinds import BadCatalogue, Kind, parse

from .models import KindEdition

Editions = dict[str, list[tuple[date, date | None, Kind]]]
FRESH_SECONDS = 2.0


@cache
def files() -> dict[str, dict[str, Any]]:
    """The catalogue's kinds as data, by id. BadCatalogue names what is wrong."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((settings.CATALOGUE / "kinds").glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadCatalogue(f"{path.name}: {error}") from None
        found[data["id"]] = data
    return found


class _Known:
    """Editions as last read; other processes' editions are seen after two seconds."""

    read_at = 0.0
    rows: list[tuple[str, date, dict[str, Any]]] | None = None
    editions: Editions = {}


def forget() -> None:
    """Read the district's editions anew at the next use."""
    _Known.read_at, _Known.rows = 0.0, None


def _editions() -> Editions:
    if monotonic() - _Known.read_at > FRESH_SECONDS:
        rows = list(KindEdition.objects.order_by("valid_from").values_list("kind", "valid_from", "body"))
        if rows != _Known.rows:
            _Known.editions = {k: sorted(parse(merged(k, rows), k), key=lambda e: e[0]) for k in files()}
            _Known.rows = rows
        _Known.read_at = monotonic()
    return _Known.editions


def merged(kind: str, rows: list[tuple[str, date, dict[str, Any]]]) -> dict[str, Any]:
    """A kind's file with the district's editions appended."""
    data = deepcopy(files()[kind])
    data["edition"] += [{**body, "valid_from": day} for k, day, body in rows if k == kind]
    return data


def latest_edition(kind: str) -> dict[str, Any]:
    """The latest edition of a kind as data, without its date: what a new one starts from. KeyError for an unknown kind."""
    own = KindEdition.objects.filter(kind=kind).order_by("-valid_from").first()
    body = own.body if own else max(files()[kind]["edition"], key=lambda e: e["valid_from"])
    return {k: v for k, v in body.items() if k not in ("valid_from", "valid_to")}


def kind_on(kind: str, day: date) -> Kind:
    """The edition of a kind in force on a day. LookupError when there is none."""
    for begin, end, edition in reversed(_editions().get(kind, [])):
        if begin <= day and (end is None or day <= end):
            return edition
    raise LookupError(f"no edition of the kind {kind!r} is in force on {day}")


def kind_edition(kind: str, edition: str) -> Kind:
    """An edition by its name; matters keep the one they were raised under."""
    for _, _, found in _editions().get(kind, []):
        if found.edition == edition:
            return found
    raise LookupError(f"the catalogue has no edition {edition} of the kind {kind!r}")


def kind_today(kind: str) -> Kind | None:
    """The edition of a kind in force today, the first to come where none is yet; None for an unknown kind."""
    editions = _editions().get(kind, [])
    day = timezone.localdate()
    return next((e for begin, _, e in reversed(editions) if begin <= day), editions[0][2] if editions else None)


def kinds() -> tuple[Kind, ...]:
    """The edition in force today of every kind, in the order of mechanisms; the first to come where none is yet."""
    order = ["fire", "financing", "promotion", "counselling"]
    latest = [found for kind in _editions() if (found := kind_today(kind))]
    return tuple(sorted(latest, key=lambda k: (order.index(k.mechanism) if k.mechanism in order else 9, k.id)))
