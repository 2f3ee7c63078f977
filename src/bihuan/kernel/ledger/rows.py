"""Writing rows on the hot path: one statement a table, without building a query each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

Prepare = Callable[[Any], Any]


@cache
def columns_of(model: type[models.Model], columns: tuple[str, ...]) -> tuple[list[str], list[Prepare | None]]:
    """Quoted column names, and what each value needs on the way (only dates and moments need anything)."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    prepare: list[Prepare | None] = []
    for c in columns:
        if isinstance(fields[c], models.DateTimeField):
            prepare.append(connection.ops.adapt_datetimefield_value)
        elif isinstance(fields[c], models.DateField):
            prepare.append(connection.ops.adapt_datefield_value)
        else:
            prepare.append(None)
    return [connection.ops.quote_name(fields[c].column or c) for c in columns], prepare


@cache
def _statement(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> tuple[str, list[Prepare | None]]:
    """The INSERT of these attribute names."""
    names, prepare = columns_of(model, columns)
    marks = ", ".join(["%s"] * len(columns))
    # names of tables and columns only, from the models themselves
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", prepare  # noqa: S608


@cache
def _update(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> tuple[str, list[Prepare | None]]:
    """The UPDATE of these attribute names by primary key."""
    names, prepare = columns_of(model, columns)
    quote = connection.ops.quote_name
    pairs = ", ".join(f"{name} = %s" for name in names)
    key = quote(model._meta.pk.column or "")
    return f"UPDATE {quote(model._meta.db_table)} SET {pairs} WHERE {key} = %s", prepare  # noqa: S608


def update(model: type[models.Model], key: Any, row: dict[str, Any]) -> None:
    """Update one row's columns, given by attribute name. LookupError when there is no such row."""
    sql, prepare = _update(model, tuple(row), connection.vendor)
    values = [p(v) if p else v for v, p in zip(row.values(), prepare, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, key])
        if cursor.rowcount != 1:
            raise LookupError(f"{model._meta.db_table} has no row {key}")


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


@cache
def _types(model: type[models.Model], columns: tuple[str, ...]) -> list[str]:
    """The PostgreSQL array type of each column."""
    fields = {f.attname: f for f in model._meta.concrete_fields}
    return [
        f"{fields[c].rel_db_type(connection) if c != fields[c].name else fields[c].cast_db_type(connection)}[]"
        for c in columns
    ]


def _arrays(rows: Sequence[dict[str, Any]], columns: tuple[str, ...]) -> list[list[Any]]:
    return [[row[c] for row in rows] for c in columns]


def insert_many(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """`insert` for many rows: on PostgreSQL one statement whatever their number."""
    if connection.vendor != "postgresql" or len(rows) < 2:
        insert(model, rows)
        return
    columns = tuple(rows[0])
    names, _ = columns_of(model, columns)
    arrays = ", ".join(f"%s::{t}" for t in _types(model, columns))
    sql = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT * FROM unnest({arrays})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, _arrays(rows, columns))


def update_many(model: type[models.Model], key: str, rows: Sequence[dict[str, Any]]) -> None:
    """Update rows that all give the same columns, `key` (the primary key's attribute) among them. LookupError when one of
    them is not there."""
    columns = tuple(rows[0])
    rest = tuple(c for c in columns if c != key)
    if connection.vendor != "postgresql" or len(rows) < 2:
        for row in rows:
            update(model, row[key], {c: row[c] for c in rest})
        return
    arrays = ", ".join(f"%s::{t}" for t in _types(model, (key, *rest)))
    names, _ = columns_of(model, (key, *rest))
    pairs = ", ".join(f"{n} = v.{n}" for n in names[1:])
    table = model._meta.db_table
    sql = f"UPDATE {table} SET {pairs} FROM unnest({arrays}) AS v({', '.join(names)}) WHERE {table}.{names[0]} = v.{names[0]}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, _arrays(rows, (key, *rest)))
        if cursor.rowcount != len(rows):
            raise LookupError(f"{table} has {cursor.rowcount} of {len(rows)} rows")
