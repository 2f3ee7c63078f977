"""Rows changed, deleted and inserted behind the program's back; what the proof says of each, and whether rebuilding takes it back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from bihuan.kernel.ledger import proving
from bihuan.kernel.registry.streams import StreamKind, Table, kinds
from bihuan.kernel.registry.written import plain


def proven(*prefixes: str) -> None:
    """Kinds of streams whose tables all hold rows: nothing differs, every forgery is named, and emptied tables come back."""
    for prefix in prefixes:
        kind = kinds[prefix]
        assert [str(d) for d in proving.differences(prefix)] == []
        for table in kind.tables:
            every_forgery_is_named(kind, table)
    before = {t.name: rows(t) for p in prefixes for t in kinds[p].tables}
    with transaction.atomic():
        for prefix in prefixes:
            for table in reversed(kinds[prefix].tables):
                models.QuerySet(table.model)._raw_delete(connection.alias)
        proving.rebuild()
        assert {t.name: rows(t) for p in prefixes for t in kinds[p].tables} == before
        transaction.set_rollback(True)


def rows(table: Table) -> list[dict[str, Any]]:
    """What the stream decides of every row, in the order of keys."""
    fields = [f for f in table.model._meta.concrete_fields if f.attname in table.columns]
    found = models.QuerySet(table.model).order_by(*table.keys)
    return [{f.attname: plain(f, getattr(row, f.attname)) for f in fields} for row in found]


def every_forgery_is_named(kind: StreamKind, table: Table) -> None:
    """A change to each column, a deleted and an inserted row."""
    first = models.QuerySet(table.model).order_by(*table.keys).first()
    assert first is not None, f"{table.name} is empty"
    plain_rows = models.QuerySet(table.model)
    pk = str(table.model._meta.pk.attname)
    fields = [f for f in table.model._meta.concrete_fields if f.attname in table.columns and f.attname != pk]
    forged = {f.attname: other(f, getattr(first, f.attname)) for f in fields}
    for column, value in forged.items():
        if column not in table.keys:
            with transaction.atomic():
                plain_rows.filter(pk=first.pk).update(**{column: value})
                found = [(d.kind, d.stream, d.table, d.column) for d in proving.differences(kind.prefix)]
                assert found == [(kind.prefix, table.stream(first), table.name, column)], column
                transaction.set_rollback(True)
    with transaction.atomic():
        plain_rows.filter(pk=first.pk)._raw_delete(connection.alias)
        found = [d for d in proving.differences(kind.prefix) if d.table == table.name]
        assert [(d.stream, d.message) for d in found] == [(table.stream(first), "the row is missing")], table.name
        transaction.set_rollback(True)
    with transaction.atomic():
        plain_rows.bulk_create([table.model(**{**first_values(first), **forged, pk: first.pk + 10_000})])
        found = [d for d in proving.differences(kind.prefix) if d.table == table.name]
        assert [(d.key, d.message) for d in found] == [(str(first.pk + 10_000), "the row has no events")], table.name
        transaction.set_rollback(True)


def first_values(row: models.Model) -> dict[str, Any]:
    """A row's columns."""
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def other(field: Any, value: Any) -> Any:
    """Another value that the column takes. References are checked when the transaction ends, which it never does here."""
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kind, models.JSONField):
        return {"forged": 1}
    if isinstance(kind, models.BooleanField):
        return not value
    if isinstance(kind, models.DateTimeField):
        return (value or datetime.fromisoformat("2020-01-01T00:00:00+00:00")) + timedelta(days=1)
    if isinstance(kind, models.DateField):
        return (value or date(2020, 1, 1)) + timedelta(days=1)
    if isinstance(kind, models.IntegerField):
        return (value or 0) + 7
    width = kind.max_length or 100
    return (value or "") + "x" if len(value or "") < width else "x" + value[1:]
