"""Reading the organisation."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Collection
from datetime import date
from time import monotonic

from django.db.models import Q, QuerySet

from .models import Function, Post, Territory, Unit, UnitAlias


def subtree(territory: Territory) -> list[int]:
    """Ids of the territory and all below it."""
    return list(Territory.objects.filter(path__startswith=territory.path).values_list("id", flat=True))


def posts_on(day: date) -> QuerySet[Post]:
    """Posts that exist on a day, held or vacant."""
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


FRESH_SECONDS = 2.0


class _Directory(threading.local):
    """Codes and functions of units as last read; a miss reads again, so a new unit is known at once."""

    read_at = 0.0
    ids: dict[str, int] = {}
    names: dict[str, str] = {}
    functions: dict[str, str] = {}
    places: dict[str, tuple[int, str]] = {}


_directory = _Directory()


def forget() -> None:
    """Read the directory anew at the next use."""
    _directory.read_at = 0.0


def _read_directory() -> None:
    rows = list(Unit.objects.order_by().values_list("code", "id", "name"))
    _directory.ids = {code: pk for code, pk, _ in rows}
    _directory.names = {code: name for code, _, name in rows}
    _directory.places = {
        code: (pk, path) for code, pk, path in Territory.objects.order_by().values_list("code", "id", "path")
    }
    _directory.functions = dict(Function.objects.values_list("name", "unit__code"))
    _directory.read_at = monotonic()


def _known() -> _Directory:
    if monotonic() - _directory.read_at > FRESH_SECONDS:
        _read_directory()
    return _directory


def function_unit(name: str) -> str:
    """The code of the unit that carries a function. LookupError when none does."""
    if name not in _known().functions:
        _read_directory()
    if name not in _directory.functions:
        raise LookupError(f"no unit carries the function {name!r}")
    return _directory.functions[name]


def carriers(*names: str) -> set[str]:
    """The codes of the units that carry any of these functions; one that nobody carries is left out."""
    if any(n not in _known().functions for n in names):
        _read_directory()
    return {_directory.functions[n] for n in names if n in _directory.functions}


def unit_ids(codes: Collection[str]) -> dict[str, int]:
    """The ids of units by code; a code that no unit has is left out."""
    if any(c not in _known().ids for c in codes):
        _read_directory()
    return {c: _directory.ids[c] for c in codes if c in _directory.ids}


def place_of(code: str) -> tuple[int, str]:
    """Id and path of a territory by its code. KeyError when there is none."""
    if code not in _known().places:
        _read_directory()
    return _directory.places[code]


def unit_names_of(codes: Collection[str]) -> list[str]:
    """The names of units by code, in the order given; a code that no unit has is left out."""
    unit_ids(codes)
    return [_directory.names[c] for c in codes if c in _directory.names]


def plain_name(name: str) -> str:
    """A name as it is compared: NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def unit_names() -> dict[str, int]:
    """Every name and alias of active units, as compared, with the unit's id."""
    names = {plain_name(a): u for a, u in UnitAlias.objects.filter(unit__active=True).values_list("alias", "unit_id")}
    names.update({plain_name(n): i for n, i in Unit.objects.filter(active=True).values_list("name", "id")})
    return names
