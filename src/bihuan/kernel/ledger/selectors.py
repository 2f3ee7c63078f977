"""Reading and verifying the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.domain import chain
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.domain.state import moment, stamp

from .models import Event


def happened(body: str) -> Happened:
    """The event in a stored body."""
    e = json.loads(body)
    return Happened(e["type"], moment(e["at"]), e["by"], e["unit"], e["data"])


@dataclass(frozen=True)
class Stream:
    """A stream as read: its events in order and where the next one goes."""

    events: list[Happened]
    seq: int
    hash: str
    entered: list[datetime]

    @property
    def end(self) -> tuple[int, str]:
        """What `append` continues from."""
        return self.seq, self.hash


def stream(name: str) -> Stream:
    """All events of a stream."""
    rows = list(Event.objects.filter(stream=name).order_by("seq").values_list("body", "seq", "hash", "entered_at"))
    if not rows:
        return Stream([], 0, chain.GENESIS, [])
    return Stream([happened(r[0]) for r in rows], rows[-1][1], rows[-1][2], [r[3] for r in rows])


@dataclass(frozen=True)
class Broken:
    """A place where the ledger contradicts itself."""

    stream: str
    seq: int
    why: str


def verify() -> Iterator[int | Broken]:
    """Walk the whole ledger, one row at a time; yields Broken places and, at the end, the number of events."""
    count, name, seq, previous = 0, "", 0, chain.GENESIS
    rows = Event.objects.order_by("stream", "seq").values_list("stream", "seq", "type", "entered_at", "body", "hash")
    for row in rows.iterator(chunk_size=5000):
        count += 1
        if row[0] != name:
            name, seq, previous = row[0], 0, chain.GENESIS
        why = _check(row, seq, previous)
        if why:
            yield Broken(row[0], row[1], why)
        seq, previous = row[1], row[5]
    yield count


def _check(row: tuple[Any, ...], seq: int, previous: str) -> str:
    stream_, number, type_, entered, body, hash_ = row
    if number != seq + 1:
        return f"event {seq + 1} is missing" if number > seq + 1 else "the sequence runs backwards"
    if chain.link(previous, body) != hash_:
        return "the hash does not follow from the body and the event before"
    try:
        e = json.loads(body)
    except ValueError:
        return "the body is no JSON"
    if (e.get("stream"), e.get("seq"), e.get("type"), e.get("entered")) != (stream_, number, type_, stamp(entered)):
        return "the columns contradict the body"
    return ""
