"""Reading the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from bihuan.kernel.domain import chain
from bihuan.kernel.domain.lots import seed_of
from bihuan.kernel.domain.state import Event as Happened
from bihuan.kernel.domain.state import moment

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


END = f"SELECT seq, hash FROM {Event._meta.db_table} WHERE stream = %s ORDER BY seq DESC LIMIT 1"  # noqa: S608


def end(name: str) -> tuple[int, str]:
    """Where the next event of a stream goes, without reading the stream."""
    with connection.cursor() as cursor:
        cursor.execute(END, [name])
        return cursor.fetchone() or (0, chain.GENESIS)


ENDS = {
    "postgresql": "SELECT s.name, e.seq, e.hash FROM unnest(%s::text[]) AS s(name) CROSS JOIN LATERAL "
    "(SELECT seq, hash FROM ledger_event WHERE stream = s.name ORDER BY seq DESC LIMIT 1) e",
    "sqlite": "SELECT stream, max(seq), hash FROM ledger_event WHERE stream IN (SELECT value FROM json_each(%s)) GROUP BY stream",
}
"""The last event of each of many streams. (SQLite takes a bare column from the row of the maximum, as documented.)"""


def ends(names: Sequence[str]) -> dict[str, tuple[int, str]]:
    """`end` of many streams in one query; a stream without events is left out."""
    wanted = json.dumps(list(names)) if connection.vendor == "sqlite" else list(names)
    with connection.cursor() as cursor:
        cursor.execute(ENDS[connection.vendor], [wanted])
        return {name: (seq, hash_) for name, seq, hash_ in cursor.fetchall()}


def public_seed(name: str) -> str:
    """The seed of a lot that is drawn now under this name: it hangs on the last event before, so nobody could choose it."""
    return seed_of(name, Event.objects.order_by("-id").values_list("hash", flat=True).first() or "")
