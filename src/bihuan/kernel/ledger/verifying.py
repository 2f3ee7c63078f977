"""Checking the whole record: every chain, every leaf, every signed head."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

from bihuan.kernel.domain import chain, notes, receipts
from bihuan.kernel.domain.merkle import Tree, span
from bihuan.kernel.domain.refusal import N_, Refused

from . import watch
from .checkpoints import BATCH, latest
from .models import Checkpoint, Event, Leaf

ENTERED = {
    "sqlite": "replace(e.entered_at, ' ', 'T') || CASE WHEN length(e.entered_at) = 19 THEN '.000000Z' ELSE 'Z' END",
    "postgresql": """to_char(e.entered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
}
"""The moment of entry as the ledger writes it; the database does it faster than Python."""
EVENTS = """
SELECT e.stream, e.seq, e.type, {entered}, e.body, e.hash, l.hash, e.effect FROM ledger_event e
LEFT JOIN ledger_leaf l ON l.stream = e.stream AND l.seq = e.seq ORDER BY e.stream, e.seq"""
LOST = """
SELECT l.stream, l.seq FROM ledger_leaf l LEFT JOIN ledger_event e ON e.stream = l.stream AND e.seq = l.seq
WHERE e.id IS NULL ORDER BY l.stream, l.seq"""


@dataclass(frozen=True)
class Broken:
    """A place where the ledger contradicts itself, or somebody else's copy of its checkpoints."""

    stream: str
    seq: int
    message: str
    params: dict[str, object] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """The sentence in English; the web translates `message`."""
        return self.message % self.params


Row = tuple[str, int, str, str, str, str, str | None, str | None]


def verify() -> Iterator[int | Broken]:
    """Walk the whole ledger, one row at a time; yields Broken places and, at the end, the number of events.

    1. every chain: no gap, every link follows, the columns say what the body says;
    2. every event that is in the tree still has the leaf that was signed, and none is missing;
    3. every checkpoint's root follows from the leaves, and its signature holds.
    """
    head = latest()
    tree = Tree(head.hash) if head else Tree()
    count, name, seq, previous = 0, "", 0, chain.GENESIS
    for row in rows():
        count += 1
        if row[0] != name:
            name, seq, previous = row[0], 0, chain.GENESIS
        why = _check(row, seq, previous)
        if row[6] is not None and tree.leaf(receipts.leaf_data(row[5], row[4])).hex() != row[6]:
            why = why or N_("the event differs from the one that a checkpoint signed")
        if why:
            yield Broken(row[0], row[1], why, {"seq": seq + 1})
        seq, previous = row[1], row[5]
    with connection.cursor() as cursor:
        cursor.execute(LOST)
        for stream, number in cursor.fetchall():
            yield Broken(stream, number, N_("a checkpoint signed this event and it is gone"))
    yield from _heads()
    yield count


def rows() -> Iterator[Row]:
    """Events with their leaves, in order."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(EVENTS.format(entered=ENTERED[connection.vendor]))
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def _check(row: Row, seq: int, previous: str) -> str:
    stream, number, type_, entered, body, hash_, _, effect = row
    if number != seq + 1:
        return N_("event %(seq)s is missing") if number > seq + 1 else N_("the sequence runs backwards")
    if chain.link(previous, body) != hash_:
        return N_("the hash does not follow from the body and the event before")
    # canonical JSON sorts its names, so what the columns repeat stands together at the end, before the unit
    before = "}," if effect is None else f'}},"effect":"{chain.digest(effect)}",'
    told = f'{before}"entered":"{entered}","seq":{number},"stream":"{stream}","type":"{type_}","unit":"'
    unit = body[body.rfind(told) + len(told) :]
    if told in body and body[0] == "{" and unit.endswith('"}') and unit.count('"') == 1:
        return ""
    try:
        e = json.loads(body)
    except ValueError:
        return N_("the body is no JSON")
    if (e.get("stream"), e.get("seq"), e.get("type"), e.get("entered")) != (stream, number, type_, entered):
        return N_("the columns contradict the body")
    if e.get("effect") != (None if effect is None else chain.digest(effect)):
        return N_("what the event wrote was changed or is gone")
    return ""


def _heads() -> Iterator[Broken]:
    heads = list(Checkpoint.objects.order_by("size"))
    if not heads:
        return
    tree, size, key = Tree(heads[0].hash), 0, heads[0].key
    changes = "".join(Event.objects.filter(stream=watch.STREAM, type=watch.CHANGED).values_list("body", flat=True))
    edge: list[bytes] = []
    leaves = Leaf.objects.order_by("index").values_list("index", "hash").iterator(BATCH)
    for head in heads:
        hashes: list[bytes] = []
        while (
            size + len(hashes) < head.size
            and (leaf := next(leaves, None)) is not None
            and leaf[0] == size + len(hashes)
        ):
            hashes.append(bytes.fromhex(leaf[1]))
        edge = extend(tree, size, edge, hashes)
        size += len(hashes)
        public = _bytes(head.key)
        yield from head_broken(head.note, [notes.LogKey(heads[0].origin, public)], tree, edge, size)
        if size != head.size:
            return
        if (head.origin, head.root, head.hash) != (heads[0].origin, tree.fold(edge).hex(), tree.name):
            yield Broken("checkpoint", size, N_("the columns contradict the signed head"))
        if head.key != key and f'"new":"{notes.fingerprint(public)}"' not in changes:
            yield Broken(
                "checkpoint", size, N_("another key signed from here on, and no event says that it was changed")
            )
        key = head.key


def _bytes(text: str) -> bytes:
    """What a column says in hex; nothing where somebody wrote something else."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def extend(tree: Tree, size: int, edge: list[bytes], hashes: list[bytes]) -> list[bytes]:
    """The complete subtrees of a tree of `size` after more leaves."""
    nodes, grown = tree.grow(size, edge, hashes)
    known = dict(zip(span(0, size), edge, strict=True)) | dict(nodes)
    return [known[place] for place in span(0, grown)]


def head_broken(note: str, keys: Sequence[notes.LogKey], tree: Tree, edge: list[bytes], size: int) -> Iterator[Broken]:
    """What contradicts a head signed by one of `keys` when the leaves are these."""
    try:
        said = notes.read_note(note, *keys)
    except Refused as error:
        yield Broken("checkpoint", size, error.message, error.params)
        return
    if size != said.size:
        yield Broken(
            "checkpoint", said.size, N_("the tree has only %(size)s of the %(signed)s events that were signed"),
            {"size": size, "signed": said.size},
        )  # fmt: skip
    elif tree.fold(edge).hex() != said.root:
        yield Broken("checkpoint", said.size, N_("the signed root does not follow from the leaves"))
