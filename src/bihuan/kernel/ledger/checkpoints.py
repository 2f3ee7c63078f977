"""Checkpoints: new events go into one Merkle tree whose head is signed; receipts and proofs are read from it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from bihuan.kernel.domain import chain, receipts
from bihuan.kernel.domain.merkle import Range, Tree, consistency, inclusion, span
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import stamp

from .keys import key
from .models import Checkpoint, Event, Leaf, Node

BATCH = 5_000
LEVEL = 1 << 48
LOCK = 0x62696875
"""Any number; names our advisory lock on PostgreSQL."""


def latest() -> Checkpoint | None:
    """The newest checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def due(at: datetime) -> bool:
    """Whether there are newer events than the newest checkpoint's, and it is older than the setting allows."""
    last = latest()
    if last is None:
        return True
    old = (at - last.at).total_seconds() >= settings.CHECKPOINT_MINUTES * 60
    return old and Event.objects.filter(id__gt=last.through).exists()


@transaction.atomic
def make(*, at: datetime) -> Checkpoint | None:
    """Take in every event that is not yet in the tree and sign its head; the newest checkpoint, None for an empty ledger.

    1. one maker at a time (advisory lock, or SQLite's single writer);
    2. events above the last one seen; where counts still differ (an older transaction ended late, a restored database
       counts anew) all events without a leaf;
    3. nodes, leaves and the signed head in the same transaction.
    Refused when the setting names another hash than the tree was begun with.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = latest()
    name = settings.LEDGER_HASH
    if last is not None and last.hash != name:
        raise Refused(N_("This ledger was begun with %(hash)s and stays with it."), hash=last.hash)
    tree, size = Tree(name), last.size if last else 0
    through = Event.objects.aggregate(top=Max("id"))["top"] or 0
    if through == 0:
        return last
    size = _take(tree, size, Event.objects.filter(id__gt=last.through if last else 0))
    if size != Event.objects.count():
        size = _take(tree, size, Event.objects.all())
    if last is not None and size == last.size:
        return last
    root = tree.fold(_hashes(span(0, size))).hex()
    head = receipts.Checkpoint(size, root, stamp(at), name)
    public = receipts.public_bytes(key()).hex()
    return Checkpoint.objects.create(
        size=size, root=root, hash=name, key=public, note=receipts.sign(head, key()), at=at, through=through
    )


def _take(tree: Tree, size: int, events: QuerySet[Event]) -> int:
    there = Leaf.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
    rows = events.filter(~Exists(there)).order_by("id").values_list("stream", "seq", "hash", "body")
    found = rows.iterator(BATCH)
    while batch := list(itertools.islice(found, BATCH)):
        hashes = [tree.leaf(receipts.leaf_data(hash_, body)) for _, _, hash_, body in batch]
        nodes, grown = tree.grow(size, _hashes(span(0, size)), hashes)
        Leaf.objects.bulk_create(
            Leaf(index=size + i, stream=row[0], seq=row[1], hash=hashes[i].hex()) for i, row in enumerate(batch)
        )
        Node.objects.bulk_create(Node(place=p[0] * LEVEL + p[1], hash=h.hex()) for p, h in nodes if p[0])
        size = grown
    return size


def _hashes(places: Range) -> list[bytes]:
    """The hashes of complete subtrees, in two queries at most."""
    leaves = [i for level, i in places if level == 0]
    nodes = [level * LEVEL + i for level, i in places if level]
    found = {(0, i): h for i, h in Leaf.objects.filter(index__in=leaves).values_list("index", "hash")} if leaves else {}
    if nodes:
        for place, hash_ in Node.objects.filter(place__in=nodes).values_list("place", "hash"):
            found[divmod(place, LEVEL)] = hash_
    return [bytes.fromhex(found[p]) for p in places]


def proof(tree: Tree, ranges: Sequence[Range]) -> list[bytes]:
    """The hashes of a proof's ranges."""
    hashes = iter(_hashes([place for r in ranges for place in r]))
    return [tree.fold([next(hashes) for _ in r]) for r in ranges]


def prove_inclusion(*, index: int, head: Checkpoint) -> list[bytes]:
    """The inclusion proof of a leaf in the tree of a checkpoint."""
    return proof(Tree(head.hash), inclusion(index, head.size))


def prove_consistency(*, first: int, head: Checkpoint) -> list[bytes]:
    """The proof that the tree of a checkpoint continues the one of `first` leaves."""
    return proof(Tree(head.hash), consistency(first, head.size))


def receipt(*, stream: str, seq: int, at: datetime) -> receipts.Receipt:
    """The receipt of an event; makes a checkpoint when none covers it yet. Event.DoesNotExist for an unknown one."""
    event = Event.objects.get(stream=stream, seq=seq)
    previous = chain.GENESIS
    if seq > 1:
        previous = Event.objects.values_list("hash", flat=True).get(stream=stream, seq=seq - 1)
    leaf = Leaf.objects.filter(stream=stream, seq=seq).first()
    if leaf is None:
        make(at=at)
        leaf = Leaf.objects.get(stream=stream, seq=seq)
    head = latest()
    assert head is not None
    hashes = tuple(h.hex() for h in prove_inclusion(index=leaf.index, head=head))
    return receipts.Receipt(event.body, previous, leaf.index, hashes, head.note, bytes.fromhex(head.key))
