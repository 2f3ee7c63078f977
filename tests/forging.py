"""Rows of any table made and forged without knowing the table: for holding the whole proof to its word."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import models, transaction

from bihuan.kernel.ledger import proving
from bihuan.kernel.registry.streams import StreamKind, Table, kinds, tables

_numbers = count(7000)


def plainly(model: type[models.Model]) -> models.QuerySet[Any]:
    """A query set that nothing watches: the hand of somebody behind the program's back."""
    return models.QuerySet(model)


def rows_in(table: Table) -> list[dict[str, Any]]:
    """All rows of a table as its stream decides them, in a fixed order."""
    return sorted(plainly(table.model).values(*table.columns), key=repr)


def of(table: Table) -> models.QuerySet[Any]:
    """The rows of a table that one kind of stream decides."""
    return plainly(table.model).filter(table.rows)


def made(model: type[models.Model], **given: Any) -> Any:
    """A row with some value in every column, but for those given; rows that it refers to are taken or made."""
    values: dict[str, Any] = {}
    for f in model._meta.concrete_fields:
        if isinstance(f, models.AutoField):
            continue
        if f.name in given:
            values[f.name] = given[f.name]
        elif f.is_relation:
            target = f.related_model
            values[f.name] = target._base_manager.first() or (None if f.null and target is model else made(target))
        else:
            values[f.attname] = _value(f)
    return model._default_manager.create(**values)


def _value(f: models.Field[Any, Any]) -> Any:
    n = next(_numbers)
    if f.choices:
        return next(iter(f.flatchoices))[0]
    if isinstance(f, models.BooleanField):
        return False
    if isinstance(f, models.DateTimeField):
        return datetime(2026, 3, 2, 4, 5, 6, 789, tzinfo=UTC)
    if isinstance(f, models.DateField):
        return date(2026, 3, 2)
    if isinstance(f, models.TimeField):
        return time(9, 30)
    if isinstance(f, models.UUIDField):
        return uuid4()
    if isinstance(f, models.JSONField):
        return {"部分": [n]}
    if isinstance(f, models.DecimalField):
        return Decimal("1.5")
    if isinstance(f, models.FloatField):
        return 1.25
    if isinstance(f, models.IntegerField):
        return n
    return f"样本{n}"[: f.max_length or 40] if (f.max_length or 40) > 5 else str(n)[-(f.max_length or 4) :]


def other(f: models.Field[Any, Any], value: Any) -> Any:
    """Another value than this for a column."""
    n = next(_numbers)
    if f.is_relation:
        f = f.target_field
        if isinstance(f, models.AutoField | models.IntegerField):
            return n + 10**6
    if isinstance(f, models.BooleanField):
        return not value
    if value is None:
        return _value(f)
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, time):
        return time(23, 59) if value != time(23, 59) else time(1, 1)
    if isinstance(f, models.UUIDField):
        return uuid4()
    if isinstance(f, models.JSONField):
        return {"forged": n}
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal | float):
        return value + 1
    most = f.max_length or 40
    return f"假{n}"[:most] if most > 4 else ("x" if value != "x" else "y")


def forged(table: Table, row: Any) -> dict[str, Any]:
    """Another value for every column that the stream decides, but the key."""
    fields = {f.attname: f for f in table.model._meta.concrete_fields}
    return {c: other(fields[c], getattr(row, c)) for c in table.columns if c not in table.keys}


def held(kind: StreamKind, table: Table) -> None:
    """Whatever is changed in the first row of a table, its deletion, and a row put in are named, with kind, stream and column."""
    row = of(table).first()
    assert row is not None, f"{table.name} is empty"
    changed = forged(table, row)
    with transaction.atomic():
        if changed:
            plainly(table.model).filter(pk=row.pk).update(**changed)
        found = list(proving.differences(kind.prefix))
        assert {d.column for d in found if d.table == table.name} == set(changed), table.name
        assert {d.kind for d in found} <= {kind.prefix}
        assert all(d.stream == table.stream(row) for d in found if d.table == table.name)
        transaction.set_rollback(True)
    with transaction.atomic():
        plainly(table.model).filter(pk=row.pk)._raw_delete(using="default")
        assert (table.name, "the row is missing") in _named(kind.prefix), table.name
        transaction.set_rollback(True)
    with transaction.atomic():
        stray(table, row)
        assert (table.name, "the row has no events") in _named(kind.prefix), table.name
        transaction.set_rollback(True)


def _named(prefix: str) -> set[tuple[str, str]]:
    return {(d.table, d.message) for d in proving.differences(prefix)}


def stray(table: Table, row: models.Model) -> None:
    """Put in a row like another, with other values wherever they must not be the same; it belongs to the same kind of stream."""
    kept = {name.partition("__")[0] for name in _asked(table.rows)}
    values = {f.attname: getattr(row, f.attname) for f in table.model._meta.concrete_fields}
    for f in table.model._meta.concrete_fields:
        if isinstance(f, models.AutoField):
            del values[f.attname]
        elif f.name not in kept:
            values[f.attname] = other(f, values[f.attname])
    plainly(table.model).bulk_create([table.model(**values)])


def _asked(q: models.Q) -> Iterator[str]:
    """The look-ups that a condition makes."""
    for child in q.children:
        if isinstance(child, models.Q):
            yield from _asked(child)
        else:
            yield str(child[0])


def proven(*prefixes: str, only: Collection[type[models.Model]] = ()) -> None:
    """Kinds of streams whose tables (`only` these, if any) all hold rows: nothing differs, every forgery is named, and emptied
    tables come back."""
    wanted = [(kinds[p], t) for p in prefixes for t in kinds[p].tables if not only or t.model in only]
    for prefix in prefixes:
        assert [str(d) for d in proving.differences(prefix)] == []
    for kind, table in wanted:
        held(kind, table)
    before = {t.name: rows_in(t) for _, t in wanted}
    with transaction.atomic():
        for _, table in reversed(wanted):
            plainly(table.model)._raw_delete("default")
        proving.rebuild()
        assert {t.name: rows_in(t) for _, t in wanted} == before
        transaction.set_rollback(True)


def every_table() -> list[Table]:
    """Every table that a stream decides, parents before children as far as apps are ordered."""
    return [t for _, t in tables()]
