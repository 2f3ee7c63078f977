"""Events and the row they change in one statement of PostgreSQL: one way to the database and back for a whole step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models

from .models import Event
from .rows import columns_of


@cache
def _sql(columns: tuple[str, ...], model: type[models.Model], changed: tuple[str, ...], n: int) -> str:
    """INSERT of n events where the one before them is there, and UPDATE of a row where they were inserted."""
    names, _ = columns_of(Event, columns)
    events = Event._meta.db_table
    marks = ", ".join(["%s"] * len(columns))
    row = f"SELECT {marks} FROM before"  # noqa: S608
    pairs = ", ".join(f"{name} = %s" for name in columns_of(model, changed)[0])
    key = connection.ops.quote_name(model._meta.pk.column or "")
    # names of tables and columns only, from the models themselves
    return (
        f"WITH before AS (SELECT 1 FROM {events} WHERE stream = %s AND seq = %s AND hash = %s), "  # noqa: S608
        f"added AS (INSERT INTO {events} ({', '.join(names)}) {' UNION ALL '.join([row] * n)} RETURNING 1) "
        f"UPDATE {model._meta.db_table} SET {pairs} WHERE {key} = %s AND EXISTS (SELECT 1 FROM added)"
    )


def insert_and_update(
    rows: Sequence[dict[str, Any]], model: type[models.Model], key: Any, changed: dict[str, Any], after: tuple[str, int, str]
) -> bool:  # fmt: skip
    """Insert events behind (stream, seq, hash) and update one row; False, with nothing written, when that event is not
    there. IntegrityError when something stands behind it already."""
    columns = tuple(rows[0])
    prepare, later = columns_of(Event, columns)[1], columns_of(model, tuple(changed))[1]
    values = [p(row[c]) if p else row[c] for row in rows for c, p in zip(columns, prepare, strict=True)]
    values += [p(v) if p else v for v, p in zip(changed.values(), later, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_sql(columns, model, tuple(changed), len(rows)), [*after, *values, key])
        return bool(cursor.rowcount == 1)
