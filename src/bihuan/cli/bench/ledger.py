"""`bihuan bench ledger`: how fast the whole record is checked, and one event proven."""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bihuan.kernel.domain import chain
from bihuan.kernel.domain.merkle import Tree

LENGTH = 8
"""Events a stream, as in the demonstration district."""
REPEATS = 3


def measure(events: int) -> dict[str, Any]:
    """The figures for a ledger of this many events and for a quarter of it."""
    small = _at(events // 4)
    large = _at(events)
    return {
        "verify_ratio": large["verify_ratio"],
        "verify_growth": round(small["verify_per_s"] / large["verify_per_s"], 2),
        "proof_ms": large["proof_p50_ms"],
        "small": small, "large": large,
        "of": "verify() from the database (chain, columns, leaf, signed heads) on one core, against json.dumps + chained SHA-256 of the same events in memory",
    }  # fmt: skip


def _at(events: int) -> dict[str, Any]:
    from bihuan.kernel.ledger import checkpoints
    from bihuan.kernel.ledger.models import Leaf
    from bihuan.kernel.ledger.tree import prove_inclusion
    from bihuan.kernel.ledger.verifying import verify

    _fill(events)
    begin = time.perf_counter()
    head = checkpoints.make(at=datetime.now(UTC))
    made = time.perf_counter() - begin
    assert head is not None
    rates, bare = [], []
    for _ in range(REPEATS):
        bare.append(_bare())
        begin = time.perf_counter()
        found = list(verify())
        rates.append(events / (time.perf_counter() - begin))
        assert found == [events], found[:3]
    random = Random(events)  # noqa: S311  a fixed seed, no secret
    tree, times = Tree(head.hash), []
    for _ in range(400):
        index = random.randrange(events)
        begin = time.perf_counter()
        proof = prove_inclusion(index=index, head=head)
        times.append((time.perf_counter() - begin) * 1000)
        leaf = bytes.fromhex(Leaf.objects.values_list("hash", flat=True).get(index=index))
        assert tree.included(leaf, index, head.size, proof, bytes.fromhex(head.root))
    times.sort()
    ratios = [r / b for r, b in zip(rates, bare, strict=True)]
    return {
        "events": events, "verify_per_s": round(statistics.median(rates)), "bare_per_s": round(statistics.median(bare)),
        "verify_ratio": round(statistics.median(ratios), 3), "ratios": [round(r, 3) for r in ratios],
        "proof_p50_ms": round(times[200], 3), "proof_p95_ms": round(times[380], 3),
        "checkpoint_new_events_per_s": round(events / made),
    }  # fmt: skip


def _event(number: int, seq: int) -> dict[str, Any]:
    at = f"2026-03-{1 + seq:02d}T09:30:00.{number % 1000000:06d}Z"
    data = {
        "text": "道路未贯通,影响设备进场,已协调施工单位",
        "percent": 10 * seq,
        "clock": {"due": at, "warn": at, "provisional": False},
    }
    return {
        "at": at, "by": f"example{number % 97}", "data": data, "entered": at, "seq": seq, "stream": f"bench:{number}",
        "type": "Reported", "unit": f"u{number % 60}",
    }  # fmt: skip


def _bare(n: int = 100_000) -> float:
    """Events a second that one core serialises and hashes into chains, and no more."""
    events = [_event(i // LENGTH, 1 + i % LENGTH) for i in range(n)]
    encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
    begin = time.perf_counter()
    previous = chain.GENESIS
    for e in events:
        previous = chain.link(previous, encode(e))
    return n / (time.perf_counter() - begin)


def _fill(total: int) -> None:
    from django.db import transaction

    from bihuan.kernel.ledger.models import Event
    from bihuan.kernel.ledger.rows import insert

    have = Event.objects.count()
    start = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    for first in range(have // LENGTH, total // LENGTH, 2_000):
        rows = []
        for number in range(first, min(first + 2_000, total // LENGTH)):
            previous = chain.GENESIS
            for seq in range(1, LENGTH + 1):
                body = chain.canonical(_event(number, seq))
                previous = chain.link(previous, body)
                at = start + timedelta(days=seq, microseconds=number % 1_000_000)
                rows.append(
                    {"stream": f"bench:{number}", "seq": seq, "type": "Reported", "entered_at": at, "body": body, "hash": previous, "token": None}
                )  # fmt: skip
        with transaction.atomic():
            insert(Event, rows)
