"""Checkpoints: new events go into one Merkle tree whose head is signed; receipts and proofs are read from it."""

from __future__ import annotations

import itertools
import secrets
from datetime import datetime
from functools import partial
from string import ascii_lowercase

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from bihuan.kernel.domain import chain, notes, receipts
from bihuan.kernel.domain.merkle import Tree, span
from bihuan.kernel.domain.refusal import N_, Refused
from bihuan.kernel.domain.state import stamp

from . import keys, witness
from .models import Checkpoint, Event, Leaf, Node
from .tree import LEVEL, prove_inclusion, read_nodes

BATCH = 5_000
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


def lock() -> None:
    """One maker of checkpoints at a time, until the transaction ends: an advisory lock, or SQLite's single writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def make(*, at: datetime, origin: str = "", changing: bool = False) -> Checkpoint | None:
    """Take in every event that is not yet in the tree and sign its head; the newest checkpoint, None for an empty ledger.

    1. one maker at a time;
    2. nothing new: no new checkpoint;
    3. events above the last one seen; where counts still differ (an older transaction ended late, a restored database
       counts anew) all events without a leaf;
    4. nodes, leaves and the signed head in the same transaction; once it holds, the note is kept outside as well.
    `origin` names the log where neither a checkpoint nor the setting does. Refused when a setting names another log or hash than
    the ledger was begun with, and when the key is not the one that signed so far, unless it is just being changed.
    """
    lock()
    last = latest()
    name, algorithm = _begun(last, origin)
    size = last.size if last else 0
    count = Event.objects.count()
    if count == size and not (last and Event.objects.filter(id__gt=last.through).exists()):
        return last
    signer = _signer(last, changing)
    tree, through = Tree(algorithm), Event.objects.aggregate(top=Max("id"))["top"] or 0
    size = _take(tree, size, Event.objects.filter(id__gt=last.through if last else 0))
    if size != count:
        size = _take(tree, size, Event.objects.all())
    if last is not None and size == last.size:
        return last
    head = notes.Head(name, size, tree.fold(read_nodes(span(0, size))).hex())
    made = Checkpoint.objects.create(
        origin=name, size=size, root=head.root, hash=algorithm, key=signer.public.hex(), note=notes.sign(head, signer),
        at=at, through=through,
    )  # fmt: skip
    transaction.on_commit(partial(witness.keep, made))
    return made


def _begun(last: Checkpoint | None, origin: str) -> tuple[str, str]:
    """The log's name and hash: what the first checkpoint said, or what the first one will say."""
    if last is None:
        by_lot = "bihuan.local/" + "".join(secrets.choice(ascii_lowercase) for _ in range(8))
        return settings.LEDGER_ORIGIN or origin or by_lot, settings.LEDGER_HASH
    if settings.LEDGER_ORIGIN not in ("", last.origin):
        raise Refused(
            N_("The log of this ledger is called %(origin)s and stays so; BIHUAN_LEDGER_ORIGIN says %(other)s."),
            origin=last.origin, other=settings.LEDGER_ORIGIN,
        )  # fmt: skip
    if last.hash != settings.LEDGER_HASH:
        raise Refused(N_("This ledger was begun with %(hash)s and stays with it."), hash=last.hash)
    return last.origin, last.hash


def _signer(last: Checkpoint | None, changing: bool) -> notes.Signer:
    """What signs. Its key is made for the first checkpoint alone."""
    if last is None:
        return keys.made()
    found = keys.signer()
    if found is None:
        raise Refused(
            N_(
                "The key that signs checkpoints is gone from %(file)s. Put its copy back; if it is lost for ever, run: "
                "bihuan checkpoint new-key --by NAME --reason …"
            ),
            file=keys.place(),
        )
    if found.public.hex() != last.key and not changing:
        raise Refused(
            N_(
                "The key in %(file)s is not the one that signed so far (%(fingerprint)s). Put that one back; if the change is meant, "
                "run: bihuan checkpoint new-key --by NAME --reason …"
            ),
            file=keys.place(), fingerprint=notes.fingerprint(bytes.fromhex(last.key)),
        )  # fmt: skip
    return found


def _take(tree: Tree, size: int, events: QuerySet[Event]) -> int:
    there = Leaf.objects.filter(stream=OuterRef("stream"), seq=OuterRef("seq"))
    rows = events.filter(~Exists(there)).order_by("id").values_list("stream", "seq", "hash", "body")
    found = rows.iterator(BATCH)
    while batch := list(itertools.islice(found, BATCH)):
        hashes = [tree.leaf(receipts.leaf_data(hash_, body)) for _, _, hash_, body in batch]
        nodes, grown = tree.grow(size, read_nodes(span(0, size)), hashes)
        Leaf.objects.bulk_create(
            Leaf(index=size + i, stream=row[0], seq=row[1], hash=hashes[i].hex()) for i, row in enumerate(batch)
        )
        Node.objects.bulk_create(Node(place=p[0] * LEVEL + p[1], hash=h.hex()) for p, h in nodes if p[0])
        size = grown
    return size


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
    proof = tuple(h.hex() for h in prove_inclusion(index=leaf.index, head=head))
    public = bytes.fromhex(head.key)
    return receipts.Receipt(event.body, previous, leaf.index, proof, head.note, public, head.hash, stamp(head.at))
