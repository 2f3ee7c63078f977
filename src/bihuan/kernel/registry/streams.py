"""Kinds of streams: what they are called, which rows they decide, who may see them, and what no stream decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import DO_NOTHING, SET_DEFAULT, SET_NULL, ForeignKey, Model, Q
from django.db.models.signals import post_delete, post_save

from bihuan.kernel.domain.state import Event

from . import written
from .registry import Registry

Rows = dict[str, dict[Any, dict[str, Any] | None]]
"""Table → key → column → value as `written.plain` writes it; None for a row that was deleted."""


@dataclass(frozen=True)
class Table:
    """A table whose rows a stream decides.

    `stream` names the stream of a row. `key` are the columns by which a row is known; the primary key unless rows are written
    anew each time. `undecided` are columns that no event decides, each with the reason in words. `captured`: what is written is
    recorded with the event (else the stream's own `fold` says what the rows are). `rows` picks those of this kind of stream, by columns
    that never change, where several kinds decide rows of one table.
    """

    model: type[Model]
    stream: Callable[[Any], str]
    key: tuple[str, ...] = ()
    undecided: Mapping[str, Any] = field(default_factory=dict)
    captured: bool = True
    rows: Q = field(default_factory=Q)

    @property
    def name(self) -> str:
        """The table's name in the database."""
        return self.model._meta.db_table

    @property
    def keys(self) -> tuple[str, ...]:
        """The attributes by which a row is known."""
        return self.key or (str(self.model._meta.pk.attname),)

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes that the stream decides."""
        left = set(self.undecided)
        if self.key:
            left.add(str(self.model._meta.pk.attname))
        return tuple(f.attname for f in self.model._meta.concrete_fields if f.attname not in left)


@dataclass(frozen=True)
class Sight:
    """A stream as a viewer may see it: its title, and the page that shows it with that page's arguments."""

    title: str
    page: str = ""
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Contradiction:
    """A place where rows contradict what their stream says, in words of its kind. `message` with `params` is the sentence."""

    stream: str
    table: str
    key: str
    column: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StreamKind:
    """Streams that begin alike: `prefix` stands before the colon, or is the whole name.

    `seen(viewer, rest)` tells whether a viewer may see the stream and take its events along: None hides that it exists. `opens(rest)` is the page that a
    notice of it leads to, with its arguments, where that is another or may be seen by more people. `folding`
    begins a pass and gives the fold that says what rows follow from a stream's events where they are not recorded as written: it
    completes the rows it is given.
    """

    prefix: str
    name: Any
    tables: Sequence[Table] = ()
    seen: Callable[[Any, str], Sight | None] | None = None
    opens: Callable[[str], tuple[str, tuple[Any, ...]]] | None = None
    folding: Callable[[], Callable[[str, list[Event], Rows], None]] | None = None
    checks: Sequence[Callable[[], Iterator[Contradiction]]] = ()
    """What must hold besides: wordings against signed hashes, and the like."""
    rootless: bool = False
    """Streams may have no row: they tell of something that lives elsewhere."""


def for_everybody(title: Any, page: str) -> Callable[[Any, str], Sight | None]:
    """Streams that everybody with a post may see: what the page shows to all."""
    return lambda viewer, rest: Sight(f"{title} {rest}".strip(), page) if viewer.posts else None


def for_audit(title: Any) -> Callable[[Any, str], Sight | None]:
    """Streams that only the audit administrator sees."""
    return lambda viewer, rest: Sight(f"{title} {rest}".strip(), "audit") if viewer.admin == "audit" else None


kinds: Registry[StreamKind] = Registry("stream kind")
outside: Registry[tuple[type[Model], Any]] = Registry("table outside")
"""Tables that no stream decides, each with the reason in words."""


def register(*found: StreamKind) -> None:
    """Say kinds of streams. What is written to their captured tables is recorded with the next event of its stream."""
    for kind in found:
        _watch(kind.tables)
        kinds.add(kind.prefix, kind)


def extend(prefix: str, *tables: Table, checks: Sequence[Callable[[], Iterator[Contradiction]]] = ()) -> None:
    """Say that streams which another app registered decide rows of these tables too, and what must hold besides. KeyError when nobody
    registered them."""
    kind = kinds[prefix]
    kinds.put(prefix, replace(kind, tables=(*kind.tables, *tables), checks=(*kind.checks, *checks)))
    _watch(tables)


UNSEEN = (SET_NULL, SET_DEFAULT, DO_NOTHING)


def _watch(tables: Sequence[Table]) -> None:
    for table in tables:
        if table.captured:
            for column in table.model._meta.concrete_fields:
                if (
                    isinstance(column, ForeignKey) and column.remote_field.on_delete in UNSEEN
                ):  # Django writes such a column past every signal and manager
                    raise ImproperlyConfigured(
                        f"{column} changes unseen when what it points to is deleted: restrict or cascade"
                    )
            written.watched[table.model] = table.stream
            written.left_out[table.model] = frozenset(table.undecided)
            post_save.connect(written.on_save, sender=table.model, dispatch_uid=f"written {table.name}")
            post_delete.connect(written.on_delete, sender=table.model, dispatch_uid=f"written {table.name}")


def leave_out(why: Any, *models: type[Model]) -> None:
    """Say that no stream decides these tables, and why."""
    for model in models:
        outside.add(model._meta.db_table, (model, why))


def prefix_of(stream: str) -> str:
    """The part of a stream's name that names its kind."""
    return stream.partition(":")[0] if stream not in kinds else stream


def kind_of(stream: str) -> StreamKind | None:
    """The kind of a stream; None when nobody registered it."""
    return kinds.get(prefix_of(stream))


def tables() -> Iterator[tuple[StreamKind, Table]]:
    """Every table that a stream decides."""
    for kind in kinds:
        for table in kind.tables:
            yield kind, table
