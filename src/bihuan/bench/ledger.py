"""`bihuan bench ledger`: how fast the whole record is checked, every row held against its events, and one event proven.

The ledger is the demonstration district and, up to the wanted size, copies of one of its matters under new numbers: streams, rows,
units involved and evidence alike.
"""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime
from random import Random
from typing import Any

from bihuan.kernel.domain import chain
from bihuan.kernel.domain.merkle import Tree

LENGTH = 8
"""Events a stream, as in the demonstration district."""
REPEATS = 3
FIRST = 10_000_000
"""The number of the first copy."""


def measure(events: int) -> dict[str, Any]:
    """The figures for a ledger of this many events and for a quarter of it, and for the demonstration alone."""
    from bihuan.demo.district import load

    load(progress=lambda what, done, of: None)
    whole = _rows_checked(None)
    copies = _Copies()
    small = _at(copies, events // 4)
    large = _at(copies, events)
    return {
        "verify_ratio": large["verify_ratio"],
        "verify_growth": round(small["verify_per_s"] / large["verify_per_s"], 2),
        "rebuild_check_per_s": large["rebuild_check_per_s"],
        "rebuild_check_growth": round(small["rebuild_check_per_s"] / large["rebuild_check_per_s"], 2),
        "rebuild_check_ratio": large["rebuild_check_ratio"],
        "demonstration": whole,
        "proof_ms": large["proof_p50_ms"],
        "small": small, "large": large,
        "of": "verify() from the database (chain, columns, effects, leaf, signed heads) on one core, against json.dumps + chained SHA-256 of the same "
        "events in memory; rebuild --check: folding every stream and comparing every row that it decides, against reading the same events "
        "and rows from the database and no more",
    }  # fmt: skip


def _rows_checked(kind: str | None) -> dict[str, Any]:
    """Events a second folded and compared, of one kind of stream or of all."""
    from bihuan.kernel.ledger.proving import Tally, differences

    tallies: dict[str, Tally] = {}
    begin = time.perf_counter()
    found = list(differences(kind, tallies))
    seconds = time.perf_counter() - begin
    if found:
        raise RuntimeError(f"{len(found)} differences, the first: {found[0]}")
    events = sum(t.events for t in tallies.values())
    return {"events": events, "rows": sum(t.rows for t in tallies.values()), "per_s": round(events / seconds)}


def _read() -> float:
    """Seconds to read the events and rows of all matters and do nothing with them."""
    from bihuan.kernel.ledger.models import Event
    from bihuan.kernel.matters.models import Attachment, Involvement, Matter

    begin = time.perf_counter()
    for _ in (
        Event.objects.filter(stream__startswith="matter:").order_by("stream", "seq").values_list("body").iterator(5_000)
    ):
        pass
    for model in (Matter, Involvement, Attachment):
        for _ in model._base_manager.values_list().iterator(5_000):
            pass
    return time.perf_counter() - begin


def _at(copies: _Copies, events: int) -> dict[str, Any]:
    from bihuan.kernel.ledger import checkpoints
    from bihuan.kernel.ledger.models import Event, Leaf
    from bihuan.kernel.ledger.tree import prove_inclusion
    from bihuan.kernel.ledger.verifying import verify

    copies.fill(events)
    total = Event.objects.count()
    begin = time.perf_counter()
    head = checkpoints.make(at=datetime.now(UTC))
    made = time.perf_counter() - begin
    assert head is not None
    rates, bare = [], []
    for _ in range(REPEATS):
        bare.append(copies.bare())
        begin = time.perf_counter()
        found = list(verify())
        rates.append(total / (time.perf_counter() - begin))
        assert found == [total], found[:3]
    checked = _rows_checked("matter")
    read = checked["events"] / _read()
    random = Random(events)  # noqa: S311  a fixed seed, no secret
    tree, times = Tree(head.hash), []
    for _ in range(400):
        index = random.randrange(total)
        begin = time.perf_counter()
        proof = prove_inclusion(index=index, head=head)
        times.append((time.perf_counter() - begin) * 1000)
        leaf = bytes.fromhex(Leaf.objects.values_list("hash", flat=True).get(index=index))
        assert tree.included(leaf, index, head.size, proof, bytes.fromhex(head.root))
    times.sort()
    ratios = [r / b for r, b in zip(rates, bare, strict=True)]
    return {
        "events": total, "verify_per_s": round(statistics.median(rates)), "bare_per_s": round(statistics.median(bare)),
        "verify_ratio": round(statistics.median(ratios), 3), "ratios": [round(r, 3) for r in ratios],
        "rebuild_check_per_s": checked["per_s"], "rebuild_check_ratio": round(checked["per_s"] / read, 3), "read_per_s": round(read),
        "proof_p50_ms": round(times[200], 3), "proof_p95_ms": round(times[380], 3),
        "checkpoint_new_events_per_s": round(total / made),
    }  # fmt: skip


class _Copies:
    """Copies of one matter of the demonstration that went the whole way."""

    def __init__(self) -> None:
        from django.db.models import Count

        from bihuan.kernel.ledger.models import Event
        from bihuan.kernel.matters.models import Attachment, Involvement, Matter

        lengths = Event.objects.filter(stream__startswith="matter:").values("stream").annotate(n=Count("pk"))
        streams = {x["stream"] for x in lengths if x["n"] == LENGTH}
        rows = Matter.objects.filter(state="closed", attachments__isnull=False).order_by("number")
        self.row = next(m for m in rows if f"matter:{m.number}" in streams)
        self.events = list(Event.objects.filter(stream=f"matter:{self.row.number}").order_by("seq"))
        self.bodies = [json.loads(e.body) for e in self.events]
        self.parts = list(Involvement.objects.filter(matter=self.row))
        self.files = list(Attachment.objects.filter(matter=self.row))
        self.have = 0

    def told(self, number: int) -> list[dict[str, Any]]:
        """The events of a copy."""
        return [{**b, "stream": f"matter:{number}"} for b in self.bodies]

    def bare(self, n: int = 100_000) -> float:
        """Events a second that one core serialises and hashes into chains, and no more."""
        events = [e for i in range(n // LENGTH) for e in self.told(FIRST + i)]
        encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
        begin = time.perf_counter()
        previous = chain.GENESIS
        for e in events:
            previous = chain.link(previous, encode(e))
        return len(events) / (time.perf_counter() - begin)

    def fill(self, total: int) -> None:
        """Copies until the ledger holds this many events."""
        from django.db import transaction

        from bihuan.kernel.ledger.models import Event

        while (missing := total - Event.objects.count()) >= LENGTH:
            with transaction.atomic():
                self._more(min(2_000, missing // LENGTH))

    def _more(self, n: int) -> None:
        from bihuan.kernel.ledger.models import Event
        from bihuan.kernel.ledger.rows import insert
        from bihuan.kernel.matters.models import Attachment, Involvement, Matter

        def copied(row: Any, **values: Any) -> Any:
            same = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname != "id"}
            return type(row)(**same | values)

        events: list[dict[str, Any]] = []
        rows, parts, files = [], [], []
        for number in range(FIRST + self.have, FIRST + self.have + n):
            previous = chain.GENESIS
            for stored, told in zip(self.events, self.told(number), strict=True):
                body = chain.canonical(told)
                previous = chain.link(previous, body)
                events.append(
                    {
                        "stream": told["stream"], "seq": stored.seq, "type": stored.type, "entered_at": stored.entered_at, "body": body,
                        "hash": previous, "token": None,
                    }
                )  # fmt: skip
            rows.append(copied(self.row, number=number))
            parts += [copied(p, matter_id=number) for p in self.parts]
            files += [copied(f, matter_id=number) for f in self.files]
        insert(Event, events)
        Matter.objects.bulk_create(rows, batch_size=2_000)
        Involvement.objects.bulk_create(parts, batch_size=4_000)
        Attachment.objects.bulk_create(files, batch_size=4_000)
        self.have += n
