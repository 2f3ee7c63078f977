"""Holding every row that streams decide against its events, in both directions; and writing the rows anew.

A stream's events say what its rows are: by what each recorded as written (`Event.effect`), and by the kind's own fold.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Q

from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.registry.streams import Rows, StreamKind, Table, kinds, outside
from bihuan.kernel.registry.written import plain, restored

from .models import Event
from .selectors import end, happened

BATCH = 1_000
"""Rows compared at once."""
ASKED = 10_000
"""Keys that one query names: databases have a limit."""


@dataclass(frozen=True)
class Difference:
    """A place where rows and events contradict each other. `message` with `params` is the sentence."""

    kind: str
    stream: str
    table: str
    key: str
    column: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def place(self) -> str:
        """Where it is: kind, stream, table and key, column."""
        return " · ".join(p for p in (self.kind, self.stream, f"{self.table} {self.key}".strip(), self.column) if p)

    def __str__(self) -> str:
        return f"{self.place()}: {self.message % self.params}"


@dataclass
class Tally:
    """What was folded of a kind: streams, events read, rows that they decide."""

    streams: int = 0
    events: int = 0
    rows: int = 0
    unfolded: list[tuple[str, str]] = field(default_factory=list)
    """Streams whose events cannot be folded, and why."""


def streams_of(kind: StreamKind) -> Q:
    """The events of a kind."""
    return Q(stream=kind.prefix) | Q(stream__startswith=f"{kind.prefix}:")


Fold = Callable[[str, list[Happened], Rows], None]


def folded(
    kind: StreamKind, tally: Tally, fold: Fold | None = None, stream: str | None = None
) -> Iterator[tuple[str, Rows]]:
    """Every stream of a kind, or one of them, with the rows that its events say, in the order of streams."""
    fold = fold or (kind.folding() if kind.folding else None)
    names = {t.name for t in kind.tables}
    columns = ("stream", "body", "effect") if fold else ("stream", "effect")
    wanted = Event.objects.filter(streams_of(kind) if stream is None else Q(stream=stream))
    found = wanted.order_by("stream", "seq").values_list(*columns)
    for name, group in groupby(found.iterator(chunk_size=5_000), key=itemgetter(0)):
        rows: Rows = {}
        events = []
        n = 0
        for entry in group:
            n += 1
            if fold:
                events.append(happened(entry[1]))
            if entry[-1] is not None:
                _lay(rows, json.loads(entry[-1])["rows"], names)
        if fold:
            try:
                fold(name, events, rows)
            except (LookupError, ValueError, TypeError, AssertionError) as error:
                tally.unfolded.append((name, f"{type(error).__name__}: {error}"))
        tally.streams += 1
        tally.events += n
        tally.rows += sum(v is not None for found in rows.values() for v in found.values())
        yield name, rows


def _lay(rows: Rows, effect: dict[str, dict[str, Any]], names: set[str]) -> None:
    """Lay what an event wrote over what was there."""
    for table, written in effect.items():
        if table not in names:
            continue
        have = rows.setdefault(table, {})
        for key, values in written.items():
            before = have.get(key)
            have[key] = values if values is None or before is None else before | values


@dataclass
class Reader:
    """A table as it stands, read by keys, with values as the ledger writes them."""

    table: Table
    columns: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.table.columns
        fields = {f.attname: f for f in self.table.model._meta.concrete_fields}
        self.fields = [fields[c] for c in self.columns]
        self.places = [self.columns.index(k) for k in self.table.keys]
        self.defaults = {
            c: plain(f, f.get_default()) for c, f in zip(self.columns, self.fields, strict=True) if f.has_default() or not f.null
        }  # fmt: skip

    def key(self, values: Sequence[Any]) -> str:
        """The key of a row, as text."""
        return "|".join(str(values[p]) for p in self.places)

    def full(self, values: dict[str, Any]) -> dict[str, Any]:
        """A row with what its events leave unsaid as the model begins it: columns that came later."""
        return {c: values[c] if c in values else self.defaults.get(c) for c in self.columns}

    def every_key(self) -> Iterator[str]:
        """The keys of all rows that streams of this kind decide."""
        fields = [self.fields[p] for p in self.places]
        found = self.table.model._base_manager.filter(self.table.rows).order_by().values_list(*self.table.keys)
        for row in found.iterator(chunk_size=5_000):
            yield "|".join(str(plain(f, v)) for f, v in zip(fields, row, strict=True))

    def stream_of(self, key: str) -> str:
        """The stream that a row should be of; empty when that cannot be said."""
        row = _matching(self, key).first()
        try:
            return self.table.stream(row) if row is not None else ""
        except (ObjectDoesNotExist, AttributeError, ValueError):  # what the row refers to is gone too
            return ""

    def rows(self, keys: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The rows of these keys, each with its key."""
        first = f"{self.table.keys[0]}__in"
        asked = list({k.partition("|")[0] for k in keys})
        for begin in range(0, len(asked), ASKED):
            some = asked[begin : begin + ASKED]
            found = self.table.model._base_manager.filter(**{first: some}).order_by().values_list(*self.columns)
            for values in found.iterator(chunk_size=5_000):
                told = [plain(f, v) for f, v in zip(self.fields, values, strict=True)]
                yield self.key(told), dict(zip(self.columns, told, strict=True))


def differences(only: str | None = None, tallies: dict[str, Tally] | None = None) -> Iterator[Difference]:
    """Every place where a row differs from its events, is missing, or has none; `only` of one kind.

    1. streams are folded in batches and compared with the rows of their keys;
    2. a stream that decides no row at all is suspected, unless its kind tells of things that live elsewhere;
    3. rows that no stream named are looked for in each table;
    4. people go on working meanwhile: what is suspected is looked at once more, between two looks at the end of its stream.
    """
    for kind in kinds:
        if only is not None and kind.prefix != only:
            continue
        tally = (tallies if tallies is not None else {}).setdefault(kind.prefix, Tally())
        yield from _of_kind(kind, tally)


Batch = dict[str, dict[str, tuple[str, dict[str, Any] | None]]]
"""Table → key → (stream, columns or None where it was deleted)."""


def batches(kind: StreamKind, tally: Tally) -> Iterator[tuple[Batch, list[str]]]:
    """The rows of a kind a batch at a time, and the streams among them that decide none."""
    batch: Batch = defaultdict(dict)
    waiting, empty = 0, []
    for stream, rows in folded(kind, tally):
        if not any(rows.values()):
            empty.append(stream)
        for table, found in rows.items():
            batch[table] |= {k: (stream, v) for k, v in found.items()}
            waiting += len(found)
        if waiting >= BATCH:
            yield batch, empty
            batch, waiting, empty = defaultdict(dict), 0, []
    yield batch, empty


def _of_kind(kind: StreamKind, tally: Tally) -> Iterator[Difference]:
    readers = {t.name: Reader(t) for t in kind.tables}
    seen: dict[str, set[str]] = {t: set() for t in readers}
    suspected: dict[str, None] = {}
    for batch, empty in batches(kind, tally):
        if readers and not kind.rootless:
            suspected |= dict.fromkeys(empty)
        for name, wanted in batch.items():
            seen[name] |= {k for k, (_, v) in wanted.items() if v is not None}
            suspected |= {d.stream: None for d in _compared(kind, readers[name], wanted)}
    strays: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, reader in readers.items():
        for key in reader.every_key():
            if key not in seen[name]:
                strays[reader.stream_of(key)].append((name, key))
    fold = kind.folding() if kind.folding and (suspected or strays) else None
    for stream in dict.fromkeys([*suspected, *strays]):
        yield from _settled(kind, readers, stream, strays.get(stream, ()), fold)
    for check in kind.checks:
        for c in check():
            yield Difference(kind.prefix, c.stream, c.table, c.key, c.column, c.message, dict(c.params))


LOOKS = 5


def _settled(
    kind: StreamKind, readers: dict[str, Reader], stream: str, strays: Sequence[tuple[str, str]], fold: Fold | None
) -> Iterator[Difference]:
    """What still differs in one stream while nothing is appended to it: of several looks the first that nobody disturbed."""
    found: list[Difference] = []
    for _look in range(LOOKS):
        before = end(stream)
        found = list(_of_stream(kind, readers, stream, strays, fold))
        if not found or end(stream) == before:
            break
    yield from found


def _of_stream(
    kind: StreamKind, readers: dict[str, Reader], stream: str, strays: Sequence[tuple[str, str]], fold: Fold | None
) -> Iterator[Difference]:
    tally = Tally()
    rows = next((r for _, r in folded(kind, tally, fold, stream)), {})
    for _, why in tally.unfolded:
        yield Difference(kind.prefix, stream, "", "", "", N_("its events cannot be folded: %(why)s"), {"why": why})
    if tally.events and readers and not kind.rootless and not any(rows.values()) and not tally.unfolded:
        yield Difference(kind.prefix, stream, kind.tables[0].name, "", "", N_("its events decide no row"))
    for name, some in rows.items():
        yield from _compared(kind, readers[name], {k: (stream, v) for k, v in some.items()})
    for name, key in strays:
        told = rows.get(name, {}).get(key)
        if told is None and dict(readers[name].rows([key])).get(key) is not None:
            yield Difference(kind.prefix, stream, name, key, "", N_("the row has no events"))


def _compared(
    kind: StreamKind, reader: Reader, wanted: dict[str, tuple[str, dict[str, Any] | None]]
) -> Iterator[Difference]:
    alive = {k: v for k, v in wanted.items() if v[1] is not None}
    have = dict(reader.rows(alive))
    for key, (stream, values) in alive.items():
        row = have.get(key)
        if row is None:
            yield Difference(kind.prefix, stream, reader.table.name, key, "", N_("the row is missing"))
            continue
        full = reader.full(values or {})
        if row == full:
            continue
        for column in reader.columns:
            if row[column] != full[column]:
                yield Difference(
                    kind.prefix, stream, reader.table.name, key, column,
                    N_("the row says %(have)r, its events say %(told)r"), {"have": row[column], "told": full[column]},
                )  # fmt: skip


@transaction.atomic
def rebuild() -> dict[str, int]:
    """Write the rows of every kind anew from the ledger; how many each table holds now.

    1. rows that no event knows go, with nothing that hangs on them: the database refuses at the end where something does;
    2. rows that differ or are missing are written. Columns that no stream decides stay as they are where the row is there.
    References are checked when the transaction ends, so the order of tables does not matter.
    """
    counts: dict[str, int] = {}
    # a fold that asks other tables for ids comes after them
    for kind in sorted(kinds, key=lambda k: (k.folding is not None, not any(t.captured for t in k.tables))):
        readers = {t.name: Reader(t) for t in kind.tables}
        known: dict[str, set[str]] = {t: set() for t in readers}
        tally = Tally()
        for batch, _ in batches(kind, tally):
            for name, wanted in batch.items():
                known[name] |= {k for k, (_, v) in wanted.items() if v is not None}
        if tally.unfolded:
            raise Refused(
                N_("%(stream)s cannot be folded: %(why)s"), stream=tally.unfolded[0][0], why=tally.unfolded[0][1]
            )
        for name, keys in known.items():
            counts[name] = counts.get(name, 0) + len(keys)
            _drop(readers[name], [k for k in readers[name].every_key() if k not in keys])
        for batch, _ in batches(kind, Tally()):
            for name, wanted in batch.items():
                _write(readers[name], {k: v for k, (_, v) in wanted.items() if v is not None})
        for table in kind.tables:
            _count_on(table.model)
    return counts


def _drop(reader: Reader, keys: list[str]) -> None:
    for key in keys:
        _matching(reader, key)._raw_delete(using=connection.alias)


def _write(reader: Reader, wanted: dict[str, dict[str, Any]]) -> None:
    model = reader.table.model
    fields = dict(zip(reader.columns, reader.fields, strict=True))
    have = dict(reader.rows(wanted))
    fresh: list[Any] = []
    for key, values in wanted.items():
        full = reader.full(values)
        if have.get(key) == full:
            continue
        row = {c: restored(fields[c], v) for c, v in full.items()}
        if key in have:
            _matching(reader, key).update(**row)
        else:
            fresh.append(model(**row))
    _unwatched(model).bulk_create(fresh, batch_size=500)


def _unwatched(model: type[models.Model]) -> models.QuerySet[Any]:
    return models.QuerySet(model)


def _matching(reader: Reader, key: str) -> models.QuerySet[Any]:
    """The row of a key, written past what watches writing: an event tells of it already."""
    return _unwatched(reader.table.model).filter(**dict(zip(reader.table.keys, key.split("|"), strict=True)))


def _count_on(model: type[models.Model]) -> None:
    """Let numbers that the database gives go on behind those that are there."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def overview() -> dict[str, Any]:
    """Every kind with its streams, events and rows, the columns decided, and whether all of it holds; and what is outside.

    {"kinds": [{prefix, name, streams, events, rows, tables: [{table, columns, undecided}], differences, proven}], "outside": [{table, why}]}.
    """
    found = []
    for kind in kinds:
        tallies: dict[str, Tally] = {}
        n = sum(1 for _ in differences(kind.prefix, tallies))
        tally = tallies[kind.prefix]
        found.append(
            {
                "prefix": kind.prefix, "name": str(kind.name), "streams": tally.streams, "events": tally.events, "rows": tally.rows,
                "tables": [
                    {"table": t.name, "columns": list(t.columns), "undecided": {c: str(w) for c, w in t.undecided.items()}}
                    for t in kind.tables
                ],
                "differences": n, "proven": n == 0,
            }
        )  # fmt: skip
    return {"kinds": found, "outside": [{"table": t, "why": str(why)} for t, (_, why) in outside.items()]}
