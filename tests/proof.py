"""Holding tables against their streams: every column, deletion and insertion is seen, and what was emptied comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Field, Model, QuerySet
from django.utils import timezone

from bihuan.kernel.ledger import proving
from bihuan.kernel.registry.streams import Table, kinds

from .support import differences


def held(kind: str, *wanted: type[Model]) -> None:
    """These tables of a kind, each with a row at least, equal their streams; whatever is done to one behind them is named."""
    assert differences(kind) == []
    for table in (t for t in kinds[kind].tables if t.model in wanted):
        row = QuerySet(table.model).first()
        assert row is not None, f"{table.name} is empty"
        for column in table.columns:
            if column not in table.keys:
                _changed(kind, table, row, column)
        with transaction.atomic():
            _aside(table.model).filter(pk=row.pk)._raw_delete(using="default")
            assert f"{kind} · {table.stream(row)} · {table.name} {row.pk}: the row is missing" in differences(kind)
            transaction.set_rollback(True)
        _inserted(kind, table, row)
    before = {m: _rows(m) for m in wanted}
    for model in wanted:
        _aside(model)._raw_delete(using="default")
    assert differences(kind)
    proving.rebuild()
    assert {m: _rows(m) for m in wanted} == before
    assert differences(kind) == []


def _aside(model: type[Model]) -> QuerySet[Any]:
    """The rows, written past what watches writing."""
    return QuerySet(model).order_by("pk")


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    return list(_aside(model).values())


def _changed(kind: str, table: Table, row: Model, column: str) -> None:
    field = next(f for f in table.model._meta.concrete_fields if f.attname == column)
    with transaction.atomic():
        _aside(table.model).filter(pk=row.pk).update(**{column: _other(field, getattr(row, column))})
        place = f"{kind} · {table.stream(row)} · {table.name} {row.pk} · {column}: "
        assert [x for x in differences(kind) if x.startswith(place)], f"{table.name}.{column} was changed unseen"
        transaction.set_rollback(True)


def _inserted(kind: str, table: Table, row: Model) -> None:
    """A row beside it that no event knows; unique columns get other values."""
    values = {f.attname: getattr(row, f.attname) for f in table.model._meta.concrete_fields}
    unique = {c for x in table.model._meta.constraints if isinstance(x, models.UniqueConstraint) for c in x.fields}
    for field in table.model._meta.concrete_fields:
        if field.unique or field.name in unique:
            values[field.attname] = _other(field, values[field.attname])
    pk = table.model._meta.pk
    if isinstance(pk, models.AutoField):
        values[pk.attname] = 10**6
    with transaction.atomic():
        QuerySet(table.model).bulk_create([table.model(**values)])
        assert f"{kind} · {table.name} {values[pk.attname]}: the row has no events" in differences(kind)
        transaction.set_rollback(True)


def _other(field: Field[Any, Any], value: Any) -> Any:
    """Another value that the column can hold."""
    if isinstance(field, models.JSONField):
        return {"changed": 1}
    if isinstance(field, models.DateTimeField):
        return (value or timezone.now()) + timedelta(seconds=1)
    if isinstance(field, models.DateField):
        return (value or date(2024, 1, 1)) + timedelta(days=1)
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(value, str) or isinstance(field, models.CharField | models.TextField):
        return ("y" if str(value or "").startswith("x") else "x") + str(value or "")[1:]
    assert not isinstance(value, datetime | float), f"{field}: how to change it?"
    return (value or 0) + 1
