"""Inserting rows on the hot path: one prepared statement a table, without building a query each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any]


@cache
def _statement(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> tuple[str, list[Prepare | None]]:
    """The INSERT of these attribute names, and what each value needs on the way (only dates and moments need anything)."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    names = ", ".join(quote(fields[c].column or c) for c in columns)
    marks = ", ".join(["%s"] * len(columns))
    prepare: list[Prepare | None] = []
    for c in columns:
        if isinstance(fields[c], models.DateTimeField):
            prepare.append(connection.ops.adapt_datetimefield_value)
        elif isinstance(fields[c], models.DateField):
            prepare.append(connection.ops.adapt_datefield_value)
        else:
            prepare.append(None)
    # names of tables and columns only, from the models themselves
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})", prepare  # noqa: S608


def insert(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows given by attribute name; all must have the same names, and columns left out need a database default.

    IntegrityError as the ORM would raise it.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    sql, prepare = _statement(model, columns, connection.vendor)
    values = [[p(row[c]) if p else row[c] for c, p in zip(columns, prepare, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(sql, values[0])
        else:
            cursor.executemany(sql, values)
