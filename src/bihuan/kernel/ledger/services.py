"""Appending to the ledger; the only writer of `Event`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from bihuan.kernel.domain import chain
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.domain.state import stamp
from bihuan.kernel.registry import events as types
from bihuan.kernel.registry import written
from bihuan.kernel.registry.streams import kind_of

from .models import Event
from .rows import insert, insert_many, update, update_many
from .selectors import end, ends
from .together import insert_and_update

_as_happened: ContextVar[bool] = ContextVar("as_happened", default=False)


@contextmanager
def entered_as_happened() -> Iterator[None]:
    """Within this block events are entered at the time they happened: only for invented data, which says so."""
    token = _as_happened.set(True)
    try:
        yield
    finally:
        _as_happened.reset(token)


def entry_time(at: datetime) -> datetime:
    """Now: when an event that happened at `at` is entered."""
    return at if _as_happened.get() else timezone.now()


class StaleStream(Exception):
    """Somebody else wrote to the stream first."""


def drafted(
    *, stream: str, events: Sequence[Happened], after: tuple[int, str], entered_at: datetime, token: str | None = None
) -> tuple[list[dict[str, Any]], tuple[int, str]]:
    """The rows of events behind `after`, and the new end of the stream; nothing is written.

    The last of the events takes along what was written to the rows of the stream in this transaction. UnknownEvent for a type or
    a kind of stream that nobody registered.
    """
    seq, previous = after
    rows: list[dict[str, Any]] = []
    if kind_of(stream) is None:
        raise types.UnknownEvent(f"nobody registered streams like {stream!r}")
    for n, happened in enumerate(events, 1):
        seq += 1
        if settings.CHECK_EVENTS:
            types.check(happened.type, happened.data)
        elif happened.type not in types.types:
            raise types.UnknownEvent(f"nobody registered events of type {happened.type!r}")
        effect = sealed(written.take(stream)) if n == len(events) else None
        body = chain.canonical(envelope(stream, seq, happened, entered_at, effect))
        previous = chain.link(previous, body)
        rows.append(
            {
                "stream": stream, "seq": seq, "type": happened.type, "entered_at": entered_at, "body": body, "effect": effect,
                "hash": previous, "token": token if not rows else None,
            }
        )  # fmt: skip
    return rows, (seq, previous)


def append(
    *, stream: str, events: Sequence[Happened], after: tuple[int, str], entered_at: datetime, token: str | None = None
) -> tuple[int, str]:
    """Append events behind `after`, the (seq, hash) of the last one, (0, GENESIS) for a new stream; the new end.

    Must run in the transaction that writes the projection. StaleStream when the place is taken.
    """
    rows, end = drafted(stream=stream, events=events, after=after, entered_at=entered_at, token=token)
    try:
        insert(Event, rows)
    except IntegrityError as error:
        raise StaleStream(stream) from error
    return end


def append_with(
    *, stream: str, events: Sequence[Happened], after: tuple[int, str], entered_at: datetime, token: str | None,
    model: type[models.Model], key: Any, changed: dict[str, Any],
) -> tuple[int, str]:  # fmt: skip
    """Append events and change the one row that is their projection (its `version` too): as one statement where the
    database can, which is a transaction of its own and checks that the stream still ends at `after`.

    StaleStream as `append`, also when the stream does not end there.
    """
    rows, end = drafted(stream=stream, events=events, after=after, entered_at=entered_at, token=token)
    changed = {**changed, "version": end[0]}
    try:
        if connection.vendor == "postgresql":
            if not insert_and_update(rows, model, key, changed, after=(stream, *after)):
                raise StaleStream(stream)
        else:
            insert(Event, rows)
            update(model, key, changed)
    except IntegrityError as error:
        raise StaleStream(stream) from error
    return end


def append_many(
    rows: Sequence[dict[str, Any]], model: type[models.Model], key: str, changed: Sequence[dict[str, Any]]
) -> None:
    """Append drafted events of many streams and change the rows that are their projections. Must run in a transaction.

    Each of `changed` holds the primary key `key`. StaleStream when any place is taken: then none is written.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in changed:
        alike.setdefault(tuple(row), []).append(row)
    try:
        insert_many(Event, rows)
    except IntegrityError as error:
        raise StaleStream("one of many") from error
    for group in alike.values():
        update_many(model, key, group)


TRIES = 5


def once(name: str) -> str:
    """The token of what is written once under this name, whoever comes with it."""
    return str(uuid5(NAMESPACE_URL, name))


def note(*, stream: str, event: Happened, at: datetime, token: str | None = None) -> bool:
    """Append one event whose place does not matter: whoever finds it taken tries the next, StaleStream after five tries.

    With `token` it is written once, whoever else comes with the same; whether it was written now.
    """
    for _attempt in range(TRIES):
        if token is not None and Event.objects.filter(token=token).exists():
            return False
        try:
            with transaction.atomic():
                append(stream=stream, events=[event], after=end(stream), entered_at=entry_time(at), token=token)
            return True
        except StaleStream:
            continue
    raise StaleStream(stream)


MANY = 500
"""Streams whose ends are read, and whose events are written, at once."""


def note_each(told: Mapping[str, Happened], *, at: datetime) -> None:
    """Append one event to each of many streams with a few statements for all of them.

    Must run in the transaction that wrote what they tell of and that keeps others from writing to these streams: StaleStream
    when somebody did.
    """
    entered, names = entry_time(at), list(told)
    for begin in range(0, len(names), MANY):
        found = names[begin : begin + MANY]
        after, rows = ends(found), []
        for name in found:
            made, _ = drafted(
                stream=name, events=[told[name]], after=after.get(name, (0, chain.GENESIS)), entered_at=entered
            )
            rows += made
        try:
            insert_many(Event, rows)
        except IntegrityError as error:
            raise StaleStream("one of many") from error


def sealed(rows: dict[str, Any] | None) -> str | None:
    """What an event wrote, as it is kept: salted, so that its hash alone tells nothing."""
    return None if rows is None else chain.canonical({"rows": rows, "salt": token_hex(16)})


def envelope(stream: str, seq: int, e: Happened, entered_at: datetime, effect: str | None = None) -> dict[str, Any]:
    """What is hashed: everything there is to know of an event, and the hash of what it wrote."""
    told = {
        "at": stamp(e.at), "by": e.by, "data": e.data, "entered": stamp(entered_at), "seq": seq, "stream": stream,
        "type": e.type, "unit": e.unit,
    }  # fmt: skip
    return told if effect is None else {**told, "effect": chain.digest(effect)}
