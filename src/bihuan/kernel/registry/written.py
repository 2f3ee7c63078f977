"""What is written to the rows that streams decide, kept until the event that tells of it.

Every save, deletion, bulk creation and update of a watched row is remembered beside the transaction, under the name of the row's
stream; the next event of that stream takes it along (`take`). Django's own list of things to do after commit is where it is
remembered, since that list already knows which savepoints were taken back.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, models, transaction

log = structlog.get_logger()

watched: dict[type[models.Model], Callable[[Any], str]] = {}
"""Models whose rows streams decide, and how a row's stream is called."""
left_out: dict[type[models.Model], frozenset[str]] = {}
"""Their columns that no event decides."""


def plain(field: models.Field[Any, Any], value: Any) -> Any:
    """A column's value as the ledger keeps it: text, whole number, bool or None. JSON becomes its sorted text."""
    if value is None or isinstance(value, bool | str):
        if isinstance(field, models.JSONField):
            return _json(value)
        return value if not isinstance(value, str) else str(value)
    if isinstance(field, models.JSONField):
        return _json(value)
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"{field}: {type(value).__name__} cannot be kept")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def restored(field: models.Field[Any, Any], value: Any) -> Any:
    """The inverse of `plain`, as the model takes it."""
    if isinstance(field, models.JSONField):
        return None if value is None else json.loads(value)
    return field.to_python(value)


Rows = list[tuple[str, str, dict[str, Any] | None]]
"""Table, key, and the columns written; None where the row was deleted."""


class Written:
    """Rows of one or more streams as they were written at once."""

    def __init__(self, rows: dict[str, Rows]) -> None:
        self.rows = rows
        self.told: set[str] = set()

    def __call__(self) -> None:
        """After commit: of what no event told, the proof will name the rows."""
        for stream in self.rows.keys() - self.told:
            rows = self.rows[stream]
            log.warning("written without an event", stream=stream, tables=sorted({t for t, _, _ in rows}))


class _Told:
    """Marks, in the same list, that events took along what was written to their streams before."""

    def __init__(self, stream: str) -> None:
        self.streams = [stream]

    def __call__(self) -> None:
        """After commit there is nothing to do."""


class _Pending:
    """What waits in the running transaction, by stream; read from Django's list as far as it has grown.

    Django makes a new list whenever a savepoint or the transaction is taken back, so a list that is still the same has only
    grown.
    """

    def __init__(self) -> None:
        self.source: list[Any] | None = None
        self.read = 0
        self.waiting: dict[str, list[Written]] = {}

    def now(self) -> dict[str, list[Written]]:
        source: list[Any] = connection.run_on_commit
        if source is not self.source or len(source) < self.read:
            self.source, self.read, self.waiting = source, 0, {}
        for _, hook, _ in source[self.read :]:
            if isinstance(hook, Written):
                for stream in hook.rows:
                    self.waiting.setdefault(stream, []).append(hook)
            elif isinstance(hook, _Told):
                for stream in hook.streams:
                    self.waiting.pop(stream, None)
        self.read = len(source)
        return self.waiting

    def told(self, stream: str) -> None:
        """An event takes along what waits for its stream. Events that follow one another share one mark: Django walks its list
        slowly at commit."""
        del self.waiting[stream]
        last = connection.run_on_commit[-1]
        if isinstance(last[1], _Told) and last[0] == set(connection.savepoint_ids):
            last[1].streams.append(stream)
        else:
            transaction.on_commit(_Told(stream))


def _pending() -> _Pending:
    found: _Pending | None = getattr(connection, "_bihuan_written", None)
    if found is None:
        found = _Pending()
        connection._bihuan_written = found  # type: ignore[attr-defined]
    return found


def remember(rows: Iterable[models.Model], columns: Sequence[str] | None = None, *, gone: bool = False) -> None:
    """Remember rows of one model as written; `columns` where only those were."""
    by_stream: dict[str, Rows] = {}
    for row in rows:
        model = type(row)
        values = None if gone else image(row, columns)
        by_stream.setdefault(watched[model](row), []).append((model._meta.db_table, str(row.pk), values))
    if by_stream:
        transaction.on_commit(Written(by_stream))


def image(row: models.Model, columns: Sequence[str] | None = None) -> dict[str, Any]:
    """A row's columns as the ledger keeps them."""
    fields = _decided(type(row), left_out[type(row)], None if columns is None else frozenset(columns))
    values = [getattr(row, name) for name, _ in fields]
    if any(hasattr(v, "resolve_expression") for v in values):
        row = type(row)._base_manager.get(pk=row.pk)
        values = [getattr(row, name) for name, _ in fields]
    return {name: plain(field, value) for (name, field), value in zip(fields, values, strict=True)}


@cache
def _decided(
    model: type[models.Model], out: frozenset[str], columns: frozenset[str] | None
) -> list[tuple[str, models.Field[Any, Any]]]:
    """The attributes that events decide, with their fields; of `columns` alone where those are named."""
    return [
        (f.attname, f) for f in model._meta.concrete_fields
        if f.attname not in out and (columns is None or f.attname in columns or f.name in columns)
    ]  # fmt: skip


def on_save(sender: type[models.Model], instance: models.Model, update_fields: Any = None, **kwargs: Any) -> None:
    """Signal handler of `post_save`."""
    if not kwargs.get("raw") and (update_fields is None or set(update_fields) - left_out[sender]):
        remember([instance], update_fields)


def on_delete(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """Signal handler of `post_delete`."""
    remember([instance], gone=True)


class WatchedQuerySet(models.QuerySet[Any]):
    """A query set whose bulk writing is remembered as single writing is."""

    def update(self, **values: Any) -> int:
        """As Django's; rows of a watched model are remembered with what they hold afterwards."""
        if self.model not in watched:
            return super().update(**values)
        names = [f.attname for f in self.model._meta.concrete_fields if f.attname in values or f.name in values]
        if set(names) <= left_out[self.model]:
            return super().update(**values)
        with transaction.atomic():
            keys = list(self.order_by().values_list("pk", flat=True))
            count = super().update(**values)
            if not count:
                return 0
            for begin in range(0, len(keys), 500):
                remember(self.model._base_manager.filter(pk__in=keys[begin : begin + 500]), names)
        return count

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's; rows of a watched model are remembered. NotImplementedError where it would not be known which were written."""
        if self.model in watched and (kwargs.get("ignore_conflicts") or kwargs.get("update_conflicts")):
            raise NotImplementedError(f"{self.model.__name__} is watched: which rows conflict would not be known")
        made = super().bulk_create(objs, *args, **kwargs)
        if self.model in watched and made:
            remember(made)
        return made


WatchedManager = models.Manager.from_queryset(WatchedQuerySet)


class Watched(models.Model):
    """A row that a stream decides."""

    objects = WatchedManager()

    class Meta:
        abstract = True


def take(stream: str) -> dict[str, dict[str, dict[str, Any] | None]] | None:
    """What was written to a stream's rows in this transaction and no event has told of yet; None when nothing was.

    Whoever takes it writes the event in the same savepoint.
    """
    if not connection.in_atomic_block or not connection.run_on_commit:
        return None
    pending = _pending()
    waiting = pending.now().get(stream)
    if not waiting:
        return None
    found: dict[str, dict[str, dict[str, Any] | None]] = {}
    for hook in waiting:
        hook.told.add(stream)
        for table, key, values in hook.rows[stream]:
            rows = found.setdefault(table, {})
            before = rows.get(key)
            rows[key] = values if values is None or before is None else {**before, **values}
    pending.told(stream)
    return found
