"""Writing the organisation."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.db import transaction

from .models import Person, Post, Territory, Unit, UnitAlias
from .selectors import plain_name

LETTERS = "abcdefghjkmnpqrstuvwxyz"


def new_code(prefix: str) -> str:
    """A code that nobody has to think of: letters only, so that it never looks like somebody's number."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(14))


def territory_add(*, code: str, name: str, level: str, parent: Territory | None = None) -> Territory:
    """A territory below `parent`."""
    path = f"{parent.path if parent else '/'}{code}/"
    return Territory.objects.create(code=code, name=name, level=level, parent=parent, path=path)


def unit_add(
    *, name: str, kind: str = "other", sector: str = "", territory: Territory | None = None, code: str = ""
) -> Unit:
    """A unit; without a code it gets one that nobody has to think of."""
    return Unit.objects.create(code=code or new_code("u"), name=name, kind=kind, sector=sector, territory=territory)


def alias_remember(*, alias: str, unit: Unit) -> None:
    """Registers may call `unit` by `alias` from now on. A name asked about once is not asked again."""
    alias = plain_name(alias)
    if alias != plain_name(unit.name):
        UnitAlias.objects.update_or_create(alias=alias, defaults={"unit": unit})


@transaction.atomic
def post_vacate(*, post: Post, last_day: date, successor: Person | None = None) -> Post | None:
    """End a post after `last_day`: the successor's post begins the next day; without one a vacant post stays behind.

    Returns the post that follows. The caller hands over open matters (`matters.services.hand_over`).
    """
    following = Post.objects.create(
        unit=post.unit, title=post.title, role=post.role, person=successor, scope_territory=post.scope_territory,
        scope_sector=post.scope_sector, clearance=post.clearance, valid_from=last_day + timedelta(days=1),
    )  # fmt: skip
    post.valid_to = last_day
    post.save(update_fields=["valid_to"])
    return following
