"""Reading the organisation."""

from __future__ import annotations

import unicodedata
from datetime import date

from django.db.models import Q, QuerySet

from .models import Function, Post, Territory, Unit, UnitAlias


def subtree(territory: Territory) -> list[int]:
    """Ids of the territory and all below it."""
    return list(Territory.objects.filter(path__startswith=territory.path).values_list("id", flat=True))


def posts_on(day: date) -> QuerySet[Post]:
    """Posts that exist on a day, held or vacant."""
    return Post.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


def function_unit(name: str) -> str:
    """The code of the unit that carries a function. LookupError when none does."""
    code = Function.objects.filter(name=name).values_list("unit__code", flat=True).first()
    if code is None:
        raise LookupError(f"no unit carries the function {name!r}")
    return str(code)


def plain_name(name: str) -> str:
    """A name as it is compared: NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def unit_names() -> dict[str, int]:
    """Every name and alias of active units, as compared, with the unit's id."""
    names = {plain_name(a): u for a, u in UnitAlias.objects.filter(unit__active=True).values_list("alias", "unit_id")}
    names.update({plain_name(n): i for n, i in Unit.objects.filter(active=True).values_list("name", "id")})
    return names
